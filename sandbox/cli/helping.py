"""``sandbank help``: the help of a command, for whoever types the word instead of the option."""

from pathlib import Path

import click

from sandbox.cli.commands import Verb
from sandbox.cli.options import common
from sandbox.cli.output import put, put_json


@click.command("help", cls=Verb, short_help="The help of a command.")
@click.argument("words", nargs=-1, metavar="[COMMAND]...")
@common
@click.pass_context
def help_(ctx: click.Context, words: tuple[str, ...], state: Path, as_json: bool) -> None:
    """Show the help of a command, as --help after it does.

    \b
    sandbank help certificate sign
    """
    assert ctx.parent is not None, "it stands below the root"
    found = ctx.parent
    for word in words:
        if not isinstance(found.command, click.Group):
            break  # further words are arguments of the command
        name, command, _ = found.command.resolve_command(found, [word])
        assert command is not None, "resolve_command refuses what is not there"
        found = click.Context(command, found, info_name=name)
    text = found.get_help()
    put_json({"help": text}) if as_json else put(text)
