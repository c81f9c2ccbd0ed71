"""A state in PostgreSQL: counts stay true, changes are seen, a lost server comes back, no password is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from sandbox.errors import Misuse, Refused, StateLocked, StateMissing, StateUnreachable, Taken
from sandbox.services.authority import ca_certificate
from sandbox.services.certificates import list_certificates
from sandbox.services.clients import add_client, list_clients
from sandbox.services.issuing import sign
from sandbox.services.making import new_certificate
from sandbox.services.state import open_state
from sandbox.settings import Database
from sandbox.storage import dialling, facts, following, resources
from sandbox.storage import postgresql as driver
from sandbox.storage.facts import Watch
from tests.ca.making import csr_pem
from tests.ca.primes import FIRST, TWIN
from tests.postgresql import PASSWORD
from tests.sandbox.storage.finding import check_finding
from tests.waiting import until


@pytest.fixture
def two(tmp_path, database):
    """Two machines over one database."""
    states = [open_state(tmp_path / name, database=Database(database)) for name in ("a", "b")]
    yield states
    for state in states:
        state.close()


def test_two_machines_are_one_state(two, tmp_path):
    """One authority, one list of clients, a name once; a folder finds its database again, and keeps no password."""
    one, other = two
    assert ca_certificate(one) == ca_certificate(other) == other.folder.ca_file.read_bytes()
    add_client(one, "wise", "acme")
    with pytest.raises(Taken):
        add_client(other, "wise", "acme")
    assert [client.name for client in list_clients(other, "wise")] == ["demo", "acme"]
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path
    assert "tester@" in (tmp_path / "a" / "database.json").read_text()


def test_machines_that_found_at_once_found_one_state(tmp_path, database):
    """Steps are applied once, the authority is made once."""

    def opened(number):
        """Who founds holds the store, on a busy computer for longer than the other waits."""
        with suppress(StateLocked):
            return open_state(tmp_path / str(number), database=Database(database))

    def found(number):
        state = until(lambda: opened(number), 60)
        root = ca_certificate(state)
        state.close()
        return root

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(found, range(2)))) == 1


def test_a_prime_in_common_is_seen_from_the_other_machine(two):
    """The key that one machine signed is compared with what the other is handed; the control is the key itself."""
    sign(two[0], "wise", "demo", csr_pem(key=FIRST), name="first")
    with pytest.raises(Refused, match=r"certificate\.key_weak"):
        sign(two[1], "wise", "demo", csr_pem(key=TWIN), name="twin")
    sign(two[1], "wise", "demo", csr_pem(key=FIRST), name="the same key")


def test_rows_are_found_as_in_the_other_store(two):
    """Every kind of condition, both orders, each page."""
    check_finding(two[0].store)


def nine_active(state):
    for number in range(9):
        made = new_certificate(state, "wise", "demo", name=f"number {number}")
    return made.csr.read_bytes()


def active(state):
    now = state.clock.now()
    return sum(each.status(now) == "active" for each in list_certificates(state, "wise", "demo"))


def test_of_fifty_submissions_on_two_machines_one_is_the_tenth(two):
    """A client with nine active certificates gets one more, whoever asks where; the others are told the limit."""
    csr = nine_active(two[0])

    def submit(machine):
        said = []
        for number in range(25):
            try:
                sign(two[machine], "wise", "demo", csr, name=f"{machine} {number}")
                said.append("signed")
            except Refused as refused:
                said.append(refused.code)
        return said

    with ThreadPoolExecutor(2) as pool:
        said = [one for machine in pool.map(submit, range(2)) for one in machine]
    assert said.count("signed") == 1 and len(said) == 50
    assert active(two[1]) == 10


def test_without_the_lock_there_would_be_eleven(two, monkeypatch):
    """The control: both count nine before either adds. With the lock the second does not get that far."""
    from ca import approval

    csr, real = nine_active(two[0]), approval.approve
    both = threading.Barrier(2)
    patience = 2.0  # longer than a writer waits for the lock

    def approve(*arguments):
        approved = real(*arguments)
        with suppress(threading.BrokenBarrierError):
            both.wait(patience)
        return approved

    def submit(machine):
        try:
            return bool(sign(two[machine], "wise", "demo", csr, name=f"{machine}"))
        except (Refused, StateLocked):
            return False

    monkeypatch.setattr(approval, "approve", approve)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(submit, range(2))) == [False, True]
    assert active(two[0]) == 10
    (last,) = [each for each in list_certificates(two[0], "wise", "demo") if each.name in ("0", "1")]
    from sandbox.services.certificates import revoke

    revoke(two[0], "wise", last.id, reason="superseded")
    both.reset()
    patience = 20.0  # both come, on a slow computer too
    monkeypatch.setattr(driver, "_BEGIN", "BEGIN ISOLATION LEVEL READ COMMITTED")
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(submit, range(2))) == [True, True]
    assert active(two[0]) == 11


@pytest.mark.parametrize("listens", [True, False], ids=["told", "a pooler lets no NOTIFY through"])
def test_a_change_is_seen_on_the_other_machine(two, monkeypatch, listens):
    """One's own at once, another's within a second: told of where that can be, else at the next question."""
    one, other = two
    if listens:
        monkeypatch.setattr(following, "POLL_SECONDS", 3600)
        monkeypatch.setattr(following, "OLD_SECONDS", 7200)
    else:
        monkeypatch.setattr(driver, "_LISTEN", "SELECT 1")
    here, there = Watch(one.store), Watch(other.store)
    assert here.moved() and there.moved()
    for number in range(5):
        add_client(one, "wise", f"acme-{number}")
        assert here.moved()
        until(there.moved, 60)
        assert not there.moved()


def test_what_is_undone_is_not_told(two):
    """A transaction that moved the generation and failed has moved nothing, here or elsewhere."""
    one, other = two
    here, there = Watch(one.store), Watch(other.store)
    assert here.moved() and there.moved()

    def fail():
        with one.store.write() as work:
            facts.move_generation(work)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not here.moved()
    add_client(one, "wise", "acme")
    until(there.moved, 60)
    with one.store.read() as work:
        assert facts.read_generation(work) == one.store.data_version() == other.store.data_version()


def test_behind_a_pooler_nothing_is_prepared(two, monkeypatch):
    """Another process may answer each question, which is told by its number: what one prepared, the next knows not."""
    prepared = "SELECT COUNT(*) FROM pg_prepared_statements"

    def often(state):
        with state.store.read() as work:
            for _ in range(10):
                list_clients(state, "wise")
            return work.connection.execute(prepared).fetchone()[0]

    assert often(two[0]) > 0
    monkeypatch.setattr(dialling, "_pooled", lambda connection: True)
    with ThreadPoolExecutor(1) as another:  # a thread has connections of its own, which are made only now
        assert another.submit(often, two[1]).result() == 0


def test_a_server_that_comes_back_is_found_again(two, postgresql):
    """While it is away it is said, without the password; then everything goes on, in the same process."""
    postgresql.stop()
    try:
        with pytest.raises(StateUnreachable) as lost:
            list_clients(two[0], "wise")
        assert lost.value.exit_code == 3 and lost.value.advice() and PASSWORD not in str(lost.value)
        with pytest.raises(StateUnreachable):
            add_client(two[0], "wise", "acme")
    finally:
        postgresql.start()
    assert add_client(two[0], "wise", "acme").client.name == "acme"
    assert len(list_clients(two[1], "wise")) == 2


def test_text_sorts_by_its_bytes_and_nul_is_not_found(two):
    """As in SQLite, although this database sorts as English does."""
    with two[0].store.write() as work:
        for key in ("b", "B", "_", "a"):
            resources.put(work, "wise", "x", "kind", key, {})
        assert [key for key, _ in resources.all_of(work, "wise", "x", "kind")] == ["B", "_", "a", "b"]
        assert resources.get(work, "wise", "x", "kind", "\0") is None


def test_a_part_is_undone_alone_and_an_untold_failure_undoes_all(two):
    """PostgreSQL would answer such a COMMIT with ROLLBACK and no error."""
    store = two[0].store

    def fail(work):
        with store.part(work):
            resources.put(work, "wise", "x", "kind", "lost", {})
            raise ZeroDivisionError

    def untold():
        with store.write() as work, suppress(driver.errors.DivisionByZero):
            work.connection.execute("SELECT 1/0")

    with store.write() as work:
        with pytest.raises(ZeroDivisionError):
            fail(work)
        resources.put(work, "wise", "x", "kind", "kept", {})
    with store.read() as work:
        assert [key for key, _ in resources.all_of(work, "wise", "x", "kind")] == ["kept"]
    with pytest.raises(driver.errors.InFailedSqlTransaction):
        untold()
    with store.write():
        pass


def test_a_folder_belongs_to_one_state(tmp_path, database, postgresql):
    """Another database, or none where it has its own store, is refused; what is not there is not made by a reader."""
    with pytest.raises(StateMissing):
        open_state(tmp_path / "new", database=Database(database), make_new=False)
    open_state(tmp_path / "shared", database=Database(database)).close()
    open_state(tmp_path / "joins", database=Database(database), make_new=False).close()
    open_state(tmp_path / "own").close()
    with pytest.raises(Misuse):
        open_state(tmp_path / "own", database=Database(database))
    from sandbox.errors import StateUnusable

    with pytest.raises(StateUnusable):
        open_state(tmp_path / "shared", database=Database(postgresql.new_database()))


@pytest.mark.parametrize(
    "url", ["postgresql://u:pa/s@h/db", "postgresql://u:p#a@h/db", "host=h password=pa", "sqlite:///pa"]
)
def test_a_url_that_cannot_be_meant_is_not_repeated(url):
    """A password that is not percent-encoded would be taken for something else, and shown."""
    with pytest.raises(Misuse) as refused:
        Database(url)
    assert "pa" not in refused.value.detail.replace("the database is not given as", "")
