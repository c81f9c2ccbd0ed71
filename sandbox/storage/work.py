"""What every store can do, whichever database it is: units of work, and the named queries."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files
from typing import Any, Generic, Protocol, TypeVar

from ca.store.queries import Queries


@cache
def load(name: str, driver: str) -> Queries:
    """The queries of ``sql/<name>.sql`` for *driver*."""
    return Queries(text(name), driver)


def text(name: str) -> str:
    return (files("sandbox.storage") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


LOCK_WAIT_SECONDS = 0.5
"""How long a writer waits for another: a thread in a longer wait would hold the exit of the program."""


class Work(Protocol):
    """An open unit of work: what the typed queries of storage and ca are handed."""

    @property
    def connection(self) -> Any: ...

    @property
    def driver(self) -> str:
        """What aiosql calls the driver, to load queries for it; for nothing else."""

    @property
    def text_type(self) -> str:
        """How a table declares a column of text that is sorted by its bytes."""

    @property
    def machine(self) -> str:
        """Which of the machines that share the database this is; empty where nobody shares it."""

    @property
    def under_way(self) -> bool:
        """Whether its transaction still stands: a database may give one up by itself, and a connection may be lost."""

    def tell_of_change(self) -> None:
        """Have whoever follows the database hear, at the commit, that the generation moved."""

    def nobody_else(self) -> None:
        """Nothing, where no server runs over a shared database as far as can be known, and then none can begin to
        before this transaction ends. Raises StateLocked."""


class Store(Protocol):
    """The database of a state. Threads and processes may share it; each thread has its own connection."""

    def write(self) -> AbstractContextManager[Work]:
        """A transaction that may write: all of it is committed, or on any exception nothing.

        One after the other, whoever writes: what is read in it stays true until its end.
        Raises StateLocked when another holds the store, StateUnusable when it cannot be written.
        """

    def part(self, work: Work) -> AbstractContextManager[None]:
        """A part of a transaction, ``with store.part(work):``: kept with the whole, on any exception undone alone."""

    def read(self) -> AbstractContextManager[Work]:
        """A unit of work that only reads; each statement sees the newest commit."""

    def data_version(self) -> int:
        """A number that moves when another connection has committed; asking costs next to nothing."""

    def back_up(self, name: str) -> None:
        """Copy the store beside itself before its tables are changed, where it is ours to copy."""

    def scrub(self) -> bool:
        """Leave nothing in its files of what was overwritten or deleted, where they are ours; False while another
        process reads, so that old pages are still in the log. Raises StateLocked."""

    def lead(self) -> "Lead":
        """Who of the processes over this store does what only one may do: a lock that ends with its holder."""

    def close(self) -> None: ...


class Lead(Protocol):
    """A lock that one process holds, until it lets go or ends, however it ends."""

    def held(self) -> bool:
        """Whether it is ours; it is taken if it is free. Asked again and again. Raises StateUnusable."""

    @property
    def sure(self) -> bool:
        """Whether nobody else can believe the same: not behind a pooler, where such a lock means nothing."""

    def close(self) -> None: ...


class _Closes(Protocol):
    def close(self) -> None: ...


Connection = TypeVar("Connection", bound=_Closes)


class Connections(Generic[Connection]):
    """One connection for each thread, made when it is first asked for."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._local = threading.local()
        self._all: list[Connection] = []
        self._lock = threading.Lock()

    def mine(self) -> Connection:
        known: Connection | None = getattr(self._local, "connection", None)
        return self._make() if known is None else known

    def _make(self) -> Connection:
        connection = self._connect()
        with self._lock:
            self._all.append(connection)
        self._local.connection = connection
        return connection

    def drop_mine(self) -> None:
        """This thread's is of no use any more: the next question makes another."""
        known: Connection = self._local.connection
        del self._local.connection
        with self._lock:
            self._all.remove(known)
        known.close()

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
        self._local = threading.local()
