"""Reading a CSR: the facts in it, its proof of possession, and what stands around it.

Which facts are good enough is left to `policy`; here only that is refused which leaves nothing to judge."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AttributeOID, ExtensionOID

from ca.errors import NotIssued, refuse, visible
from ca.request.pem import MAX_CSR_BYTES, REQUEST, find
from ca.request.weak_keys import weakness
from ca.x509.der import UNREADABLE, Signed, extensions_of, hash_of, issuer_of, spki_of, subject_of
from ca.x509.extensions import alternative_names, purposes
from ca.x509.keys import MAX_KEY_BITS, KeyFacts, PublicKey, describe, key_agreement, spki_der, unusual_form
from ca.x509.names import AlternativeName, Attribute, attributes

__all__ = ["MAX_CSR_BYTES", "Csr", "Reader", "RequestedExtension", "read_ahead", "read_csr"]

T = TypeVar("T")

_ATTRIBUTE_NAMES = {
    AttributeOID.CHALLENGE_PASSWORD.dotted_string: "challengePassword",
    AttributeOID.UNSTRUCTURED_NAME.dotted_string: "unstructuredName",
}
# RFC 5280 section 4.2; whatever else is asked for goes by its OID.
_EXTENSION_NAMES = {
    ExtensionOID.BASIC_CONSTRAINTS.dotted_string: "basicConstraints",
    ExtensionOID.KEY_USAGE.dotted_string: "keyUsage",
    ExtensionOID.EXTENDED_KEY_USAGE.dotted_string: "extendedKeyUsage",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME.dotted_string: "subjectAltName",
    ExtensionOID.SUBJECT_KEY_IDENTIFIER.dotted_string: "subjectKeyIdentifier",
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER.dotted_string: "authorityKeyIdentifier",
    ExtensionOID.NAME_CONSTRAINTS.dotted_string: "nameConstraints",
    ExtensionOID.CERTIFICATE_POLICIES.dotted_string: "certificatePolicies",
    ExtensionOID.TLS_FEATURE.dotted_string: "tlsFeature",
}
# extensionRequest (RFC 2985 section 5.4.2): its contents are in `extensions`.
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedExtension:
    """An extension that the CSR asks for; it is shown, never copied."""

    oid: str
    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Csr:
    """The facts of one CSR (PKCS#10, RFC 2986).

    `spki` is the SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) to the byte. `signature_ok` is the proof of
    possession; None means that it was not tried, the key being too large to verify with. `attributes` are names only:
    a challenge password is a secret and is not read. `around` is never shown."""

    der: bytes = field(repr=False)
    name: x509.Name = field(repr=False)
    subject: tuple[Attribute, ...]
    key: KeyFacts
    public_key: PublicKey = field(repr=False)
    spki: bytes = field(repr=False)
    hash: str
    signature_ok: bool | None
    extensions: tuple[RequestedExtension, ...]
    alternative_names: tuple[AlternativeName, ...] = ()
    attributes: tuple[str, ...]
    around: str = field(repr=False)
    label: str
    line_ends: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the DER in hex: by which one CSR can be named without repeating it."""
        return hashlib.sha256(self.der).hexdigest()

    @cached_property
    def usual_spki(self) -> bytes:
        """The SubjectPublicKeyInfo as the library writes it into a certificate for the key."""
        return spki_der(self.public_key)

    @cached_property
    def spki_sha256(self) -> str:
        """By which the key is known, however it was written."""
        return hashlib.sha256(self.usual_spki).hexdigest()

    @cached_property
    def weakness(self) -> str:
        """What is wrong with the numbers of the key, as a phrase; "" when nothing is known to be, and for a key that is
        too large to be computed with."""
        return "" if self.signature_ok is None else weakness(self.public_key, named=self.spki_sha256)


def read_ahead(data: bytes) -> "Csr | bytes":
    """All that a judgement needs and that takes long, before it is known who asks; the same bytes where there is
    nothing that could be judged, for then that is told in the words of whoever was asked."""
    try:
        csr = read_csr(data)
    except NotIssued:
        return data
    _ = csr.weakness
    return csr


def read_csr(data: bytes, *, rule_page: str = "") -> Csr:
    """The facts of the one CSR in these bytes; NotIssued when there is nothing that could be judged."""
    found = find(data, REQUEST, rule_page=rule_page)
    reader = Reader(rule_page or "RFC 2986")
    request = _load(found.der, reader)
    if isinstance(request, NotIssued) or found.flaws:
        inside = request.refusals if isinstance(request, NotIssued) else ()
        raise NotIssued((*found.flaws, *inside))
    public_key = reader.public_key(request)
    name = reader.subject(request)
    extensions = reader.extensions(lambda: extensions_of(request))
    return Csr(
        der=found.der,
        name=name,
        subject=attributes(name),
        key=describe(public_key),
        public_key=public_key,
        spki=spki_of(request),
        hash=hash_of(request),
        signature_ok=_possession(request, public_key),
        extensions=reader.extensions(lambda: tuple(map(_extension, extensions))),
        alternative_names=reader.extensions(lambda: alternative_names(extensions)),
        attributes=_attributes(request),
        around=found.around,
        label=found.label,
        line_ends=found.line_ends,
    )


def _load(der: bytes, reader: "Reader") -> x509.CertificateSigningRequest | NotIssued:
    """The parsed CSR, or why it is none: returned, for the armour around it may have flaws of its own."""
    try:
        return x509.load_der_x509_csr(der)
    except UNREADABLE:
        pass  # refused outside the except, so that no chained error repeats what came
    from ca.request.reading import is_request, request_flaw

    if is_request(der) and (flaw := request_flaw(der, reader.rule)):
        return NotIssued((flaw,))
    seen = f"{len(der)} bytes"
    return reader.refusal("not_a_request", "the base64 does not hold a certification request", seen, REQUEST.form)


def _possession(request: x509.CertificateSigningRequest, key: PublicKey) -> bool | None:
    if describe(key).bits > MAX_KEY_BITS:
        return None
    try:
        return request.is_signature_valid or _signed_over_an_old_hash(request, key)
    except UNREADABLE:
        return False  # an algorithm that does not fit the key proves nothing


def _signed_over_an_old_hash(request: x509.CertificateSigningRequest, key: PublicKey) -> bool:
    """Whether a signature over SHA-1 or MD5 is the key's: cryptography says no to those without looking.

    Whether such a hash is good enough is the policy's business; here it must not be called a broken signature.
    """
    algorithm = request.signature_hash_algorithm
    if not isinstance(algorithm, hashes.SHA1 | hashes.MD5):
        return False
    signed = request.signature, request.tbs_certrequest_bytes
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(*signed, padding.PKCS1v15(), algorithm)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(*signed, ec.ECDSA(algorithm))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _extension(extension: x509.Extension[x509.ExtensionType]) -> RequestedExtension:
    oid = extension.oid.dotted_string
    return RequestedExtension(oid=oid, name=_EXTENSION_NAMES.get(oid, oid), value=_value(extension.value))


def _value(value: x509.ExtensionType) -> str:
    if isinstance(value, x509.BasicConstraints):
        return "CA:TRUE" if value.ca else "CA:FALSE"
    if isinstance(value, x509.SubjectAlternativeName):
        return visible(", ".join(str(each.value) for each in value))
    if isinstance(value, x509.ExtendedKeyUsage):
        return visible(", ".join(purposes(value)))
    return visible(value.public_bytes().hex())


def _attributes(request: x509.CertificateSigningRequest) -> tuple[str, ...]:
    try:
        oids = [each.oid.dotted_string for each in request.attributes]
    except UNREADABLE:
        return ()  # they are not used for anything
    return tuple(_ATTRIBUTE_NAMES.get(oid, oid) for oid in oids if oid != _EXTENSION_REQUEST)


class Reader:
    """Reads parts under one rule (a provider's page or an RFC), for a CSR or for an uploaded certificate: each is read,
    or refused in the same words for both."""

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


def _public_key(signed: Signed) -> PublicKey:
    if key_agreement(spki_of(signed)):
        raise ValueError("a key for Diffie-Hellman")
    return signed.public_key()
