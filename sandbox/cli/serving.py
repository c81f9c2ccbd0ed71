"""A server on a terminal: opens the doors, says so, tells what happens at them, and stops when it is told to.

Serving itself is `embed`'s and `edge`'s."""

import asyncio
import gc
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sandbox.cli import ready
from sandbox.cli.commands import opened_state
from sandbox.cli.health import refuse_if_served
from sandbox.cli.lines import Names, as_json, block, coloured
from sandbox.cli.outlet import Outlet
from sandbox.cli.output import warn
from sandbox.cli.screen import ready_event, screen, warnings
from sandbox.cli.stopping import stops
from sandbox.embed import run_server
from sandbox.errands.clock import show_clock
from sandbox.errands.planting import planting
from sandbox.errands.ready import describe
from sandbox.errands.state import State
from sandbox.journal.entry import Entry
from sandbox.settings import Settings

GC_YOUNG, GC_GENERATIONS = 10_000, 50
"""Objects before a young collection, and young ones before an older: a call itself frees nearly all that it makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How much a server says of itself, and in which form."""

    quiet: bool
    as_json: bool
    ready_file: Path | None


class _Opened(Protocol):
    """What is asked of a server when its doors are open."""

    refounded: tuple[str, ...]


def serve_until_stopped(settings: Settings, telling: Telling, *, seed: Path | None) -> None:
    """Returns after Ctrl-C or SIGTERM. Raises SandbankError when it cannot start."""
    plant = planting(seed)
    if telling.ready_file:
        ready.clear(telling.ready_file)
    outlet = Outlet()
    try:
        # One try: a server's thread that waits for long would hold the end of its program.
        with opened_state(settings.state, make_new=True, server_names=settings.server_names, tries=1) as state:
            refuse_if_served(state)
            plant(state)
            asyncio.run(_Session(state, settings, telling, outlet).run())
    finally:
        outlet.close()  # after the state: closing that brings the journal's last entries


class _Session:
    """From the opening of the doors to the stop."""

    def __init__(self, state: State, settings: Settings, telling: Telling, outlet: Outlet) -> None:
        self._state = state
        self._settings = settings
        self._telling = telling
        self._outlet = outlet
        self._described: dict[str, Any] = {}

    async def run(self) -> None:
        stop = asyncio.Event()
        if not self._telling.quiet:
            self._state.journal.tell(self._teller())
        self._state.journal.complain(self._warn)
        try:
            with stops(asyncio.get_running_loop(), stop):
                await run_server(self._state, self._settings, ready=self._announce, stop=stop)
        finally:
            if self._telling.ready_file:
                ready.remove(self._telling.ready_file, self._described)

    def _warn(self, sentence: str) -> None:
        warn(sentence, as_json=self._telling.as_json)

    def _announce(self, server: _Opened) -> None:
        """Everything is open: say so to the person, to programs, and last to whoever waits for the file."""
        self._described = described = describe(self._state)
        for warning in warnings(self._settings, server.refounded, show_clock(self._state)):
            self._warn(warning)
        if not self._telling.quiet:
            lines = [json.dumps(ready_event(described))] if self._telling.as_json else []
            self._outlet.put("\n".join(lines or screen(described, self._settings.state)))
        if self._telling.ready_file:
            ready.write(self._telling.ready_file, described)
        _settle_memory()

    def _teller(self) -> Callable[[Sequence[Entry]], None]:
        """A line for each entry, its reasons below it; called in the journal's thread."""
        names, colour = Names(self._state), coloured()

        def tell(entries: Sequence[Entry]) -> None:
            for entry in entries:
                self._outlet.put(
                    as_json(entry) if self._telling.as_json else block(entry, names.of(entry), colour=colour)
                )

        return tell


def _settle_memory() -> None:
    """What was imported and opened stays for good: the collector need not look at it again and again.

    Measured: a sixth of a call's time went into looking. Only here, where the process is ours; a test's is not.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(GC_YOUNG, GC_GENERATIONS, GC_GENERATIONS)
