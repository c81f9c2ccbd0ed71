"""The load generator: compiles ``load.c``, runs it, and reads what it saw. What is called and why is scenarios'."""

import json
import subprocess
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from scripts.measure.cores import on
from scripts.measure.figures import Sample

Mode = Literal["new", "keep", "first"]
"""A new connection for every call, calls on connections that stay, or the first answer of a server that starts."""

COMPILE_SECONDS = 60
OVERTIME_SECONDS = 30
"""The program ends by itself within fifteen seconds of its time; this is for a machine that stands still."""


class Failed(Exception):
    """Something could not be measured; the sentence says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What a TLS client needs: its certificate chain and key, and the CA that it trusts."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run of the load generator. It ends after `count` calls or `seconds`, whichever is first."""

    mode: Mode
    port: int
    requests: Path
    count: int
    seconds: float
    connections: int = 8
    expect: int = 200
    tls: Pass | None = None

    def words(self) -> list[str]:
        """The order as a command line."""
        tls = self.tls
        secure = ["--cert", str(tls.certificate), "--key", str(tls.key), "--ca", str(tls.authority)] if tls else []
        return [
            *("--mode", self.mode, "--port", str(self.port), "--connections", str(self.connections)),
            *("--count", str(self.count), "--seconds", f"{self.seconds:.3f}", "--expect", str(self.expect)),
            *("--requests", str(self.requests), *secure),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the load generator reports."""

    done: int
    errors: int
    seconds: float
    cpu: float
    p50_us: int
    p99_us: int
    ended: float
    """By the clock of ``time.monotonic``."""
    first_error: str

    def rate(self, *, server_cpu: float, client_cores: int) -> Sample:
        """Calls per second, given the CPU time that the server used for them and the cores that we had."""
        detail = {"p50_us": float(self.p50_us), "p99_us": float(self.p99_us), "calls": float(self.done)}
        detail["server_cpu_us"] = server_cpu / self.done * 1e6
        return Sample(
            value=self.done / self.seconds,
            alone=self.done / server_cpu,
            busy=self.cpu / self.seconds / client_cores,
            detail=detail,
        )


class Loader:
    """The compiled program."""

    def __init__(self, folder: Path, cores: Set[int]) -> None:
        self._program = folder / "load"
        self._cores = cores
        source = Path(__file__).with_name("load.c")
        command = ["cc", "-O2", "-pthread", str(source), "-o", str(self._program), "-lssl", "-lcrypto"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMPILE_SECONDS, check=False)
        if done.returncode:
            raise Failed(f"cc could not compile {source.name}:\n{done.stderr}")

    def start(self, order: Order) -> subprocess.Popen[str]:
        """Let it run; :meth:`finish` waits for it."""
        with on(self._cores):
            return subprocess.Popen(
                [self._program, *order.words()], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )

    def finish(self, running: subprocess.Popen[str], order: Order) -> Seen:
        """What it saw. Raises Failed for a single error already: a server that refuses calls is not measured."""
        try:
            said, complaint = running.communicate(timeout=order.seconds + OVERTIME_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            raise Failed("the load generator did not end") from None
        if running.returncode:
            raise Failed(f"the load generator gave up: {complaint.strip() or f'status {running.returncode}'}")
        seen = Seen(**json.loads(said))
        if seen.errors or not seen.done:
            raise Failed(f"{seen.errors} of {seen.done + seen.errors} calls failed; the first: {seen.first_error}")
        return seen

    def run(self, order: Order) -> Seen:
        return self.finish(self.start(order), order)


def write_requests(path: Path, requests: Sequence[bytes]) -> Path:
    """The file that the load generator reads: for each request its length in a line, then its bytes."""
    path.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))
    return path
