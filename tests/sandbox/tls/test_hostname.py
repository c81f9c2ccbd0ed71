"""The name of a server by RFC 9525: alternative names only, whole labels, no wildcard but the leftmost label."""

import ipaddress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from sandbox.tls.client import is_for, named_in


def certificate(*names: str, common: str = "receiver.test") -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(general, names))), critical=False)
    return builder.sign(key, SHA256())


def general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@pytest.mark.parametrize(
    ("names", "host", "right"),
    [
        (["receiver.test"], "receiver.test", True),
        (["Receiver.TEST"], "receiver.test.", True),
        (["localhost"], "localhost", True),
        (["other.test", "receiver.test"], "receiver.test", True),
        (["receiver.test"], "a.receiver.test", False),
        (["a.receiver.test"], "receiver.test", False),
        (["*.receiver.test"], "a.receiver.test", True),
        (["*.receiver.test"], "receiver.test", False),
        (["*.receiver.test"], "a.b.receiver.test", False),
        (["*.receiver.test"], ".receiver.test", False),
        (["a*.receiver.test"], "ab.receiver.test", False),
        (["a.*.test"], "a.receiver.test", False),
        (["*.test"], "receiver.test", False),
        (["*"], "localhost", False),
        (["127.0.0.1"], "127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["::1"], "0:0:0:0:0:0:0:1", True),
        (["receiver.test"], "127.0.0.1", False),
        (["xn--bcher-kva.test"], "xn--bcher-kva.test", True),
        ([], "receiver.test", False),  # the common name does not count
    ],
)
def test_which_names_a_certificate_is_for(names: list[str], host: str, right: bool) -> None:
    """Each by its own rule."""
    assert is_for(certificate(*names), host) is right


def test_a_name_that_looks_like_an_address_is_none() -> None:
    """``127.0.0.1`` as a DNS name is not the address (RFC 9525 section 6.5)."""
    held = certificate()
    named = x509.SubjectAlternativeName([x509.DNSName("127.0.0.1")])
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder().subject_name(held.subject).issuer_name(held.subject)
    builder = builder.public_key(key.public_key()).serial_number(1).not_valid_before(held.not_valid_before_utc)
    made = builder.not_valid_after(held.not_valid_after_utc).add_extension(named, critical=False).sign(key, SHA256())
    assert not is_for(made, "127.0.0.1")
    assert named_in(made) == ("127.0.0.1",)
