"""What the authority asks its store before it acts: how a holder stands, a free serial, what may be revoked.

The judgement itself is in `ca.policy`."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ca.clock import write_time
from ca.errors import REASONS, NotIssued, NotRevoked, Refusal, refuse
from ca.issuance.profile import Offer, Upload
from ca.policy.requests import Approved, CsrPolicy, judge
from ca.records import (
    SERIAL_OCTETS,
    CertificateRecord,
    Claim,
    HolderStatus,
    Serials,
    Twin,
    fingerprint,
    rsa_modulus,
    write_serial,
)
from ca.request.csr import Csr, read_csr
from ca.store import store
from ca.store.store import UnitOfWork, by_fingerprint, queries
from ca.x509.keys import KeyFacts, spki_sha256

if TYPE_CHECKING:  # few providers take uploads, and most commands are about none
    from ca.policy.uploads import ApprovedUpload, UploadPolicy


def read_holder_status(
    work: UnitOfWork,
    claim: Claim,
    now: datetime,
    *,
    spki_sha256: str = "",
    fingerprint_sha256: str = "",
    newest: int = 0,
) -> HolderStatus:
    """What the holder has for the purpose of the claim, and what is known of the key, or of the same certificate.

    With *newest*, the moduli of the RSA keys in so many of the holder's newest certificates too."""
    names, moduli = _names_and_moduli(work, claim, now, newest) if newest else (_names(work, claim, now), frozenset())
    uses = _key_uses(work, claim.provider, spki_sha256) if spki_sha256 else []
    twin = by_fingerprint(work, claim.provider, fingerprint_sha256) if fingerprint_sha256 else None
    return HolderStatus(
        active=len(names),
        names=frozenset(names),
        key_purposes=frozenset(purpose for holder, purpose in uses if holder == claim.holder) - {claim.purpose},
        key_elsewhere=any(holder != claim.holder for holder, _ in uses),
        twin=_twin(twin, claim) if twin and twin.revoked_at is None else None,
        moduli=moduli,
    )


def _names(work: UnitOfWork, claim: Claim, now: datetime) -> list[str]:
    rows = queries(work.driver).standing_names(
        work.connection, provider=claim.provider, holder=claim.holder, purpose=claim.purpose, now=write_time(now)
    )
    return [str(name) for (name,) in rows]


def _names_and_moduli(work: UnitOfWork, claim: Claim, now: datetime, newest: int) -> tuple[list[str], frozenset[int]]:
    """One query for both: one more would cost a holder without certificates as much as the first."""
    rows = queries(work.driver).standing_names_and_newest(
        work.connection,
        provider=claim.provider,
        holder=claim.holder,
        purpose=claim.purpose,
        now=write_time(now),
        newest=newest,
    )
    names: list[str] = []
    keys: dict[str, bytes] = {}
    for name, key, der in rows:
        if der is None:
            names.append(str(name))
        else:
            keys[key] = der  # of a key with many certificates, one is read
    moduli = (rsa_modulus(bytes(der)) for der in keys.values())
    return names, frozenset(modulus for modulus in moduli if modulus is not None)


def _key_uses(work: UnitOfWork, provider: str, spki_sha256: str) -> list[tuple[str, str]]:
    """Who has certificates of this key that are not revoked, and what for."""
    rows = queries(work.driver).key_uses(work.connection, provider=provider, spki_sha256=spki_sha256)
    return [(str(holder), str(purpose)) for holder, purpose in rows]


def _twin(record: CertificateRecord, claim: Claim) -> Twin:
    return Twin(name=record.name, purpose=record.purpose, own=record.holder == claim.holder)


# Certificates of the same client with whose RSA keys a new one is compared. A partner's broken generator shows among
# its own keys; 12 µs each, so that a comparison with all of a large store would take a second.
MOST_COMPARED = 32
# Even five random octets hardly ever meet; a source of serials that gives nothing new must not be asked for ever.
SERIAL_TRIES = 100


def approve(work: UnitOfWork, csr: bytes | Csr, offer: Offer, claim: Claim, now: datetime) -> Approved:
    """The CSR, approved for the purpose of the offer; NotIssued with every broken rule."""
    claim = claim if claim.purpose == offer.purpose else replace(claim, purpose=offer.purpose)
    read = csr if isinstance(csr, Csr) else read_csr(csr, rule_page=offer.policy.page)
    key = read.spki_sha256 if _asks_for_key(offer.policy) else ""
    standing = read_holder_status(work, claim, now, spki_sha256=key, newest=_compared(read.key))
    verdict, taken = judge(read, offer.policy, claim, standing), _taken(work, claim.id)
    if isinstance(verdict, Approved) and not taken:
        return verdict
    raise NotIssued((*(verdict if isinstance(verdict, tuple) else ()), *taken))


def approve_upload(work: UnitOfWork, data: bytes, upload: Upload, claim: Claim, now: datetime) -> "ApprovedUpload":
    """The certificate, approved for the purpose of the upload; NotIssued with every broken rule."""
    from ca.policy.uploads import ApprovedUpload, judge_upload
    from ca.request.upload import read_certificate

    claim = replace(claim, purpose=upload.purpose)
    read = read_certificate(data, rule_page=upload.policy.page)
    key = spki_sha256(read.public_key) if _asks_for_key(upload.policy) else ""
    whole = fingerprint(read.certificate)
    newest = _compared(read.key)
    standing = read_holder_status(work, claim, now, spki_sha256=key, fingerprint_sha256=whole, newest=newest)
    verdict, taken = judge_upload(read, upload.policy, claim, standing, now), _taken(work, claim.id)
    if isinstance(verdict, ApprovedUpload) and not taken:
        return verdict
    raise NotIssued((*(verdict if isinstance(verdict, tuple) else ()), *taken))


def _asks_for_key(policy: "CsrPolicy | UploadPolicy") -> bool:
    """Whether it matters who else has the key: looking that up takes the longer, the more certificates it has."""
    return policy.key_per_purpose or policy.key_per_client


def _compared(key: KeyFacts) -> int:
    """With how many certificates of its client a key is compared: only RSA keys can have a prime in common."""
    return MOST_COMPARED if key.kind == "RSA" else 0


def free_serial(work: UnitOfWork, serials: Serials, octets: int = SERIAL_OCTETS) -> int:
    """A serial that no certificate here has as its serial or id. Raises NotIssued if the source gives none."""
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


def revocable(work: UnitOfWork, id: str, reason: str) -> CertificateRecord:
    """The record of a certificate that can be revoked for this reason; NoSuchCertificate, or NotRevoked."""
    record = store.by_id(work, id)
    if refusals := (*_unknown(reason), *_already(record)):
        raise NotRevoked(refusals)
    return record


def _taken(work: UnitOfWork, id: str) -> tuple[Refusal, ...]:
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
