"""The calls of one connection, each a task with an inbox of its own; what is written but not sent yet, or not taken."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from hypercorn.config import Config
from hypercorn.typing import AppWrapper, ASGIReceiveEvent, ASGISendEvent, HTTPScope, Scope

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as AppScope

READ_BYTES = 65536


class PlainStream:
    """A connection of a door without TLS."""

    __slots__ = ("_reader", "_writer")

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """What the peer said next; empty once it says no more."""
        return await self._reader.read(READ_BYTES)

    def write(self, data: bytes) -> None:
        """Say something to the peer."""
        self._writer.write(data)

    def say_goodbye(self) -> None:
        """Nothing: the half-close that follows is the goodbye."""


FLUSH_BYTES = 65536
"""Or at this size, one turn or not."""


class Unsent:
    """The bytes that wait, of one connection."""

    __slots__ = ("_bytes", "_loop", "_parts", "_transport", "_write", "_writer", "written")

    def __init__(self, write: Callable[[bytes], None], writer: asyncio.StreamWriter) -> None:
        """*write*: the stream's, whatever carries it; it may raise ConnectionError."""
        self._write = write
        self._writer = writer
        self._transport = writer.transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []
        self._bytes = 0
        self.written = 0
        """Bytes that were handed to the transport, before any encryption."""

    def add(self, data: bytes) -> bool:
        """Whether so much waits now that whoever says it must wait too, by `drain`."""
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._bytes += len(data)
        # Many small answers fill the transport's own buffer as surely as one large one.
        return self._bytes >= FLUSH_BYTES or self._transport.get_write_buffer_size() >= FLUSH_BYTES

    async def drain(self) -> None:
        """Send it, and wait until the peer has taken enough. Raises ConnectionError."""
        self.flush()
        await self._writer.drain()

    def flush(self) -> None:
        """Send it now; nobody hears of a peer that is gone."""
        if not self._parts:
            return
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts.clear()
        self._bytes = 0
        self.written += len(data)
        if self._transport.is_closing():
            return
        try:
            self._write(data)
        except ConnectionError:
            self._transport.abort()


ROOM = 8  # pieces of a body that wait for a slow app (up to 64 KiB each) before the connection is no longer read


class Inbox:
    """An ASGI `receive` and its other end. After the disconnect, whatever still comes is let fall.

    Hypercorn's own queue would hold the connection for ever when an app answers without reading a large body: it has no
    room left for the disconnect either."""

    __slots__ = ("_arrival", "_end", "_events", "_room")

    def __init__(self) -> None:
        self._events: deque[ASGIReceiveEvent] = deque()
        self._end: ASGIReceiveEvent | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None

    @property
    def full(self) -> bool:
        return len(self._events) >= ROOM

    async def put(self, event: ASGIReceiveEvent) -> None:
        """Hand the app its next event; waits while the app has enough to read."""
        if event["type"] in ("http.disconnect", "websocket.disconnect"):
            self._end = event
            _wake(self._room)
            _wake(self._arrival)
            return
        while self.full and self._end is None:
            self._room = asyncio.get_running_loop().create_future()
            await self._room
        if self._end is None:
            self._events.append(event)
            _wake(self._arrival)

    async def get(self) -> ASGIReceiveEvent:
        """The next event. After a disconnect there is nothing but disconnects."""
        while not self._events:
            if self._end is not None:
                return self._end
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        event = self._events.popleft()
        _wake(self._room)
        return event


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


class Calls:
    """What runs on behalf of one connection."""

    __slots__ = ("_coming", "_extensions", "_failed", "_loop", "app_failed", "tasks")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        extensions: Callable[[], dict[str, Any]],
        app_failed: Callable[[BaseException], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._loop = loop
        self._extensions = extensions
        self.app_failed = app_failed
        self._failed = failed
        self.tasks: set[asyncio.Task[None]] = set()
        self._coming: AtOnce | None = None

    async def spawn_app(
        self,
        app: AppWrapper,
        config: Config,
        scope: Scope,
        send: Callable[[ASGISendEvent | None], Awaitable[None]],
    ) -> Callable[[ASGIReceiveEvent], Awaitable[None]]:
        """Start the app on one call, and give back where its events go."""
        if scope["type"] != "lifespan":
            scope["extensions"].update(self._extensions())
        # Hypercorn only carries the app from the connection to here: it is the plain ASGI callable of the door.
        plain = cast("ASGIApp", app)
        if scope["type"] == "http" and getattr(plain, "at_once", False):
            self._coming = AtOnce(plain, scope, send, self)
            return self._coming.put
        inbox = Inbox()
        self.begin(_answer(plain, scope, inbox, send))
        return inbox.put

    def begin(self, answering: Coroutine[Any, Any, None]) -> None:
        """Answer a call in a task of its own."""
        task = self._loop.create_task(answering)
        self.tasks.add(task)
        task.add_done_callback(self._answered)

    def all_read(self) -> None:
        """Nothing more of what came is to be read: a call that is not whole by now may take long to come."""
        if self._coming is not None:
            self._coming.begin()
            self._coming = None

    def spawn(self, func: Callable[..., Coroutine[Any, Any, None]], *args: Any) -> None:
        """Run something of the connection's own, as Hypercorn's HTTP/2 does with its sender."""
        task = self._loop.create_task(func(*args))
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    async def cancel(self, seconds: float) -> None:
        """End them all, whatever they do; give them a moment to notice."""
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=seconds)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.app_failed(error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    async def __aenter__(self) -> "Calls":
        return self

    async def __aexit__(self, exc_type: type, exc_value: BaseException, tb: TracebackType) -> None:
        """Nothing to wait for: the connection ends its calls itself."""


class AtOnce:
    """A call that is answered in the task that reads its connection, as soon as all of it is there: a task of its own
    costs a tenth of a call.

    Meanwhile nothing more is read of that connection, where HTTP/1.1 has to wait for the answer anyway."""

    __slots__ = ("_app", "_begun", "_calls", "_inbox", "_scope", "_send")

    def __init__(
        self, app: "ASGIApp", scope: HTTPScope, send: Callable[[ASGISendEvent | None], Awaitable[None]], calls: Calls
    ) -> None:
        self._app = app
        self._scope = scope
        self._send = send
        self._calls = calls
        self._inbox = Inbox()
        self._begun = False

    async def put(self, event: ASGIReceiveEvent) -> None:
        """Take its next event, and answer it after the last."""
        if not self._begun and (event["type"] != "http.request" or self._inbox.full):
            self.begin()
        await self._inbox.put(event)
        if self._begun or event["type"] != "http.request" or event["more_body"]:
            return
        self._begun = True
        self._scope["extensions"]["sandbank.whole"] = {}
        try:
            await _answer(self._app, self._scope, self._inbox, self._send)
        except Exception as error:  # noqa: BLE001 - told as that of any app, which does not take its connection with it
            self._calls.app_failed(error)

    def begin(self) -> None:
        """Answer it in a task, which waits for the rest."""
        if not self._begun:
            self._begun = True
            self._calls.begin(_answer(self._app, self._scope, self._inbox, self._send))


async def _answer(
    app: "ASGIApp", scope: Scope, inbox: Inbox, send: Callable[[ASGISendEvent | None], Awaitable[None]]
) -> None:
    try:
        await app(cast("AppScope", scope), cast("Receive", inbox.get), cast("Send", send))
    finally:
        await send(None)  # Hypercorn's sign that the app has ended: 500 if it has not answered, and on to the next call


LATE_SECONDS = 5.0
"""A look that comes so much too late: the process was stopped, as by Ctrl-Z, and has sent nothing meanwhile."""


class Taking:
    """Whether the peer of a connection takes what waits for it. It is told how much that is, now and then."""

    __slots__ = ("_looked", "_passed", "_period", "_since", "_written")

    def __init__(self, now: float, period: float) -> None:
        """It is looked at after each *period*."""
        self._since = self._looked = now
        self._period = period
        self._passed = self._written = 0

    def deaf_for(self, now: float, *, windows: int, passed: int, transport: int, written: int) -> float:
        """For how many seconds it has taken nothing, while something waited at each look.

        *windows* bytes of answers wait for the peer's HTTP/2 windows, *passed* have come through; *transport* bytes
        wait in the transport, of all that were *written* there. A peer that answers PINGs and opens no window is deaf;
        one that takes an answer drop by drop is not. Nor is one whose answers waited because we stood still.
        """
        stood_still = now - self._looked > self._period + LATE_SECONDS
        taken = written - transport  # less what TLS adds, so that it may seem to shrink: only more is a sign of life
        if stood_still or not (windows or transport) or passed > self._passed or (transport and taken > self._written):
            self._since = now
        self._looked = now
        self._passed, self._written = passed, max(taken, self._written)
        return now - self._since
