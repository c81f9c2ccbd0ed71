"""`sandbank serve` in a process of its own, over a folder of its own: one of the machines that share a database."""

import base64
import contextlib
import http.client
import json
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.cli.running import sandbank, started

PATIENCE = 60.0
"""A server that starts on a busy computer has taken more than twenty seconds."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a door said, and how long it took, in seconds."""

    status: int
    json: Any
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A running server."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    ready: dict[str, Any]

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def control(self, method: str, path: str, body: str | bytes | None = None) -> Answer:
        """A call at the control door."""
        return self._call(self.ready["control"], None, method, path, body, {})

    def get(self, provider: str, path: str) -> Answer:
        """A call without a login at the provider's api door."""
        return self._call(self.ready["providers"][provider]["doors"]["api"], self.trusting(), "GET", path, None, {})

    def token(self, client: dict[str, str] | None = None) -> Answer:
        """A login at Wise's api door, of the demo client where no other is named."""
        client = client or self.ready["providers"]["wise"]["clients"][0]
        credentials = base64.b64encode(f"{client['id']}:{client['secret']}".encode()).decode()
        head = {"authorization": f"Basic {credentials}", "content-type": "application/x-www-form-urlencoded"}
        url = self.ready["providers"]["wise"]["doors"]["api"]
        return self._call(url, self.trusting(), "POST", "/oauth/token", "grant_type=client_credentials", head)

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ready["ca_file"])

    def shake_hands(self, door: str = "api") -> float:
        """A handshake at one of Wise's doors; how long it took, in seconds."""
        where = urlsplit(self.ready["providers"]["wise"]["doors"][door])
        began = monotonic()
        with contextlib.closing(
            http.client.HTTPSConnection("localhost", where.port, timeout=PATIENCE, context=self.trusting())
        ) as one:
            one.connect()
        return monotonic() - began

    def _call(
        self,
        url: str,
        context: ssl.SSLContext | None,
        method: str,
        path: str,
        body: str | bytes | None,
        head: dict[str, str],
    ) -> Answer:
        where = urlsplit(url)
        host, port = where.hostname or "", where.port
        connection: http.client.HTTPConnection = (
            http.client.HTTPSConnection(host, port, timeout=PATIENCE, context=context)
            if context
            else http.client.HTTPConnection(host, port, timeout=PATIENCE)
        )
        began = monotonic()
        with contextlib.closing(connection):
            connection.request(method, path, body, head)
            reply = connection.getresponse()
            said = reply.read()
        is_json = "json" in reply.headers.get("content-type", "")
        return Answer(status=reply.status, json=json.loads(said) if is_json else said, seconds=monotonic() - began)


@contextlib.contextmanager
def machine(folder: Path, database: str, *words: str, warns: bool = False) -> Iterator[Machine]:
    """One that runs until the end of the block, and then has said nothing on standard error, unless it *warns*."""
    folder.mkdir(exist_ok=True)
    errors = folder / "err.txt"
    options = ["--state", "state", "--database", database, "--port-base", "0", "--ready-file", "ready.json", *words]
    with (folder / "out.txt").open("wb") as out, errors.open("wb") as err:
        process = started("serve", *options, cwd=folder, stdout=out, stderr=err)
    try:
        said = sandbank("wait", "--ready-file", str(folder / "ready.json"), "--timeout", f"{PATIENCE:g}")
        assert said.code == 0, said.err + errors.read_text()
        yield Machine(process=process, folder=folder, ready=json.loads((folder / "ready.json").read_text()))
        process.terminate()
        assert process.wait(PATIENCE) == 0
        said_alone = errors.read_text().replace("making a certificate authority in state ...\n", "")
        assert bool(said_alone) is warns and not (folder / "state" / "faults.log").exists()
    finally:
        process.kill()
        process.wait()
