"""What goes wrong on the event loop outside of any call: kept in the state, where asyncio would write it on standard
error. Nobody may read that, and a full pipe would hold the loop for ever.

No descriptor left for a connection is the machine's matter and has a cause; all else is a fault of ours."""

import asyncio
import errno
from collections.abc import Callable, Mapping
from socket import socket
from typing import Any

from sandbox.errors import Reason
from sandbox.journal.causes import at_provider
from sandbox.journal.entry import Entry, Stage
from sandbox.services import journal
from sandbox.services.state import State

TOLD_SECONDS = 60.0
"""Between two entries of the same trouble: asyncio tries each door again every second."""
CAUSE = "http.no_descriptors"
_NOTHING_LEFT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class LoopTrouble:
    """The exception handler of a server's loop."""

    def __init__(self, state: State, sockets: Mapping[str, list[socket]]) -> None:
        """*sockets* are those of each door."""
        self._state = state
        self._sockets = sockets
        self._told: float | None = None

    def __call__(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError) and error.errno in _NOTHING_LEFT:
            self._tell(loop.time, error, context.get("socket"))
        else:
            message = str(context.get("message", "an error on the event loop"))
            journal.keep(error or RuntimeError(message), state=self._state.folder.path, doing=message)

    def _tell(self, time: Callable[[], float], error: OSError, where: Any) -> None:
        if self._told is not None and time() - self._told < TOLD_SECONDS:
            return
        self._told = time()
        seen, expected = error.strerror or str(error), "a descriptor for each connection"
        reason = at_provider(Reason(code=CAUSE, seen=seen, expected=expected), name="", advice={})
        self._state.journal.append(
            Entry(
                id=self._state.ids.trace(),
                at=self._state.clock.now(),
                kind="call",
                provider=None,
                door=self._door(where),
                title="a connection that could not be accepted",
                outcome="waits",
                stages=(Stage(name="http", ok=False, note=CAUSE),),
                reasons=(reason,),
            )
        )

    def _door(self, where: Any) -> str:
        number = where.fileno() if where is not None else -1
        return next((door for door, some in self._sockets.items() if number in [one.fileno() for one in some]), "")
