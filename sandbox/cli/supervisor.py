"""``serve --workers N``: the other processes of a server, started, replaced and stopped."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.cli.output import warn
from sandbox.errors import Misuse, Surroundings
from sandbox.settings import Settings

START_SECONDS = 30.0
"""A worker takes a second to start; after thirty something holds it."""
STOP_SECONDS = 5.0
"""It stops within one, as a server does; what is still there after five is killed."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds until a lost worker that could not be replaced is tried again: twice as long from try to try, for what is in
its way (a store that is held, a database that is away) may last."""
READY = b"ready\n"

# With our own search path and not with that of a new Python, which a folder of the caller's could hide us from.
_MAIN = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from sandbox.cli.worker import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerConfig:
    """What a worker is told: over its standard input, for a list of processes shows words but not this."""

    settings: Settings
    quiet: bool
    as_json: bool
    sockets: Mapping[str, Sequence[socket.socket]]
    """Of each door."""

    def line(self) -> bytes:
        """As one line of JSON; `worker` reads it. A socket is its descriptor and its family."""
        doors = {door: [(one.fileno(), int(one.family)) for one in some] for door, some in self.sockets.items()}
        settings = {**asdict(self.settings), "state": str(self.settings.state)}
        said = {
            "settings": settings,
            "quiet": self.quiet,
            "as_json": self.as_json,
            "doors": doors,
        }
        return json.dumps(said).encode("ascii") + b"\n"

    def descriptors(self) -> list[int]:
        return [one.fileno() for some in self.sockets.values() for one in some]


def refuse_where_not_shared() -> None:
    """Raises Misuse where a process cannot be handed sockets."""
    if os.name != "posix":
        raise Misuse(
            "--workers is not available on Windows, where processes cannot share these sockets",
            next_step="leave it out: sandbank serve",
        )


async def work_together(orders: WorkerConfig, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Have the workers work until *stop*; *ready* is called when each of them answers for the first time.

    Raises Surroundings when one cannot start at the beginning; it has said why itself. One that is lost later is
    replaced as soon as that can be, and the others go on meanwhile.
    """
    standing = [asyncio.Event() for _ in range(orders.settings.workers - 1)]  # this process is the first of them
    try:
        async with asyncio.TaskGroup() as group:
            for one in standing:
                group.create_task(_keep(orders, stop, one))
            for one in standing:
                await one.wait()
            if not stop.is_set():
                ready()
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _keep(orders: WorkerConfig, stop: asyncio.Event, standing: asyncio.Event) -> None:
    """One worker, and another in its place when it ends unasked."""
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            worker = await (_replacement if standing.is_set() else _Worker.start)(orders, stopped)
            if worker is None:
                return
            standing.set()
            ended = asyncio.ensure_future(worker.ended())
            try:
                await asyncio.wait((stopped, ended), return_when=asyncio.FIRST_COMPLETED)
            finally:
                ended.cancel()
                status = await worker.end()
            if not stop.is_set():
                warn(f"a worker ended by itself ({_how(status)}); it is replaced", as_json=orders.as_json)
    finally:
        stopped.cancel()
        standing.set()


async def _replacement(orders: WorkerConfig, stopped: "asyncio.Future[Any]") -> "_Worker | None":
    """One in the place of a lost one, however long that takes; None where *stopped* came first."""
    pause = FIRST_PAUSE
    while not stopped.done():
        try:
            return await _Worker.start(orders, stopped)
        except (Surroundings, OSError) as error:  # OSError: no process, or no descriptor, is to be had
            warn(f"{error}; it is tried again in {pause:g} s", as_json=orders.as_json)
        await asyncio.wait((stopped,), timeout=pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return None


class _Worker:
    """A process that serves beside us. It stops when its line to us is closed, however we ended."""

    def __init__(
        self, process: asyncio.subprocess.Process, reader: asyncio.StreamReader, line: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._line = line

    @classmethod
    async def start(cls, orders: WorkerConfig, stopped: "asyncio.Future[Any]") -> "_Worker | None":
        """Started, and ready; None where *stopped* came first. Raises Surroundings."""
        worker = await cls._told(orders)
        ready = asyncio.ensure_future(worker._is_ready())
        try:
            await asyncio.wait((stopped, ready), return_when=asyncio.FIRST_COMPLETED)
        except BaseException:
            await worker.abandon(ready)
            raise
        if stopped.done():
            await worker.abandon(ready)
            return None
        if not ready.result():
            status = await worker.end()
            raise Surroundings(
                f"a worker could not start ({_how(status)})",
                next_step="its own error is above; or start without --workers",
            )
        return worker

    async def ended(self) -> None:
        """Returns when it has ended by itself: all that it says once it is ready is its end."""
        with suppress(OSError):
            await self._reader.read()

    @classmethod
    async def _told(cls, orders: WorkerConfig) -> "_Worker":
        ours, theirs = socket.socketpair()
        with theirs:
            # First our end of the line: from the moment that there is a process, nothing is waited for but its answer.
            reader, line = await asyncio.open_connection(sock=ours)
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-P", "-c", _MAIN, json.dumps(sys.path)),
                    stdin=theirs.fileno(),
                    pass_fds=orders.descriptors(),
                    start_new_session=True,  # Ctrl-C on the terminal is ours to pass on
                )
            except BaseException:
                line.close()
                raise
        line.write(orders.line())
        return cls(process, reader, line)

    async def _is_ready(self) -> bool:
        try:
            async with asyncio.timeout(START_SECONDS):
                return await self._reader.readline() == READY
        except OSError:  # no answer in time, or the line broke
            return False

    async def end(self) -> int:
        """Ask it to stop, and wait; its exit status."""
        self._line.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            return await self._process.wait()

    async def abandon(self, ready: "asyncio.Future[bool]") -> None:
        """End it in the middle of its start, which would go on for a second before it looked at its line.

        It serves nobody yet, and the store undoes what it may have begun."""
        ready.cancel()
        self._line.close()
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"
