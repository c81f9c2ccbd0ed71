"""The store as a PostgreSQL database, which several machines may share: psycopg is imported here and nowhere else.

Writers go one after the other, as with SQLite: an advisory lock per transaction. So every count that a transaction
makes (how many certificates a holder has) stays true until its commit, whichever machine writes.
"""

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.types.string import StrDumperUnknown

from sandbox.errors import SandbankError, StateLocked, StateUnreachable, StateUnusable
from sandbox.settings import Database
from sandbox.storage import queries
from sandbox.storage.work import LOCK_WAIT_SECONDS, Connections, Work

POLL_SECONDS = 0.25
"""How old the answer may be whether another machine changed something: its changes take effect within a second."""
LOCK = int.from_bytes(b"sandbank", "big")
# READ COMMITTED, whatever the server's default: a snapshot taken before the lock was had would show old counts.
# A writer that hangs in its transaction (its machine is gone) must not hold the others for ever.
_BEGIN = f"""
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '{int(LOCK_WAIT_SECONDS * 1000)}ms';
SET LOCAL idle_in_transaction_session_timeout = '10s';
SELECT pg_advisory_xact_lock({LOCK})
"""
# What the URL may say otherwise. A server that is not there is noticed soon: calls wait for it.
_USUAL = {"connect_timeout": "2", "tcp_user_timeout": "2000", "application_name": "sandbank"}
_PASSWORD = "give the password in PGPASSWORD, in ~/.pgpass or in --database; it is not kept in the state folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlWork:
    """An open unit of work over PostgreSQL."""

    connection: "psycopg.Connection[Any]"
    machine: str
    driver: ClassVar[str] = "psycopg"

    @property
    def under_way(self) -> bool:
        return self.connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class PostgresqlStore:
    """A database that several machines share. Each thread has its own connection; a lost one is made anew."""

    def __init__(self, database: Database, machine: str) -> None:
        self._database = database
        self._machine = machine
        self._connections = Connections(self._connect)
        self._own_commits = 0
        self._asked: tuple[int, float] | None = None
        self._generation = -1

    @contextmanager
    def write(self) -> Iterator[PostgresqlWork]:
        connection = self._connection()
        with self._told():
            try:
                connection.execute(_BEGIN)
                yield PostgresqlWork(connection=connection, machine=self._machine)
                # PostgreSQL answers COMMIT with ROLLBACK, and no error, after a statement whose failure was not told.
                if connection.execute("COMMIT").statusmessage != "COMMIT":
                    raise errors.InFailedSqlTransaction("a statement failed, and nothing of the transaction is kept")
            except BaseException:
                if not connection.closed:
                    connection.rollback()
                raise
        self._own_commits += 1

    @contextmanager
    def part(self, work: Work) -> Iterator[None]:
        connection: psycopg.Connection[Any] = work.connection
        with self._told():
            connection.execute("SAVEPOINT part")
            try:
                yield
                connection.execute("RELEASE part")
            except BaseException:
                if work.under_way:
                    connection.execute("ROLLBACK TO part")
                    connection.execute("RELEASE part")
                raise

    @contextmanager
    def read(self) -> Iterator[PostgresqlWork]:
        connection = self._connection()
        with self._told():
            yield PostgresqlWork(connection=connection, machine=self._machine)

    def data_version(self) -> int:
        """The generation: asked again after a commit of ours, and else every quarter of a second at most."""
        now, commits = time.monotonic(), self._own_commits
        if self._asked is None or self._asked[0] != commits or now - self._asked[1] >= POLL_SECONDS:
            with self.read() as work:
                found = queries.load("queries", work.driver).fact(work.connection, name="generation")
            self._generation, self._asked = int(found or 0), (commits, now)
        return self._generation

    def back_up(self, name: str) -> None:
        """Nothing: a shared database is its owner's to copy (pg_dump)."""

    def close(self) -> None:
        self._connections.close()

    def _connection(self) -> "psycopg.Connection[Any]":
        connection = self._connections.mine()
        if not _alive(connection):
            self._connections.drop_mine()
            connection = self._connections.mine()
        return connection

    def _connect(self) -> "psycopg.Connection[Any]":
        with self._told():
            said = {**_USUAL, **conninfo_to_dict(self._database.url), "client_encoding": "utf8"}
            connection = psycopg.connect(make_conninfo("", **said), autocommit=True)
        connection.adapters.register_dumper(str, _Text)
        return connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        """PostgreSQL's complaints about itself become ours, without a password; a constraint's stay the caller's."""
        try:
            yield
        except psycopg.Error as error:
            if (ours := self._ours(error)) is None:
                raise
            raise ours from None

    def _ours(self, error: psycopg.Error) -> SandbankError | None:
        what = f"the database {self._database.shown}"
        said = self._database.hide(" ".join(str(error).split()))
        if isinstance(error, errors.LockNotAvailable):
            return StateLocked(f"{what} is held by another writer", next_step="wait a moment and try again")
        if isinstance(error, errors.InsufficientPrivilege | errors.UndefinedTable | errors.ReadOnlySqlTransaction):
            step = "use a database of which this user is the owner"
            return StateUnusable(f"{what} cannot be used: {said}", next_step=step)
        if (error.sqlstate or "").startswith("53"):  # no room on its disk, no connection left
            return StateUnusable(f"{what} cannot be used: {said}", next_step="make room in it, then try again")
        lost = isinstance(error, psycopg.OperationalError | errors.IdleInTransactionSessionTimeout)
        if not lost:
            return None
        step = _PASSWORD if "password" in said else "start the server, or check --database"
        return StateUnreachable(f"{what} does not answer: {said}", next_step=step)


class _Text(StrDumperUnknown):
    """PostgreSQL's text cannot hold NUL. Whoever asks for such a name is not found, as in SQLite, and not at fault."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


def _alive(connection: "psycopg.Connection[Any]") -> bool:
    """Between two statements the server says nothing: if there is something to read, it is probably its farewell."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if not poll.poll(0):
        return True
    try:
        connection.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True
