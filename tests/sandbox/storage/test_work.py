"""What both databases promise of a unit of work: what is remembered of it, and when."""

from contextlib import ExitStack, suppress
from functools import partial

import pytest

from sandbox.errors import StateUnusable
from sandbox.services.state import open_state
from sandbox.settings import Database
from sandbox.storage import facts
from tests.postgresql import PASSWORD


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request, tmp_path, monkeypatch):
    """The store of a new state, in each database that there may be."""
    database = None
    if request.param == "postgresql":
        database = Database(request.getfixturevalue("database"))
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
    state = open_state(tmp_path / "state", database=database)
    yield state.store
    state.close()


def kept(store, name):
    with store.read() as work:
        return facts.get(work, name)


def test_what_is_remembered_is_committed(store):
    """Whoever is called finds the row there, and is not called before."""
    seen = []
    with store.write() as work:
        facts.put(work, "made", "1")
        work.after_commit(lambda: seen.append(kept(store, "made")))
        assert seen == []
    assert seen == ["1"]


def test_nothing_is_remembered_of_what_was_rolled_back(store):
    """An error of the work, or of the commit itself; the next transaction remembers its own alone."""
    seen = []

    def fail() -> None:
        with store.write() as work:
            work.after_commit(lambda: seen.append("lost"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.write() as work:
        work.after_commit(lambda: seen.append("kept"))
    assert seen == ["kept"]


def test_of_a_part_that_was_undone_nothing_is_remembered(store):
    """Its neighbours in the same transaction are, in their order."""
    seen = []
    with store.write() as work:
        for name in ("first", "wrong", "last"):
            with suppress(ZeroDivisionError), store.part(work):
                work.after_commit(partial(seen.append, name))
                if name == "wrong":
                    raise ZeroDivisionError
    assert seen == ["first", "last"]


def test_what_is_read_alone_is_committed_already(store):
    """So it is remembered at once."""
    seen = []
    with store.read() as work:
        work.after_commit(lambda: seen.append("read"))
        assert seen == ["read"]


def test_a_unit_of_work_that_reads_cannot_write(store):
    """The database itself refuses, whatever the statement; the same statement is taken where it may write."""
    for statement in (
        "INSERT INTO sandbank_facts (name, value) VALUES ('sneaked', '1')",
        "UPDATE sandbank_facts SET value = '1'",
        "DELETE FROM sandbank_clients",
        "DROP TABLE sandbank_tokens",
    ):
        with pytest.raises(StateUnusable, match=r"readonly|read-only"), store.read() as work:
            work.connection.execute(statement)
    assert kept(store, "sneaked") is None
    with store.write() as work:
        work.connection.execute("INSERT INTO sandbank_facts (name, value) VALUES ('sneaked', '1')")
    assert kept(store, "sneaked") == "1"


def test_what_reads_sees_nothing_of_a_transaction_that_is_under_way(store):
    """Also in the same thread; after the commit it does, and a unit of work within another one sees the same."""
    with store.write() as work:
        facts.put(work, "made", "1")
        assert kept(store, "made") is None
        assert facts.get(work, "made") == "1"
    with store.read() as work:
        assert kept(store, "made") == "1"
        assert facts.get(work, "made") == "1"


def test_what_reads_sees_the_newest_commit_with_each_statement(store):
    """Not the one of its beginning."""
    with store.read() as work:
        assert facts.get(work, "made") is None
        with store.write() as other:
            facts.put(other, "made", "1")
        assert facts.get(work, "made") == "1"


def test_an_error_of_the_system_in_a_unit_of_work_stays_one(store):
    """It is not about the store: neither where it writes, nor in a part, nor where it reads; and it undoes its work."""

    def fail(*open_units) -> None:
        with ExitStack() as units:
            for enter in open_units:
                units.enter_context(enter())
            raise FileNotFoundError("somebody's file")

    def part():
        with store.write() as work:
            facts.put(work, "lost", "1")
            with store.part(work):
                raise FileNotFoundError("somebody's file")

    for work in (partial(fail, store.write), partial(fail, store.read), partial(fail, store.read, store.write), part):
        with pytest.raises(FileNotFoundError, match="somebody's file"):
            work()
    assert kept(store, "lost") is None
