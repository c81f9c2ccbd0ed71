"""Reading DER that people send: what it is, and its parts, each read or refused in the same words for both.

What it is serves the wording of refusals; whether a CSR or a certificate is good is left to `policy`."""

from collections.abc import Callable
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from ca.errors import NotIssued, refuse
from ca.x509.der import UNREADABLE, SerialNotPositive, Signed, issuer_of, load_certificate, spki_of, subject_of
from ca.x509.keys import PublicKey, key_agreement, unusual_form
from ca.x509.names import AlternativeName

T = TypeVar("T")

_NAME_KINDS: tuple[tuple[type[x509.GeneralName], str], ...] = (
    (x509.DNSName, "DNS"),
    (x509.UniformResourceIdentifier, "URI"),
    (x509.RFC822Name, "email"),
    (x509.IPAddress, "IP"),
    (x509.RegisteredID, "RID"),
    (x509.DirectoryName, "dirName"),
)


class Reader:
    """Reads parts under one rule (a provider's page or an RFC), for a CSR or for an uploaded certificate."""

    def __init__(self, rule: str, *, uploading: bool = False) -> None:
        self.rule = rule
        self._uploading = uploading

    def public_key(self, signed: Signed) -> PublicKey:
        what = "the public key can not be read"
        seen, expected = unusual_form(spki_of(signed)), "an RSA or EC key in its usual form"
        reason = "key_encoding_refused" if seen else "key_unreadable"
        return self._part(lambda: _public_key(signed), reason, what, seen or "a key of unknown kind", expected)

    def subject(self, signed: Signed) -> x509.Name:
        return self._name(lambda: subject_of(signed))

    def issuer(self, certificate: x509.Certificate) -> x509.Name:
        return self._name(lambda: issuer_of(certificate))

    def _name(self, ask: Callable[[], x509.Name]) -> x509.Name:
        what = "the subject can not be read"
        return self._part(ask, "subject_unreadable", what, "bytes of another type", "UTF-8 texts")

    def extensions(self, ask: Callable[[], T]) -> T:
        what = "the extensions can not be read"
        return self._part(ask, "extensions_unreadable", what, "faulty extensions", "none at all")

    def _part(self, ask: Callable[[], T], reason: str, detail: str, seen: str, expected: str) -> T:
        try:
            return ask()
        except UNREADABLE:
            pass  # refused outside the except, so that no chained error repeats what came
        raise self.refusal(reason, detail, seen, expected)

    def refusal(self, reason: str, detail: str, seen: str, expected: str) -> NotIssued:
        return NotIssued(
            (
                refuse(
                    f"certificate.{reason}",
                    detail=detail,
                    seen=seen,
                    expected=expected,
                    rule=self.rule,
                    uploading=self._uploading,
                ),
            )
        )


def alternative_names(extensions: x509.Extensions) -> tuple[AlternativeName, ...]:
    """The names of a subjectAltName (RFC 5280 section 4.2.1.6) by the words that openssl has for their kinds."""
    try:
        value = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(AlternativeName(_kind(each), str(each.value)) for each in value)


def _public_key(signed: Signed) -> PublicKey:
    if key_agreement(spki_of(signed)):
        raise ValueError("a key for Diffie-Hellman")
    return signed.public_key()


def _kind(name: x509.GeneralName) -> str:
    return next((kind for made, kind in _NAME_KINDS if isinstance(name, made)), "otherName")


# id-signedData (RFC 5652 section 5.1) as the first element of a SEQUENCE.
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
# version INTEGER 3, then a ContentInfo: the beginning of a PFX (RFC 7292 section 4).
_PFX_VERSION = bytes.fromhex("02010330")
# EncryptedPrivateKeyInfo (RFC 5958 section 3) begins with an AlgorithmIdentifier whose OID is under PKCS#5 or PKCS#12.
_ENCRYPTED_KEY = (bytes.fromhex("06092a864886f70d0105"), bytes.fromhex("060a2a864886f70d010c01"))
# How far into the DER its first elements stand: two headers of at most six bytes.
_HEAD = 12


def what_der_is(der: bytes) -> str:
    """request, certificate, crl, private_key, encrypted_private_key, public_key, rsa_public_key, pkcs7,
    pkcs12_with_private_key, or "" when it is none of these."""
    if kind := key_agreement(der):
        return kind
    for kind, load in _LOADERS:
        if _loads(load, der):
            return kind
    from ca.request.pkcs10 import is_request

    if is_request(der):
        return "request"
    head = der[: _HEAD + 16]
    if head.find(_PFX_VERSION, 0, _HEAD + 4) in range(2, 7):
        return "pkcs12_with_private_key"
    if _SIGNED_DATA in head:
        return "pkcs7"
    return "encrypted_private_key" if any(mark in head for mark in _ENCRYPTED_KEY) else ""


def _loads(load: Callable[[bytes], object], der: bytes) -> bool:
    try:
        load(der)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        return False
    return True


def _private_key(der: bytes) -> object:
    # Only its kind is asked; testing the primes of a large key would take seconds.
    return load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)


def _certificate(der: bytes) -> object:
    try:
        return load_certificate(der)
    except SerialNotPositive as error:
        return error


_LOADERS: tuple[tuple[str, Callable[[bytes], object]], ...] = (
    ("request", x509.load_der_x509_csr),
    ("certificate", _certificate),
    ("crl", x509.load_der_x509_crl),
    ("private_key", _private_key),
    ("public_key", load_der_public_key),
)
