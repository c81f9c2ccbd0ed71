"""The journal gives back what was appended, in order, in the views that readers ask for."""

import queue
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sandbox.errors import Refusal, StateLocked
from sandbox.journal.entry import Entry, Stage, View
from sandbox.storage import journal as journal_module
from sandbox.storage.journal import Journal

ENTRY = Entry(
    id="1", at=datetime(2026, 11, 22, tzinfo=UTC), kind="call", provider="wise", door="wise.mtls", outcome="200"
)
REASON = (Refusal(code="token.missing"),)


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


def ids(journal: Journal, **view: object) -> list[str]:
    return [entry.id for _, entry in journal.read(View(**view))]  # type: ignore[arg-type]


def test_what_was_appended_is_read_at_once(journal):
    """A read in the same process writes first: nothing is missing, and the order is kept."""
    for n in range(3):
        journal.append(replace(ENTRY, id=str(n)))
    assert ids(journal) == ["0", "1", "2"]
    assert ids(journal, limit=2) == ["1", "2"]


def test_an_entry_comes_back_as_it_was_written(journal):
    """Nothing of it is lost or changed: odd texts, several stages and reasons, what only deliveries have."""
    whole = Entry(
        id="00ff00ff00ff00ff",
        at=datetime(2026, 11, 22, 10, 0, 0, 123456, UTC),
        kind="webhook",
        provider="wise",
        door="wise.mtls",
        client="c-1",
        peer="[::1]:5000",
        certificate="CN=c-1\tx\n, O=\N{SNOWMAN} + -, serial 0A",
        title="GET /v1/x",
        status=401,
        outcome="401",
        microseconds=321,
        stages=(
            Stage(name="route", ok=True, note="/v1/x\ty\nz"),
            Stage(name="token", ok=False),
            Stage(name="x", ok=True),
        ),
        reasons=(Refusal(code="token.missing", seen='"', expected="a\ttoken", next="get\none"), Refusal(code="a.b")),
        extra={"path": "/v1/x", "http": "1.1", "delivery": "a\nb", "attempt": ""},
    )
    for entry in (whole, ENTRY):
        journal.append(entry)
    assert [entry for _, entry in journal.read(View())] == [whole, ENTRY]
    assert journal.find(whole.id) == whole and journal.numbered(2) == ENTRY


def test_views_show_what_they_are_asked_for(journal):
    """A client sees its own entries and those of nobody, never another client's."""
    journal.append(replace(ENTRY, id="mine", client="me", extra={"path": "/a"}))
    journal.append(replace(ENTRY, id="theirs", client="them", extra={"path": "/b"}))
    journal.append(replace(ENTRY, id="nobody", client=None, reasons=REASON))
    journal.append(replace(ENTRY, id="elsewhere", client="me", provider="other"))
    assert ids(journal, client="me") == ["mine", "nobody", "elsewhere"]
    assert ids(journal, provider="wise") == ["mine", "theirs", "nobody"]
    assert ids(journal, refused=True) == ["nobody"]
    assert ids(journal, path="/b") == ["theirs"]


def test_a_view_asks_by_door_outcome_and_the_beginning_of_a_cause(journal):
    """Over all that is kept, a page at a time."""
    journal.append(replace(ENTRY, id="good"))
    journal.append(replace(ENTRY, id="both", reasons=(Refusal(code="tls.certificate_missing"), *REASON)))
    journal.append(replace(ENTRY, id="api", door="wise.api", reasons=(Refusal(code="token.expired"),)))
    assert ids(journal, door="wise.api") == ["api"]
    assert ids(journal, accepted=True) == ["good"]
    assert ids(journal, cause="token.") == ["both", "api"] and ids(journal, cause="oken.") == []
    assert ids(journal, cause="token.expired") == ["api"]
    assert ids(journal, cause="token.", before=3) == ["both"] and ids(journal, before=3, limit=1) == ["both"]


def test_a_view_asks_by_kind(journal):
    """Of every question that is asked of it: the newest, what comes next, how many are older, the refusals."""
    for number, kind in enumerate(("call", "handshake", "webhook", "handshake")):
        journal.append(replace(ENTRY, id=f"{number:016d}", kind=kind, reasons=(Refusal(code=f"tls.{kind}"),)))
    view = View(kind="handshake")
    assert [number for number, _ in journal.read(view)] == [2, 4]
    assert [entry.kind for _, entry in journal.read(replace(view, after=2))] == ["handshake"]
    assert (journal.nth(view, 1), journal.older(view, 4), journal.older(View(), 4)) == (2, 1, 3)
    assert [codes for codes, *_ in journal.causes(view)] == [["tls.handshake"]]


def test_refusals_are_counted_by_their_causes(journal):
    """For each client, within what a view asks for, with the newest of them."""
    for client in ("me", "me", None):
        journal.append(
            replace(ENTRY, id=str(client), client=client, reasons=(Refusal(code="tls.certificate_missing"), *REASON))
        )
    journal.append(ENTRY)
    assert sorted(journal.causes(View()), key=str) == [
        (["tls.certificate_missing", "token.missing"], "me", 2, 2),
        (["tls.certificate_missing", "token.missing"], None, 1, 3),
    ]
    assert journal.causes(View(door="elsewhere")) == () and journal.numbered(3).id == "None"


def test_a_follower_sees_only_what_is_new(journal):
    """Reading after a number gives what came later."""
    journal.append(replace(ENTRY, id="old"))
    seen = journal.newest()
    journal.append(replace(ENTRY, id="new"))
    assert ids(journal, after=seen) == ["new"]


def test_a_slow_follower_misses_nothing(journal):
    """With more new entries than the limit, the oldest of them come first, and the next question has the rest."""
    for n in range(6):
        journal.append(replace(ENTRY, id=str(n)))
    first = journal.read(View(after=1, limit=3))
    assert [entry.id for _, entry in first] == ["1", "2", "3"]
    assert ids(journal, after=first[-1][0], limit=3) == ["4", "5"]


def test_an_entry_is_found_by_its_id(journal):
    """The id of a reply leads to its entry; another to none."""
    journal.append(replace(ENTRY, id="abc"))
    found = journal.find("abc")
    assert found is not None
    assert found.id == "abc"
    assert journal.find("xyz") is None


def test_two_processes_write_one_journal(journal, tmp_path):
    """A command beside a running server leaves its entries in the same file."""
    other = Journal(tmp_path / "journal.sqlite")
    journal.append(replace(ENTRY, id="server"))
    journal.flush()
    other.append(replace(ENTRY, id="command"))
    other.close()
    assert ids(journal) == ["server", "command"]


def test_the_file_is_bounded(journal, monkeypatch):
    """The oldest entries go when there are more than are kept."""
    monkeypatch.setattr(journal_module, "KEPT_ENTRIES", 5)
    monkeypatch.setattr(journal_module, "TRIM_EVERY", 1)
    for n in range(20):
        journal.append(replace(ENTRY, id=str(n)))
        journal.flush()
    assert ids(journal) == ["15", "16", "17", "18", "19"]


def test_listeners_hear_every_entry_once(journal):
    """What the terminal shows is what the file has."""
    heard = []
    journal.tell(heard.extend)
    journal.append(ENTRY)
    journal.flush()
    journal.flush()
    assert heard == [ENTRY]


def test_the_writing_thread_ends_with_the_journal(tmp_path):
    """What waits at the end is written before the file is let go."""
    first = Journal(tmp_path / "j.sqlite")
    first.start()
    first.append(ENTRY)
    first.close()
    second = Journal(tmp_path / "j.sqlite")
    assert ids(second) == ["1"]
    second.close()


def test_what_cannot_be_written_waits(journal, tmp_path):
    """While another process holds the file nothing is lost and nobody is stopped; afterwards it is all there."""
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.append(replace(ENTRY, id="held up"))
    with pytest.raises(StateLocked):
        journal.flush()
    journal.append(replace(ENTRY, id="after it"))
    other.close()
    assert ids(journal) == ["held up", "after it"]


def test_more_than_is_kept_is_lost_and_counted(journal, tmp_path, monkeypatch):
    """Only while the file cannot be written, and then the oldest: the newest are there afterwards."""
    monkeypatch.setattr(journal_module, "KEPT_ENTRIES", 3)
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for n in range(5):
        journal.append(replace(ENTRY, id=str(n)))
    with pytest.raises(StateLocked):
        journal.flush()
    assert journal.lost == 2
    journal.append(replace(ENTRY, id="5"))
    other.close()
    assert ids(journal) == ["2", "3", "4", "5"]
    assert journal.lost == 2


def test_what_cannot_be_written_at_the_end_is_counted(tmp_path):
    """It is lost, for the end is not held up; whoever closes can say so."""
    closed = []
    for held in (True, False):
        journal = Journal(tmp_path / "journal.sqlite")
        other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
        if held:
            other.execute("BEGIN IMMEDIATE")
        journal.append(ENTRY)
        journal.close()
        closed.append(journal.lost)
        other.close()
    assert closed == [1, 0]


def test_a_file_that_cannot_be_written_for_a_while_is_told(tmp_path):
    """Once when it has lasted, and once when it is over; nothing was lost, and nothing is told of what is well."""
    said: queue.Queue[str] = queue.Queue()
    journal = Journal(tmp_path / "journal.sqlite")
    journal.complain(said.put)
    journal.start()
    other = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    journal.append(ENTRY)
    assert said.get(timeout=60).startswith("the journal cannot be written, its entries wait in memory: ")
    other.close()
    assert said.get(timeout=60) == "the journal is written again; none of its entries is lost"
    assert ids(journal) == ["1"]
    journal.append(ENTRY)
    journal.close()
    assert said.empty()
