"""What the tests of revocation make things with: a chain of certificates, and its files for the openssl command."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.issuance.hierarchy import (
    CLIENT_CA,
    Founded,
    found_client_authority,
    found_client_root,
    found_server_side,
    make_ocsp_responder,
    make_server_certificate,
    plan_authority,
)
from ca.issuance.issue import Issuer, certify, random_serial
from ca.issuance.profile import plan
from ca.x509.keys import write_key_pem
from tests.ca.making import PROFILE, a_csr, approved, issue, shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A root, an issuing CA, its OCSP responder, and two leaves of which one may come to grief."""

    root: x509.Certificate
    ca: Issuer
    responder: Issuer
    good: x509.Certificate
    bad: x509.Certificate


def issuer(made: Founded) -> Issuer:
    """A certificate with its key, where the key is kept."""
    assert made.key is not None
    return Issuer(certificate=made.certificate, key=made.key)


def client_chain(now: datetime, *, ca_key: str = "ec-p256") -> Chain:
    """A provider's CA as it is founded, or one with a key of another kind, and two clients' certificates."""
    root = issuer(found_client_root(now, random_serial))
    ca = issuer(found_client_authority("wise", root, now, random_serial))
    if ca_key != "ec-p256":
        key = shelf(ca_key)
        planned = plan_authority(CLIENT_CA, key.public_key(), mark="00000000", now=now)
        ca = Issuer(certificate=certify(key, planned, root, random_serial()), key=key)
    leaves = [_leaf(ca, now) for _ in range(2)]
    responder = issuer(make_ocsp_responder(ca, now, random_serial()))
    return Chain(root=root.certificate, ca=ca, responder=responder, good=leaves[0], bad=leaves[1])


@cache
def other_ca(now: datetime) -> Issuer:
    """A CA of another state."""
    root = issuer(found_client_root(now, random_serial))
    return issuer(found_client_authority("nuapay", root, now, random_serial))


def server_chain(now: datetime, folder: Path) -> Chain:
    """The server's side; leaf.pem is what a server hands over, with its key."""
    side = found_server_side((), now, random_serial)
    ca = issuer(side.server)
    leaves = [make_server_certificate(("localhost", "127.0.0.1"), ca, now, random_serial()) for _ in range(2)]
    assert leaves[0].key is not None
    write(folder, chain=side.server.certificate)
    (folder / "leaf.pem").write_bytes(
        leaves[0].certificate.public_bytes(Encoding.PEM) + write_key_pem(leaves[0].key).encode()
    )
    return Chain(
        root=side.root.certificate,
        ca=ca,
        responder=issuer(make_ocsp_responder(ca, now, random_serial())),
        good=leaves[0].certificate,
        bad=leaves[1].certificate,
    )


def write(folder: Path, **made: x509.Certificate | x509.CertificateRevocationList) -> None:
    """Each in PEM, in a file of its name."""
    for name, each in made.items():
        (folder / name).write_bytes(each.public_bytes(Encoding.PEM))


def _leaf(ca: Issuer, now: datetime) -> x509.Certificate:
    ready = approved(a_csr())
    return issue(ready, plan(ready, PROFILE, now), ca, random_serial())
