"""How the command line is built with Click: root, nouns, verbs, and the one place where whatever went wrong ends.

A command is imported from its module when it is called, so that help and completion are quick."""

import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox.cli.options import DEFAULT_STATE, database_of
from sandbox.cli.output import note, prepare_streams, put, warn

if TYPE_CHECKING:
    from sandbox.cli.failures import Failed
    from sandbox.services.state import State

WIDTH = 100
COMMAND_SECONDS = 10.0
"""For a command's turn to write; Ctrl-C ends the waiting. Of fifty commands at once on two busy cores some gave up
after the half second that a server waits; with this the last had its turn after seven seconds."""
INTERRUPTED = 130
"""The exit code of what Ctrl-C has ended, as shells count."""
EPILOG = "Any option can be set in the environment: --port-base is SANDBANK_PORT_BASE."


class Verb(click.Command):
    """A command that does something."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        super().__init__(*args, **{"epilog": EPILOG, **attributes})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # Click leaves it out for an option without its value
            raise

    def invoke(self, ctx: click.Context) -> Any:
        # For `failures`, which makes next steps of them.
        ctx.meta["sandbank.params"], ctx.meta["sandbank.command"] = ctx.params, ctx.command_path
        return super().invoke(ctx)


class Noun(click.Group):
    """A command that holds verbs."""

    command_class = Verb

    def __init__(self, *args: Any, **attributes: Any) -> None:
        # Click would print the whole help as an error when the verb is missing; two lines say it.
        super().__init__(*args, **{"no_args_is_help": False, **attributes})

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named; for one that is not there, the nearest: ``cert`` is ``certificate``."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            near = _near(name, self.list_commands(ctx))
            meant = f" Did you mean {' or '.join(near)}?" if near else ""
            error = click.UsageError(f"No such command {name[:40]!r}.{meant}", ctx)
            error.meant = near[0] if len(near) == 1 else ""  # type: ignore[attr-defined]
            raise error
        return super().resolve_command(ctx, args)


MOST_MEANT = 3


def _near(name: str, known: Sequence[str]) -> list[str]:
    """The commands that may have been meant: those that begin so, else those that are spelled nearly so."""
    begun = [one for one in known if one.startswith(name)]
    if begun:
        return begun[:MOST_MEANT]
    import difflib

    return difflib.get_close_matches(name, known, n=MOST_MEANT)


class Later(MutableMapping[str, click.Command]):
    """Commands by name, each imported from its module of this room when it is first asked for: a server need not wait
    for the others."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = dict(modules)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            there = vars(import_module(f"sandbox.cli.{self._modules[name]}"))
            # `list_` and `help_` would hide a word of Python's own without their underscore.
            self._loaded[name] = there.get(f"{name}_") or there[name]
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._modules[name], self._loaded[name] = "", command

    def __delitem__(self, name: str) -> None:
        del self._modules[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


class Root(Noun):
    """The whole command line. No exception and no traceback leaves it, only an exit code."""

    group_class = Noun

    def main(  # type: ignore[override]
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> None:
        """Run, and end the process: what is asked and what is answered is the same in a shell and in a test."""
        prepare_streams()
        said = sys.argv[1:] if args is None else list(args)
        try:
            status = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            from sandbox.cli.failures import report_usage, wants_json

            status = report_usage(error, as_json=wants_json(said))
        except click.Abort:
            status = INTERRUPTED
        sys.exit(status if isinstance(status, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except Exception as error:  # noqa: BLE001 - the last resort: a traceback helps nobody in front of a terminal
            from sandbox.cli.failures import report

            raise click.exceptions.Exit(report(error, _failed(ctx))) from None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        said = list(args)
        ctx = super().make_context(info_name, args, parent, **extra)
        ctx.meta["sandbank.args"] = said
        return ctx


def _failed(ctx: click.Context) -> "Failed":
    """What was typed and understood of a command that failed."""
    from sandbox.cli.failures import Failed

    params = ctx.meta.get("sandbank.params", {})
    return Failed(
        words=ctx.meta.get("sandbank.args", ()),
        command=ctx.meta.get("sandbank.command", "").partition(" ")[2],
        state=ctx.meta.get("sandbank.state", DEFAULT_STATE),
        client=params.get("client") or "",
        provider=params.get("provider") or "",
        file=_file_of(params),
    )


def _file_of(params: dict[str, Any]) -> str:
    """The file that the command was to read. A certificate may also be a name."""
    if params.get("file"):
        return str(params["file"])
    others = (params.get(name) for name in ("key", "webhook_ca", "certificate"))
    return next((str(other) for other in others if isinstance(other, Path)), "")


@contextmanager
def opened_state(
    path: Path, *, make_new: bool = False, server_names: tuple[str, ...] = (), wait_seconds: float = COMMAND_SECONDS
) -> Iterator["State"]:
    """The state for the length of one command. Only a server and ``state new`` *make_new*: what another command would
    make in a wrong folder, an authority and secrets of its own, the running server would refuse. Raises StateMissing.

    *wait_seconds*: for its turn to write."""
    from sandbox.errors import StateMissing
    from sandbox.services.state import open_state

    database = database_of(click.get_current_context())
    try:
        state = open_state(path, database=database, make_new=False, wait_seconds=wait_seconds)
    except StateMissing:
        if not make_new:
            raise
        note(f"making a certificate authority in {path} ...")
        state = open_state(path, database=database, server_names=server_names, wait_seconds=wait_seconds)
    _warn_of_plain_keys(state, path)
    try:
        yield state
    finally:
        state.close()
        if lost := state.journal.lost:
            are = "entry of the journal is" if lost == 1 else "entries of the journal are"
            warn(f"{lost} {are} lost: {state.folder.journal} could not be written", as_json=_in_json())


def _in_json() -> bool:
    said = click.get_current_context().params
    return bool(said.get("as_json")) or said.get("log_format") == "json"


def _warn_of_plain_keys(state: "State", path: Path) -> None:
    """A person who sets a passphrase believes that it is used."""
    if not state.vault.has_passphrase:
        return
    from sandbox.services.removing import in_plain

    if in_plain(state):
        from sandbox.cli.guide import command

        encrypt = command("state encrypt", state=path)
        note(f"the private keys in {path} are not encrypted, though a passphrase is set: {encrypt}")


def _version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        put(f"sandbank {version('sandbank')}")
    except PackageNotFoundError:
        put("sandbank, not installed")
    ctx.exit()


@click.group(
    cls=Root,
    name="sandbank",
    invoke_without_command=True,
    context_settings={"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]},
    epilog=EPILOG,
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Sandbank stands in for payment providers, offline, with a real certificate authority inside.

    Not for real money, not for real trust.

    \b
    sandbank serve                            opens the doors
    sandbank certificate sign FILE --name A   signs a CSR, as the provider does
    sandbank ca                               the CA that your programs must trust
    sandbank client env demo                  URLs, id and secret of a client
    sandbank journal --refused --explain      why you were refused

    Results go to standard output, everything else to standard error. With --json an error is an object on standard
    error too: {"error": {"code", "detail", "next"}}, or for a CSR {"refusals": [{"code", "detail", "seen", "expected",
    "rule", "next"}]}.

    Exit codes: 0 done, 1 refused or not found, 2 wrong usage, 3 environment (port taken, state locked or newer,
    permission denied), 130 interrupted.
    """
    if ctx.invoked_subcommand is None:
        put(ctx.get_help())


root.commands = Later(
    {
        "serve": "serve",
        "status": "status",
        "stop": "status",
        "wait": "status",
        "hub": "status",
        "tour": "tour",
        "client": "client",
        "certificate": "certificate",
        "key": "key",
        "resource": "resource",
        "calls": "reference",
        "seed": "state",
        "webhook": "webhook",
        "ca": "authority",
        "journal": "journal",
        "explain": "reference",
        "clock": "clock",
        "state": "state",
        "completion": "reference",
        "help": "reference",
    }
)
