"""A state folder is made whole or not at all, and never over something else."""

import os
import stat
import subprocess
import sys
import tempfile

import pytest

from sandbox.errors import StateUnusable
from sandbox.storage.folder import Folder, make_private, write_private
from sandbox.storage.lifetime import AT_WORK, TemporaryFolder, make, remove
from tests.sandbox.cli.running import ROOT


def fill(folder: Folder) -> None:
    folder.store.write_bytes(b"x")


def test_a_state_is_made_with_its_gitignore(tmp_path):
    """The folder appears under its name, ignored by git, and nothing is left beside it."""
    folder = Folder(path=tmp_path / "a" / "state")
    make(folder, fill)
    assert folder.made
    assert (folder.path / ".gitignore").read_text() == "*\n"
    assert [p.name for p in folder.path.parent.iterdir()] == ["state"]


def test_a_state_that_cannot_be_filled_leaves_nothing(tmp_path):
    """Whatever stops the making, there is no half state and no temporary folder."""

    def stop(folder: Folder) -> None:
        folder.store.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(Folder(path=tmp_path / "state"), stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_what_a_killed_maker_or_remover_left_is_swept(tmp_path):
    """By whoever makes or removes a state there next. What belongs to one at work, to another state, or to somebody who
    likes such names, stays."""
    killed = "import os, sys; from sandbox.storage import folder, lifetime; from pathlib import Path; "
    make_it = "lifetime.make(folder.Folder(path=Path(sys.argv[1])), lambda _: os.kill(os.getpid(), 9))"
    remove_it = "lifetime.shutil.rmtree = lambda _: os.kill(os.getpid(), 9); lifetime.remove(Path(sys.argv[1]))"
    state, other = tmp_path / "state", tmp_path / "other"

    def run(code, path):
        done = subprocess.run([sys.executable, "-c", killed + code, path], cwd=ROOT, check=False)
        assert done.returncode == -9
        (left,) = (one for one in tmp_path.iterdir() if (one / AT_WORK).exists())
        return left

    def names():
        return sorted(one.name for one in tmp_path.iterdir())

    left = run(make_it, state)
    mine = [tmp_path / name for name in (".sandbank-making-of", "state.gone-with-the-wind")]
    for one in mine:
        one.mkdir()

    def make_beside(making):
        assert not left.exists()
        make(Folder(path=other), fill)
        assert making.path.exists()
        fill(making)

    make(Folder(path=state), make_beside)
    kept = [*(one.name for one in mine), "other", "state"]
    assert names() == sorted(kept)
    assert AT_WORK not in [one.name for one in state.iterdir()]
    left = run(remove_it, state)
    assert left.name.startswith("state.gone-") and (left / "state" / "sandbank.sqlite").exists()
    remove(other)
    assert left.exists()
    make(Folder(path=state), fill)
    remove(state)
    assert names() == sorted(one.name for one in mine)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")
def test_a_temporary_folder_of_a_killed_program_goes_with_the_next(tmp_path, monkeypatch):
    """One of a program that still runs stays, and one that is not ours."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kill = "import os; from sandbox.storage.lifetime import TemporaryFolder; TemporaryFolder(); os.kill(os.getpid(), 9)"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", kill], cwd=ROOT, env=environment, check=False)
    (left,) = tmp_path.iterdir()
    assert (left / AT_WORK).exists()
    (tmp_path / "sandbank-of-mine").mkdir()
    one, two = TemporaryFolder(), TemporaryFolder()
    assert not left.exists() and one.path.exists()
    for folder in (one, two, two):
        folder.remove()
    assert [path.name for path in tmp_path.iterdir()] == ["sandbank-of-mine"]


def test_two_makers_at_once_share_what_the_first_made(tmp_path):
    """The second finds the first one's state in its place and leaves it alone."""
    folder = Folder(path=tmp_path / "state")

    def overtaken(making: Folder) -> None:
        make(folder, lambda other: other.store.write_bytes(b"first") and None)
        making.store.write_bytes(b"second")

    make(folder, overtaken)
    assert folder.store.read_bytes() == b"first"
    assert [p.name for p in tmp_path.iterdir()] == ["state"]


@pytest.mark.parametrize("kind", ["file", "other things"])
def test_something_else_is_not_written_over(tmp_path, kind):
    """A file, or a folder with other things in it, is refused with a sentence."""
    target = tmp_path / "state"
    if kind == "file":
        target.write_text("mine")
    else:
        target.mkdir()
        (target / "thesis.tex").write_text("mine")
    with pytest.raises(StateUnusable) as refused:
        make(Folder(path=target), fill)
    assert "--state" in refused.value.advice()
    assert not (target / "sandbank.sqlite").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_what_is_written_is_private(tmp_path):
    """Files 0600, folders 0700, also those in between."""
    make_private(tmp_path / "a" / "b")
    write_private(tmp_path / "a" / "b" / "key", b"secret")
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "a" / "b" / "key").stat().st_mode) == 0o600
    assert [p.name for p in (tmp_path / "a" / "b").iterdir()] == ["key"]
