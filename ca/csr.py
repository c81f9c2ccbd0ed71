"""Reading a CSR: the facts in it, its proof of possession, and what stands around it.

Which facts are good enough is left to `policy`; here only that is refused which leaves nothing to judge."""

import hashlib
import threading
import warnings
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import AttributeOID, ExtendedKeyUsageOID, ExtensionOID

from ca.errors import NotIssued, refuse, visible
from ca.keys import MAX_KEY_BITS, KeyFacts, PublicKey, describe
from ca.names import Attribute, attributes
from ca.pem import FORM, MAX_CSR_BYTES, find_request

__all__ = ["MAX_CSR_BYTES", "Csr", "RequestedExtension", "read_csr"]

_WARNINGS = threading.Lock()

# What cryptography raises for DER that it can not read, beside ValueError: each is a class of its own, not a subclass.
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
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
_PURPOSE_NAMES = {
    ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string: "clientAuth",
    ExtendedKeyUsageOID.SERVER_AUTH.dotted_string: "serverAuth",
}
# extensionRequest (RFC 2985 section 5.4.2): its contents are in `extensions`.
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedExtension:
    """An extension that the CSR asks for; it is shown, never copied."""

    oid: str
    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Csr:
    """The facts of one CSR (PKCS#10, RFC 2986).

    `signature_ok` is the proof of possession; None means that it was not tried, the key being too large to verify with.
    `attributes` are names only: a challenge password is a secret and is not read. `around` is never shown."""

    der: bytes = field(repr=False)
    name: x509.Name = field(repr=False)
    subject: tuple[Attribute, ...]
    key: KeyFacts
    public_key: PublicKey = field(repr=False)
    hash: str
    signature_ok: bool | None
    extensions: tuple[RequestedExtension, ...]
    attributes: tuple[str, ...]
    around: str = field(repr=False)
    label: str
    line_ends: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the DER in hex: by which one CSR can be named without repeating it."""
        return hashlib.sha256(self.der).hexdigest()


def read_csr(data: bytes, *, rule_page: str = "") -> Csr:
    """The facts of the one CSR in these bytes; NotIssued when there is nothing that could be judged."""
    found = find_request(data, rule_page=rule_page)
    rule = rule_page or "RFC 2986"
    request = _load(found.der, rule)
    public_key = _public_key(request, rule)
    name = _name(request, rule)
    return Csr(
        der=found.der,
        name=name,
        subject=attributes(name),
        key=describe(public_key),
        public_key=public_key,
        hash=_hash(request),
        signature_ok=_possession(request, public_key),
        extensions=_extensions(request, rule),
        attributes=_attributes(request),
        around=found.around,
        label=found.label,
        line_ends=found.line_ends,
    )


def _load(der: bytes, rule: str) -> x509.CertificateSigningRequest:
    try:
        return x509.load_der_x509_csr(der)
    except _UNREADABLE:
        pass  # refused outside the except, so that no chained error repeats what came
    raise _not_read(
        "not_a_request", "the base64 does not hold a certification request", f"{len(der)} bytes", FORM, rule
    )


def _public_key(request: x509.CertificateSigningRequest, rule: str) -> PublicKey:
    try:
        return request.public_key()
    except _UNREADABLE:
        pass
    raise _not_read(
        "key_unreadable", "the public key can not be read", "a key of unknown kind", "an RSA or EC key", rule
    )


def _name(request: x509.CertificateSigningRequest, rule: str) -> x509.Name:
    # cryptography warns of a C that is not two letters and of a CN of 65; which the policy judges, and a program
    # that turns warnings into errors must get the same answer. The filters are the process's own: one thread at a time.
    try:
        with _WARNINGS, warnings.catch_warnings(action="ignore", category=UserWarning):
            return request.subject
    except _UNREADABLE:
        pass
    raise _not_read("subject_unreadable", "the subject can not be read", "bytes of another type", "UTF-8 texts", rule)


def _hash(request: x509.CertificateSigningRequest) -> str:
    """The hash under the signature: its name, "" where the algorithm has none (Ed25519), or the OID when unknown."""
    try:
        algorithm = request.signature_hash_algorithm
    except _UNREADABLE:
        return request.signature_algorithm_oid.dotted_string
    return algorithm.name if algorithm is not None else ""


def _possession(request: x509.CertificateSigningRequest, key: PublicKey) -> bool | None:
    if describe(key).bits > MAX_KEY_BITS:
        return None
    try:
        return request.is_signature_valid or _signed_over_an_old_hash(request, key)
    except _UNREADABLE:
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


def _extensions(request: x509.CertificateSigningRequest, rule: str) -> tuple[RequestedExtension, ...]:
    try:
        return tuple(_extension(each) for each in request.extensions)
    except _UNREADABLE:
        pass
    raise _not_read("extensions_unreadable", "the extensions can not be read", "faulty extensions", "none at all", rule)


def _extension(extension: x509.Extension[x509.ExtensionType]) -> RequestedExtension:
    oid = extension.oid.dotted_string
    return RequestedExtension(oid=oid, name=_EXTENSION_NAMES.get(oid, oid), value=_value(extension.value))


def _value(value: x509.ExtensionType) -> str:
    if isinstance(value, x509.BasicConstraints):
        return "CA:TRUE" if value.ca else "CA:FALSE"
    if isinstance(value, x509.SubjectAlternativeName):
        return visible(", ".join(str(each.value) for each in value))
    if isinstance(value, x509.ExtendedKeyUsage):
        return visible(", ".join(_PURPOSE_NAMES.get(usage.dotted_string, usage.dotted_string) for usage in value))
    return visible(value.public_bytes().hex())


def _attributes(request: x509.CertificateSigningRequest) -> tuple[str, ...]:
    try:
        oids = [each.oid.dotted_string for each in request.attributes]
    except _UNREADABLE:
        return ()  # they are not used for anything
    return tuple(_ATTRIBUTE_NAMES.get(oid, oid) for oid in oids if oid != _EXTENSION_REQUEST)


def _not_read(reason: str, detail: str, seen: str, expected: str, rule: str) -> NotIssued:
    return NotIssued((refuse(f"certificate.{reason}", detail=detail, seen=seen, expected=expected, rule=rule),))
