"""Client certificates that are there: list, show, revoke; how they come about is issuing's, their files bundling's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography import x509

from ca.clock import write_time
from ca.errors import REASONS, NoSuchCertificate, visible
from ca.issuance.issue import IssuedCertificate
from ca.records import CertificateRecord, days_left, notice
from ca.store import store
from ca.x509.der import UNREADABLE, extensions_of, hash_of, issuer_of
from ca.x509.extensions import alternative_names, purposes
from ca.x509.keys import describe
from ca.x509.names import rfc4514
from sandbox.errors import Misuse, NotThere
from sandbox.providers import named
from sandbox.providers.known import in_command
from sandbox.services.issuing import AuditEvent, registrar
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.storage import clients
from sandbox.storage.work import Work

REVOCATION_REASONS = tuple(REASONS)
MAX_PAGE = 1_000
"""Certificates in one answer, some 0.6 MB; ask again for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatePage:
    """A part of a list of certificates, oldest first."""

    certificates: tuple[CertificateRecord, ...]
    next: str | None
    """The id after which the list goes on; None where it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What stands in a certificate, in words; empty is what cannot be read, as in some that were uploaded."""

    issuer: str = ""
    key: str = ""
    signature: str = ""
    """By which hash it is signed."""
    names: str = ""
    """Its alternative names."""
    usages: str = ""
    """What its key may be used for."""


def read_facts(record: CertificateRecord) -> CertificateFacts:
    """The certificate itself, read for a person."""
    try:
        certificate = x509.load_pem_x509_certificate(record.pem.encode())
        facts = CertificateFacts(
            issuer=rfc4514(issuer_of(certificate)),
            key=str(describe(certificate.public_key())),
            signature=hash_of(certificate).upper(),
        )
        extensions = extensions_of(certificate)
        usages = [one.value for one in extensions if isinstance(one.value, x509.ExtendedKeyUsage)]
        names = ", ".join(map(str, alternative_names(extensions)))
        return replace(facts, names=names, usages=", ".join(word for value in usages for word in purposes(value)))
    except UNREADABLE:
        return CertificateFacts()


def view(record: CertificateRecord, now: datetime) -> dict[str, Any]:
    """A certificate as JSON types: the same on the command line, over the control API and in Python."""
    return {
        "id": record.id,
        "serial": record.serial,
        "origin": record.origin,
        "provider": record.provider,
        "client": record.holder,
        "name": record.name,
        "purpose": record.purpose,
        "subject": record.subject,
        "status": record.status(now),
        "not_before": write_time(record.not_before),
        "not_after": write_time(record.not_after),
        "expires_in_days": days_left(record, now),
        "notice": notice(record, now),
        "issued_at": write_time(record.issued_at),
        "revoked_at": None if record.revoked_at is None else write_time(record.revoked_at),
        "reason": record.reason,
        "fingerprint_sha256": record.fingerprint_sha256,
        "spki_sha256": record.spki_sha256,
    }


def view_with_pem(record: CertificateRecord, now: datetime) -> dict[str, Any]:
    """One certificate that was asked for: with its text, under both of the names that programs look for."""
    return {**view(record, now), "certificate": record.pem, "pem": record.pem}


def view_of_issued(issued: IssuedCertificate, now: datetime) -> dict[str, Any]:
    """The answer to a CSR: the certificate, its text, the CA that issued it, and what differs from the CSR."""
    return {
        **view(issued.record, now),
        "certificate": issued.certificate,
        "chain": issued.chain,
        "changed": [change.as_dict() for change in issued.changed],
    }


def list_certificates(state: State, provider: str, client: str | None = None) -> tuple[CertificateRecord, ...]:
    """All that were ever issued, oldest first; *client* (name or id) keeps to one."""
    named(provider)
    with state.store.read() as work:
        holder = find_client(work, provider, client).id if client else ""
        return store.certificates(work, provider=provider, holder=holder)


def page_certificates(
    state: State, provider: str, client: str | None = None, *, after: str = "", limit: int = MAX_PAGE
) -> CertificatePage:
    """So many of that list, *after* the certificate with that id. Raises NotThere."""
    named(provider)
    with state.store.read() as work:
        holder = find_client(work, provider, client).id if client else ""
        before = _of_provider(work, provider, after) if after else None
        limit = max(1, min(limit, MAX_PAGE))
        found = store.page(work, provider, holder=holder, after=before, limit=limit + 1)
    page = found[:limit]
    return CertificatePage(certificates=page, next=page[-1].id if len(found) > limit else None)


def certificate_pages(
    state: State, provider: str, client: str | None = None
) -> Iterator[tuple[CertificateRecord, ...]]:
    """The whole of that list, MAX_PAGE at a time, each asked for when it is wanted; none of them is empty. What is
    issued meanwhile is in a later one. Raises NotThere."""
    named(provider)
    with state.store.read() as work:
        holder = find_client(work, provider, client).id if client else ""
    last = None
    while True:
        with state.store.read() as work:
            page = store.page(work, provider, holder=holder, after=last, limit=MAX_PAGE)
        if page:
            yield page
        if len(page) < MAX_PAGE:
            return
        last = page[-1]


def _of_provider(work: Work, provider: str, id: str) -> CertificateRecord:
    try:
        record = store.by_id(work, id)
    except NoSuchCertificate:
        record = None
    if record is None or record.provider != provider:
        raise NotThere(
            f"{provider} has no certificate with the id {id[:80]!r}",
            next_step="continue after the id that the last answer gave as next",
        )
    return record


def show_certificate(state: State, provider: str, wanted: str, *, client: str = "") -> CertificateRecord:
    """The certificate with that id, serial, SHA-256 fingerprint or name (the newest of that name), or the one whose id,
    serial or fingerprint begins so; only of *client*, where one is named.

    Raises NotThere; Misuse where it may be that of several clients, and lists them.
    """
    named(provider)
    with state.store.read() as work:
        holder = find_client(work, provider, client).id if client else ""
        found = _meant(work, provider, wanted, holder)
        names = {one.id: one.name for one in clients.all_of(work, provider)} if len(found) > 1 else {}
    candidates = [one for one in found if one.holder in names] or found  # of a client that is gone only the last
    if len(candidates) > 1:
        raise _several(wanted, candidates, names)
    if candidates:
        return candidates[0]
    short = f"; a beginning has {SHORTEST} characters or more" if len(wanted) < SHORTEST else ""
    whose = f" of client {client[:64]!r}" if client else ""
    raise NotThere(
        f"{provider} has no certificate{whose} with the id, serial, fingerprint or name {wanted[:80]!r}{short}",
        next_step=f"those that there are: sandbank certificate list{in_command(provider)}",
    )


SHORTEST = 6
"""Characters of the beginning of a serial that stand for it: fewer are too easily a word that was meant as a name."""
MOST_OF_A_NAME = 1_000
MOST_LISTED = 5


def _meant(work: Work, provider: str, wanted: str, holder: str) -> list[CertificateRecord]:
    """The newest certificate of each client that may be meant: a name is each client's own."""
    there = store.found(work, provider, wanted, limit=MOST_OF_A_NAME)
    newest = {one.holder: one for one in reversed(there) if holder in ("", one.holder)}
    if newest or len(wanted) < SHORTEST:
        return list(newest.values())
    begun = store.begun(work, provider, wanted, limit=MOST_LISTED + 1)
    return [one for one in begun if holder in ("", one.holder)]


def _several(wanted: str, found: Sequence[CertificateRecord], names: Mapping[str, str]) -> Misuse:
    told = [f"{visible(one.name)} of {names.get(one.holder, '(removed)')}, serial {one.serial}" for one in found]
    more = f"; and {len(told) - MOST_LISTED} more" if len(told) > MOST_LISTED else ""
    owners = dict.fromkeys(names[one.holder] for one in found[:MOST_LISTED] if one.holder in names)
    whose = " or ".join(f"--client {name}" for name in owners)
    return Misuse(
        f"{wanted[:80]!r} may be {len(found)} certificates: {'; '.join(told[:MOST_LISTED])}{more}",
        next_step=f"say which: {whose}; or give the serial" if len(owners) > 1 else "give the whole serial",
    )


def revoke(state: State, provider: str, wanted: str, *, reason: str, client: str = "") -> CertificateRecord:
    """Refuse a certificate from now on, for good. Raises NotThere, Misuse for an unknown reason or where it may be that
    of several clients, and Refused when it was revoked already."""
    if reason not in REASONS:
        raise Misuse(
            f"{reason[:40]!r} is not a reason; there are: {', '.join(REASONS)}",
            next_step="name one of them, or leave it out",
        )
    record = show_certificate(state, provider, wanted, client=client)
    deed = AuditEvent(state, "revoke", record.name)
    with state.store.write() as work:
        owner = find_client(work, provider, record.holder)
        with deed.judged(owner):
            revoked = registrar(state, work, owner).revoke(record.id, reason)
    deed.done(owner, revoked)
    return revoked
