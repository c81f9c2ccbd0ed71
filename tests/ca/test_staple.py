"""Staples judged by curl, handed over by openssl's server: neither of them knows us."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from ca.clock import SystemClock
from ca.issuance.issue import Issuer
from ca.status.crl import Revoked
from ca.status.ocsp import STAPLE_LIFE, SerialStatus, staple
from tests.ca.chain import Chain, client_chain, server_chain, write


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """An openssl server on a free port with leaf.pem, its chain and the file `staple`; its URL."""
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", "leaf.pem", "-cert_chain", "chain"]
    with subprocess.Popen(
        [*command, "-status_file", "staple", "-www"], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield next("https://" + line.split()[1] for line in process.stdout if line.startswith("ACCEPT"))
        finally:
            process.kill()


def fetched(folder: Path, staple_: bytes) -> subprocess.CompletedProcess[str]:
    """What curl does when it asks for the server's staple, and insists on it."""
    (folder / "staple").write_bytes(staple_)
    with server(folder) as url:
        command = ["curl", "-sS", "-m", "20", "--noproxy", "*", "--cert-status", "--cacert", "root", url]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def home(tmp_path: Path) -> tuple[Chain, Path]:
    chain = server_chain(SystemClock().now(), tmp_path)
    write(tmp_path, root=chain.root)
    return chain, tmp_path


def status(chain: Chain) -> SerialStatus:
    return SerialStatus(issuer=chain.ca.certificate, issued=True)


def test_curl_accepts_the_staple(home: tuple[Chain, Path]) -> None:
    """Signed by a responder of the server CA, which is bound to names that the responder does not have."""
    chain, folder = home
    done = fetched(folder, staple(chain.good, status(chain), chain.responder, SystemClock().now()))
    assert done.returncode == 0 and "Ciphers" in done.stdout, done.stderr


def _revoked(chain: Chain) -> bytes:
    revoked = Revoked(serial=chain.good.serial_number, at=SystemClock().now(), reason="keyCompromise")
    return staple(chain.good, replace(status(chain), revoked=revoked), chain.responder, SystemClock().now())


def _of_another(chain: Chain) -> bytes:
    return staple(chain.bad, status(chain), chain.responder, SystemClock().now())


def _by_another(chain: Chain) -> bytes:
    stranger: Issuer = client_chain(SystemClock().now()).responder
    return staple(chain.good, status(chain), stranger, SystemClock().now())


def _of_last_week(chain: Chain) -> bytes:
    return staple(chain.good, status(chain), chain.responder, SystemClock().now() - STAPLE_LIFE - timedelta(hours=1))


@pytest.mark.parametrize("made", [_revoked, _of_another, _by_another, _of_last_week])
def test_curl_refuses_every_other_staple(made: object, home: tuple[Chain, Path]) -> None:
    """Revoked, about another certificate, signed by a stranger's responder, out of its time: curl's error 91."""
    chain, folder = home
    assert callable(made)
    done = fetched(folder, made(chain))
    assert done.returncode == 91, (done.stdout, done.stderr)


def test_the_responder_stands_under_the_name_constraints(home: tuple[Chain, Path]) -> None:
    """It has no name that they could permit or forbid."""
    chain, _ = home
    with pytest.raises(x509.ExtensionNotFound):
        chain.responder.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
