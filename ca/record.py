"""What is remembered of a certificate, issued here or uploaded, and the way its serial is written.

Where it is kept is left to `store`, what follows from it to `trust`."""

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from ca.claim import Claim
from ca.keys import spki_sha256
from ca.names import rfc4514
from ca.quiet import quietly

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
        # An uploaded subject may be one that the library warns of.
        subject=quietly(lambda: rfc4514(certificate.subject)),
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


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of the whole certificate in lower-case hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()
