"""Certificates as records, the claim of the client that asks for one, how soon one expires, and whether one is good.

Values in, value out: the TLS handshake has proved possession of the key; finding the record is left to the caller."""

import secrets
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ca.clock import write_time
from ca.errors import Refusal, refuse
from ca.x509.der import subject_of
from ca.x509.keys import spki_sha256
from ca.x509.names import rfc4514


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who asks for a certificate, under which name, and what for; `holder` is the client id.

    `id` is what the provider calls the certificate, "" where it has no name of its own. `known` is what else the
    provider knows of the holder, for the templates of its profiles. The purpose is the offer's: it sets it."""

    provider: str
    holder: str
    name: str
    purpose: str = "transport"
    id: str = ""
    known: tuple[tuple[str, str], ...] = ()

    def placeholders(self) -> dict[str, str]:
        """What a template may name in braces."""
        return {**dict(self.known), "holder": self.holder, "name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The same certificate, in the store already and not revoked: what for, and whether it is the asker's own."""

    name: str = field(repr=False)
    purpose: str
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderStatus:
    """What the holder already has for this purpose that is neither expired nor revoked, and who else has the key.

    `key_purposes` are the holder's other purposes for which a certificate of the same key is not revoked;
    `key_elsewhere` says that another client of the provider has one. `moduli` are those of the RSA keys in the holder's
    newest certificates, whatever they are for and whatever became of them: empty where nobody asked."""

    active: int = 0
    names: frozenset[str] = frozenset()
    key_purposes: frozenset[str] = frozenset()
    key_elsewhere: bool = False
    twin: Twin | None = None
    moduli: frozenset[int] = field(default=frozenset(), repr=False)


PEM_LINE = 64  # characters: RFC 7468 section 2
Origin = Literal["issued", "uploaded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRecord:
    """One certificate: whose it is, where it is from, how long it is good for, and whether it was revoked and why.

    `id` is how the provider names it; the serial, where the certificate was issued here and has no name of its own. The
    serial of an uploaded certificate is a stranger's, and can be one of ours."""

    id: str
    serial: str
    origin: Origin = "issued"
    provider: str
    holder: str
    name: str
    purpose: str
    profile: str
    subject: str
    not_before: datetime
    not_after: datetime
    issued_at: datetime
    revoked_at: datetime | None = None
    reason: str = ""
    fingerprint_sha256: str
    spki_sha256: str
    der: bytes = field(repr=False)

    @property
    def pem(self) -> str:
        """The certificate as text (RFC 7468 section 3), with a line feed at its end."""
        text = b64encode(self.der).decode("ascii")
        lines = (text[i : i + PEM_LINE] for i in range(0, len(text), PEM_LINE))
        return "\n".join(("-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""))

    def status(self, now: datetime) -> str:
        """active, expired, revoked or not_yet_valid; the validity includes both of its ends (RFC 5280 4.1.2.5)."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return "revoked"
        if now < self.not_before:
            return "not_yet_valid"
        return "expired" if now > self.not_after else "active"


def record_of(
    certificate: x509.Certificate, claim: Claim, profile: str, now: datetime, *, origin: Origin = "issued"
) -> CertificateRecord:
    """The record of a certificate that was issued, or came, this instant."""
    serial = write_serial(certificate.serial_number)
    return CertificateRecord(
        id=claim.id or serial,
        serial=serial,
        origin=origin,
        provider=claim.provider,
        holder=claim.holder,
        name=claim.name,
        purpose=claim.purpose,
        profile=profile,
        subject=rfc4514(subject_of(certificate)),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        issued_at=now,
        fingerprint_sha256=fingerprint(certificate),
        spki_sha256=spki_sha256(certificate.public_key()),
        der=certificate.public_bytes(Encoding.DER),
    )


def rsa_modulus(der: bytes) -> int | None:
    """The modulus of the RSA key in a certificate; None for another key. 4 µs."""
    key = x509.load_der_x509_certificate(der).public_key()
    return key.public_numbers().n if isinstance(key, rsa.RSAPublicKey) else None


def write_serial(serial: int) -> str:
    """Upper-case hex with an even number of digits, as `openssl x509 -serial` prints it."""
    text = f"{serial:X}"
    return text if len(text) % 2 == 0 else f"0{text}"


# Sixteen random octets can not be guessed and never meet.
SERIAL_OCTETS = 16


class Serials(Protocol):
    """Where serial numbers come from: told how many octets each has."""

    def __call__(self, octets: int = SERIAL_OCTETS, /) -> int: ...


def random_serial(octets: int = SERIAL_OCTETS, /, *, random_bits: Callable[[int], int] = secrets.randbits) -> int:
    """A positive serial of exactly so many octets: the first bit is 0 (positive in DER), the second 1 (not shorter)."""
    bits = octets * 8 - 1
    return random_bits(bits) | 1 << (bits - 1)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the whole certificate in lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


STEPS = (28, 14, 7, 3, 1, 0)
"""Days before its end at which a holder hears of it. By date: 0 is the day on which it ends."""


def days_left(record: CertificateRecord, now: datetime) -> int:
    """From today's date to that of its end, both in UTC; negative when that day is over."""
    return (record.not_after.date() - now.date()).days


def notice(record: CertificateRecord, now: datetime) -> int | None:
    """The step that an active certificate has reached; None when it has none yet, or is not to be renewed."""
    if record.status(now) != "active":
        return None
    left = days_left(record, now)
    return min((step for step in STEPS if left <= step), default=None)


_TRUST_RULE = "RFC 5280 section 6.1.3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """A presented certificate that is good at this instant."""

    record: CertificateRecord


def judge_peer(
    fingerprint_sha256: str, record: CertificateRecord | None, now: datetime, *, purpose: str = "transport"
) -> Trusted | Refusal:
    """The peer's certificate trusted for a purpose, or the one reason why not, the weightiest: not known here, for
    another purpose, revoked, out of time."""
    if record is None or record.fingerprint_sha256 != fingerprint_sha256:
        return refuse(
            "certificate.unknown",
            detail="this certificate was neither issued nor uploaded here",
            seen=f"SHA-256 {fingerprint_sha256}",
            expected="a certificate that this sandbox issued, or that was uploaded to it",
            rule=_TRUST_RULE,
        )
    if record.purpose != purpose:
        return refuse(
            "certificate.wrong_purpose",
            detail=f"the certificate {record.name!r} is for {record.purpose}, not for {purpose}",
            seen=f"serial {record.serial}, for {record.purpose}",
            expected=f"a certificate for {purpose}",
            rule=_TRUST_RULE,
        )
    status = record.status(now)
    return Trusted(record=record) if status == "active" else _out(record, status, now)


def _out(record: CertificateRecord, status: str, now: datetime) -> Refusal:
    clock = f"it is {write_time(now)} by the sandbox's clock"
    details = {
        "revoked": f"the certificate {record.name!r} was revoked ({record.reason or 'no reason given'})",
        "expired": f"the certificate {record.name!r} has expired; {clock}",
        "not_yet_valid": f"the time of the certificate {record.name!r} has not begun; {clock}",
    }
    instants = {"revoked": record.revoked_at, "expired": record.not_after, "not_yet_valid": record.not_before}
    words = {"revoked": "revoked at", "expired": "notAfter", "not_yet_valid": "notBefore"}
    at = instants[status]
    return refuse(
        f"certificate.{status}",
        detail=details[status],
        seen=f"serial {record.serial}, {words[status]} {write_time(at) if at else ''}".rstrip(),
        expected="a certificate that is in time and not revoked",
        rule=_TRUST_RULE,
    )
