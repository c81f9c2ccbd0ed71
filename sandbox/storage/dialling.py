"""Connections to PostgreSQL that do not wait for ever: for an answer, for the server, for its host's name.

A network that swallows packets gives neither an answer nor an error. What is asked over them is the store's business.
"""

import select
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.string import StrDumperUnknown

from sandbox.errors import SandbankError

ANSWER_SECONDS = 2.0
"""For one statement. Each takes about a millisecond, and a writer waits half a second for the others."""
# What the URL may say otherwise. Two seconds are the least that libpq has for a connection.
_USUAL = {"connect_timeout": "2", "tcp_user_timeout": "2000", "application_name": "sandbank"}


class Silent(psycopg.OperationalError):
    """No answer came in time. The connection is closed: what would come late would be taken for another answer."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that raises Silent when the server says nothing for `seconds` while it is waited for."""

    seconds = ANSWER_SECONDS
    pooled = False

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **named: Any) -> Any:
        """Stands in for psycopg's, through which every question goes."""
        try:
            return super().wait(_within(gen, self.seconds), *arguments, **named)
        except Silent:
            self.close()
            raise


def _within(gen: Generator[Any, Any, Any], seconds: float) -> Generator[Any, Any, Any]:
    """psycopg's own steps, as long as something comes; it wakes them ten times a second when nothing does."""
    try:
        wanted = next(gen)
        since = monotonic()
        while True:
            ready = yield wanted
            if ready:
                since = monotonic()
            elif monotonic() - since > seconds:
                raise Silent(f"no answer within {seconds:g} seconds")
            wanted = gen.send(ready)
    except StopIteration as done:
        return done.value


def dial(url: str) -> PatientConnection:
    """A new connection, every statement a transaction of its own. Raises psycopg.Error after two seconds at most."""
    said = {**_USUAL, **conninfo_to_dict(url), "client_encoding": "utf8"}
    connection = PatientConnection.connect(make_conninfo("", **said), autocommit=True)
    connection.adapters.register_dumper(str, _Text)
    try:
        connection.pooled = _pooled(connection)
        if connection.pooled:
            # The process that answers next knows no prepared statement of ours. They are worth having where there is
            # no pooler: a question takes 50 microseconds then, and else 140.
            connection.prepare_threshold = None
    except psycopg.Error:
        connection.close()
        raise
    return connection


def _pooled(connection: PatientConnection) -> bool:
    """Whether another process answers than the one that was introduced to us: there is a pooler such as PgBouncer."""
    (answering,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
    return bool(answering != connection.info.backend_pid)


class _Text(StrDumperUnknown):
    """PostgreSQL's text cannot hold NUL. Whoever asks for such a name is not found, as in SQLite, and not at fault."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


def alive(connection: PatientConnection) -> bool:
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


class Dialler:
    """Dials in threads of their own, for those who may not wait so long: an event loop."""

    def __init__(self, make: Callable[[], PatientConnection]) -> None:
        """*make* raises SandbankError."""
        self._make = make
        self._late: SimpleQueue[PatientConnection] = SimpleQueue()
        self._closed = False

    def made(self, seconds: float) -> PatientConnection:
        """A connection. One that comes later than in *seconds* is kept for whoever asks next. Raises Silent."""
        with suppress(Empty):
            while True:
                if alive(late := self._late.get_nowait()):
                    return late
                late.close()
        coming: Future[PatientConnection] = Future()
        Thread(target=self._dial, args=(coming,), name="sandbank-dialler", daemon=True).start()
        try:
            return coming.result(seconds)
        except TimeoutError:
            coming.add_done_callback(self._keep)
            raise Silent(f"no connection within {seconds:g} seconds") from None

    def close(self) -> None:
        self._closed = True
        with suppress(Empty):
            while True:
                self._late.get_nowait().close()

    def _dial(self, coming: "Future[PatientConnection]") -> None:
        try:
            coming.set_result(self._make())
        except SandbankError as error:
            coming.set_exception(error)

    def _keep(self, coming: "Future[PatientConnection]") -> None:
        if coming.exception() is None:
            self._late.put(coming.result())
            if self._closed:
                self.close()
