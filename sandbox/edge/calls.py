"""The calls of one connection that are at work, each a task; it stands in for Hypercorn's TaskGroup.

In Hypercorn's own group an app that fails cancels its neighbours on the connection; here it is reported, alone."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from hypercorn.config import Config
from hypercorn.typing import AppWrapper, ASGIReceiveEvent, ASGISendEvent, Scope

from sandbox.edge.inbox import Inbox

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as AppScope


class Calls:
    """What runs on behalf of one connection."""

    __slots__ = ("_app_failed", "_extensions", "_failed", "_loop", "tasks")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        extensions: Callable[[], dict[str, Any]],
        app_failed: Callable[[BaseException], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        self._loop = loop
        self._extensions = extensions
        self._app_failed = app_failed
        self._failed = failed
        self.tasks: set[asyncio.Task[None]] = set()

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
        inbox = Inbox()
        # Hypercorn only carries the app from the connection to here: it is the plain ASGI callable of the door.
        task = self._loop.create_task(_answer(cast("ASGIApp", app), scope, inbox, send))
        self.tasks.add(task)
        task.add_done_callback(self._answered)
        return inbox.put

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
            self._app_failed(error)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failed(error)

    async def __aenter__(self) -> "Calls":
        return self

    async def __aexit__(self, exc_type: type, exc_value: BaseException, tb: TracebackType) -> None:
        """Nothing to wait for: the connection ends its calls itself."""


async def _answer(
    app: "ASGIApp", scope: Scope, inbox: Inbox, send: Callable[[ASGISendEvent | None], Awaitable[None]]
) -> None:
    try:
        await app(cast("AppScope", scope), cast("Receive", inbox.get), cast("Send", send))
    finally:
        await send(None)  # Hypercorn's sign that the app has ended: 500 if it has not answered, and on to the next call
