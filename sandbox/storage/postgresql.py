"""The store as a PostgreSQL database, which several machines may share; its connections are `dialling`'s.

Writers go one after the other, as with SQLite: an advisory lock per transaction. So every count that a transaction
makes (how many certificates a holder has) stays true until its commit, whichever machine writes.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from psycopg import errors
from psycopg.pq import TransactionStatus

from sandbox.errors import SandbankError, StateLocked, StateUncertain, StateUnreachable, StateUnusable
from sandbox.settings import Database
from sandbox.storage import following, work
from sandbox.storage.dialling import ANSWER_SECONDS, Dialler, PatientConnection, alive, dial
from sandbox.storage.following import Follower
from sandbox.storage.work import LOCK_WAIT_SECONDS, Connections, Remembering, Work, not_text

READ_SECONDS = 0.5
"""For an answer or a connection where a server reads, since its event loop waits. It does so once (`Follower.doubt`).
Measured with a network that swallows everything: the first call is refused after 0.5 s, the next ones after 3 ms;
without a bound, everything stood until the network came back."""
LOCK = int.from_bytes(b"sandbank", "big")
LEAD = int.from_bytes(b"sandlead", "big")
# READ COMMITTED, whatever the server's default: a snapshot taken before the lock was had would show old counts.
# A writer that hangs in its transaction (its machine is gone) must not hold the others for ever.
_BEGIN = f"""
BEGIN ISOLATION LEVEL READ COMMITTED;
SET LOCAL lock_timeout = '{int(LOCK_WAIT_SECONDS * 1000)}ms';
SET LOCAL idle_in_transaction_session_timeout = '10s';
SELECT pg_advisory_xact_lock({LOCK})
"""
_LISTEN = "LISTEN sandbank"
_NOT_OURS = (
    errors.InsufficientPrivilege,
    errors.UndefinedTable,
    errors.ReadOnlySqlTransaction,
)
_PASSWORD = "give the password in PGPASSWORD, in ~/.pgpass or in --database; it is not kept in the state folder"
_TLS = "check sslmode and sslrootcert (the CA of the database's certificate) in --database, and the host's name there"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlWork:
    """An open unit of work over PostgreSQL."""

    connection: "psycopg.Connection[Any]"
    machine: str
    remembering: Remembering | None = None
    driver: ClassVar[str] = "psycopg"
    text_type: ClassVar[str] = 'TEXT COLLATE "C"'
    by_key: ClassVar[str] = ""
    """Whatever the database sorts by."""

    @property
    def under_way(self) -> bool:
        return self.connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def after_commit(self, remember: Callable[[], None]) -> None:
        remember() if self.remembering is None else self.remembering.add(remember)

    def tell_of_change(self) -> None:
        """By NOTIFY, which is sent at the commit, and not if there is none."""
        work.load("catalogue_psycopg", self.driver).tell_of_change(self.connection)

    def nobody_else(self) -> None:
        following.nobody_else(self.connection)


class PostgresqlStore:
    """A database that several machines share. Each thread has a connection that writes and one that reads, in
    transactions that may not write; a lost one is made anew.

    Once `data_version` was asked, as a server does, the database is followed: then nothing here waits for one that is
    known to be away, and reading waits for READ_SECONDS at most.
    """

    def __init__(self, database: Database, machine: str) -> None:
        self._database = database
        self._machine = machine
        self._dialler = Dialler(self._dial)
        self._writing = Connections(self._connect, good=alive)
        self._reading = Connections(self._connect, good=alive)
        self._follower: Follower | None = None

    @contextmanager
    def write(self) -> Iterator[PostgresqlWork]:
        generation, remembering = None, Remembering()
        with self._held(self._writing, ANSWER_SECONDS) as connection, self._told():
            try:
                connection.execute(_BEGIN)
                yield PostgresqlWork(connection=connection, machine=self._machine, remembering=remembering)
                if self._follower is not None:
                    generation = _generation(connection)
                self._commit(connection)
            except BaseException:
                if not connection.closed:
                    connection.rollback()
                raise
        if self._follower is not None and generation is not None:
            self._follower.know(generation)
        remembering.committed()

    @contextmanager
    def part(self, work: Work) -> Iterator[None]:
        connection: psycopg.Connection[Any] = work.connection
        mark = work.remembering.mark() if work.remembering else 0
        with self._told():
            connection.execute("SAVEPOINT part")
            try:
                yield
                connection.execute("RELEASE part")
            except BaseException:
                if work.remembering:
                    work.remembering.undo(mark)
                if work.under_way:
                    connection.execute("ROLLBACK TO part")
                    connection.execute("RELEASE part")
                raise

    @contextmanager
    def read(self) -> Iterator[PostgresqlWork]:
        seconds = ANSWER_SECONDS if self._follower is None else READ_SECONDS
        with self._held(self._reading, seconds) as connection, self._told():
            work = PostgresqlWork(connection=connection, machine=self._machine)
            if work.under_way:  # a part of another that this thread reads in
                yield work
                return
            try:
                # By the transaction and not once for the connection: behind a pooler the next one is another's.
                connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY")
                yield work
            finally:
                if not connection.closed:
                    connection.rollback()

    def data_version(self) -> int:
        """The generation, from memory."""
        if self._follower is None:
            self._follower = Follower(self._listen, self._ask)
            self._follower.start()
        generation = self._follower.generation()
        if generation is None:
            with self.read() as work:
                generation = _generation(work.connection)
            self._follower.know(generation)
        return generation

    def scrub(self) -> bool:
        """Nothing is done: its files are a server's."""
        return True

    def lead(self) -> "SessionLead":
        """By an advisory lock of a connection of its own."""
        return SessionLead(self._dial, self._mapped)

    def close(self) -> None:
        if self._follower is not None:
            self._follower.close()
        self._dialler.close()
        self._reading.close()
        self._writing.close()

    @contextmanager
    def _held(self, connections: Connections[PatientConnection], seconds: float) -> Iterator[PatientConnection]:
        """This thread's own, with the patience that its next questions have."""
        if self._follower is not None:
            self._follower.check()
        with self._told():
            connection = connections.enter()
        try:
            connection.seconds = seconds
            yield connection
        finally:
            connections.leave()

    def _connect(self) -> PatientConnection:
        return self._dial() if self._follower is None else self._dialler.made(READ_SECONDS)

    def _dial(self) -> PatientConnection:
        with self._mapped():
            return dial(self._database.url)

    def _listen(self, hear: Callable[[Any], None]) -> PatientConnection:
        connection = self._dial()
        connection.seconds = READ_SECONDS
        connection.add_notify_handler(hear)
        try:
            with self._mapped():
                connection.execute(_LISTEN)
                if not connection.pooled:
                    following.announce(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _ask(self, connection: PatientConnection) -> int:
        with self._mapped():
            return _generation(connection)

    def _commit(self, connection: PatientConnection) -> None:
        try:
            said = connection.execute("COMMIT").statusmessage
        except psycopg.OperationalError:
            if not connection.closed:
                raise
            lost = f"the connection to the database {self._database.shown} broke during a commit"
            step = "check whether the change was made before you repeat it"
            raise StateUncertain(f"{lost}: the change was made as a whole, or not at all", next_step=step) from None
        if said != "COMMIT":
            # PostgreSQL answers COMMIT with ROLLBACK, and no error, after a statement whose failure was not told.
            raise errors.InFailedSqlTransaction("a statement failed, and nothing of the transaction is kept")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """As `_mapped`; and where the database does not answer, everybody is told."""
        try:
            with self._mapped():
                yield
        except StateUnreachable as error:
            if self._follower is not None:
                self._follower.doubt(error)
            raise

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """PostgreSQL's complaints about itself become ours, without a password; a constraint's stay the caller's."""
        try:
            yield
        except UnicodeEncodeError as error:
            raise not_text() from error
        except psycopg.Error as error:
            if type(error) is psycopg.DataError:  # of psycopg's own, before anything is sent: a zero byte in a text
                raise not_text() from None
            if (ours := self._ours(error)) is None:
                raise
            raise ours from None

    def _ours(self, error: psycopg.Error) -> SandbankError | None:
        what = f"the database {self._database.shown}"
        said = self._database.hide(" ".join(str(error).split()))
        if isinstance(error, errors.LockNotAvailable):
            return StateLocked(f"{what} is held by another writer", next_step="wait a moment and try again")
        if isinstance(error, _NOT_OURS):
            step = "use a database of which this user is the owner"
            return StateUnusable(f"{what} cannot be used: {said}", next_step=step)
        if isinstance(error, errors.DependentObjectsStillExist):
            there = f"{what} has objects of others that depend on our tables: {said}"
            return StateUnusable(there, next_step="remove those first, if you may")
        if (error.sqlstate or "").startswith("53"):  # no room on its disk, no connection left
            return StateUnusable(f"{what} cannot be used: {said}", next_step="free some space, then try again")
        lost = isinstance(error, psycopg.OperationalError | errors.IdleInTransactionSessionTimeout)
        if not lost:
            return None
        step = "start the server, or check --database"
        if "password" in said:
            step = _PASSWORD
        elif "certificate" in said or "SSL" in said:
            step = _TLS
        return StateUnreachable(f"{what} does not answer: {said}", next_step=step)


class SessionLead:
    """An advisory lock, which the database lets go of when the connection of its holder ends."""

    def __init__(
        self, dial: Callable[[], PatientConnection], mapped: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._dial = dial
        self._mapped = mapped
        self._connection: PatientConnection | None = None
        self._held = False

    @property
    def sure(self) -> bool:
        return self._connection is not None and not self._connection.pooled

    def held(self) -> bool:
        """Whether it is ours. Behind a pooler always: there each row that is sent is claimed for a while instead."""
        if self._connection is None or not alive(self._connection):
            self.close()
            self._connection = self._dial()
        if not self._held and not self._connection.pooled:
            with self._mapped():
                load = work.load("catalogue_psycopg", PostgresqlWork.driver)
                self._held = bool(load.take_lead(self._connection, lead=LEAD))
        return self._held or self._connection.pooled

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._held = None, False


def _generation(connection: "psycopg.Connection[Any]") -> int:
    return int(work.load("queries", PostgresqlWork.driver).fact(connection, name="generation") or 0)
