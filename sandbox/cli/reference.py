"""``sandbank help``, ``completion``, ``explain`` and ``calls``: what is told of the commands, of refusals
and of what is imitated. None of them opens a state."""

from dataclasses import asdict
from pathlib import Path

import click

from sandbox.cli.commands import Verb
from sandbox.cli.guide import reader
from sandbox.cli.options import common, complete_causes, option, provider_option
from sandbox.cli.output import folded, note, put, put_json, table

SHELLS = ("bash", "zsh", "fish")


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


@click.command("explain", cls=Verb, short_help="What the code of a refusal means.")
@click.argument("code", required=False, shell_complete=complete_causes)
@option("--list", "listed", is_flag=True, help="Every code and what it means.")
@common
def explain(code: str | None, listed: bool, state: Path, as_json: bool) -> None:
    """Explain the code of a refusal, and what to do about it.

    \b
    sandbank explain tls.certificate_missing
    sandbank explain --list

    You find codes in the server's output, in the journal and in the x-sandbank-cause header of a reply.
    """
    from sandbox.journal import causes

    if listed == (code is not None):
        raise click.UsageError("give either the CODE of a refusal or --list")
    if listed and as_json:
        put_json({"causes": [asdict(cause) for cause in causes.CAUSES.values()]})
    elif listed:
        put(*table([(cause.code, cause.meaning) for cause in causes.CAUSES.values()]))
    else:
        found = causes.explain(code or "")
        step = reader(state).step(found.next)
        if as_json:
            put_json({**asdict(found), "next": step})
        else:
            put(found.code, *folded(found.meaning), *folded(step, first="next: ", hang="  "))


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
    from sandbox.services.providers import list_calls, markdown

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
