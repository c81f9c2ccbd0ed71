"""One server of several processes, driven from outside: curl, sockets, signals."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.cli import supervisor
from sandbox.cli.supervisor import WorkerConfig, work_together
from sandbox.errors import Misuse, Surroundings
from sandbox.settings import MOST_WORKERS, Settings
from tests.waiting import until

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
LONGER = PATIENCE + 10
"""A patience of the server's that would outlast the test's, and that a failed test waits for all the same."""
WORKERS = 3
CONNECTIONS = 30


@dataclass(kw_only=True)
class Served:
    process: subprocess.Popen[bytes]
    folder: Path
    ready: dict[str, Any]

    @property
    def pids(self) -> list[int]:
        """The server's other processes."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def sandbank(self, *words: str) -> str:
        command = [sys.executable, "-m", "sandbox.cli", *words, "--state", str(self.folder / "state")]
        done = subprocess.run(command, capture_output=True, cwd=ROOT, check=False, timeout=30)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def connected(self, folder: Path) -> ssl.SSLSocket:
        """A connection through its handshake, with the client certificate in that folder."""
        context = ssl.create_default_context(cafile=self.ready["ca_file"])
        context.load_cert_chain(folder / "c.pem", folder / "c.key")
        port = int(self.ready["providers"]["wise"]["doors"]["mtls"].rpartition(":")[2])
        raw = socket.create_connection(("127.0.0.1", port), PATIENCE)
        return context.wrap_socket(raw, server_hostname="localhost")

    def post(self, path: str, body: bytes) -> int:
        words = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--noproxy", "*", "--data-binary", "@-"]
        done = subprocess.run([*words, self.ready["control"] + path], input=body, capture_output=True, check=True)
        return int(done.stdout)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def serving(folder: Path, workers: int = WORKERS) -> Iterator[Served]:
    """A server over a state in the folder, everything it says in ``said.txt``."""
    words = ["serve", "--state", str(folder / "state"), "--port-base", "0", "--workers", str(workers)]
    with (folder / "said.txt").open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "sandbox.cli", *words, "--ready-file", str(folder / "ready.json")],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            cwd=ROOT,
        )
    try:
        until((folder / "ready.json").exists, PATIENCE)
        yield Served(process=process, folder=folder, ready=json.loads((folder / "ready.json").read_text()))
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(PATIENCE)


def new_csr(folder: Path) -> bytes:
    words = ["openssl", "req", "-nodes", "-newkey", "rsa:2048", "-keyout", folder / "c.key", "-subj", "/C=EU/O=Acme"]
    return subprocess.run(words, capture_output=True, check=True, timeout=30).stdout


def with_certificate(server: Served, name: str) -> Path:
    """A folder with key and certificate of the demo client."""
    folder = server.folder / name
    folder.mkdir()
    (folder / "c.csr").write_bytes(new_csr(folder))
    pem = server.sandbank("certificate", "sign", str(folder / "c.csr"), "--client", "demo", "--name", name)
    (folder / "c.pem").write_text(pem)
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("workers")) as running:
        yield running


def alive(connection: ssl.SSLSocket) -> bool:
    """Whether a call on it is answered."""
    try:
        connection.sendall(b"HEAD / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        return connection.recv(65536).startswith(b"HTTP/1.1 404")
    except OSError:
        return False


def test_every_process_serves_and_another_takes_the_place_of_a_dead_one(server: Served) -> None:
    """With one process killed, the connections of the others go on; after a moment there are as many as before."""
    client = with_certificate(server, "shared")
    assert len(server.pids) == WORKERS - 1
    with contextlib.ExitStack() as open_ones, ThreadPoolExecutor(CONNECTIONS) as pool:
        held = list(pool.map(lambda _: server.connected(client), range(CONNECTIONS)))
        for connection in held:
            open_ones.enter_context(connection)
        assert all(map(alive, held))
        victim = server.pids[0]
        os.kill(victim, signal.SIGKILL)
        until(lambda: victim not in server.pids, PATIENCE)
        left = [connection for connection in held if alive(connection)]
        assert 0 < len(left) < CONNECTIONS
    until(lambda: len(server.pids) == WORKERS - 1, PATIENCE)
    assert "a worker ended by itself (signal 9); it is replaced" in (server.folder / "said.txt").read_text()
    with server.connected(client) as again:
        assert alive(again)


def test_what_is_revoked_is_refused_by_each_of_them(server: Served) -> None:
    """At the next handshake, whoever takes it; another certificate comes in everywhere."""
    bad, good = with_certificate(server, "bad"), with_certificate(server, "good")
    assert all(_let_in(server, bad) for _ in range(CONNECTIONS))
    server.sandbank("certificate", "revoke", "bad")
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        assert not any(pool.map(lambda _: _let_in(server, bad), range(CONNECTIONS)))
        assert all(pool.map(lambda _: _let_in(server, good), range(CONNECTIONS)))


def _let_in(server: Served, client: Path) -> bool:
    """With TLS 1.3 the server's alert comes when the client has long finished its handshake."""
    try:
        with server.connected(client) as connection:
            return alive(connection)
    except ssl.SSLError:
        return False


def test_a_token_of_one_is_known_to_all(server: Served) -> None:
    """Thirty connections, each with the token that one of them gave."""
    client, demo = with_certificate(server, "token"), server.ready["providers"]["wise"]["clients"][0]
    url = server.ready["providers"]["wise"]["doors"]["mtls"]
    curl = ["curl", "-sS", "--noproxy", "*", "--cacert", server.ready["ca_file"]]
    curl += ["--cert", str(client / "c.pem"), "--key", str(client / "c.key")]
    login = [*curl, "-u", f"{demo['id']}:{demo['secret']}", "-d", "grant_type=client_credentials"]
    token = json.loads(subprocess.check_output([*login, f"{url}/oauth/token"]))["access_token"]

    def status(bearer: str) -> bytes:
        asked = [*curl, "-o", "/dev/null", "-w", "%{http_code}", "-H", f"Authorization: Bearer {bearer}"]
        return subprocess.check_output([*asked, f"{url}/v1/authenticated/playground"])

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(status, [token] * CONNECTIONS)) == {b"200"}
    assert status(f"{token}x") == b"401"


def test_of_fifty_submissions_at_once_the_one_that_is_left_succeeds(server: Served) -> None:
    """A client with nine active certificates of ten, and with as many names as it likes."""
    assert server.post("/api/wise/clients", b'{"name": "fifty"}') == 201
    csr = new_csr(server.folder)
    path = "/api/wise/clients/fifty/certificates?name="
    assert [server.post(f"{path}{n}", csr) for n in range(9)] == [201] * 9
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: server.post(f"{path}more-{n}", csr), range(50)))
    assert sorted(answers) == [201] + [422] * 49


def test_all_of_them_stop_with_the_server(tmp_path: Path) -> None:
    """Asked to, with 0; killed without a chance to say anything, they end all the same, and the ports are free."""
    with serving(tmp_path) as running:
        pids = running.pids
        assert running.stop() == 0 and not (tmp_path / "ready.json").exists()
        assert not any(map(_lives, pids))
    with serving(tmp_path) as running:
        pids = running.pids
        running.process.kill()
        running.process.wait(PATIENCE)
        until(lambda: not any(map(_lives, pids)), PATIENCE)
    (tmp_path / "ready.json").unlink()
    with serving(tmp_path) as running:
        assert len(running.pids) == WORKERS - 1


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_one_that_cannot_start_ends_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With its exit code, and without saying that anything is ready."""
    monkeypatch.setattr(supervisor, "_MAIN", "raise SystemExit(3)")
    settings = Settings(state=tmp_path, workers=2)
    orders = WorkerConfig(settings=settings, quiet=True, as_json=False, sockets={})

    async def work() -> None:
        await work_together(orders, asyncio.Event(), lambda: pytest.fail("nothing is ready"))

    with pytest.raises(Surroundings, match=r"could not start \(exit code 3\)"):
        asyncio.run(work())


def test_a_lost_worker_that_cannot_be_replaced_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first is lost, the next two cannot start, as where the store is held; the fourth serves until the stop."""
    starts = tmp_path / "starts"
    program = f"""
import os, sys, time
with open({str(starts)!r}, "a") as file:
    print(os.getpid(), file=file)
number = len(open({str(starts)!r}).readlines())
if number in (2, 3):
    raise SystemExit(3)
os.read(0, 1 << 20)  # its orders: who leaves before that breaks the line
os.write(0, b"ready\\n")
if number == 1:
    raise SystemExit(0)
while os.read(0, 4096):
    pass
"""
    monkeypatch.setattr(supervisor, "_MAIN", program)
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.01)
    orders = WorkerConfig(settings=Settings(state=tmp_path, workers=2), quiet=True, as_json=False, sockets={})
    announced = []

    async def work() -> None:
        stop = asyncio.Event()
        working = asyncio.ensure_future(work_together(orders, stop, lambda: announced.append("ready")))
        await asyncio.to_thread(until, lambda: starts.exists() and len(starts.read_text().split()) == 4, PATIENCE)
        assert not working.done()
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await working

    asyncio.run(work())
    said = capsys.readouterr().err
    assert announced == ["ready"] and len(starts.read_text().split()) == 4
    assert said.count("could not start (exit code 3)") == 2 and "tried again in 0.01 s" in said
    assert not any(_lives(int(pid)) for pid in starts.read_text().split())


def test_a_stop_ends_the_waiting_for_a_replacement(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """At once, though the next try would come much later."""
    starts = tmp_path / "starts"
    program = f"""
import os
with open({str(starts)!r}, "a") as file:
    print("one", file=file)
if len(open({str(starts)!r}).readlines()) > 1:
    raise SystemExit(3)
os.read(0, 1 << 20)  # its orders: who leaves before that breaks the line
os.write(0, b"ready\\n")
"""
    monkeypatch.setattr(supervisor, "_MAIN", program)
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", LONGER)
    orders = WorkerConfig(settings=Settings(state=tmp_path, workers=2), quiet=True, as_json=False, sockets={})

    async def work() -> None:
        stop = asyncio.Event()
        working = asyncio.ensure_future(work_together(orders, stop, lambda: None))
        await asyncio.to_thread(until, lambda: starts.exists() and len(starts.read_text().split()) == 2, PATIENCE)
        assert not working.done()
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await working

    asyncio.run(work())


def test_a_stop_does_not_wait_for_a_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A worker that never becomes ready, and that no patience of ours would end, is gone when the stop is through."""
    said = tmp_path / "pid"
    endless = "import os, signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    endless += f"open({str(said)!r}, 'w').write(str(os.getpid()) + '.'); signal.pause()"
    monkeypatch.setattr(supervisor, "_MAIN", endless)
    monkeypatch.setattr(supervisor, "START_SECONDS", LONGER)
    monkeypatch.setattr(supervisor, "STOP_SECONDS", LONGER)
    orders = WorkerConfig(settings=Settings(state=tmp_path, workers=2), quiet=True, as_json=False, sockets={})

    async def work() -> None:
        stop = asyncio.Event()
        working = asyncio.ensure_future(work_together(orders, stop, lambda: pytest.fail("nothing is ready")))
        await asyncio.to_thread(until, lambda: said.exists() and said.read_text().endswith("."), PATIENCE)
        assert _lives(int(said.read_text()[:-1])) and not working.done()
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await working

    asyncio.run(work())
    assert not _lives(int(said.read_text()[:-1]))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_ends_a_server_whose_workers_are_starting(tmp_path: Path, number: signal.Signals) -> None:
    """With 0 and without a word; and nothing is left running. They are held where they are, so that none is ready."""
    patient = f"from sandbox.cli import supervisor; supervisor.START_SECONDS = supervisor.STOP_SECONDS = {LONGER}; "
    patient += "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    words = ["serve", "--state", "state", "--port-base", "0", "--workers", str(WORKERS), "--ready-file", "ready.json"]
    python = [sys.executable, "-W", "error", "-c", f"{patient}from sandbox.cli import main; main()"]
    with (tmp_path / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [*python, *words, "--quiet"],
            stdout=said,
            stderr=said,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    held: set[int] = set()
    try:
        starting = Served(process=process, folder=tmp_path, ready={})

        def all_held() -> bool:
            for pid in set(starting.pids) - held:
                # Not before it is a program of its own: until then, its parent stands still with it.
                if b"sandbox.cli.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGSTOP)
                    held.add(pid)
            return len(held) == WORKERS - 1

        until(all_held, PATIENCE)
        assert all(map(_lives, held))
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        assert not any(map(_lives, held))
        assert (tmp_path / "said.txt").read_text() == "making a certificate authority in state ...\n"
        assert not (tmp_path / "ready.json").exists() and not (tmp_path / "state" / "faults.log").exists()
    finally:
        process.kill()
        process.wait()
        for pid in filter(_lives, held):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("many", [0, -1, MOST_WORKERS + 1])
def test_no_workers_and_too_many_are_refused(many: int) -> None:
    """A number that is none."""
    with pytest.raises(Misuse, match="workers"):
        Settings(workers=many)
    assert Settings(workers=MOST_WORKERS).workers == MOST_WORKERS
