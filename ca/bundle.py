"""Certificates as the files people use: PEM, DER, and a trust store that Java reads.

Which certificates belong into a file is left to the caller; private keys never come here."""

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID


def pem(certificates: Iterable[x509.Certificate]) -> str:
    """One PEM block after the other, in the order given."""
    return "".join(each.public_bytes(Encoding.PEM).decode("ascii") for each in certificates)


def der(certificate: x509.Certificate) -> bytes:
    """The one certificate in binary."""
    return certificate.public_bytes(Encoding.DER)


def truststore_p12(certificates: Iterable[x509.Certificate], password: str) -> bytes:
    """A PKCS#12 trust store: with the attribute without which Java's keytool sees no trusted entries in it."""
    entries = [pkcs12.PKCS12Certificate(each, _alias(each)) for each in certificates]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password.encode("utf-8")))


def _alias(certificate: x509.Certificate) -> bytes:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(names[0].value) if names else certificate.subject.rfc4514_string()
    # Java compares aliases without case and shows them in lower case.
    return text.lower().encode("utf-8")
