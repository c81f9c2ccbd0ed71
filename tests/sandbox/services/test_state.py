"""A state is founded once, opened again as it was, and removed only when it is one."""

import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ca.clock import SystemClock
from sandbox.errors import StateMissing, StateOlder, StateUnusable
from sandbox.services.authority import ca_certificate, cover_server_names
from sandbox.services.clients import show_client
from sandbox.services.making import new_certificate
from sandbox.services.removing import remove_folder
from sandbox.services.state import open_state


def test_a_state_is_the_same_when_it_is_opened_again(tmp_path, state):
    """The authority and the demo client are made once."""
    root, demo = ca_certificate(state), show_client(state, "wise", "demo")
    again = open_state(tmp_path / "state")
    assert ca_certificate(again) == root
    assert show_client(again, "wise", "demo") == demo
    assert again.folder.ca_file.read_bytes() == root
    again.close()


def test_a_state_of_an_older_version_gets_what_new_providers_need(tmp_path, state):
    """A provider that it has not heard of has its issuing CA and its demo clients at the next opening; what people
    trust stays."""
    root = ca_certificate(state)
    with state.store.write() as work:
        for table, column, value in (
            ("ca_authorities", "name", "client-ca:wise"),
            ("sandbank_clients", "provider", "wise"),
        ):
            work.connection.execute(f"DELETE FROM {table} WHERE {column} = '{value}'")
    state.close()
    again = open_state(tmp_path / "state")
    assert show_client(again, "wise", "demo").name == "demo"
    assert new_certificate(again, "wise", "demo", name="laptop").record.serial
    assert ca_certificate(again) == root
    again.close()


def test_a_state_of_an_earlier_version_is_refused(tmp_path, state):
    """In whichever database; what can be done is said, and it is not touched."""
    with state.store.write() as work:
        work.connection.execute("DELETE FROM sandbank_facts WHERE name = 'schema'")
        shared = bool(work.machine)
    with pytest.raises(StateOlder, match="earlier development version") as refused:
        open_state(tmp_path / "state")
    assert ("--database" if shared else "sandbank state reset") in refused.value.advice()
    assert show_client(state, "wise", "demo").name == "demo"


def test_a_state_that_is_not_there_is_not_always_made(tmp_path):
    """Commands that only read do not leave a new authority behind by mistake."""
    with pytest.raises(StateMissing):
        open_state(tmp_path / "nowhere", make_new=False)
    assert not (tmp_path / "nowhere").exists()


def test_many_at_once_open_one_state(tmp_path):
    """Eight that found a state at the same moment end with the same authority."""

    def found(_: int) -> bytes:
        state = open_state(tmp_path / "state")
        root = ca_certificate(state)
        state.close()
        return root

    with ThreadPoolExecutor(8) as pool:
        roots = set(pool.map(found, range(8)))
    assert len(roots) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["state"]


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_everything_in_a_state_is_private(state):
    """The folder 0700, every file in it that could hold something 0600."""
    assert stat.S_IMODE(state.folder.path.stat().st_mode) == 0o700
    for path in state.folder.path.iterdir():
        if path.name != ".gitignore":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_server_roots_key_is_gone(state):
    """Nobody can make the root that people trust sign anything any more; the client root's key is kept."""
    with state.store.read() as work:
        keys = dict(work.connection.execute("SELECT name, key IS NULL FROM ca_authorities").fetchall())
    assert keys["server-root"] == 1
    assert keys["client-root"] == 0


def test_a_server_name_outside_the_constraint_makes_a_new_root(state):
    """A covered name changes nothing; another makes a new root, once, and keeps the old names."""
    root = ca_certificate(state)
    assert cover_server_names(state, ("localhost", "api.wise-sandbox.com", "127.0.0.1")) == ()
    assert ca_certificate(state) == root
    assert cover_server_names(state, ("sandbank.internal", "10.1.2.3")) == ("sandbank.internal", "10.1.2.3")
    renewed = ca_certificate(state)
    assert renewed != root
    assert cover_server_names(state, ("sandbank.internal", "10.1.2.3", "api.wise-sandbox.com")) == ()
    assert ca_certificate(state) == renewed


def test_a_reset_removes_a_state_and_nothing_else(tmp_path, state):
    """A folder without our store in it is not touched."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.tex").write_text("mine")
    with pytest.raises(StateMissing):
        remove_folder(other)
    assert (other / "thesis.tex").exists()
    state.close()
    remove_folder(tmp_path / "state")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other"]


def test_a_reset_that_cannot_remove_the_files_says_where_they_are(tmp_path, state, monkeypatch):
    """The state is gone all the same, and the next reset takes with it what is left, if it can."""
    state.close()
    folder = tmp_path / "state"

    def forbid(path, **_):
        raise PermissionError(13, "Permission denied", str(path))

    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    with monkeypatch.context() as forbidden:
        forbidden.setattr(shutil, "rmtree", forbid)
        with pytest.raises(StateUnusable) as refused:
            remove_folder(folder)
    (left,) = tmp_path.glob("state.gone-*")
    assert not folder.exists() and any((left / "state").iterdir())
    assert str(left) in refused.value.detail and "stop what uses it" not in refused.value.advice()
    copy.rename(folder)
    remove_folder(folder)
    assert not folder.exists() and list(tmp_path.glob("state.gone-*")) == []


def test_a_state_that_cannot_be_moved_stays(tmp_path, state, monkeypatch):
    """All of it, and nothing beside it."""
    state.close()
    before = sorted(tmp_path.rglob("*"))

    def forbid(self, target):
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as forbidden:
        forbidden.setattr(Path, "rename", forbid)
        with pytest.raises(StateUnusable, match="all of it is still there"):
            remove_folder(tmp_path / "state")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_state_in_a_file_is_refused(tmp_path):
    """The place of the state is taken by something else."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(StateUnusable):
        open_state(tmp_path / "file" / "state")
    with pytest.raises(StateUnusable):
        open_state(tmp_path / "file")


def test_a_new_state_knows_its_server_names(tmp_path):
    """Named at the founding, they cost nobody a second root."""
    state = open_state(tmp_path / "state", server_names=("sandbank.internal", "10.1.2.3"))
    assert cover_server_names(state, ("sandbank.internal", "10.1.2.3")) == ()
    assert cover_server_names(state, ("elsewhere.internal",)) == ("elsewhere.internal",)
    root = ca_certificate(state)
    assert cover_server_names(state, ("sandbank.internal",)) == () and ca_certificate(state) == root
    state.close()


def test_an_authority_that_was_rolled_back_is_nobodys(state):
    """A root that was made and not kept is neither shown nor signed with by the process that made it."""
    before = ca_certificate(state)

    def fail() -> None:
        with state.store.write() as work:
            names = ("localhost", "elsewhere.internal")
            state.authority.refound_server(work, server_names=names, now=SystemClock().now())
            assert state.authority.covers(work, ("elsewhere.internal",)) == ()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert ca_certificate(state) == before
    with state.store.read() as work:
        assert state.authority.covers(work, ("elsewhere.internal",)) == ("elsewhere.internal",)


def test_a_passphrase_that_was_rolled_back_seals_nothing(tmp_path):
    """Keys that are kept afterwards are as the store says: in plain."""
    state = open_state(tmp_path / "state", passphrase="correct horse")
    with state.store.write() as work:
        state.vault.end(work)

    def fail() -> None:
        with state.store.write() as work:
            state.vault.begin(work)
            assert state.vault.seal(work, "key", b"key") != b"key"
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with state.store.write() as work:
        assert state.vault.seal(work, "key", b"key") == b"key"
    state.close()
