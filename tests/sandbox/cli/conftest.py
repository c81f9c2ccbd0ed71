import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sandbox.cli import root
from sandbox.errands.state import open_state

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The one JSON object on standard error."""
        return json.loads(self.err)


def sandbank(*words: str, stdin: bytes | str | None = None) -> Said:
    """The command in this process, in the folder that the test stands in."""
    result = CliRunner().invoke(root, words, prog_name="sandbank", input=stdin)
    return Said(code=result.exit_code, out=result.stdout_bytes, err=result.stderr)


def started(*words: str, **options: Any) -> subprocess.Popen[bytes]:
    """The command in a process of its own, warnings being errors there as well."""
    python = [sys.executable, "-W", "error", "-m", "sandbox.cli"]
    return subprocess.Popen([*python, *words], env=environment(), **options)


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's own settings must not decide a test."""
    for name in os.environ:
        if name.startswith("SANDBANK_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("founded") / "state"
    open_state(path).close()
    return path


@pytest.fixture
def here(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder but for a state in its usual place; the test stands in it."""
    shutil.copytree(founded, tmp_path / ".sandbank")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder; the test stands in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="session")
def csr(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A good one, as the guide's openssl line makes it, with a CN that will not stay."""
    return _csr(key, {NameOID.COUNTRY_NAME: "EU", NameOID.ORGANIZATION_NAME: "Acme", NameOID.COMMON_NAME: "mine"})


@pytest.fixture(scope="session")
def bad_csr(key: ec.EllipticCurvePrivateKey) -> bytes:
    """One that breaks two rules: no organisation, and a curve that is not taken."""
    del key
    return _csr(ec.generate_private_key(ec.SECP521R1()), {NameOID.COUNTRY_NAME: "EU"})


def _csr(key: ec.EllipticCurvePrivateKey, subject: dict[x509.ObjectIdentifier, str]) -> bytes:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    folder: Path
    ready: dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, founded: Path) -> Iterator[Running]:
    """One for the tests of a module; its output is in out.txt and err.txt of its folder."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(founded, folder / ".sandbank")
    with (folder / "out.txt").open("wb") as out, (folder / "err.txt").open("wb") as err:
        process = started(
            "serve", "--port-base", "0", "--ready-file", "ready.json", cwd=folder, stdout=out, stderr=err
        )
    try:
        said = sandbank("wait", "--ready-file", str(folder / "ready.json"), "--timeout", "20")
        assert said.code == 0, said.err + (folder / "err.txt").read_text()
        yield Running(process=process, folder=folder, ready=json.loads((folder / "ready.json").read_text()))
    finally:
        process.terminate()
        process.wait(10)
