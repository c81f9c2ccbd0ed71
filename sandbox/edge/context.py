"""What Hypercorn's protocols ask of the program around them: events, the time, and whether it is about to end.

Hypercorn has one of its own, in a package that imports its whole server; that cost a tenth of a start.
"""

import asyncio
from typing import Any

from hypercorn.typing import Event, SingleTask


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


class Around:
    """What all connections of a listener share with Hypercorn."""

    event_class: type[Event] = Signal
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
