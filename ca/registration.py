"""What the authority asks before it acts: a CSR or a certificate judged by what stands in the store, a free serial.

RFC 4949 calls this the registration authority. Signing and keeping are left to `authority`."""

from dataclasses import replace
from datetime import datetime

from ca import store
from ca.claim import Claim
from ca.clock import write_time
from ca.csr import Csr, read_csr
from ca.errors import NotIssued, NotRevoked, Refusal, refuse
from ca.issue import Serials
from ca.keys import KeyFacts, spki_sha256
from ca.pinning import ApprovedUpload, UploadPolicy, judge_upload
from ca.policy import Approved, CsrPolicy, judge
from ca.profile import SERIAL_OCTETS, Offer, Upload
from ca.reasons import REASONS
from ca.record import CertificateRecord, fingerprint, write_serial
from ca.standing import read_standing
from ca.store import Work
from ca.upload import read_certificate

# Certificates of the same client with whose RSA keys a new one is compared. A partner's broken generator shows among
# its own keys; 12 µs each, so that a comparison with all of a large store would take a second.
MOST_COMPARED = 32
# Even five random octets hardly ever meet; a source of serials that gives nothing new must not be asked for ever.
SERIAL_TRIES = 100


def approve(work: Work, csr: bytes | Csr, offer: Offer, claim: Claim, now: datetime) -> Approved:
    """The CSR, approved for the purpose of the offer; NotIssued with every broken rule."""
    claim = claim if claim.purpose == offer.purpose else replace(claim, purpose=offer.purpose)
    read = csr if isinstance(csr, Csr) else read_csr(csr, rule_page=offer.policy.page)
    key = read.spki_sha256 if _asks_for_key(offer.policy) else ""
    standing = read_standing(work, claim, now, spki_sha256=key, newest=_compared(read.key))
    verdict, taken = judge(read, offer.policy, claim, standing), _taken(work, claim.id)
    if isinstance(verdict, Approved) and not taken:
        return verdict
    raise NotIssued((*(verdict if isinstance(verdict, tuple) else ()), *taken))


def approve_upload(work: Work, data: bytes, upload: Upload, claim: Claim, now: datetime) -> ApprovedUpload:
    """The certificate, approved for the purpose of the upload; NotIssued with every broken rule."""
    claim = replace(claim, purpose=upload.purpose)
    read = read_certificate(data, rule_page=upload.policy.page)
    key = spki_sha256(read.public_key) if _asks_for_key(upload.policy) else ""
    whole = fingerprint(read.certificate)
    newest = _compared(read.key)
    standing = read_standing(work, claim, now, spki_sha256=key, fingerprint_sha256=whole, newest=newest)
    verdict, taken = judge_upload(read, upload.policy, claim, standing, now), _taken(work, claim.id)
    if isinstance(verdict, ApprovedUpload) and not taken:
        return verdict
    raise NotIssued((*(verdict if isinstance(verdict, tuple) else ()), *taken))


def _asks_for_key(policy: CsrPolicy | UploadPolicy) -> bool:
    """Whether it matters who else has the key: looking that up takes the longer, the more certificates it has."""
    return policy.key_per_purpose or policy.key_per_client


def _compared(key: KeyFacts) -> int:
    """With how many certificates of its client a key is compared: only RSA keys can have a prime in common."""
    return MOST_COMPARED if key.kind == "RSA" else 0


def free_serial(work: Work, serials: Serials, octets: int = SERIAL_OCTETS) -> int:
    """A serial that no certificate issued here has, and that names none; NotIssued when the source gives no such."""
    for _ in range(SERIAL_TRIES):
        serial = serials(octets)
        if not store.serial_taken(work, write_serial(serial)):
            return serial
    exhausted = refuse(
        "certificate.serials_exhausted",
        detail=f"{SERIAL_TRIES} serials in a row were taken already",
        seen=f"serials of {octets} octets",
        expected="one that is free",
        rule="RFC 5280 section 4.1.2.2",
    )
    raise NotIssued((exhausted,))


def revocable(work: Work, id: str, reason: str) -> CertificateRecord:
    """The record of a certificate that can be revoked for this reason; NoSuchCertificate, or NotRevoked."""
    record = store.by_id(work, id)
    if refusals := (*_unknown(reason), *_already(record)):
        raise NotRevoked(refusals)
    return record


def _taken(work: Work, id: str) -> tuple[Refusal, ...]:
    if not id or not store.id_taken(work, id):
        return ()
    detail, expected = "another certificate has this id", "an id of its own"
    return (refuse("certificate.id_taken", detail=detail, seen=id, expected=expected),)


def _unknown(reason: str) -> tuple[Refusal, ...]:
    if reason in REASONS:
        return ()
    return (
        refuse(
            "certificate.reason_unknown",
            detail="a certificate is not revoked for this reason",
            seen=reason,
            expected=", ".join(REASONS),
            rule="RFC 5280 section 5.3.1",
        ),
    )


def _already(record: CertificateRecord) -> tuple[Refusal, ...]:
    if record.revoked_at is None:
        return ()
    return (
        refuse(
            "certificate.already_revoked",
            detail=f"the certificate {record.name!r} was revoked already ({record.reason or 'no reason given'})",
            seen=f"id {record.id}, revoked at {write_time(record.revoked_at)}",
            expected="a certificate that is not revoked",
            rule="RFC 5280 section 5.3",
        ),
    )
