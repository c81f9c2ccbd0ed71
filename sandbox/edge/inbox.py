"""What one call still has to tell its app: the body in pieces, then the disconnect; reading it is the app's."""

import asyncio
from collections import deque

from hypercorn.typing import ASGIReceiveEvent

ROOM = 8  # pieces of a body that wait for a slow app (up to 64 KiB each) before the connection is no longer read


class Inbox:
    """An ASGI `receive` and its other end. When the app has ended, whatever still comes is let fall.

    Hypercorn's own queue would hold the connection for ever when an app answers without reading a large body."""

    __slots__ = ("_arrival", "_disconnected", "_events", "_over", "_room")

    def __init__(self) -> None:
        self._events: deque[ASGIReceiveEvent] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._disconnected = False
        self._over = False

    async def put(self, event: ASGIReceiveEvent) -> None:
        """Hand the app its next event; waits while the app has enough to read."""
        if event["type"] == "http.disconnect":
            self._disconnected = True
            _wake(self._room)
        while len(self._events) >= ROOM and not (self._over or self._disconnected):
            self._room = asyncio.get_running_loop().create_future()
            await self._room
        if not self._over:
            self._events.append(event)
            _wake(self._arrival)

    async def get(self) -> ASGIReceiveEvent:
        """The next event. After a disconnect there is nothing but disconnects."""
        while not self._events:
            if self._disconnected:
                return {"type": "http.disconnect"}
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        event = self._events.popleft()
        _wake(self._room)
        return event

    def close(self) -> None:
        """The app has ended."""
        self._over = True
        self._events.clear()
        _wake(self._room)


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
