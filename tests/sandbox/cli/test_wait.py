import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from sandbox.cli.ready import answer
from tests.sandbox.cli.running import sandbank


def test_waiting_in_vain_is_exit_code_3(nowhere: Path) -> None:
    """With a sentence that says what did not come."""
    said = sandbank("wait", "--timeout", "0.1")
    assert said.code == 3 and "no server came up over the state .sandbank within 0.1 seconds" in said.err
    said = sandbank("wait", "--timeout", "0", "--ready-file", "ready.json")
    assert said.code == 3 and "no ready file ready.json was written within 0 seconds" in said.err
    assert list(nowhere.iterdir()) == []


def test_a_state_that_was_never_served_is_not_waited_for_at_the_usual_port(here: Path) -> None:
    """What answers there is another sandbox."""
    assert "no server came up over the state" in sandbank("wait", "--timeout", "0").err


def test_a_ready_file_of_a_dead_server_is_no_answer(nowhere: Path) -> None:
    """The control door has to answer."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        Path("ready.json").write_text(json.dumps({"version": 1, "pid": 1, "control": url}))
        said = sandbank("wait", "--timeout", "0", "--ready-file", "ready.json")
    assert said.code == 3 and f"no server answered on {url} within" in said.err


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b'{"control": 1}', b"\xff\xfe"])
def test_a_file_that_is_no_ready_file_is_waited_on(nowhere: Path, content: bytes) -> None:
    """It may become one; until then it is not read as anything else."""
    Path("ready.json").write_bytes(content)
    assert sandbank("wait", "--timeout", "0", "--ready-file", "ready.json").code == 3


@pytest.mark.parametrize("timeout", ["nan", "inf", "-1", "soon"])
def test_a_time_that_is_none_is_wrong_usage(timeout: str) -> None:
    """Nobody waits for ever by mistake."""
    assert sandbank("wait", "--timeout", timeout).code == 2


@pytest.mark.parametrize(
    ("status", "body", "healthy"), [(200, b'{"status":"ok"}', True), (503, b"{}", False), (200, b"<", False)]
)
def test_healthy_is_200_and_json(status: int, body: bytes, healthy: bool) -> None:
    """Another program on the port is not our server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert (answer(f"http://127.0.0.1:{server.server_port}") is not None) is healthy
