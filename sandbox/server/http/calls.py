"""The calls of one connection, each with an inbox of its own, and what Hypercorn asks of those who run them."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from hypercorn.config import Config
from hypercorn.typing import AppWrapper, ASGIReceiveEvent, ASGISendEvent, HTTPScope, Scope, SingleTask
from hypercorn.typing import Event as AnyEvent

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as AppScope


class Signal:
    """An event as Hypercorn awaits it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def clear(self) -> None:
        self._event.clear()

    async def wait(self) -> None:
        await self._event.wait()

    async def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()


class ProtocolContext:
    """What all connections of a listener share with Hypercorn."""

    event_class: type[AnyEvent] = Signal
    single_task_class: type[SingleTask]

    def __init__(self) -> None:
        self.terminate: Any = Signal()
        self.terminated: Any = Signal()

    async def mark_request(self) -> None:
        """Hypercorn counts calls here to end a worker after so many; ours does not end."""

    @staticmethod
    async def sleep(wait: float | int) -> None:
        await asyncio.sleep(wait)

    @staticmethod
    def time() -> float:
        return asyncio.get_running_loop().time()


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
