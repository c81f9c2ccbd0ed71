"""``serve --workers N``: the other processes of a server, started, told what to serve, replaced and stopped.

The server itself is the first of the N. Its doors are open before the others start: they are handed its sockets, and
whoever is free takes the next connection. What such a process does is `worker`'s."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sandbox.cli.output import warn
from sandbox.errors import Misuse, Surroundings
from sandbox.settings import Database, Settings

START_SECONDS = 30.0
"""A worker takes a second to start; after thirty something holds it."""
STOP_SECONDS = 5.0
"""It stops within one, as a server does; what is still there after five is killed."""
READY = b"ready\n"

# With our own search path and not with that of a new Python, which a folder of the caller's could hide us from.
_MAIN = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from sandbox.cli.worker import main; main()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a worker is told: over its standard input, for a list of processes shows words but not this."""

    settings: Settings
    database: Database | None
    quiet: bool
    as_json: bool
    sockets: Mapping[str, Sequence[socket.socket]]
    """Of each door."""

    def line(self) -> bytes:
        """As one line of JSON; `worker` reads it. A socket is its descriptor and its family."""
        doors = {door: [(one.fileno(), int(one.family)) for one in some] for door, some in self.sockets.items()}
        settings = {**asdict(self.settings), "state": str(self.settings.state), "database": None}
        database = self.database.url if self.database else None
        said = {"settings": settings, "database": database, "quiet": self.quiet, "as_json": self.as_json}
        return json.dumps({**said, "doors": doors}).encode("ascii") + b"\n"

    def descriptors(self) -> list[int]:
        return [one.fileno() for some in self.sockets.values() for one in some]


def refuse_where_not_shared(workers: int) -> None:
    """Raises Misuse for more than one process where a process cannot be handed sockets."""
    if workers > 1 and os.name != "posix":
        raise Misuse("--workers wants sockets that processes share, which Windows does not have here")


async def work_together(orders: Orders, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Have the workers work until *stop*; *ready* is called when each of them answers for the first time.

    Raises Surroundings when one cannot start; it has said why itself.
    """
    standing = [asyncio.Event() for _ in range(orders.settings.workers - 1)]
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


async def _keep(orders: Orders, stop: asyncio.Event, standing: asyncio.Event) -> None:
    """One worker, and another in its place when it ends unasked."""
    stopped = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            worker = await _Worker.start(orders)
            standing.set()
            try:
                await asyncio.wait((stopped, worker.ended), return_when=asyncio.FIRST_COMPLETED)
            finally:
                status = await worker.end()
            if not stop.is_set():
                warn(f"a worker ended by itself ({_how(status)}); another takes its place", as_json=orders.as_json)
    finally:
        stopped.cancel()
        standing.set()


class _Worker:
    """A process that serves beside us. It stops when its line to us is closed, however we ended."""

    def __init__(self, process: asyncio.subprocess.Process, line: asyncio.StreamWriter, ended: asyncio.Future[bytes]):
        self._process = process
        self._line = line
        self.ended = ended

    @classmethod
    async def start(cls, orders: Orders) -> "_Worker":
        """Started, and ready. Raises Surroundings."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-c", _MAIN, json.dumps(sys.path)),
                stdin=theirs.fileno(),
                pass_fds=orders.descriptors(),
                start_new_session=True,  # Ctrl-C on the terminal is ours to pass on
            )
        reader, line = await asyncio.open_connection(sock=ours)
        line.write(orders.line())
        worker = cls(process, line, asyncio.ensure_future(asyncio.sleep(0, b"")))
        try:
            async with asyncio.timeout(START_SECONDS):
                ready = await reader.readline() == READY
        except (TimeoutError, OSError):
            ready = False
        if not ready:
            status = await worker.end()
            raise Surroundings(
                f"a worker could not start ({_how(status)})", next_step="its own reason is above; or leave --workers"
            )
        worker.ended = asyncio.ensure_future(reader.read())
        return worker

    async def end(self) -> int:
        """Ask it to stop, and wait; its exit status."""
        self.ended.cancel()
        self._line.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                return await self._process.wait()
        except TimeoutError:
            self._process.kill()
            return await self._process.wait()


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit code {status}"
