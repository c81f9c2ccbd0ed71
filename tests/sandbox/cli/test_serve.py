"""One server for the tests of this file, in a process of its own, driven from outside."""

import http.client
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from sandbox.cli import guide, ready
from sandbox.cli.screen import screen, warnings
from sandbox.providers import PROVIDERS
from sandbox.services.clock import Shown
from sandbox.settings import Settings
from tests.sandbox.cli.running import Running, sandbank, started
from tests.waiting import until

PATIENCE = 60.0
"""The journal's thread writes ten times a second; a busy computer fails no test."""


def text_of(server: Running) -> str:
    return (server.folder / "out.txt").read_text()


def speak_plainly(url: str) -> bytes:
    """Plain HTTP to a door that speaks TLS: a refused handshake that needs no certificate."""
    with socket.create_connection((urlsplit(url).hostname or "", urlsplit(url).port or 0), 5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection.recv(1000)


def test_the_ready_file_says_where_everything_is(server: Running) -> None:
    """0600, for it holds secrets; its URLs answer."""
    file = server.folder / "ready.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert server.ready["version"] == 2 and server.ready["pid"] == server.process.pid
    assert Path(server.ready["ca_file"]).is_file()
    demo = server.ready["providers"]["wise"]["clients"][0]
    assert set(server.ready["providers"]["wise"]["doors"]) == {"mtls", "api"} and set(demo) == {"name", "id", "secret"}
    where = urlsplit(server.ready["control"])
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()


def test_the_screen_has_all_that_the_next_minute_needs(server: Running) -> None:
    """URLs, CA file, id and secret, and the guide's commands filled in."""
    until(lambda: "Ctrl-C" in text_of(server), PATIENCE)
    text = text_of(server)
    demo = server.ready["providers"]["wise"]["clients"][0]
    for said in (
        *server.ready["providers"]["wise"]["doors"].values(),
        server.ready["control"],
        demo["id"],
        demo["secret"],
    ):
        assert said in text
    assert "Not for real money, not for real trust." in text
    unfolded = re.sub(r" \\\n +", " ", text)
    assert guide.OPENSSL in unfolded
    assert f"certificate sign {guide.CSR} --client demo --out {guide.CERTIFICATE}" in unfolded
    assert f"-u {demo['id']}:{demo['secret']} -d grant_type=client_credentials " in unfolded
    assert "/v1/authenticated/playground -H 'Authorization: Bearer <access_token>'" in unfolded


def test_a_refused_handshake_is_told_with_its_reason(server: Running) -> None:
    """The line, and below it seen, expected and next."""
    speak_plainly(server.ready["providers"]["wise"]["doors"]["mtls"])
    until(lambda: "tls.plain_http: " in text_of(server), PATIENCE)
    assert re.search(
        r"Z  handshake    wise.mtls  -  .*tls.plain_http.*\n"
        r"  tls.plain_http: .*\n    seen  .*\n    expected  .*\n    next  ",
        text_of(server),
    )


def test_wait_finds_the_server_by_its_state(server: Running) -> None:
    """As by its ready file; in JSON it says where."""
    said = sandbank("wait", "--state", str(server.folder / ".sandbank"), "--json", "--timeout", "60")
    assert said.code == 0 and said.json["control"] == server.ready["control"]
    assert said.json["health"]["status"] == "ok"


def test_a_served_state_is_not_reset(server: Running) -> None:
    """Exit code 3, and it is all there still."""
    said = sandbank("state", "reset", "--yes", "--state", str(server.folder / ".sandbank"))
    assert said.code == 3 and "a server runs over" in said.err
    assert (server.folder / ".sandbank" / "sandbank.sqlite").exists()


def test_a_second_server_on_the_same_ports_is_a_sentence(server: Running, tmp_path: Path) -> None:
    """Exit code 3; and the first one's ready file stays."""
    base = str(urlsplit(server.ready["control"]).port)
    file = server.folder / "ready.json"
    with started(
        "serve",
        "--port-base",
        base,
        "--ready-file",
        str(file),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as second:
        said = second.stderr.read().decode()
        assert second.stdout.read() == b""
    assert second.returncode == 3
    assert said.splitlines()[-2].startswith(f"sandbank: port {base} of the control door is in use")
    assert said.splitlines()[-1].startswith("next: ")
    assert ready.read(file) == server.ready


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_signals_stop_it_soon(here: Path, number: signal.Signals) -> None:
    """With exit code 0 and without a word, though nobody reads its output; the ready file goes with it."""
    with started(
        "serve", "--port-base", "0", "--ready-file", "ready.json", "--log-format", "json",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "60").code == 0
        described = ready.read(Path("ready.json"))
        assert described
        first = json.loads(process.stdout.readline())["ready"]
        assert first["control"] == described["control"]
        assert first["providers"]["wise"]["clients"] == [
            {key: client[key] for key in ("name", "id")} for client in described["providers"]["wise"]["clients"]
        ]
        speak_plainly(described["providers"]["wise"]["doors"]["api"])
        entry = json.loads(process.stdout.readline())
        assert entry["kind"] == "handshake" and entry["reasons"][0]["code"] == "tls.plain_http"
        process.stdout.close()
        speak_plainly(described["providers"]["wise"]["doors"]["api"])
        process.send_signal(number)
        assert process.stderr.read() == b""
        assert process.wait(30) == 0  # half a second on an idle computer
    assert not Path("ready.json").exists()


def test_a_quiet_server_warns_all_the_same(nowhere: Path) -> None:
    """A new root, an open address: on standard error; on standard output nothing. A new state needs no second root."""
    assert sandbank("state", "new").code == 0
    words = ["--port-base", "0", "--ready-file", "ready.json", "--quiet", "--bind", "0.0.0.0"]
    with started(
        "serve", *words, "--server-name", "pay.example", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "60").code == 0
        process.terminate()
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, b"")
    root, bound = err.decode().splitlines()
    assert "a new server root was made" in root and "pay.example" in root
    assert "the doors listen on 0.0.0.0" in bound


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--bind", "localhost"), "is not an IP address"),
        (("--port-base", "70000"), "port base 70000"),
        (("--handshake-seconds", "nan"), "time limit"),
        (("--control-bind", "0.0.0.0"), "needs a token"),
        (("--ready-file", "mine.txt"), "mine.txt is not a ready file and is not overwritten"),
        (("--ready-file", "no/such/ready.json"), "there is no folder no/such"),
    ],
)
def test_what_cannot_be_meant_makes_no_state(nowhere: Path, words: tuple[str, ...], sentence: str) -> None:
    """Exit code 2, before anything was done."""
    Path("mine.txt").write_text("my notes")
    said = sandbank("serve", *words)
    assert said.code == 2 and sentence in said.err and not Path(".sandbank").exists()
    assert "--out" not in said.err  # no option of serve
    assert Path("mine.txt").read_text() == "my notes"


def test_a_dead_servers_ready_file_goes_before_the_start(nowhere: Path) -> None:
    """Nobody may take it for ours."""
    path = nowhere / "ready.json"
    ready.write(path, {"version": 1, "pid": os.getpid(), "control": "http://127.0.0.1:1", "providers": {}})
    ready.clear(path)
    assert not path.exists()


def test_a_ready_file_of_another_server_stays(nowhere: Path) -> None:
    """The one that is removed at the stop is the one that was written at the start."""
    path = nowhere / "ready.json"
    ours = {"version": 1, "pid": os.getpid(), "control": "http://127.0.0.1:1"}
    ready.write(path, {**ours, "pid": 1})
    ready.remove(path, ours)
    assert path.exists()
    ready.write(path, ours)
    ready.remove(path, ours)
    assert not path.exists()


def test_the_screen_is_one_screen(nowhere: Path) -> None:
    """24 lines of at most 100 columns, with ids of full length and every provider."""
    uuid = "0" * 36
    doors = {"mtls": "https://localhost:65535", "api": "https://localhost:65534"}
    described = {
        "control": "http://127.0.0.1:65530",
        "ca_file": str(nowhere / ".sandbank" / "ca.pem"),
        "providers": {"wise": {"doors": doors, "clients": [{"name": "demo", "id": uuid, "secret": uuid}]}}
        | {
            provider.name: {
                "doors": dict.fromkeys((door.name for door in provider.doors), doors["mtls"]),
                "clients": [],
            }
            for provider in PROVIDERS[1:]
        },
    }
    lines = screen(described, Path(".sandbank"))
    assert len(lines) <= 24 and max(map(len, lines)) <= 100
    for clients in ([], [{"name": "demo", "id": uuid, "secret": None}]):
        described["providers"]["wise"]["clients"] = clients  # type: ignore[index]
        assert any("-u ID:SECRET" in line for line in screen(described, Path(".sandbank")))
    assert any("--state 'else where'" in line for line in screen(described, Path("else where")))


def test_a_provider_without_a_guide_shows_its_doors_alone(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No heading with nothing below it. The control is the screen with the guide."""
    described = {
        "control": "http://127.0.0.1:65530",
        "ca_file": str(nowhere / "ca.pem"),
        "providers": {"wise": {"doors": {"mtls": "https://localhost:1", "api": "https://localhost:2"}, "clients": []}},
    }
    whole = screen(described, Path(".sandbank"))
    monkeypatch.setattr("sandbox.cli.screen.guide", lambda: None)
    bare = screen(described, Path(".sandbank"))
    assert any("In a second terminal" in line for line in whole)
    assert bare == [*whole[: whole.index(next(line for line in whole if "In a second" in line))], whole[-1]]


def test_warnings_are_for_what_is_unusual() -> None:
    """Loopback and the usual names: none."""
    now = datetime(2026, 11, 24, 10, tzinfo=UTC)
    real = Shown(now=now, real=True, runs=True, ahead=timedelta())
    assert warnings(Settings(), (), real) == []
    open_settings = Settings(control_bind=("0.0.0.0",), control_token="t")
    assert len(warnings(open_settings, ("a.example",), real)) == 2
    stands = Shown(now=now, real=False, runs=False, ahead=timedelta(days=-2))
    (said,) = warnings(Settings(), (), stands)
    assert "stands, at this moment 2d behind real time" in said and "sandbank clock reset" in said


def test_the_folder_of_the_server_on_the_usual_port_is_named(
    server: Running, nowhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the next step, which is the same command for that folder, and works; nothing secret is repeated in it."""
    monkeypatch.setattr("sandbox.cli.failures.USUAL", server.ready["control"])
    said = sandbank("client", "show", "demo", "--json")
    assert said.code == 3 and f"works on {server.folder}/.sandbank" in said.error["error"]["detail"]
    again = shlex.split(said.error["error"]["next"])
    assert again[:3] == ["sandbank", "client", "show"] and sandbank(*again[1:]).json["name"] == "demo"
    secret = sandbank("client", "add", "x", "--secret", "s3cret", "--state", "here")
    assert secret.code == 3 and "s3cret" not in secret.err and f"--state {server.folder}/.sandbank" in secret.err
    assert list(nowhere.iterdir()) == []
