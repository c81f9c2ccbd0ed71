"""Both servers as processes: started, waited for, looked at and stopped."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.measure.cores import on
from scripts.measure.load import Failed
from scripts.measure.material import ServerFiles

ROOT = Path(__file__).parent.parent.parent

START_SECONDS = 30
STOP_SECONDS = 10
LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server process."""

    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """As a person stops it; what does not end is killed."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def cpu_seconds(self) -> float:
        """The CPU time that it has used, all threads and all of its processes together."""
        pid = self.process.pid
        others = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        # clock_getcpuclockid(3) as the C libraries of Linux compute it; /proc counts in hundredths of a second only.
        return sum(time.clock_gettime((~one << 3) | 2) for one in (pid, *map(int, others)))

    def peak_bytes(self) -> int:
        """The most memory it ever had resident."""
        return self._status("VmHWM")

    def resident_bytes(self) -> int:
        """The memory that it has resident now."""
        return self._status("VmRSS")

    def _status(self, field: str) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith(f"{field}:")]
        return int(line.split()[1]) * 1024

    def complain(self, what: str) -> Failed:
        """The failure, with the last of what the server said itself."""
        said = self.log.read_text(encoding="utf-8", errors="replace")[-2000:]
        return Failed(f"{what}; it said:\n{said or '(nothing)'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """How one side is started; a start returns at once, whether the server answers yet or not."""

    command: Sequence[str]
    log: Path
    cores: Set[int]

    def start(self) -> Running:
        with on(self.cores), self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env=_environment(self.log.parent),
            )
        return Running(process=process, log=self.log)


def ours(state: Path, cores: Set[int], *, ready_file: Path | None = None, workers: int = 1) -> Starter:
    """``sandbank serve`` over a state, its journal on, on the free ports that the state took once."""
    command = ["-m", "sandbox.cli", "serve", "--state", str(state), "--port-base", "0", "--quiet"]
    ready = ["--ready-file", str(ready_file)] if ready_file else []
    several = ["--workers", str(workers)] if workers > 1 else []
    return Starter(command=[*command, *ready, *several], log=state.with_name(f"{state.name}.log"), cores=cores)


def bare(port: int, files: ServerFiles, body: Path, cores: Set[int]) -> Starter:
    """The opponent on a port of its own."""
    words = (port, files.certificate, files.key, files.clients, body)
    return Starter(command=["-m", "scripts.measure.bare", *map(str, words)], log=body.with_suffix(".log"), cores=cores)


def wait_for_file(running: Running, path: Path) -> dict[str, Any]:
    """The ready file of our server, once it is there."""
    _wait(running, path.exists)
    ready: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return ready


def wait_for_port(running: Running, port: int) -> None:
    """Until somebody listens."""

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    _wait(running, listens)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port


def _wait(running: Running, there: Any) -> None:
    until = time.monotonic() + START_SECONDS
    while not there():
        if running.process.poll() is not None:
            raise running.complain("a server ended before it served")
        if time.monotonic() > until:
            raise running.complain(f"a server did not serve within {START_SECONDS} seconds")
        time.sleep(LOOK_SECONDS)


def _environment(folder: Path) -> Mapping[str, str]:
    """The caller's, without their wishes for Sandbank and Python.

    Bytecode is kept in *folder*: an installed program has it, so no start is charged for compiling a fresh checkout."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SANDBANK_", "PYTHON"))}
    return {**kept, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
