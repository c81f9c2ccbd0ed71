"""From an approved CSR to its certificate: planned, signed, read back, recorded.

Whether the CSR is good is left to `ca.policy`; keeping the record is left to `authority`."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from ca.clock import write_time
from ca.errors import NotIssued, refuse
from ca.issuance.lint import checked
from ca.issuance.profile import SERIAL_OCTETS, Change, Plan, Profile, key_identifiers, plan
from ca.policy.requests import Approved
from ca.records import CertificateRecord, Claim, write_serial
from ca.x509.bundle import pem
from ca.x509.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_3,
    GENERALIZED_TIME,
    INTEGER,
    NULL,
    SEQUENCE,
    UTC_TIME,
    object_identifier,
    wrap,
)
from ca.x509.extensions import MAX_KEPT, PlannedExtension
from ca.x509.keys import PrivateKey, spki_der, spki_sha256
from ca.x509.names import rfc4514

# RFC 5758 section 3.2: no parameters. RFC 4055 section 5: NULL. RFC 8410 section 3: none.
_ECDSA_WITH_SHA256 = wrap(SEQUENCE, object_identifier("1.2.840.10045.4.3.2"))
_SHA256_WITH_RSA = wrap(SEQUENCE, object_identifier("1.2.840.113549.1.1.11"), NULL)
_ED25519 = wrap(SEQUENCE, object_identifier("1.3.101.112"))
_SHA256 = hashes.SHA256()
_ECDSA, _PKCS1 = ec.ECDSA(_SHA256), padding.PKCS1v15()


def algorithm(key: PrivateKey) -> bytes:
    """The AlgorithmIdentifier of the signatures that a key makes (RFC 5280 section 4.1.1.2)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _ECDSA_WITH_SHA256
    if isinstance(key, rsa.RSAPrivateKey):
        return _SHA256_WITH_RSA
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return _ED25519
    raise ValueError("not a key that can sign a certificate here")


def signature(key: PrivateKey, data: bytes) -> bytes:
    """The signature of a key over these bytes; on a curve, the SEQUENCE of RFC 3279 section 2.2.3."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, _ECDSA)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, _PKCS1, _SHA256)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    raise ValueError("not a key that can sign a certificate here")


_VERSION_3 = wrap(CONTEXT_0, wrap(INTEGER, b"\x02"))
# RFC 5280 section 4.1.2.5: UTCTime through 2049, of which two digits are the year; GeneralizedTime from 2050 on.
_UTC_TIME_YEARS = range(1950, 2050)
# Certificates that are made in one second have their times in common.
_MAX_TIMES = 16


def to_be_signed(
    plan: Plan,
    *,
    serial: int,
    algorithm: bytes,
    issuer: bytes,
    public_key: bytes,
    extensions: Sequence[PlannedExtension],
) -> bytes:
    """What is signed: the plan with its serial, the AlgorithmIdentifier, the issuer's name, the
    SubjectPublicKeyInfo (all three in DER) and all of its extensions."""
    written = wrap(CONTEXT_3, wrap(SEQUENCE, *(each.der for each in extensions))) if extensions else b""
    return wrap(
        SEQUENCE,
        _VERSION_3,
        wrap(INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        algorithm,
        issuer,
        wrap(SEQUENCE, _time(plan.not_before), _time(plan.not_after)),
        plan.subject_der,
        public_key,
        written,
    )


def certificate(signed: bytes, algorithm: bytes, signature: bytes) -> bytes:
    """The Certificate (RFC 5280 section 4.1) of what was signed."""
    return wrap(SEQUENCE, signed, algorithm, wrap(BIT_STRING, b"\0", signature))


@lru_cache(_MAX_TIMES)
def _time(at: datetime) -> bytes:
    """An instant in UTC, of which whole seconds are written."""
    if at.year in _UTC_TIME_YEARS:
        return wrap(UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode())
    return wrap(GENERALIZED_TIME, f"{at.year:04}{at:%m%d%H%M%SZ}".encode())


class Serials(Protocol):
    """Where serial numbers come from: told how many octets each has."""

    def __call__(self, octets: int = SERIAL_OCTETS, /) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Issuer:
    """A CA certificate together with its private key."""

    certificate: x509.Certificate
    key: PrivateKey = field(repr=False)

    @cached_property
    def proven(self) -> bool:
        """Whether the two belong together: then what the key signs verifies with the certificate."""
        return spki_sha256(self.key.public_key()) == spki_sha256(self.certificate.public_key())


def random_serial(octets: int = SERIAL_OCTETS, /) -> int:
    """A positive serial of exactly so many octets: the first bit is 0 (positive in DER), the second 1 (not shorter)."""
    bits = octets * 8
    return secrets.randbits(bits - 2) | 1 << (bits - 2)


def issue(approved: Approved, plan: Plan, issuer: Issuer, serial: int) -> bytes:
    """The certificate in DER for the key of an approved CSR."""
    return _sign(approved.csr.usual_spki, plan, issuer.key, issuer.certificate, serial)


def certify(key: PrivateKey, plan: Plan, issuer: Issuer | None, serial: int) -> x509.Certificate:
    """A certificate for a key of our own, which we have in hand; without an issuer it signs itself."""
    signer, above = (issuer.key, issuer.certificate) if issuer else (key, None)
    return x509.load_der_x509_certificate(_sign(spki_der(key.public_key()), plan, signer, above, serial))


def _sign(public_key: bytes, plan: Plan, key: PrivateKey, issuer: x509.Certificate | None, serial: int) -> bytes:
    by = algorithm(key)
    signed = to_be_signed(
        plan,
        serial=serial,
        algorithm=by,
        issuer=_name(issuer) if issuer else plan.subject_der,
        public_key=public_key,
        extensions=(*plan.extensions, *key_identifiers(plan, public_key, issuer)),
    )
    return certificate(signed, by, signature(key, signed))


@lru_cache(MAX_KEPT)
def _name(issuer: x509.Certificate) -> bytes:
    """The name of an issuer, which has to be as in its own certificate, to the byte: `lint` looks there."""
    return issuer.subject.public_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """The answer to a CSR: the certificate, the CA it was issued by, and what differs from the CSR."""

    certificate: str
    chain: str
    serial: str
    not_before: datetime
    not_after: datetime
    changed: tuple[Change, ...]
    record: CertificateRecord

    @property
    def bundle(self) -> str:
        """The certificate and after it its issuer: what a client hands to its TLS library."""
        return self.certificate + self.chain


def issue_certificate(
    approved: Approved,
    profile: Profile,
    issuer: Issuer,
    serial: Callable[[], int],
    now: datetime,
    *,
    pointers: tuple[PlannedExtension, ...] = (),
) -> IssuedCertificate:
    """The answer to an approved CSR, by its issuer; a serial is asked for when nothing can refuse it any more.

    NotIssued where the profile can not be filled, or the issuer is not in time for it."""
    _in_time(issuer.certificate, profile, now)
    planned = plan(approved, profile, now, pointers=pointers)
    number = serial()
    certificate = issue(approved, planned, issuer, number)
    checked(certificate, planned, issuer.certificate, proven=issuer.proven)
    record = _record(certificate, number, planned, approved.claim, profile.name, now)
    return IssuedCertificate(
        certificate=record.pem,
        chain=_chain(issuer.certificate),
        serial=record.serial,
        not_before=record.not_before,
        not_after=record.not_after,
        changed=planned.changed,
        record=record,
    )


def _record(data: bytes, number: int, planned: Plan, claim: Claim, profile: str, now: datetime) -> CertificateRecord:
    """What `record.record_of` would find in the certificate, which was seen to be as planned."""
    serial = write_serial(number)
    return CertificateRecord(
        id=claim.id or serial,
        serial=serial,
        provider=claim.provider,
        holder=claim.holder,
        name=claim.name,
        purpose=claim.purpose,
        profile=profile,
        subject=rfc4514(planned.subject),
        not_before=planned.not_before,
        not_after=planned.not_after,
        issued_at=now,
        fingerprint_sha256=hashlib.sha256(data).hexdigest(),
        spki_sha256=planned.spki_sha256,
        der=data,
    )


@lru_cache(MAX_KEPT)
def _chain(issuer: x509.Certificate) -> str:
    return pem([issuer])


@lru_cache(MAX_KEPT)
def _times(issuer: x509.Certificate, profile: Profile) -> tuple[datetime, datetime]:
    """The first and the last instant at which the issuer can make a certificate of this profile."""
    return issuer.not_valid_before_utc + profile.backdate, profile.begins_by(issuer.not_valid_after_utc)


def _in_time(issuer: x509.Certificate, profile: Profile, now: datetime) -> None:
    """The clock can be moved to where the CA itself is not valid: such a certificate would be good for nothing."""
    begins, ends = _times(issuer, profile)
    if begins <= now <= ends:
        return
    raise NotIssued(
        (
            refuse(
                "certificate.authority_out_of_time",
                detail="a certificate of this time would outlive its own authority, or be older than it",
                seen=f"now {write_time(now)}",
                expected=f"{write_time(begins)} to {write_time(ends)}",
                rule="RFC 5280 section 6.1.3",
            ),
        )
    )
