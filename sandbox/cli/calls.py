"""``sandbank calls``: which calls of a provider are imitated, their sources, and what they leave out."""

from pathlib import Path

import click

from sandbox.cli.commands import Verb
from sandbox.cli.options import common, option, provider_option
from sandbox.cli.output import note, put, put_json, table


@click.command("calls", cls=Verb, short_help="The calls that are imitated.")
@option("--format", type=click.Choice(("text", "markdown")), default="text", show_default=True, help="Output format.")
@option("--match", metavar="TEXT", default="", help="Only calls whose method and path contain this.")
@provider_option()
@common
def calls(format: str, match: str, provider: str, state: Path, as_json: bool) -> None:
    """List the calls of a provider that are imitated, the source of each, and what it leaves out.

    \b
    sandbank calls --provider wise --match transfers
    """
    from sandbox.services.calls import list_calls, markdown

    found = list_calls(provider, match)
    if as_json:
        put_json({"calls": found})
    elif format == "markdown":
        put(*markdown(found))
    elif found:
        columns = ("method", "path", "copied_from", "simplified")
        rows = [tuple(str(one[column]) for column in columns) for one in found]
        put(*table([("METHOD", "PATH", "COPIED FROM", "SIMPLIFIED"), *rows]))
    else:
        note(f"no imitated call of {provider} has {match!r} in its method and path")
