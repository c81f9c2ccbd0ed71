"""What every store can do, whichever database it is: units of work, and the named queries."""

import os
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from importlib.resources import files
from typing import Any, Generic, Protocol, TypeVar

from ca.store.store import Queries
from sandbox.errors import Misuse, SandbankError, StateUnusable


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
    def by_key(self) -> str:
        """How a table says that it is kept in the order of its primary key, and so once; empty where none can be."""

    @property
    def machine(self) -> str:
        """Which of the machines that share the database this is; empty where nobody shares it."""

    @property
    def remembering(self) -> "Remembering | None":
        """What waits for the commit; None in a unit of work that only reads."""

    @property
    def under_way(self) -> bool:
        """Whether its transaction still stands: a database may give one up by itself, and a connection may be lost."""

    def after_commit(self, remember: Callable[[], None]) -> None:
        """Call *remember* once the transaction is committed, and never where it, or this part of it, is undone.

        For what is kept in memory of rows: a row that was rolled back must not live on there. *remember* may not fail.
        A unit of work that only reads sees what is committed, and calls it at once."""

    def tell_of_change(self) -> None:
        """Have whoever follows the database hear, at the commit, that the generation moved."""

    def nobody_else(self) -> None:
        """Nothing, where no server runs over a shared database as far as can be known, and then none can begin to
        before this transaction ends. Raises StateLocked."""


class Store(Protocol):
    """The database of a state. Threads and processes may share it; each thread has connections of its own."""

    def write(self) -> AbstractContextManager[Work]:
        """A transaction that may write: all of it is committed, or on any exception nothing.

        One after the other, whoever writes: what is read in it stays true until its end.
        Raises StateLocked when another holds the store, StateUnusable when it cannot be written.
        """

    def part(self, work: Work) -> AbstractContextManager[None]:
        """A part of a transaction, ``with store.part(work):``: kept with the whole, on any exception undone alone."""

    def read(self) -> AbstractContextManager[Work]:
        """A unit of work that cannot write: the database refuses it. Each statement sees the newest commit, and nothing
        of a transaction that this thread may be in."""

    def data_version(self) -> int:
        """A number that moves when another connection has committed; asking costs next to nothing."""

    def scrub(self) -> bool:
        """Leave nothing in its files of what was overwritten or deleted, where they are ours; False while another
        process reads, so that old pages are still in the log. Raises StateLocked."""

    def lead(self) -> "Lead":
        """Who of the processes over this store does what only one may do: a lock that ends with its holder."""

    def close(self) -> None:
        """Close it for good; what is in the middle of a unit of work comes to its end. Then all else raises Misuse."""


class Remembering:
    """What is to be called after the commit of one transaction, whichever database it is in; and its generation."""

    __slots__ = ("_pending", "generation")

    def __init__(self) -> None:
        self._pending: list[Callable[[], None]] = []
        self.generation: int | None = None
        """As it was read in the transaction, which shares it with nobody; None: it has to be read."""

    def add(self, remember: Callable[[], None]) -> None:
        self._pending.append(remember)

    def mark(self) -> int:
        """Where a part of the transaction begins."""
        return len(self._pending)

    def undo(self, mark: int) -> None:
        """The part that began there is not kept."""
        self.generation = None
        del self._pending[mark:]

    def committed(self) -> None:
        for remember in self._pending:
            remember()


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


class _Held(Generic[Connection]):
    """A connection of one thread, and how many of its units of work are open."""

    __slots__ = ("connection", "users")

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.users = 0


class Connections(Generic[Connection]):
    """One connection for each thread, made when it is first asked for.

    One that is in use is never closed by another thread, which would end the process: SQLite's objects do not bear it.
    Whoever uses it closes it at the end.
    """

    def __init__(self, connect: Callable[[], Connection], *, good: Callable[[Connection], bool]) -> None:
        """One that is not *good* any more is replaced before its next use."""
        self._connect = connect
        self._good = good
        self._local = threading.local()
        self._process = os.getpid()
        self._all: list[_Held[Connection]] = []
        self._closed = False
        self._lock = threading.Lock()

    def enter(self) -> Connection:
        """This thread's, which stays open until `leave`. Raises Misuse after `close`, and in a forked child: there
        SQLite takes locks for its own that only the parent has, and an answer of PostgreSQL's may be the other's."""
        if self._process != os.getpid():
            raise Misuse(
                "the state was opened by another process, from which this one was forked",
                next_step="open it anew in the child, or start the child by spawn; the doors can be called from it",
            )
        held: _Held[Connection] | None = getattr(self._local, "held", None)
        if held is not None and held.users == 0 and not self._closed and not self._good(held.connection):
            self._drop(held)
            held = None
        if held is None:
            try:
                held = _Held(self._connect())
            except StateUnusable as error:
                raise self.meant(error) from error
            with self._lock:
                self._all.append(held)
            self._local.held = held
        with self._lock:
            if not self._closed:
                held.users += 1
                return held.connection
        if held.users == 0:
            held.connection.close()
        raise closed()

    def meant(self, error: SandbankError) -> SandbankError:
        """The error, or what it comes from: after `close` the files may be removed while the last ones are at work."""
        return closed() if self._closed else error

    def leave(self) -> None:
        held: _Held[Connection] = self._local.held
        with self._lock:
            held.users -= 1
            last = self._closed and held.users == 0
        if last:
            held.connection.close()

    def _drop(self, held: _Held[Connection]) -> None:
        del self._local.held
        with self._lock:
            self._all.remove(held)
        held.connection.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle = [held for held in self._all if held.users == 0]
            self._all.clear()
        for held in idle:
            held.connection.close()


def not_text() -> Misuse:
    """A word of a person's, or of a call's, that cannot be kept as text, so that nothing can have it as its name."""
    return Misuse(
        "a name or id is not Unicode text, so nothing here can have it",
        next_step="write it in UTF-8, without zero bytes",
    )


def closed() -> Misuse:
    """Somebody goes on working with what was closed."""
    return Misuse(
        "the sandbox was stopped, and its state is closed", next_step="use it before stop(), or start it again"
    )
