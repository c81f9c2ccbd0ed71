"""The store keeps all of a unit of work or nothing, is private, and says when it cannot be used."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.errors import Misuse, StateLocked, StateNewer, StateOlder, StateUnusable
from sandbox.storage import facts, sqlite
from sandbox.storage.facts import Watch, make_tables
from sandbox.storage.sqlite import FEWEST_PAGES, PAGE_BYTES, SqliteStore, log_pages
from tests.waiting import until


def test_a_unit_of_work_is_kept_whole_or_not_at_all(store):
    """What was written before an exception is gone; what was written without one is there."""
    with store.write() as work:
        facts.put(work, "kept", "1")

    def fail() -> None:
        with store.write() as work:
            facts.put(work, "lost", "1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.read() as work:
        assert facts.get(work, "kept") == "1"
        assert facts.get(work, "lost") is None


def test_a_part_is_undone_alone(store):
    """What stands around it in the transaction is kept; the part that failed is gone, the one that did not is there."""

    def fail(work) -> None:
        with store.part(work):
            facts.put(work, "lost", "1")
            raise ZeroDivisionError

    with store.write() as work:
        facts.put(work, "before", "1")
        with pytest.raises(ZeroDivisionError):
            fail(work)
        with store.part(work):
            facts.put(work, "after", "1")
        assert work.under_way
    with store.read() as work:
        assert [facts.get(work, name) for name in ("before", "lost", "after")] == ["1", None, "1"]


def test_what_the_machine_refuses_a_part_is_told_in_our_words(store):
    """As it is of a whole: no room left is not a fault of ours. Then SQLite has given up the whole, which is told at
    its end to those who went on all the same."""

    def go_on() -> None:
        with store.write() as work:
            facts.put(work, "before", "1")
            (pages,) = work.connection.execute("PRAGMA page_count").fetchone()
            work.connection.execute(f"PRAGMA max_page_count = {pages}")
            with pytest.raises(StateUnusable, match="full"), store.part(work):
                facts.put(work, "large", "x" * 1_000_000)

    with pytest.raises(StateUnusable, match="no transaction"):
        go_on()
    with store.read() as work:
        assert facts.get(work, "before") is None


def test_a_commit_that_fails_leaves_no_transaction_behind(store):
    """The next unit of work begins as if it had not been."""
    with store.write() as work:
        work.connection.execute("CREATE TABLE above (id INTEGER PRIMARY KEY)")
        work.connection.execute("CREATE TABLE below (id INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), store.write() as work:
        work.connection.execute("INSERT INTO below VALUES (1)")
    with store.write() as work:
        facts.put(work, "next", "1")
    with store.read() as work:
        assert facts.get(work, "next") == "1"


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes; the folder's rights are inherited there")
def test_the_files_are_private(store):
    """Store, log and shared memory are the owner's alone, whatever the umask."""
    with store.write() as work:
        facts.put(work, "a", "1")
    for path in store.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_store_held_by_another_is_locked(store):
    """A writer does not wait for ever: after half a second it says who to look for, and nothing was written."""
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StateLocked) as locked, store.write():
            pass
        assert locked.value.exit_code == 3
        assert locked.value.advice()
    finally:
        other.close()
    with store.write() as work:
        facts.put(work, "after", "1")


def test_a_writer_with_more_patience_gets_its_turn_later(store):
    """While another holds it, one that waits half a second has given up twice; the patient goes on when it is free."""
    patient = SqliteStore(store.path, wait_seconds=10)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    began = threading.Event()

    def write():
        patient.connection()
        began.set()
        with patient.write() as work:
            facts.put(work, "patient", "1")

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        assert began.wait(60)
        for _ in range(2):
            with pytest.raises(StateLocked), store.write():
                pass
        assert not writing.done()
        other.close()
        writing.result(10)
    patient.close()
    with store.read() as work:
        assert facts.get(work, "patient") == "1"


MENDING = """
import fcntl, sys
index = open(sys.argv[1], "r+b", buffering=0)
for lock in (120, 122):  # WRITE and RECOVER, see sqlite.org/walformat.html section 2.3.2
    fcntl.lockf(index, fcntl.LOCK_EX, 1, lock)
head = index.read(96)
index.seek(0)
index.write(bytes(96))
print("mending", flush=True)
sys.stdin.read()
index.seek(0)
index.write(head)
"""
"""Is in the middle of what SQLite does to the index of the log after a crash."""


def test_who_mends_the_files_after_a_crash_is_waited_for(store):
    """SQLite says so by another kind of busy; it is no reason to give up at once."""
    patient, asked = SqliteStore(store.path, wait_seconds=30), []

    def write() -> None:
        patient.connection().set_trace_callback(asked.append)
        with patient.write() as work:
            facts.put(work, "kept", "1")

    command = [sys.executable, "-c", MENDING, f"{store.path}-shm"]
    with ThreadPoolExecutor(1) as thread:
        thread.submit(patient.connection).result()
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout.readline() == b"mending\n"
            writing = thread.submit(write)
            until(lambda: writing.done() or asked.count("BEGIN IMMEDIATE") > 1, 30)
            assert not writing.done(), writing.exception()
            other.stdin.close()
            writing.result(timeout=30)
    patient.close()
    with store.read() as work:
        assert facts.get(work, "kept") == "1"


def test_a_file_that_has_become_no_store_is_told_in_our_words(store):
    """Also where nothing is asked but whether anything changed."""
    assert store.data_version() > 0
    for end in ("", "-wal", "-shm"):
        path = store.path.with_name(f"{store.path.name}{end}")
        path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(StateUnusable):
        store.data_version()


def test_a_file_that_is_no_store_is_refused(tmp_path):
    """A damaged store is a sentence, not a traceback."""
    path = tmp_path / "sandbank.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(StateUnusable, match="not a readable store"):
        make_tables(SqliteStore(path))


def test_a_newer_store_is_refused(store):
    """A store of a version that this one does not know is not touched."""
    with store.write() as work:
        facts.put(work, "schema", str(facts.VERSION + 1))
    before = store.path.read_bytes()
    with pytest.raises(StateNewer, match="newer") as newer:
        make_tables(store)
    assert newer.value.exit_code == 3 and store.path.read_bytes() == before


@pytest.mark.parametrize("version", [0, None], ids=["older", "by steps, as development versions did"])
def test_an_older_store_is_refused(store, version):
    """It is not touched, and the refusal names the command that removes it; the same store of our version opens."""
    make_tables(store)
    with store.write() as work:
        facts.put(work, "schema.sandbank", "5")
        if version is None:
            work.connection.execute("DELETE FROM sandbank_facts WHERE name = 'schema'")
        else:
            facts.put(work, "schema", str(version))
    with pytest.raises(StateOlder, match="earlier development version") as older:
        make_tables(store)
    assert "sandbank state reset" in older.value.advice() and older.value.exit_code == 3


def test_tables_are_made_once(store):
    """Whoever opens the store again changes nothing."""
    before = store.path.read_bytes()
    make_tables(store)
    assert store.path.read_bytes() == before


def test_a_watch_sees_changes_of_the_generation_only(store):
    """Another connection's commit is noticed; only one that moves the generation counts."""
    watch = Watch(store)
    assert watch.moved()
    assert not watch.moved()
    other = SqliteStore(store.path)
    with other.write() as work:
        facts.put(work, "unimportant", "1")
    assert not watch.moved()
    with other.write() as work:
        facts.move_generation(work)
    assert watch.moved()
    assert not watch.moved()
    other.close()


def test_a_change_is_not_missed_where_the_store_did_not_answer(store, monkeypatch):
    """It is told when it does again, once."""
    watch = Watch(store)
    assert watch.moved()
    other = SqliteStore(store.path)
    with other.write() as work:
        facts.move_generation(work)
    other.close()

    def away() -> None:
        raise StateLocked("held")

    with monkeypatch.context() as patched:
        patched.setattr(store, "read", away)
        with pytest.raises(StateLocked):
            watch.moved()
    assert watch.moved() and not watch.moved()


def test_the_generation_counts(store):
    """It goes up by one with each change."""
    with store.write() as work:
        first = facts.read_generation(work)
        facts.move_generation(work)
        facts.move_generation(work)
        assert facts.read_generation(work) == first + 2


def _move_in_vain(work, expected):
    facts.move_generation(work)
    assert facts.read_generation(work) == expected
    raise ZeroDivisionError


def test_the_generation_is_read_once_in_a_transaction_and_is_true_all_the_same(store):
    """All who share the transaction ask for it; a part that was undone has not moved it, one that was kept has."""
    told: list[str] = []
    with store.write() as work:
        first = facts.read_generation(work)
        work.connection.set_trace_callback(told.append)
        assert facts.read_generation(work) == first and told == []
        work.connection.set_trace_callback(None)
        with pytest.raises(ZeroDivisionError), store.part(work):
            _move_in_vain(work, first + 1)
        assert facts.read_generation(work) == first
        with store.part(work):
            facts.move_generation(work)
        assert facts.read_generation(work) == first + 1
    with store.read() as work:
        assert facts.read_generation(work) == first + 1


GREEDY = """
import sys, time
from pathlib import Path
from sandbox.storage.sqlite import FEWEST_PAGES, PAGE_BYTES, SqliteStore, log_pages
store = SqliteStore(Path(sys.argv[1]))
print("!", flush=True)
while True:
    with store.write() as work:
        work.connection.execute("UPDATE turns SET taken = taken + 1")
        time.sleep(0.01)
"""


def test_who_waits_is_next_whoever_else_writes_all_the_time(tmp_path):
    """Beside a process that lets go and takes again at once: not more than two of its transactions come between."""
    path = tmp_path / "store.sqlite"
    store = SqliteStore(path)
    with store.write() as work:
        work.connection.execute("CREATE TABLE turns (taken INTEGER)")
        work.connection.execute("INSERT INTO turns VALUES (0)")
    greedy = subprocess.Popen([sys.executable, "-c", GREEDY, str(path)], stdout=subprocess.PIPE)
    try:
        assert greedy.stdout and greedy.stdout.readline() == b"!\n"
        for _ in range(20):
            before = taken(store)
            while taken(store) == before:
                assert greedy.poll() is None
            before = taken(store)
            with store.write() as work:
                (now,) = work.connection.execute("SELECT taken FROM turns").fetchone()
            assert now - before <= 2
    finally:
        greedy.kill()
        greedy.communicate()
        store.close()


def taken(store):
    with store.read() as work:
        return int(work.connection.execute("SELECT taken FROM turns").fetchone()[0])


def test_the_log_is_small_on_a_small_disk(tmp_path, monkeypatch):
    """It is written back after a sixteenth of what is free; the control is a large disk, on which it grows on."""
    assert [log_pages(free) for free in (0, 16 << 20, 256 << 20, 1 << 40)] == [FEWEST_PAGES, 256, 4_000, 4_000]

    def size_of_log(name, free):
        monkeypatch.setattr(sqlite.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, free))
        store = SqliteStore(tmp_path / name)
        make_tables(store)
        for number in range(400):
            with store.write() as work:
                facts.put(work, f"{name} {number}", "x" * 4_000)
        size = (tmp_path / f"{name}-wal").stat().st_size
        store.close()
        return size

    small, large = size_of_log("small", 1 << 20), size_of_log("large", 1 << 40)
    assert small < 2 * FEWEST_PAGES * PAGE_BYTES < large


def test_a_stop_that_removes_the_files_under_a_thread_is_told_as_a_stop(tmp_path, monkeypatch):
    """Before a thread has opened its connection, or in the middle of its transaction; without the stop it is a fault of
    the folder."""
    store = SqliteStore(tmp_path / "state" / "store.sqlite")

    def lost() -> sqlite.SqliteConnection:
        store.close()
        raise StateUnusable("unable to open database file")

    monkeypatch.setattr(store._writing, "_connect", lost)
    with pytest.raises(Misuse, match="was stopped"), store.write():
        pass

    (tmp_path / "other").mkdir()
    other = SqliteStore(tmp_path / "other" / "store.sqlite")
    for stopped, told in ((False, StateUnusable), (True, Misuse)):
        with pytest.raises(told), other.write():
            _fail(other if stopped else None)


def _fail(stopped: SqliteStore | None) -> None:
    if stopped:
        stopped.close()
    raise StateUnusable("disk I/O error")
