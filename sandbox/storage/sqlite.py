"""The store as one SQLite file: a transaction per unit of work, and for each thread a connection that writes and one
that cannot."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import ClassVar

from sandbox.errors import StateUnusable
from sandbox.storage.files import Complaints, FairLock, FileLead, InPlace, Opening, held, meaning
from sandbox.storage.work import LOCK_WAIT_SECONDS, Connections, Remembering, Work

KNOCK_SECONDS = 0.0002
"""Between two tries of the process that holds the fair lock: it is the next, and all others wait for it. SQLite itself
would wait for milliseconds, longer from try to try: as long as a transaction of calls that go together."""
CHECKPOINT_PAGES = 4_000
"""Pages (of 4 KiB) in the write-ahead log before they are written back. Over a large store each signing changes a dozen
of them: at SQLite's own 1,000 the disk is waited for after every hundred, which is a third of the time of writing."""
PAGE_BYTES = 4096
SHARE_OF_DISK = 16
"""Of the free space of a small disk, the log has at most this part; the store and the journal have one each."""
FEWEST_PAGES = 100
"""However small the disk: a transaction that signs is some dozens of pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteWork:
    """An open unit of work over SQLite."""

    connection: sqlite3.Connection
    remembering: Remembering | None = None
    """None in a unit of work that only reads."""
    driver: ClassVar[str] = "sqlite3"
    text_type: ClassVar[str] = "TEXT"
    by_key: ClassVar[str] = "WITHOUT ROWID"
    machine: ClassVar[str] = ""

    @property
    def under_way(self) -> bool:
        """SQLite gives a transaction up by itself where it cannot go on (no room left)."""
        return self.connection.in_transaction

    def after_commit(self, remember: Callable[[], None]) -> None:
        remember() if self.remembering is None else self.remembering.add(remember)

    def tell_of_change(self) -> None:
        """Nothing: to ask for `data_version` costs nothing."""

    def nobody_else(self) -> None:
        """Nothing: the one server over it is asked at its control door."""


class SqliteStore:
    """The database of one state folder. Threads and processes may share it; each thread has its own connections.

    What reads has a connection of its own, on which SQLite refuses every write. So it sees what is committed and
    nothing else, also in a thread that is in the middle of a transaction.
    """

    def __init__(self, path: Path, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> None:
        """*wait_seconds*: how long a writer waits for others before it gives up."""
        self.path = path
        self._wait_seconds = wait_seconds
        self._writing = Connections(self._connect, good=_writable)
        self._reading = Connections(self._connect_to_read, good=lambda _: True)
        self._lock = FairLock(path.with_name(f"{path.name}.turn"))
        self._in_place = InPlace(path)

    @contextmanager
    def write(self) -> Iterator[SqliteWork]:
        """A transaction that may write: all of it is committed, or on any exception nothing.

        Raises StateLocked when another process holds the store, StateUnusable when it cannot be written, StateRemoved
        when its file is another by now.
        """
        remembering = Remembering()
        connection = self._writing.enter()
        try:
            with Complaints(self.path):
                self._begin(connection)
                try:
                    yield SqliteWork(connection=connection, remembering=remembering)
                    # Fails where the whole is lost and nobody has said so; commit() would say nothing.
                    connection.execute("COMMIT")
                except BaseException:
                    connection.rollback()
                    raise
        except StateUnusable as error:
            if (meant := self._writing.meant(error)) is not error:
                raise meant from error
            raise
        finally:
            self._writing.leave()
        remembering.committed()

    def part(self, work: Work) -> "Part":
        """A part of a transaction, ``with store.part(work):``: kept with the whole, on any exception undone alone."""
        return Part(work, self.path)

    def read(self) -> "Reading":
        """A unit of work that cannot write; each statement sees the newest commit."""
        return Reading(self._reading, self.path)

    def require_in_place(self) -> None:
        """Whether the file is the one at its path still. Raises StateRemoved."""
        self._in_place.require()

    def data_version(self) -> int:
        """A number that moves when another connection has committed; asking costs microseconds.

        Raises StateUnusable, StateLocked, StateRemoved."""
        self._in_place.require()
        with self.read() as work:
            (version,) = work.connection.execute("PRAGMA data_version").fetchone()
        return int(version)

    def scrub(self) -> bool:
        """Rewrite the file and empty its log; False while another process reads. Raises StateLocked."""
        with Complaints(self.path):
            connection = self.connection()
            connection.execute(f"PRAGMA busy_timeout={int(LOCK_WAIT_SECONDS * 1000)}")
            connection.waits = True
            connection.execute("VACUUM")
            (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def lead(self) -> FileLead:
        """By a lock on a file of its own."""
        return FileLead(self.path.with_name(f"{self.path.name}.lead"))

    def close(self) -> None:
        self._reading.close()
        self._writing.close()
        self._lock.close()

    def connection(self) -> "SqliteConnection":
        """This thread's own connection that writes; for what is no unit of work."""
        connection = self._writing.enter()
        self._writing.leave()
        return connection

    def _begin(self, connection: "SqliteConnection") -> None:
        """Begin to write, when it is our turn. Raises StateLocked when it was not for so long."""
        until = monotonic() + self._wait_seconds
        self._in_place.require()
        with Opening(self.path):
            entered = self._lock.enter(until)
        if not entered:
            raise held(self.path)
        try:
            if connection.waits:
                connection.execute("PRAGMA busy_timeout=0")  # for good: within a transaction it waits for nobody
                connection.waits = False
            while not _begun(connection):
                if monotonic() > until:
                    raise held(self.path)
                sleep(KNOCK_SECONDS)
        finally:
            self._lock.leave()

    def _connect(self) -> "SqliteConnection":
        self._in_place.require()  # else SQLite would make a new file there
        with Opening(self.path):
            connection = connect(self.path)
        self._in_place.opened()
        return connection

    def _connect_to_read(self) -> "SqliteConnection":
        connection = self._connect()
        with Opening(self.path):
            connection.execute("PRAGMA query_only=ON")
        return connection


class SqliteConnection(sqlite3.Connection):
    """Knows whether its files could be written when it was made. Where not, SQLite has opened them for reading: then it
    will never write, whatever becomes of them."""

    writable = True
    waits = True
    """Whether SQLite itself waits for others: it does from the beginning."""


def connect(path: Path) -> SqliteConnection:
    """A connection as all of ours are: write-ahead log, foreign keys, short waits, our own transactions."""
    connection = sqlite3.connect(
        path, timeout=LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False, factory=SqliteConnection
    )
    try:
        connection.execute("PRAGMA schema_version")  # makes the file, still empty
        if path.stat().st_mode & 0o077:
            # Keys and secrets will be in it; -wal and -shm inherit its mode. By chmod, not by opening the file
            # ourselves: to close any descriptor of a database drops all locks of the process
            # (sqlite.org/howtocorrupt.html, 2.2).
            path.chmod(0o600)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        pages = log_pages(shutil.disk_usage(path.parent).free)
        connection.execute(f"PRAGMA wal_autocheckpoint={pages}")
        connection.execute(f"PRAGMA journal_size_limit={pages * PAGE_BYTES}")  # after one transaction that was larger
        connection.execute("PRAGMA foreign_keys=ON")
        # What is kept for the undoing of a part grows over 64 KiB where several calls share a transaction, and would go
        # to a file that is made anew for each.
        connection.execute("PRAGMA temp_store=MEMORY")
        files = (path, path.with_name(f"{path.name}-wal"))
        connection.writable = all(os.access(file, os.W_OK) for file in files if file.exists())
    except (sqlite3.Error, OSError):
        connection.close()
        raise
    return connection


def log_pages(free: int) -> int:
    """How many pages the write-ahead log may have where so many bytes are free."""
    return min(CHECKPOINT_PAGES, max(FEWEST_PAGES, free // PAGE_BYTES // SHARE_OF_DISK))


def _writable(connection: SqliteConnection) -> bool:
    return connection.writable


def _begun(connection: sqlite3.Connection) -> bool:
    """Whether a transaction that may write has begun; not when another's is under way."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        # Its first octet: one of the kinds of busy is that another has opened the files after a crash and mends them.
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


class Reading:
    """A unit of work that cannot write, as ``with store.read() as work`` has it."""

    __slots__ = ("_connections", "_path")

    def __init__(self, connections: "Connections[SqliteConnection]", path: Path) -> None:
        self._connections = connections
        self._path = path

    def __enter__(self) -> SqliteWork:
        return SqliteWork(connection=self._connections.enter())

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._connections.leave()
        if error is not None and (ours := meaning(error, self._path)) is not None:
            raise self._connections.meant(ours) from error


class Part:
    """A part of a transaction that can be undone alone, as ``with store.part(work)`` has it."""

    __slots__ = ("_connection", "_mark", "_path", "_remembering")

    def __init__(self, work: Work, path: Path) -> None:
        self._connection: sqlite3.Connection = work.connection
        self._remembering = work.remembering
        self._path = path
        self._mark = 0

    def __enter__(self) -> None:
        self._connection.execute("SAVEPOINT part")
        self._mark = self._remembering.mark() if self._remembering else 0

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        with Complaints(self._path):
            if error is None:
                # Fails where the whole is lost and nobody has said so: then this part is not kept either.
                self._connection.execute("RELEASE part")
                return
            if self._remembering:
                self._remembering.undo(self._mark)
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
        if (ours := meaning(error, self._path)) is not None:
            raise ours from error
