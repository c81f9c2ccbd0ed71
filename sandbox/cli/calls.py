"""``sandbank calls``: what is imitated of a provider, where that was read, and what is left out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sandbox.cli.commands import Verb
from sandbox.cli.options import common, option, provider_option
from sandbox.cli.output import put, put_json, table

if TYPE_CHECKING:
    from sandbox.providers.declare import Endpoint


@click.command("calls", cls=Verb, short_help="What is imitated of a provider.")
@option("--format", type=click.Choice(("text", "markdown")), default="text", show_default=True, help="How it looks.")
@option("--match", metavar="TEXT", default="", help="Only calls whose method and path have this in them.")
@provider_option()
@common
def calls(format: str, match: str, provider: str, state: Path, as_json: bool) -> None:
    """List a provider's calls that are imitated, where each was read, and what it leaves out.

    \b
    sandbank calls --provider wise --match transfers
    """
    from sandbox.providers import named

    found = [one for one in named(provider).endpoints if match.lower() in f"{one.method} {one.path}".lower()]
    if as_json:
        put_json({"calls": [_said(one) for one in found]})
    elif format == "markdown":
        put(*markdown(found))
    else:
        rows = [(one.method, one.path, one.source, one.simplified) for one in found]
        put(*table([("METHOD", "PATH", "COPIED FROM", "SIMPLIFIED"), *rows]))


def _said(one: "Endpoint") -> dict[str, object]:
    return {
        "method": one.method,
        "path": one.path,
        "also": list(one.also),
        "login": list(one.login),
        "tokens": list(one.tokens),
        "signing": one.signing,
        "copied_from": one.source,
        "simplified": one.simplified,
    }


def markdown(endpoints: Sequence["Endpoint"]) -> list[str]:
    """The table of a provider's README. Calls of which the same is to be said stand in one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for one in endpoints:
        rows.setdefault((one.source, one.simplified), []).append(f"`{one.method} {one.path}`")
    lines = [f"| {', '.join(names)} | {source} | {less or '-'} |" for (source, less), names in rows.items()]
    return ["| calls | copied from | simplified |", "|---|---|---|", *lines]
