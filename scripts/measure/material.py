"""Certificates and keys out of a state's store, where a measurement needs what the services do not hand out."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

from ca import authority
from ca.issuance.issue import Issuer
from ca.store import store
from ca.x509.bundle import pem
from ca.x509.keys import read_key_der, write_key_pem
from sandbox.services.state import opened
from scripts.measure.home import PROVIDER
from scripts.measure.load import Failed


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFiles:
    """What the opponent serves with: our server's certificate and key, and the CA of our clients."""

    certificate: Path
    key: Path
    clients: Path


def export(folder: Path, into: Path) -> ServerFiles:
    """The certificates of the state in *folder*, as files for the other side."""
    files = ServerFiles(certificate=into / "server.pem", key=into / "server.key", clients=into / "clients.pem")
    server, above = _read(folder, authority.SERVER), _read(folder, authority.SERVER_CA)
    files.certificate.write_text(pem((server.certificate, above.certificate)), encoding="ascii")
    files.clients.write_text(pem((issuing(folder).certificate,)), encoding="ascii")
    files.key.touch(mode=0o600)
    files.key.write_text(write_key_pem(server.key), encoding="ascii")
    return files


def issuing(folder: Path) -> Issuer:
    """The CA that signs the certificates of our clients."""
    return _read(folder, authority.CLIENT_CA + PROVIDER)


def _read(folder: Path, name: str) -> Issuer:
    with opened(folder) as state, state.store.read() as work:
        row = store.read_authority(work, name)
    if row is None or row.key is None:
        raise Failed(f"the state has no {name} with a key")
    return Issuer(certificate=x509.load_der_x509_certificate(row.certificate), key=read_key_der(row.key))
