"""The writing thread: what shares a transaction, what is undone alone, and when an answer leaves."""

import asyncio
import contextlib
import sqlite3
import threading

import pytest

from sandbox.errors import StateLocked, StateUnusable
from sandbox.server.writer import MOST_TOGETHER, SHARE_SECONDS, Writer
from sandbox.storage import facts
from sandbox.storage.facts import make_tables
from sandbox.storage.sqlite import SqliteStore
from tests.waiting import until


@pytest.fixture
def store(tmp_path):
    """A store with all its tables."""
    store = SqliteStore(tmp_path / "sandbank.sqlite")
    make_tables(store)
    yield store
    store.close()


@pytest.fixture
def writer(store):
    """A writer over it, at work."""
    writer = Writer(store)
    writer.start()
    yield writer
    writer.close()


def keeping(name, value="1"):
    """Work that keeps one fact and answers with its name."""

    def work(work):
        facts.put(work, name, value)
        return name

    return lambda: work


def failing(name):
    """Work that keeps a fact and then fails."""

    def work(work):
        facts.put(work, name, "1")
        raise ZeroDivisionError(name)

    return lambda: work


def kept(store, *names):
    """Which of the facts another connection sees."""
    other = sqlite3.connect(store.path)
    try:
        found = other.execute("SELECT name FROM sandbank_facts").fetchall()
    finally:
        other.close()
    return [name for name in names if (name,) in found]


class Busy:
    """Holds the writer's thread until it is let go, so that what is asked meanwhile waits together."""

    def __init__(self, writer):
        self._there, self._go = threading.Event(), threading.Event()
        self._held = asyncio.create_task(writer.alone(self._hold))

    def _hold(self):
        self._there.set()
        self._go.wait(60)

    async def began(self):
        await asyncio.to_thread(self._there.wait, 100)

    async def let_go(self):
        self._go.set()
        await self._held


async def ask_together(writer, *pieces):
    """The results (or errors) of pieces that waited together."""
    busy = Busy(writer)
    await busy.began()
    asked = [asyncio.create_task(writer.together(piece)) for piece in pieces]
    await asyncio.sleep(0)  # each task gets as far as its asking
    await busy.let_go()
    return await asyncio.gather(*asked, return_exceptions=True)


def statements(store, writer):
    """What the writing thread says to SQLite from now on."""
    said = []
    asyncio.run(writer.alone(lambda: store.connection().set_trace_callback(said.append)))
    return said


def test_what_waits_together_is_kept_by_one_commit(store, writer):
    """Three pieces, one transaction; and one that came alone has one of its own."""
    said = statements(store, writer)
    assert asyncio.run(ask_together(writer, keeping("a"), keeping("b"), keeping("c"))) == ["a", "b", "c"]
    assert (said.count("BEGIN IMMEDIATE"), said.count("COMMIT")) == (1, 1)
    assert kept(store, "a", "b", "c") == ["a", "b", "c"]
    asyncio.run(writer.together(keeping("d")))
    assert (said.count("BEGIN IMMEDIATE"), said.count("COMMIT")) == (2, 2)


def test_a_transaction_is_shared_by_so_many_and_no_more(store, writer):
    """Another process must get its turn: what is beyond the bound goes into the next transaction."""
    said = statements(store, writer)
    names = [f"fact {number}" for number in range(MOST_TOGETHER + 1)]
    assert asyncio.run(ask_together(writer, *map(keeping, names))) == names
    assert said.count("COMMIT") == 2


def test_a_transaction_that_takes_long_takes_up_no_more(store, writer, monkeypatch):
    """With a computer on which each piece takes as long as a transaction should; the last of them stands alone."""
    said = statements(store, writer)
    now = iter(range(1000))
    monkeypatch.setattr("sandbox.server.writer.monotonic", lambda: next(now) * SHARE_SECONDS)
    assert asyncio.run(ask_together(writer, *map(keeping, "abc"))) == ["a", "b", "c"]
    assert (said.count("BEGIN IMMEDIATE"), said.count("COMMIT")) == (3, 3)
    assert kept(store, "a", "b", "c") == ["a", "b", "c"]


def test_what_fails_is_undone_alone(store, writer):
    """Its neighbours, before and after it, are kept and answered; it raises its own error."""
    before, error, after = asyncio.run(ask_together(writer, keeping("before"), failing("wrong"), keeping("after")))
    assert (before, after) == ("before", "after")
    assert isinstance(error, ZeroDivisionError)
    assert kept(store, "before", "wrong", "after") == ["before", "after"]


def test_what_fails_before_the_transaction_does_not_open_one(store, writer):
    """A call whose signature does not hold costs the store nothing, and nobody waits for its explanation."""
    said = statements(store, writer)

    def refused():
        assert not store.connection().in_transaction
        raise ZeroDivisionError

    first, second = asyncio.run(ask_together(writer, refused, refused))
    assert isinstance(first, ZeroDivisionError) and isinstance(second, ZeroDivisionError)
    assert said == []
    _, good = asyncio.run(ask_together(writer, refused, keeping("good")))
    assert (good, kept(store, "good")) == ("good", ["good"])


def test_nobody_is_answered_before_the_commit(store, writer):
    """While the last of a transaction is at work, the first of it is done and has no answer yet."""
    reached, go = threading.Event(), threading.Event()

    def slow(work):
        reached.set()
        go.wait(60)
        return "slow"

    async def run():
        busy = Busy(writer)
        await busy.began()
        first = asyncio.create_task(writer.together(keeping("first")))
        last = asyncio.create_task(writer.together(lambda: slow))
        await asyncio.sleep(0)
        await busy.let_go()
        await asyncio.to_thread(reached.wait, 100)
        assert not first.done()
        assert kept(store, "first") == []
        go.set()
        await first
        assert kept(store, "first") == ["first"]
        return await last

    assert asyncio.run(run()) == "slow"


def test_a_commit_that_fails_is_everybodys_error(store, writer):
    """Nothing of the transaction is kept, whoever was done with its own part; and the next one finds a sound store."""
    with store.write() as work:
        work.connection.execute("CREATE TABLE above (id INTEGER PRIMARY KEY)")
        work.connection.execute("CREATE TABLE below (id INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED)")

    def orphan(work):
        work.connection.execute("INSERT INTO below VALUES (1)")

    first, second = asyncio.run(ask_together(writer, keeping("first"), lambda: orphan))
    assert isinstance(first, sqlite3.IntegrityError)
    assert first is second
    assert kept(store, "first") == []
    assert asyncio.run(writer.together(keeping("next"))) == "next"
    assert kept(store, "next") == ["next"]


def test_a_transaction_that_sqlite_gives_up_is_everybodys_error(store, writer):
    """As it does when the disk is full: what came before is lost and says so, and what comes after is not begun."""
    with store.write() as work:
        work.connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON sandbank_facts WHEN NEW.name = 'last straw' "
            "BEGIN SELECT RAISE(ROLLBACK, 'gone'); END"
        )
    pieces = (failing("wrong"), keeping("before"), keeping("last straw"), keeping("after"))
    wrong, *others = asyncio.run(ask_together(writer, *pieces))
    assert isinstance(wrong, ZeroDivisionError)
    assert [type(other) for other in others] == [sqlite3.IntegrityError] * 3
    assert kept(store, "wrong", "before", "last straw", "after") == []
    assert asyncio.run(writer.together(keeping("next"))) == "next"


def test_a_lost_transaction_is_noticed_also_where_it_was_not_told(store, writer):
    """Work that catches the error of a statement and answers does not have its neighbours told that they were kept."""
    with store.write() as work:
        work.connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON sandbank_facts WHEN NEW.name = 'last straw' "
            "BEGIN SELECT RAISE(ROLLBACK, 'gone'); END"
        )

    def unmoved(work):
        with contextlib.suppress(sqlite3.IntegrityError):
            facts.put(work, "last straw", "1")

    found = asyncio.run(ask_together(writer, keeping("before"), lambda: unmoved, keeping("after")))
    assert [type(error) for error in found] == [StateUnusable] * 3
    assert kept(store, "before", "after") == []


def test_a_lost_transaction_of_one_alone_is_noticed_too(store, writer):
    """It goes over without a part of its own: what is not kept is not answered as if it were."""

    def swallowing(work):
        facts.put(work, "first", "1")
        work.connection.execute("ROLLBACK")  # as SQLite does on a full disk; the service took the error for its own
        return "first"

    async def ask():
        assert await writer.together(keeping("control")) == "control"
        with pytest.raises(StateUnusable):
            await writer.together(lambda: swallowing)
        assert await writer.together(keeping("later")) == "later"

    asyncio.run(ask())
    assert kept(store, "control", "first", "later") == ["control", "later"]


def test_a_store_held_by_another_is_everybodys_error(store, writer):
    """They wait for it together, half a second, and not one after the other."""
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        found = asyncio.run(ask_together(writer, keeping("first"), keeping("second")))
        assert [type(error) for error in found] == [StateLocked, StateLocked]
    finally:
        other.close()
    assert asyncio.run(writer.together(keeping("next"))) == "next"


def test_the_order_stays(store, writer):
    """Also between what shares a transaction and what has its own."""

    async def run():
        done = []

        def noting(name):
            return lambda: done.append(name)

        def sharing(name):
            return lambda: lambda work: done.append(name)

        busy = Busy(writer)
        await busy.began()
        asked = [
            asyncio.create_task(one)
            for one in (
                writer.together(sharing("a")),
                writer.alone(noting("b")),
                writer.together(sharing("c")),
                writer.together(sharing("d")),
                writer.alone(noting("e")),
            )
        ]
        await asyncio.sleep(0)
        await busy.let_go()
        await asyncio.gather(*asked)
        return done

    assert asyncio.run(run()) == ["a", "b", "c", "d", "e"]


def test_what_nobody_waits_for_any_more_is_not_begun(store, writer):
    """A client that leaves before its turn has asked for nothing."""

    async def run():
        busy = Busy(writer)
        await busy.began()
        gone = asyncio.create_task(writer.together(keeping("gone")))
        there = asyncio.create_task(writer.together(keeping("there")))
        await asyncio.sleep(0)
        gone.cancel()
        await busy.let_go()
        return await there

    assert asyncio.run(run()) == "there"
    assert kept(store, "gone", "there") == ["there"]


def test_an_end_lets_fall_what_was_not_begun(store):
    """What is at work comes to its end; what waits behind it is cancelled and leaves nothing."""
    writer = Writer(store)
    writer.start()
    began, ended = threading.Event(), threading.Event()

    def last():
        began.set()
        until(lambda: writer._closing, 60)
        ended.set()

    async def run():
        at_work = asyncio.create_task(writer.alone(last))
        await asyncio.to_thread(began.wait, 100)
        waits = asyncio.create_task(writer.together(keeping("waits")))
        await asyncio.sleep(0)
        writer.close()
        await at_work
        with pytest.raises(asyncio.CancelledError):
            await waits

    asyncio.run(run())
    assert ended.is_set()
    assert kept(store, "waits") == []


def test_an_end_before_the_start_is_an_end(store):
    """A server whose port is taken never began to write."""
    Writer(store).close()
