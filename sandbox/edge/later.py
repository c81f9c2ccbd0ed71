"""An ASGI application that is made when its first call comes, or before by whoever has time; what it does is its own.

For doors that a server opens at its start and that most runs hardly use."""

import threading
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class LaterApp:
    """Makes its application once, whichever thread is first."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()

    def made(self) -> ASGIApp:
        """The application."""
        with self._lock:
            if self._app is None:
                self._app = self._make()
            return self._app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._app or self.made())(scope, receive, send)
