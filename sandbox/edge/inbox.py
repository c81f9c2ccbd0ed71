"""What one call still has to tell its app: the body in pieces, then the disconnect; reading it is the app's."""

import asyncio
from collections import deque

from hypercorn.typing import ASGIReceiveEvent

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

    async def put(self, event: ASGIReceiveEvent) -> None:
        """Hand the app its next event; waits while the app has enough to read."""
        if event["type"] in ("http.disconnect", "websocket.disconnect"):
            self._end = event
            _wake(self._room)
            _wake(self._arrival)
            return
        while len(self._events) >= ROOM and self._end is None:
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
