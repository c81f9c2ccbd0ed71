"""More connections than a process may have descriptors: they wait, it is said once, and everything goes on."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import until

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
LIMIT = 96
"""Descriptors: a server without connections has about thirty."""


@contextlib.contextmanager
def serving(folder: Path, limit: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A server under a limit of the shell's, whose standard error is a pipe that nobody reads; its control door."""
    ready = folder / "ready.json"
    words = [sys.executable, "-m", "sandbox.cli", "serve", "--quiet", "--port-base", "0", "--ready-file", str(ready)]
    command = ["sh", "-c", f'ulimit {limit} && exec "$@"', "sh", *words, "--state", str(folder / "state")]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        until(ready.exists, PATIENCE)
        yield process, json.loads(ready.read_text())["control"]
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE)


def open_files(process: subprocess.Popen[bytes]) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def told(folder: Path) -> list[dict[str, object]]:
    """The journal's entries of this trouble, read by another process."""
    words = ["journal", "--json", "--state", str(folder / "state")]
    said = subprocess.run(
        [sys.executable, "-m", "sandbox.cli", *words], cwd=ROOT, capture_output=True, check=False, timeout=PATIENCE
    )
    return [entry for entry in map(json.loads, said.stdout.splitlines()) if "http.no_descriptors" in json.dumps(entry)]


def healthy(control: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{control}/health", timeout=1) as answer:
        return bool(answer.status == 200)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc")
def test_no_descriptor_left_is_told_once_and_ends_nothing(tmp_path: Path) -> None:
    """With twice as many idle connections as it may have; when they are gone it answers, and a signal ends it."""
    with serving(tmp_path, f"-n {LIMIT}") as (process, control):
        until(lambda: healthy(control), PATIENCE)
        port = int(control.rpartition(":")[2])
        with contextlib.ExitStack() as idle:
            for _ in range(2 * LIMIT):
                idle.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            until(lambda: open_files(process) >= LIMIT - 2, PATIENCE)
            assert not healthy(control)
        until(lambda: healthy(control), PATIENCE)
        (entry,) = until(lambda: told(tmp_path), PATIENCE)
        assert entry["door"] == "control"
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0 and b"Traceback" not in said and len(said) < 1_000
    assert not (tmp_path / "state" / "faults.log").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read in /proc")
def test_a_server_takes_as_many_descriptors_as_it_may(tmp_path: Path) -> None:
    """The soft limit of the shell is raised to the hard one, and no further."""
    with serving(tmp_path, "-S -n 200 && ulimit -H -n 3000") as (process, _):
        limits = Path(f"/proc/{process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    assert line.split()[3:5] == ["3000", "3000"]
