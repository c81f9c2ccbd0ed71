"""A running sandbox, and the two programs that a person has: openssl and curl."""

import itertools
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbank import Sandbox


@dataclass(frozen=True)
class Said:
    """What curl brought back."""

    status: int
    headers: dict[str, str]
    text: str
    stderr: str
    exit_code: int
    version: str

    @property
    def json(self):
        return json.loads(self.text)


def openssl(*arguments: object, cwd: Path | None = None, check: bool = True, stdin: bytes = b"") -> str:
    done = subprocess.run(
        ["openssl", *map(str, arguments)], cwd=cwd, check=False, capture_output=True, input=stdin, timeout=60
    )
    assert not check or done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


def curl(*arguments: object) -> Said:
    """curl with its headers; never through a proxy, never longer than 20 seconds."""
    command = ["curl", "-sS", "-i", "--noproxy", "*", "--max-time", "20", *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, timeout=60)
    head, _, body = done.stdout.decode(errors="replace").partition("\r\n\r\n")
    while body.startswith("HTTP/"):  # after "100 Continue"
        head, _, body = body.partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    version, _, code = status.partition(" ")
    return Said(
        status=int(code.split()[0]) if code else 0,
        headers={name.lower(): value for name, _, value in (line.partition(": ") for line in lines)},
        text=body,
        stderr=done.stderr.decode(errors="replace"),
        exit_code=done.returncode,
        version=version,
    )


def on_disk(sandbox: Sandbox, pattern: str) -> bytes:
    """The files of the state as they lie on the disk, the journal's newest entries among them.

    Read by another process: to close a database's file in the server's own would drop SQLite's locks on it.
    """
    sandbox.state.journal.flush()
    files = sorted(map(str, sandbox.state.folder.path.glob(pattern)))
    assert files
    return subprocess.run(["cat", *files], check=True, capture_output=True, timeout=60).stdout


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    """One server for all tests that only need their own client."""
    with Sandbox(state=tmp_path_factory.mktemp("guide") / "state", handshake_seconds=10) as running:
        yield running


@dataclass(frozen=True)
class Partner:
    """A client of the sandbox with a certificate, as a partner's program would have it."""

    sandbox: Sandbox
    id: str
    secret: str
    name: str
    certificate: Path
    key: Path

    @property
    def tls(self) -> tuple[str, ...]:
        return ("--cert", str(self.certificate), "--key", str(self.key), "--cacert", str(self.sandbox.ca_file))

    def url(self, path: str, door: str = "mtls") -> str:
        return self.sandbox.wise.urls[door] + path

    def token(self) -> str:
        said = curl(
            *self.tls, "-u", f"{self.id}:{self.secret}", "-d", "grant_type=client_credentials", self.url("/oauth/token")
        )
        assert said.status == 200, said
        return said.json["access_token"]

    def playground(self, *more: object, token: str | None = None) -> Said:
        bearer = ("-H", f"Authorization: Bearer {token}") if token is not None else ()
        return curl(*self.tls, self.url("/v1/authenticated/playground"), *bearer, *more)


_numbers = itertools.count(1)


@pytest.fixture
def partner(sandbox, request):
    """A client of its own for each test."""
    return make_partner(sandbox, f"{next(_numbers)}-{request.node.name}")


def make_partner(sandbox: Sandbox, name: str) -> Partner:
    client = sandbox.wise.new_client("".join(c if c.isalnum() else "-" for c in name)[:50].strip("-") or "c")
    files = client.new_certificate("first")
    return Partner(
        sandbox=sandbox,
        id=client.id,
        secret=client.secret,
        name=client.name,
        certificate=files.certificate,
        key=files.key,
    )
