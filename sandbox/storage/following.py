"""Follows a shared database from a thread of its own: its generation, whether it answers, who else serves."""

import select
import socket
from collections.abc import Callable
from contextlib import closing, suppress
from threading import Lock, Thread
from time import monotonic
from typing import Any

from sandbox.errors import StateLocked, StateUnusable
from sandbox.storage.work import load

PRESENCE = int.from_bytes(b"sandserv")


def announce(connection: Any) -> None:
    """Be present from now on until that connection ends."""
    load("catalogue_psycopg", "psycopg").be_present(connection, presence=PRESENCE)


def nobody_else(connection: Any) -> None:
    """As `Work.nobody_else`, for the transaction of that connection. Raises StateLocked."""
    queries = load("catalogue_psycopg", "psycopg")
    if not queries.be_alone(connection, presence=PRESENCE):
        count = int(queries.present(connection, presence=PRESENCE))
        there = f"{count} servers run over that database" if count > 1 else "a server runs over that database"
        raise StateLocked(f"{there}, perhaps on another machine", next_step="stop it first, then run the command again")


POLL_SECONDS = 0.5
"""Between two questions while nobody tells of a change. Measured from the commit: LISTEN/NOTIFY tells of it in 0.8 ms
(4 ms at most), this alone in 280 ms (500). But a pooler such as PgBouncer lets no NOTIFY through, and every change
counts on every machine within a second."""
OLD_SECONDS = 2 * POLL_SECONDS
"""An older answer is not gone by: whoever needs one asks by itself."""
RETRY_SECONDS = 0.25
"""Between two attempts to reach a server that is away: so long after its return calls may still be refused."""


class Follower:
    """What is known of the database. Asked by every thread; its own asks the database."""

    def __init__(self, connect: Callable[[Callable[[Any], None]], Any], ask: Callable[[Any], int]) -> None:
        """*connect* makes a connection that hears of changes, and calls what it is handed when it did; *ask* reads the
        generation over it. Both raise StateUnusable, soon."""
        self._connect = connect
        self._ask = ask
        self._lock = Lock()
        self._generation = -1
        self._answered: float | None = None
        """When it last did; None: never. The monotonic clock may count from the boot, so that no number means that."""
        self._trouble: StateUnusable | None = None
        self._heard = False
        self._ended = False
        self._waker, self._waking = socket.socketpair()
        self._waker.setblocking(False)
        self._waking.setblocking(False)
        self._thread = Thread(target=self._run, name="sandbank-follower", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End it, without waiting for a server that is away."""
        self._ended = True
        self._wake()
        if self._thread.ident is None:
            self._run()  # never started: nobody is asked, and its sockets are closed
        else:
            self._thread.join(POLL_SECONDS)

    def know(self, generation: int) -> None:
        """The database has just said so. It only grows: an answer that was overtaken is no news."""
        with self._lock:
            self._generation = max(self._generation, generation)
        self._answered = monotonic()
        self._trouble = None

    def doubt(self, trouble: StateUnusable) -> None:
        """Somebody asked in vain: nobody else does until it is seen to answer again."""
        self._trouble = trouble
        self._wake()

    def check(self) -> None:
        """Raises what `doubt` was told, at once, while the database is away."""
        if (trouble := self._trouble) is not None:
            raise type(trouble)(trouble.detail, next_step=trouble.next_step)

    def generation(self) -> int | None:
        """The newest that is known; None where that is too old. Raises StateUnusable while the database is away."""
        self.check()
        answered = self._answered
        return self._generation if answered is not None and monotonic() - answered < OLD_SECONDS else None

    def _run(self) -> None:
        while not self._ended:
            try:
                connection = self._reach()
            except StateUnusable as trouble:
                self._trouble = trouble
                self._rest(RETRY_SECONDS)
                continue
            with closing(connection), suppress(StateUnusable):  # a lost one is made anew, at once
                while not self._ended:
                    self._rest(POLL_SECONDS, connection.fileno())
                    self.know(self._ask(connection))
        self._waking.close()
        self._waker.close()

    def _reach(self) -> Any:
        connection = self._connect(self._hear)
        try:
            self.know(self._ask(connection))
        except StateUnusable:
            connection.close()
            raise
        return connection

    def _hear(self, told: object) -> None:
        """Called while an answer is read: the change may be newer than it."""
        self._heard = True

    def _rest(self, seconds: float, *also: int) -> None:
        """Until then, or until we are woken or the server says something: of a change, or its farewell."""
        if self._heard:
            self._heard = False
            return
        poll = select.poll()
        for descriptor in (self._waking.fileno(), *also):
            poll.register(descriptor, select.POLLIN)
        poll.poll(seconds * 1000)
        with suppress(BlockingIOError):
            self._waking.recv(4096)

    def _wake(self) -> None:
        with suppress(OSError):  # full: it is awake; closed: it has ended
            self._waker.send(b"\0")
