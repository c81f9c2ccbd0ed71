"""A server on a terminal: opens the doors, says so, tells what happens, and stops when it is told to.

Standard output is written from a thread of its own, so that a terminal which stands still stops nothing."""

import asyncio
import contextlib
import io
import json
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast

from sandbox.cli import ready
from sandbox.cli.commands import opened_state
from sandbox.cli.output import warn
from sandbox.embed.sandbox import run_server
from sandbox.journal.entry import Entry
from sandbox.services.doors import describe
from sandbox.services.seeding import seeding
from sandbox.services.state import WAIT_SECONDS, State, served_alone
from sandbox.settings import Settings

if TYPE_CHECKING:
    from sandbox.services.clients import Known

WAITING_LINES = 10_000
"""Lines that may wait for a terminal that stands still; later ones are left out, the journal has them all."""
LAST_SECONDS = 0.3
"""What a server that stops grants its last lines: the whole stop takes less than a second."""

FULL_SECONDS = 0.05


class Outlet:
    """Takes lines from any thread and never waits, never raises: the server's work is not to print."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream: TextIO | None = stream if stream is not None else sys.stdout
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING_LINES)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbank-output", daemon=True)
        self._thread.start()

    def put(self, text: str) -> None:
        """Have *text* printed, with a line end."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(text)

    def close(self) -> None:
        """Print what waits, as far as anybody reads."""
        self._closing.set()
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(LAST_SECONDS)

    def _run(self) -> None:
        while (text := self._lines.get()) is not None:
            try:
                self._write(f"{text}\n")
            except (OSError, ValueError):  # the pipe or the terminal is gone, the disk is full: nobody reads any more
                self._stream = None
            if self._closing.is_set() and self._lines.empty():
                return  # the queue was so full that the end did not fit in

    def _write(self, text: str) -> None:
        """Past Python's buffers: a thread that hangs in one of those would make the interpreter's exit fail."""
        if not isinstance(self._stream, io.TextIOWrapper):
            if self._stream is not None:
                self._stream.write(text)
            return
        raw = cast(RawIOBase, getattr(self._stream.buffer, "raw", self._stream.buffer))
        data = text.encode(self._stream.encoding, "backslashreplace")
        while data:
            written = raw.write(data)
            if written is None:  # somebody made it non-blocking, and it is full
                time.sleep(FULL_SECONDS)
            data = data[written or 0 :]


SIGNALS = [signal.SIGINT, signal.SIGTERM]
if hasattr(signal, "SIGBREAK"):
    SIGNALS.append(signal.SIGBREAK)  # Ctrl-Break, the only one that Windows can send to another process group
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
    SIGNALS.append(signal.SIGHUP)  # the terminal was closed; under nohup it is ignored, and stays so


@contextlib.contextmanager
def stops(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> Iterator[None]:
    """While the block runs, either signal sets *stop*."""
    try:
        for number in SIGNALS:
            loop.add_signal_handler(number, stop.set)
    except NotImplementedError:
        before = [(number, signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))) for number in SIGNALS]
        try:
            yield
        finally:
            for number, handler in before:
                signal.signal(number, handler)
        return
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


DESCRIPTORS = 65_536
"""Enough for what one process can serve; a limit of millions makes some programs slow that close all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How much a server prints, and in which form."""

    quiet: bool
    as_json: bool
    ready_file: Path | None


class _Opened(Protocol):
    """What is asked of a server when its doors are open."""

    refounded: tuple[str, ...]
    production_refounded: bool
    sockets: dict[str, list[socket.socket]]


def serve_until_stopped(settings: Settings, telling: Telling, *, seed: Path | None) -> None:
    """Returns after Ctrl-C or SIGTERM. Raises SandbankError when it cannot start."""
    _raise_descriptors()
    if settings.workers > 1:
        from sandbox.cli.supervisor import refuse_where_not_shared

        refuse_where_not_shared()
    apply_to = seeding(seed)
    if telling.ready_file:
        ready.clear(telling.ready_file)
    outlet = Outlet()
    try:
        # Not as long as a command: a server's thread that waits would hold the end of its program.
        names, wait = settings.server_names, WAIT_SECONDS
        there = opened_state(settings.state, make_new=True, server_names=names, wait_seconds=wait)
        with there as state, served_alone(state):
            known = apply_to(state)
            asyncio.run(_Session(state, settings, telling, outlet, known).run())
    finally:
        outlet.close()  # after the state: closing that brings the journal's last entries


def _raise_descriptors() -> None:
    """As many descriptors as this process may have; the usual soft limit of 1,024 is met by 1,000 idle connections."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no such limit; a container may forbid it
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Session:
    """From the opening of the doors to the stop."""

    def __init__(self, state: State, settings: Settings, telling: Telling, outlet: Outlet, known: "Known") -> None:
        self._state = state
        self._settings = settings
        self._telling = telling
        self._outlet = outlet
        self._known = known
        self._stop = asyncio.Event()
        self._crew: asyncio.Task[None] | None = None
        self._described: dict[str, Any] = {}

    async def run(self) -> None:
        if not self._telling.quiet:
            where, as_json = self._settings.state, self._telling.as_json
            self._state.journal.tell(teller(self._state, self._outlet, as_json=as_json, where=where))
        self._state.journal.complain(partial(warn, as_json=self._telling.as_json))
        try:
            with stops(asyncio.get_running_loop(), self._stop):
                await run_server(self._state, self._settings, ready=self._open, stop=self._stop)
                if self._crew is not None:
                    await self._crew
        finally:
            if self._telling.ready_file:
                ready.remove(self._telling.ready_file, self._described)

    def _open(self, server: _Opened) -> None:
        """Our doors answer; the whole is ready when those of the other processes do."""
        if self._settings.workers == 1:
            self._announce(server)
        else:
            self._crew = asyncio.create_task(self._together(server))

    async def _together(self, server: _Opened) -> None:
        from sandbox.cli.supervisor import WorkerConfig, work_together

        orders = WorkerConfig(
            settings=self._settings,
            quiet=self._telling.quiet,
            as_json=self._telling.as_json,
            sockets=server.sockets,
        )
        try:
            await work_together(orders, self._stop, partial(self._announce, server))
        finally:
            self._stop.set()

    def _link(self) -> str:
        """One browser's way in, where a control token is set."""
        if not self._settings.control_token:
            return ""
        from sandbox.services.visiting import hub_link

        return hub_link(self._state)

    def _announce(self, server: _Opened) -> None:
        """Everything is open: tell the person, then programs, and last those who wait for the ready file."""
        from sandbox.cli.screen import ready_event, screen, warnings
        from sandbox.services.clock import show_clock

        anew, clock = server.production_refounded, show_clock(self._state)
        for warning in warnings(self._settings, server.refounded, clock, production_refounded=anew):
            warn(warning, as_json=self._telling.as_json)
        if self._telling.ready_file or not self._telling.quiet:  # every client is in it: 0.1 s for 10,000 of them
            self._described = describe(self._state, self._known, server.sockets)
        if not self._telling.quiet:
            lines = [json.dumps(ready_event(self._described))] if self._telling.as_json else []
            self._outlet.put("\n".join(lines or screen(self._described, self._settings.state, hub=self._link())))
        if self._telling.ready_file:
            ready.write(self._telling.ready_file, self._described)


def teller(state: State, outlet: Outlet, *, as_json: bool, where: Path) -> Callable[[Sequence[Entry]], None]:
    """Prints a line for each entry, its reasons below it; called in the journal's thread. *where* the state is, as it
    was named."""
    from sandbox.cli.journal import Names, block, coloured
    from sandbox.cli.journal import as_json as entry_as_json

    names, colour = Names(state), coloured()

    def tell(entries: Sequence[Entry]) -> None:
        for entry in entries:
            name = names.of(entry)
            outlet.put(
                entry_as_json(entry, name, state=where) if as_json else block(entry, name, colour=colour, state=where)
            )

    return tell
