"""The store: one SQLite file, a connection per thread, a transaction per unit of work.

What is in it is the business of the tables' modules.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import StateLocked, StateUnusable

LOCK_WAIT_SECONDS = 0.5
"""How long a writer waits for another: a thread in a longer wait would hold the exit of the program."""

_OTHER_STATE = "check the rights and the free space of the state folder, or use another with --state DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An open unit of work: what the typed queries of storage and ca are handed."""

    connection: sqlite3.Connection
    driver: str = "sqlite3"


class Store:
    """The database of one state folder. Threads and processes may share it; each thread has its own connection."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Work]:
        """A transaction that may write: all of it is committed, or on any exception nothing.

        Raises StateLocked when another process holds the store, StateUnusable when it cannot be written.
        """
        connection = self._connection()
        with _surroundings(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Work(connection=connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A unit of work that only reads; each statement sees the newest commit."""
        with _surroundings(self.path):
            yield Work(connection=self._connection())

    def data_version(self) -> int:
        """A number that moves when another connection has committed; asking costs microseconds."""
        (version,) = self._connection().execute("PRAGMA data_version").fetchone()
        return int(version)

    def close(self) -> None:
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            return known
        with _surroundings(self.path):
            connection = connect(self.path)
        with self._lock:
            self._connections.append(connection)
        self._local.connection = connection
        return connection


def connect(path: Path) -> sqlite3.Connection:
    """A connection as all of ours are: write-ahead log, foreign keys, short waits, our own transactions."""
    connection = sqlite3.connect(path, timeout=LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA schema_version")  # makes the file, still empty
    if path.stat().st_mode & 0o077:
        # Keys and secrets will be in it; -wal and -shm inherit its mode. By chmod, not by opening the file ourselves:
        # to close any descriptor of a database drops all locks of the process (sqlite.org/howtocorrupt.html, 2.2).
        path.chmod(0o600)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


@contextmanager
def _surroundings(path: Path) -> Iterator[None]:
    """SQLite's complaints about the machine become ours; what a constraint says stays the caller's."""
    try:
        yield
    except sqlite3.OperationalError as error:
        said = str(error)
        if "locked" in said or "busy" in said:
            raise StateLocked(
                f"the store {path} is held by another process",
                next_step="wait a moment and try again; `fuser` on that file names the process",
            ) from error
        raise StateUnusable(
            f"the store {path} cannot be used: {said}",
            next_step=_OTHER_STATE,
        ) from error
    except OSError as error:
        raise StateUnusable(f"the store {path} cannot be made: {error.strerror}", next_step=_OTHER_STATE) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
            raise
        raise StateUnusable(
            f"{path} is not a store that can be read: {error}",
            next_step="restore it from a copy, or start anew with another --state DIR",
        ) from error
