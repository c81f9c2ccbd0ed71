"""Whether a certificate that a peer presents is good now: known here, for this purpose, in time, not revoked.

Values in, value out. The TLS handshake has proved possession of the key; finding the record is left to the caller."""

from dataclasses import dataclass
from datetime import datetime

from ca.clock import write_time
from ca.errors import Refusal, refuse
from ca.records import CertificateRecord

RULE = "RFC 5280 section 6.1.3"


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
            rule=RULE,
        )
    if record.purpose != purpose:
        return refuse(
            "certificate.wrong_purpose",
            detail=f"the certificate {record.name!r} is for {record.purpose}, not for {purpose}",
            seen=f"serial {record.serial}, for {record.purpose}",
            expected=f"a certificate for {purpose}",
            rule=RULE,
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
        rule=RULE,
    )
