"""A full disk, a read-only folder, a held store, each under a running server: a clear no, nothing lost, no restart."""

import json
import shutil
import sqlite3
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sandbox.errors import StateUnusable
from sandbox.services.state import open_state
from sandbox.storage import facts
from sandbox.storage.sqlite import SqliteStore
from tests.live.served import PATIENCE, Answer, Served, served
from tests.sandbox.cli.running import ROOT, environment
from tests.waiting import until

DISK = "4m"
"""Room for a new state, its logs and a few hundred certificates."""


def mount(place: Path) -> None:
    """A small disk of its own."""
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", place], capture_output=True, check=False
    )
    if done.returncode:
        pytest.fail(f"this test mounts a small disk, which root may where mounting is allowed: {done.stderr.decode()}")


class Trouble(ABC):
    """Something that befalls the folder *place*, in which the state is, and passes."""

    seen: str
    """What the control door says that it saw."""
    journal_too: bool
    """Whether the journal cannot be written either."""

    def __init__(self, place: Path) -> None:
        self.place = place

    @property
    def state(self) -> Path:
        return self.place / "state"

    def prepare(self) -> None:
        self.place.mkdir()

    @abstractmethod
    def begin(self) -> None: ...

    @abstractmethod
    def end(self) -> None: ...

    @abstractmethod
    def clear(self) -> None:
        """Leave nothing behind, whatever happened."""


class FullDisk(Trouble):
    seen = "no room or no right to write the store"
    journal_too = True

    def prepare(self) -> None:
        mount(self.place)

    def begin(self) -> None:
        with pytest.raises(OSError, match="No space left"):
            _fill(self.place / "filler")

    def end(self) -> None:
        (self.place / "filler").unlink()

    def clear(self) -> None:
        subprocess.run(["umount", self.place], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


class ReadOnly(Trouble):
    """Root passes by permission bits, and a mounted disk cannot be made read-only while files are open for writing. The
    immutable attribute stops root too, and on ext4 and its like also who has the file open. Not of the file that SQLite
    maps into memory: what cannot be written there is no error but the end of the process (SIGBUS)."""

    seen = "no room or no right to write the store"
    journal_too = True

    def begin(self) -> None:
        self._set("+i")

    def end(self) -> None:
        self._set("-i")

    def clear(self) -> None:
        subprocess.run(["chattr", "-R", "-i", self.place], check=True)

    def prepare(self) -> None:
        super().prepare()
        probe = self.place / "probe"
        with probe.open("wb", buffering=0) as file:
            done = subprocess.run(["chattr", "+i", probe], capture_output=True, check=False)
            if done.returncode:
                pytest.fail(f"this test makes files immutable, which root may on ext4: {done.stderr.decode()}")
            try:
                file.write(b"x")
            except PermissionError:
                return
            finally:
                subprocess.run(["chattr", "-i", probe], check=True)
        pytest.fail(f"this test needs a file system that has immutable files, as ext4 is; {self.place} is on another")

    def _set(self, flag: str) -> None:
        files = [file for file in self.state.iterdir() if not file.name.endswith("-shm")]
        subprocess.run(["chattr", flag, self.state, *files], check=True)


class Held(Trouble):
    """By another process, for longer than a server waits."""

    seen = "the store held by another process"
    journal_too = False
    _other: sqlite3.Connection | None = None

    def begin(self) -> None:
        self._other = sqlite3.connect(self.state / "sandbank.sqlite", isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self._other:
            self._other.close()

    def clear(self) -> None:
        self.end()


@pytest.fixture(params=[FullDisk, ReadOnly, Held], ids=lambda kind: kind.__name__)
def trouble(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Trouble]:
    one: Trouble = request.param(tmp_path / "place")
    one.prepare()
    yield one
    one.clear()


def refused(answer: Answer, seen: str) -> bool:
    """Whether the control door said what is the matter, and what to do."""
    said = answer.json["error"]
    assert said["next"].startswith("send the call again; check which"), said
    return answer.status == 503 and answer.code == "provider.busy" and f"Seen: {seen};" in said["detail"]


CANNOT = "warning: the journal cannot be written, its entries wait in memory: "
AGAIN = "warning: the journal is written again; none of its entries is lost"


def heard(folder: Path, warning: str, times: int) -> None:
    """Returns when the server has said so, so many times in all."""
    until(lambda: (folder / "err.txt").read_text().count(warning) == times, PATIENCE)


def codes(server: Served, after: int) -> list[str]:
    """Why what, in the order of the journal."""
    entries = server.journal(after).json["entries"]
    return [f"{entry['title']} {reason['code']}" for entry in entries for reason in entry["reasons"]]


def whole(state: Path) -> None:
    for name in ("sandbank.sqlite", "journal.sqlite"):
        with closing(sqlite3.connect(state / name)) as base:
            assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)], name


def test_a_running_server_says_no_and_goes_on_afterwards(trouble: Trouble, tmp_path: Path) -> None:
    """What writes is refused with the reason, what reads is answered, by control API and provider. Then the cause is
    gone, and the same process does all of it: what it had promised is there, what it had refused is not, and the
    journal has the refusals."""
    with served(tmp_path, state=trouble.state) as server:
        client = server.demo["name"]
        identity, token = server.identity("before"), server.token().json["access_token"]
        number, newest = server.crl_number(), server.journal().json["newest"]

        for turn in range(2):
            trouble.begin()
            assert refused(server.sign(client, f"never-{turn}"), trouble.seen)
            assert refused(server.revoke(identity.serial), trouble.seen)
            busy = server.token()
            assert (busy.status, busy.json["message"]) == (503, "Try again")
            assert server.playground(identity, token).status == 200
            assert server.control("GET", "/health").status == 200
            assert server.crl_number() == number
            journal = server.journal()
            assert refused(journal, "no room or no right to write the store") if trouble.journal_too else journal.json
            heard(tmp_path, CANNOT, turn + 1 if trouble.journal_too else 0)
            trouble.end()
            heard(tmp_path, AGAIN, turn + 1 if trouble.journal_too else 0)

            assert server.sign(client, f"after-{turn}").status == 201
            assert server.token().status == 200
            assert server.playground(identity, token).status == 200

        names = {one["name"] for one in server.certificates(client)}
        assert names == {"before", "after-0", "after-1"}
        assert codes(server, newest) == ["POST /oauth/token provider.busy"] * 2
        revoked = server.identity("revoked")
        assert server.revoke(revoked.serial).status == 200 and server.crl_number() > number
        assert server.process.poll() is None
    assert "Traceback" not in (tmp_path / "err.txt").read_text() and not (trouble.state / "faults.log").exists()
    whole(trouble.state)


def test_a_command_in_a_read_only_folder_says_so(tmp_path: Path) -> None:
    """Exit code 3, one sentence, nothing issued; and the same command does it when the folder can be written."""
    trouble = ReadOnly(tmp_path / "place")
    trouble.prepare()
    open_state(trouble.state).close()

    def new() -> "subprocess.CompletedProcess[str]":
        words = ["certificate", "new", "--json", "--state", str(trouble.state)]
        command = [sys.executable, "-m", "sandbox.cli", *words]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment(), timeout=60
        )

    trouble.begin()
    try:
        done = new()
    finally:
        trouble.end()
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, done.stdout, error["code"]) == (3, "", "sandbank.state_unusable")
    assert str(trouble.state) in error["detail"] and "the permissions and the free space" in error["next"]
    with closing(sqlite3.connect(trouble.state / "sandbank.sqlite")) as base:
        assert base.execute("SELECT COUNT(*) FROM ca_certificates").fetchone() == (0,)
    assert new().returncode == 0


def test_a_connection_that_was_made_in_a_read_only_folder_is_made_anew(tmp_path: Path) -> None:
    """A thread that first comes when nothing can be written can write afterwards, and its number of changes moves."""
    trouble = ReadOnly(tmp_path / "place")
    trouble.prepare()
    open_state(trouble.state).close()
    with closing(sqlite3.connect(trouble.state / "sandbank.sqlite")) as other:
        other.execute("SELECT 1 FROM sandbank_facts")  # keeps the log's files there
        store = SqliteStore(trouble.state / "sandbank.sqlite")
        trouble.begin()
        try:
            before = store.data_version()
            for _ in range(2):
                with pytest.raises(StateUnusable, match="readonly"), store.write() as work:
                    facts.put(work, "written", "0")
        finally:
            trouble.end()
        with store.write() as work:
            facts.put(work, "written", "1")
        assert store.data_version() != before
        store.close()
        assert other.execute("SELECT value FROM sandbank_facts WHERE name = 'written'").fetchone() == ("1",)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[FullDisk]:
    disk = FullDisk(tmp_path / "small")
    disk.prepare()
    yield disk
    disk.clear()


def test_a_full_disk_under_the_journal_alone_stops_nobody(small_disk: FullDisk, tmp_path: Path) -> None:
    """Calls are answered, also those that write. What waits is written when there is room; what could not be written
    until the end is lost, and the server says how many entries that are."""
    state = tmp_path / "state"
    open_state(state).close()
    shutil.move(state / "journal.sqlite", small_disk.place)
    (state / "journal.sqlite").symlink_to(small_disk.place / "journal.sqlite")

    def titles(server: Served) -> list[str]:
        return [entry["title"] for entry in server.journal().json["entries"] if entry["kind"] == "certificate"]

    with served(tmp_path) as server:
        client = server.demo["name"]
        assert server.sign(client, "n0").status == 201
        small_disk.begin()
        assert [server.sign(client, name).status for name in ("n1", "n2")] == [201, 201]
        assert server.token().status == 200
        assert refused(server.journal(), "no room or no right to write the store")
        small_disk.end()
        assert titles(server) == [f"sign 'n{n}' for demo" for n in range(3)]
        small_disk.begin()
        assert [server.sign(client, name).status for name in ("n3", "n4")] == [201, 201]
    assert "warning: 2 entries of the journal are lost: " in (tmp_path / "err.txt").read_text()
    small_disk.end()
    with served(tmp_path) as server:
        assert titles(server) == [f"sign 'n{n}' for demo" for n in range(3)]
        assert {one["name"] for one in server.certificates(client)} == {f"n{n}" for n in range(5)}


def test_a_held_journal_stops_nobody(tmp_path: Path) -> None:
    """Its readers are told, and afterwards find what happened meanwhile."""
    with served(tmp_path) as server:
        other = sqlite3.connect(server.state / "journal.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert server.sign(server.demo["name"], "meanwhile").status == 201
        assert refused(server.journal(), "the store held by another process")
        other.close()
        assert "sign 'meanwhile' for demo" in [entry["title"] for entry in server.journal().json["entries"]]
