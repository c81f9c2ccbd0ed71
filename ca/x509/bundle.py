"""Certificates and CRLs as the files people use: PEM, DER, a trust store that Java reads, a key store with its key.

Which certificates belong into a file, and where its key is from, is left to the caller."""

from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat, pkcs12

from ca.x509.der import subject_of
from ca.x509.names import attributes, rfc4514

KeystoreKey = pkcs12.PKCS12PrivateKeyTypes

# Of PKCS#12's key derivation: as many as the library itself takes. Java, Windows and OpenSSL write 2,000 to 10,000.
ROUNDS = 20_000


def pem(certificates: Iterable[x509.Certificate]) -> str:
    """One PEM block after the other, in the order given."""
    return "".join(each.public_bytes(Encoding.PEM).decode("ascii") for each in certificates)


def crls_pem(lists: Iterable[bytes]) -> str:
    """CRLs in DER as one PEM block (X509 CRL) after the other, in the order given."""
    return "".join(x509.load_der_x509_crl(each).public_bytes(Encoding.PEM).decode("ascii") for each in lists)


def der(certificate: x509.Certificate) -> bytes:
    """The one certificate in binary."""
    return certificate.public_bytes(Encoding.DER)


def truststore_p12(certificates: Iterable[x509.Certificate], password: str) -> bytes:
    """A PKCS#12 trust store: with the attribute without which Java's keytool sees no trusted entries in it."""
    entries = [pkcs12.PKCS12Certificate(each, _alias(each)) for each in certificates]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password.encode("utf-8")))


def keystore_p12(
    name: str,
    key: KeystoreKey,
    certificate: x509.Certificate,
    above: Iterable[x509.Certificate],
    password: str,
    *,
    legacy: bool = False,
) -> bytes:
    """A PKCS#12 key store: the key, its certificate, and what stands above that (RFC 7292).

    PBES2 with AES-256-CBC and an HMAC of SHA-256; *legacy*: 3-key triple DES and SHA-1 by PKCS#12's own scheme
    (RFC 7292 appendix B), which is all that Java before 8u301 and 11.0.12 and Windows before 10 1709 read."""
    scheme = pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC if legacy else pkcs12.PBES.PBESv2SHA256AndAES256CBC
    builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(ROUNDS).key_cert_algorithm(scheme)
    encryption = builder.hmac_hash(hashes.SHA1() if legacy else hashes.SHA256()).build(password.encode("utf-8"))
    return pkcs12.serialize_key_and_certificates(name.encode("utf-8"), key, certificate, list(above), encryption)


def _alias(certificate: x509.Certificate) -> bytes:
    subject = subject_of(certificate)
    text = next((each.value for each in attributes(subject) if each.short == "CN"), None) or rfc4514(subject)
    # Java compares aliases without case and shows them in lower case.
    return text.lower().encode("utf-8")
