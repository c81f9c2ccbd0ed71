"""Whether a server runs over a state is a lock: it holds for a server that was stopped, and ends with a killed one."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import StateLocked
from sandbox.services.state import open_state
from sandbox.storage.folder import Folder, hold_alone, hold_as_server, hold_serving
from tests.waiting import until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such locks")

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


def sandbank(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox.cli", *words, "--state", str(folder / "state")]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@contextlib.contextmanager
def serving(folder: Path, *more: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server over the state in the folder, and its control door."""
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    words = ["serve", "--quiet", "--port-base", "0", "--state", str(folder / "state"), "--ready-file", str(ready)]
    process = subprocess.Popen([sys.executable, "-m", "sandbox.cli", *words, *more], cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        until(ready.exists, PATIENCE)
        yield process, json.loads(ready.read_text())["control"]
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
        process.wait(PATIENCE)


def healthy(control: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{control}/health", timeout=PATIENCE) as answer:
        return bool(answer.status == 200)
    return False


def test_a_second_server_is_refused(tmp_path: Path) -> None:
    """Whatever its ports; the first goes on, its ready file says where. After its end another may start."""
    with serving(tmp_path) as (_, control):
        other = sandbank(tmp_path, "serve", "--port-base", "0", "--ready-file", str(tmp_path / "other.json"))
        assert other.returncode == 3 and "a server runs over" in other.stderr and "stop it first" in other.stderr
        assert healthy(control) and not (tmp_path / "other.json").exists()
    with serving(tmp_path) as (_, again):
        assert healthy(again)


def test_a_server_that_was_stopped_still_runs(tmp_path: Path) -> None:
    """It answers no question, as after Ctrl-Z; its state is neither removed nor sealed nor served. It goes on later."""
    with serving(tmp_path) as (process, control):
        process.send_signal(signal.SIGSTOP)
        for words in (("state", "reset", "--yes"), ("state", "encrypt"), ("state", "decrypt"), ("serve",)):
            said = sandbank(tmp_path, *words, SANDBANK_PASSPHRASE="correct horse")
            assert said.returncode == 3 and "a server runs over" in said.stderr, (words, said)
        assert sandbank(tmp_path, "client", "list").returncode == 0  # what any command may do beside it
        process.send_signal(signal.SIGCONT)
        assert healthy(control)
    assert sandbank(tmp_path, "state", "encrypt", SANDBANK_PASSPHRASE="correct horse").returncode == 0


def test_a_killed_server_holds_nothing(tmp_path: Path) -> None:
    """There is nothing to clean up by hand."""
    with serving(tmp_path) as (process, _):
        process.kill()
        process.wait(PATIENCE)
        assert sandbank(tmp_path, "state", "reset", "--yes").returncode == 0
    assert not (tmp_path / "state").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the processes are found in /proc")
def test_a_worker_that_is_left_over_still_serves(tmp_path: Path) -> None:
    """Its server was killed, and it has not noticed: the state is not removed under it."""
    with serving(tmp_path, "--workers", "2") as (process, _):
        (worker,) = map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split())
        os.kill(worker, signal.SIGSTOP)
        try:
            process.kill()
            process.wait(PATIENCE)
            said = sandbank(tmp_path, "state", "reset", "--yes")
            assert said.returncode == 3 and "a server runs over" in said.stderr
        finally:
            os.kill(worker, signal.SIGCONT)
        until(lambda: sandbank(tmp_path, "state", "reset", "--yes").returncode == 0, PATIENCE)


def test_who_may_hold_which_lock_beside_whom(tmp_path: Path) -> None:
    """One server, any number of processes that serve, and nobody beside one who wants to be alone."""
    open_state(tmp_path / "state").close()
    folder = Folder(path=tmp_path / "state")
    server, one, two = hold_as_server(folder), hold_serving(folder), hold_serving(folder)
    with pytest.raises(StateLocked):
        hold_as_server(folder)
    server.let_go()
    one.let_go()
    with pytest.raises(StateLocked):
        hold_alone(folder)
    two.let_go()
    alone = hold_alone(folder)
    for hold in (hold_as_server, hold_serving, hold_alone):
        with pytest.raises(StateLocked):
            hold(folder)
    alone.let_go()
    hold_alone(folder).let_go()


def test_a_lock_in_a_folder_that_was_moved_away_holds_nothing(tmp_path: Path) -> None:
    """Who makes a state anew at the same path serves it, whatever the old one's server does."""
    folder = Folder(path=tmp_path / "state")
    open_state(folder.path).close()
    old = hold_as_server(folder)
    folder.path.rename(tmp_path / "moved")
    open_state(folder.path).close()
    new = hold_as_server(folder)
    with pytest.raises(StateLocked):
        hold_as_server(Folder(path=tmp_path / "moved"))
    old.let_go()
    new.let_go()
