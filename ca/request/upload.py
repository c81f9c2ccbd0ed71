"""Reading a certificate that a client uploads: the facts in it, and what stands around it.

Which facts are good enough is left to `policy.uploads`; only what cannot be judged at all is refused here."""

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature

from ca.errors import NotIssued
from ca.request.csr import Reader
from ca.request.pem import CERTIFICATE, find
from ca.request.weak_keys import weakness
from ca.x509.der import UNREADABLE, SerialNotPositive, extensions_of, hash_of, load_certificate
from ca.x509.extensions import purposes
from ca.x509.keys import MAX_KEY_BITS, KeyFacts, PublicKey, describe
from ca.x509.names import Attribute, attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """The facts of one certificate that somebody else made (RFC 5280).

    `signature_ok` is tried where the certificate names itself as its issuer; None means that it could not be: the key
    is another's or too large, the hash too old, or the serial not positive. `extended_key_usage` is None where there is
    none, which means any (RFC 5280 section 4.2.1.12)."""

    certificate: x509.Certificate = field(repr=False)
    serial: int
    subject: tuple[Attribute, ...]
    key: KeyFacts
    public_key: PublicKey = field(repr=False)
    hash: str
    not_before: datetime
    not_after: datetime
    self_signed: bool
    signature_ok: bool | None
    extended_key_usage: tuple[str, ...] | None
    around: str = field(repr=False)
    label: str
    line_ends: str

    @property
    def key_too_large(self) -> bool:
        """Whether nothing at all may be computed with the key."""
        return self.key.bits > MAX_KEY_BITS

    @property
    def weakness(self) -> str:
        """What is wrong with the numbers of the key, as a phrase; "" when nothing is known to be, or computed."""
        return "" if self.key_too_large else weakness(self.public_key)


def read_certificate(data: bytes, *, rule_page: str = "") -> Uploaded:
    """The facts of the one certificate in these bytes; NotIssued when there is nothing that could be judged."""
    found = find(data, CERTIFICATE, rule_page=rule_page)
    reader = Reader(rule_page or "RFC 5280", uploading=True)
    certificate, serial = _load(found.der, reader)
    if isinstance(certificate, NotIssued) or found.flaws:
        inside = certificate.refusals if isinstance(certificate, NotIssued) else ()
        raise NotIssued((*found.flaws, *inside))
    public_key = reader.public_key(certificate)
    name, issuer = reader.subject(certificate), reader.issuer(certificate)
    itself = name.public_bytes() == issuer.public_bytes()
    return Uploaded(
        certificate=certificate,
        serial=serial,
        subject=attributes(name),
        key=describe(public_key),
        public_key=public_key,
        hash=hash_of(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        self_signed=itself,
        signature_ok=_signature(certificate, public_key) if itself and serial > 0 else None,
        extended_key_usage=reader.extensions(lambda: _purposes(extensions_of(certificate))),
        around=found.around,
        label=found.label,
        line_ends=found.line_ends,
    )


def _load(der: bytes, reader: Reader) -> tuple[x509.Certificate | NotIssued, int]:
    """The parsed certificate and its serial, or why it is none.

    The refusal is returned, for the armour around it may have flaws of its own."""
    try:
        certificate = load_certificate(der)
        return certificate, certificate.serial_number
    except SerialNotPositive as error:
        copy, serial = error.copy, error.serial
    except UNREADABLE:
        copy, serial = b"", 0  # refused outside the except, so that no chained error repeats what came
    try:
        return x509.load_der_x509_certificate(copy), serial
    except UNREADABLE:
        pass
    seen = f"{len(der)} bytes"
    return reader.refusal("not_a_certificate", "the base64 does not hold a certificate", seen, CERTIFICATE.form), 0


def _signature(certificate: x509.Certificate, key: PublicKey) -> bool | None:
    # cryptography says no to SHA-1 and MD5 without looking; whether they are good enough is the policy's business.
    if describe(key).bits > MAX_KEY_BITS or hash_of(certificate) in ("sha1", "md5"):
        return None
    try:
        certificate.verify_directly_issued_by(certificate)
    except (InvalidSignature, *UNREADABLE):
        return False  # an algorithm that does not fit the key is no signature of its own
    return True


def _purposes(extensions: x509.Extensions) -> tuple[str, ...] | None:
    try:
        return purposes(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return None
