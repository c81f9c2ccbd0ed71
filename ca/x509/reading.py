"""Reading the parts of a parsed CSR or certificate: each is either read or refused, in the same words for both."""

from collections.abc import Callable
from typing import TypeVar

from cryptography import x509

from ca.errors import NotIssued, refuse
from ca.x509.keys import PublicKey
from ca.x509.loading import UNREADABLE, Signed, issuer_of, key_agreement, spki_of, subject_of, unusual_form
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


def hash_of(signed: Signed) -> str:
    """The hash under a signature: its name, "" where the algorithm has none (Ed25519), or the OID when unknown."""
    try:
        algorithm = signed.signature_hash_algorithm
    except UNREADABLE:
        return signed.signature_algorithm_oid.dotted_string
    return algorithm.name if algorithm is not None else ""


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
