"""``sandbank completion``: the script that teaches a shell our words; the words come from the commands themselves."""

from pathlib import Path

import click

from sandbox.cli.commands import Verb
from sandbox.cli.options import common
from sandbox.cli.output import put, put_json

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", cls=Verb, short_help="Completion for bash, zsh or fish.")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
@common
def completion(ctx: click.Context, shell: str, state: Path, as_json: bool) -> None:
    """Print the script that lets a shell complete commands, names of clients and codes of refusals.

    \b
    eval "$(sandbank completion bash)"                            in ~/.bashrc
    eval "$(sandbank completion zsh)"                             in ~/.zshrc
    sandbank completion fish > ~/.config/fish/completions/sandbank.fish
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None, "Click knows these three shells"
    script = kind(ctx.find_root().command, {}, "sandbank", "_SANDBANK_COMPLETE").source()
    put_json({"shell": shell, "script": script}) if as_json else put(script.strip())
