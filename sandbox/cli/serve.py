"""``sandbank serve``: opens the doors and says what happens at them until it is stopped; serving itself is `edge`'s."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from sandbox.cli.commands import Verb, opened_state
from sandbox.cli.options import common, option
from sandbox.settings import LOOPBACK, PORT_BASE, Settings

if TYPE_CHECKING:
    from sandbox.cli.outlet import Outlet
    from sandbox.errands.state import State
    from sandbox.journal.entry import Entry

LOG_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How much a server says of itself, and in which form."""

    quiet: bool
    as_json: bool
    ready_file: Path | None


class _Opened(Protocol):
    """What is asked of a server when its doors are open."""

    refounded: tuple[str, ...]


@click.command("serve", cls=Verb)
@option(
    "--port-base",
    type=int,
    default=PORT_BASE,
    show_default=True,
    metavar="N",
    help="The control door listens on N, the providers' on N + 3 and up. 0 takes free ports.",
)
@option(
    "--bind", multiple=True, default=LOOPBACK, metavar="ADDRESS", help="Address of the doors; repeatable. [loopback]"
)
@option(
    "--server-name", multiple=True, metavar="HOST", help="Another name by which clients reach the doors; repeatable."
)
@option(
    "--control-bind",
    multiple=True,
    default=LOOPBACK,
    metavar="ADDRESS",
    help="Address of the control door; repeatable. Beyond loopback it needs a token. [loopback]",
)
@option("--control-token", default="", metavar="TOKEN", help="What calls of the control door must carry then.")
@option(
    "--ready-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Written when every door answers, removed at the stop: URLs, CA file, clients and their secrets, as JSON.",
)
@option("--quiet", is_flag=True, help="Print warnings and errors only.")
@option(
    "--log-format",
    type=click.Choice(LOG_FORMATS),
    default="text",
    show_default=True,
    help="json: an object per line, the first one says where the doors are.",
)
@option(
    "--handshake-seconds",
    type=float,
    default=10.0,
    show_default=True,
    metavar="S",
    help="For a TLS handshake, a call's head and its body, each.",
)
@common
def serve(
    port_base: int,
    bind: tuple[str, ...],
    server_name: tuple[str, ...],
    control_bind: tuple[str, ...],
    control_token: str,
    ready_file: Path | None,
    quiet: bool,
    log_format: str,
    handshake_seconds: float,
    state: Path,
    as_json: bool,
) -> None:
    """Open the doors. Makes the state where there is none; Ctrl-C stops it.

    \b
    sandbank serve
    sandbank serve --port-base 0 --ready-file ready.json --quiet     (in a CI job, then: sandbank wait)
    sandbank serve --bind 0.0.0.0 --server-name sandbank.internal    (for other machines)
    """
    settings = Settings(
        state=state,
        port_base=port_base,
        bind=bind,
        control_bind=control_bind,
        control_token=control_token,
        server_names=server_name,
        handshake_seconds=handshake_seconds,
    )
    telling = Telling(quiet=quiet, as_json=as_json or log_format == "json", ready_file=ready_file)
    _serve(settings, telling)


def _serve(settings: Settings, telling: Telling) -> None:
    import asyncio

    from sandbox.cli import ready
    from sandbox.cli.outlet import Outlet

    if telling.ready_file:
        ready.clear(telling.ready_file)
    outlet = Outlet()
    try:
        with opened_state(settings.state, make_new=True) as state:
            asyncio.run(_run(state, settings, telling, outlet))
    finally:
        if telling.ready_file:
            ready.remove(telling.ready_file)
        outlet.close()


async def _run(state: "State", settings: Settings, telling: Telling, outlet: "Outlet") -> None:
    import asyncio

    from sandbox.cli.stopping import stops
    from sandbox.embed import run_server

    stop = asyncio.Event()

    def opened(server: _Opened) -> None:
        _announce(state, settings, server.refounded, telling, outlet)

    with stops(asyncio.get_running_loop(), stop):
        if not telling.quiet:
            state.journal.tell(_teller(state, telling, outlet))
        await run_server(state, settings, ready=opened, stop=stop)


def _announce(state: "State", settings: Settings, refounded: Sequence[str], telling: Telling, outlet: "Outlet") -> None:
    """Everything is open: say so to the person, to programs, and last to whoever waits for the file."""
    from sandbox.cli import ready
    from sandbox.cli.output import note
    from sandbox.cli.screen import ready_event, screen, warnings
    from sandbox.errands.ready import describe

    described = describe(state)
    note(*warnings(settings, refounded))
    if not telling.quiet:
        outlet.put(
            json.dumps(ready_event(described)) if telling.as_json else "\n".join(screen(described, settings.state))
        )
    if telling.ready_file:
        ready.write(telling.ready_file, described)


def _teller(state: "State", telling: Telling, outlet: "Outlet") -> Callable[[Sequence["Entry"]], None]:
    """A line for each entry, its reasons below it; called in the journal's thread."""
    from sandbox.cli.lines import Names, as_json, block, coloured

    names, colour = Names(state), coloured()

    def tell(entries: Sequence["Entry"]) -> None:
        for entry in entries:
            outlet.put(as_json(entry) if telling.as_json else block(entry, names.of(entry), colour=colour))

    return tell
