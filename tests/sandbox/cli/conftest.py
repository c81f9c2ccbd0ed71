import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sandbox.cli.running import Running, sandbank, started


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's own settings must not decide a test, nor a server that runs on this machine."""
    for name in os.environ:
        if name.startswith("SANDBANK_"):
            monkeypatch.delenv(name)
    monkeypatch.setattr("sandbox.cli.failures.USUAL", "http://127.0.0.1:9")


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
def bad_csr() -> bytes:
    """One that breaks two rules: no organisation, and a curve that is not taken."""
    return _csr(ec.generate_private_key(ec.SECP521R1()), {NameOID.COUNTRY_NAME: "EU"})


def _csr(key: ec.EllipticCurvePrivateKey, subject: dict[x509.ObjectIdentifier, str]) -> bytes:
    name = x509.Name([x509.NameAttribute(oid, value) for oid, value in subject.items()])
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, founded: Path) -> Iterator[Running]:
    """One for the tests of a module; its output is in out.txt and err.txt of its folder."""
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(founded, folder / ".sandbank")
    with (folder / "out.txt").open("wb") as out, (folder / "err.txt").open("wb") as err:
        process = started("serve", "--port-base", "0", "--ready-file", "ready.json", cwd=folder, stdout=out, stderr=err)
    try:
        said = sandbank("wait", "--ready-file", str(folder / "ready.json"), "--timeout", "60")
        assert said.code == 0, said.err + (folder / "err.txt").read_text()
        yield Running(process=process, folder=folder, ready=json.loads((folder / "ready.json").read_text()))
    finally:
        process.terminate()
        process.wait(60)
