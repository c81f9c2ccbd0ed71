"""What the authority tells others of the certificates it issued: a CRL for each CA, and answers of OCSP responders.

Each function works in the caller's open unit of work and is told the time; the kept ones are looked for in any, new
ones are made in one that may write. A CRL can be long: its number is taken in one unit of work (`take_number`), it is
signed outside of any (`draft_crl`, `sign_crl`) and kept in another (`keep_crl`). HTTP is left to others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authority import CLIENT_CA, CLIENT_ROOT, SERVER, SERVER_CA, SERVER_RSA, Authority
from ca.errors import NoSuchCertificate, NotFounded
from ca.records import fingerprint, write_serial
from ca.status import ocsp
from ca.status.crl import (
    CRL_LIFE,
    UNSPECIFIED,
    CrlRow,
    Mark,
    Revoked,
    count_revocations,
    make_crl,
    read_crl,
    revocations,
    stale,
    take_crl_number,
    write_crl,
)
from ca.store import store
from ca.store.store import UnitOfWork
from ca.x509.keys import Issuer

RESPONDER = "ocsp:"  # and the name of the CA for which it answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Crl:
    """A CRL in DER; right from its beginning until another one is due, if nothing changes before."""

    number: int
    der: bytes = field(repr=False)
    begin: datetime
    end: datetime
    until: datetime

    def right_at(self, now: datetime) -> bool:
        return self.begin <= now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenNumber:
    """A number for the next CRL of the CA with this name, and who signs it."""

    issuer: str
    signer: Issuer = field(repr=False)
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A CRL before it is signed: its number, and what stands in it."""

    taken: TakenNumber
    revoked: tuple[Revoked, ...] = field(repr=False)
    mark: Mark
    upcoming: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCrl:
    """A CRL that is signed and not kept yet."""

    row: CrlRow
    crl: Crl


def kept_crl(work: UnitOfWork, issuer: str, now: datetime) -> Crl | None:
    """The CRL of the CA with this name, if there is one and it is still right; NotFounded if there is no such CA."""
    current = store.read_authority_fingerprint(work, issuer)
    if current is None:
        raise NotFounded(issuer)
    row = read_crl(work, issuer)
    mark, upcoming = _mark(work, issuer, now)
    if row is None or row.issuer_sha256 != current or row.mark != mark:
        return None
    crl = x509.load_der_x509_crl(row.der)
    return None if stale(crl, now) else _crl(row, crl, upcoming)


def take_number(authority: Authority, work: UnitOfWork, issuer: str, now: datetime) -> Crl | TakenNumber:
    """The next number, for good; or the CRL that somebody else has made in the meantime.

    A number with which nothing is signed is skipped: they only have to rise (RFC 5280 section 5.2.3)."""
    if there := kept_crl(work, issuer, now):
        return there
    signer = authority.issuer(work, issuer)  # before the number: where its key cannot be opened, none is taken
    return TakenNumber(issuer=issuer, signer=signer, number=take_crl_number(work, issuer))


def draft_crl(work: UnitOfWork, taken: TakenNumber, now: datetime) -> Draft:
    """What stands in the CRL with this number; read after the number was taken, and so never older than it."""
    # Counted before it is listed: what comes in between is listed and not counted, and so makes another one due.
    mark, upcoming = _mark(work, taken.issuer, now)
    revoked = revocations(work, provider_of(taken.issuer), now) if mark.in_force else ()
    return Draft(taken=taken, revoked=revoked, mark=mark, upcoming=upcoming, now=now)


def sign_crl(draft: Draft) -> SignedCrl:
    """The draft signed, in no unit of work: with 10,000 entries this takes 0.15 s."""
    taken, now = draft.taken, draft.now
    crl = make_crl(taken.signer, draft.revoked, number=taken.number, now=now, next_update=now + CRL_LIFE)
    row = CrlRow(
        issuer=taken.issuer,
        issuer_sha256=fingerprint(taken.signer.certificate),
        number=taken.number,
        mark=draft.mark,
        der=crl.public_bytes(Encoding.DER),
    )
    return SignedCrl(row=row, crl=_crl(row, crl, draft.upcoming))


def keep_crl(work: UnitOfWork, signed: SignedCrl) -> Crl | None:
    """The CRL, kept from now on; None where one with a higher number is kept, which is the one that counts."""
    return signed.crl if write_crl(work, signed.row) else None


def listing(providers: Iterable[str]) -> tuple[str, ...]:
    """The names of the CAs whose CRLs judge these providers' clients and their issuing CAs, the root first."""
    return (CLIENT_ROOT, *(CLIENT_CA + provider for provider in providers))


def kept_responder(authority: Authority, work: UnitOfWork, issuer: str, now: datetime) -> Issuer | None:
    """Who answers for the CA with this name, if it has enough of its life left."""
    if store.read_authority_fingerprint(work, RESPONDER + issuer) is None:
        return None
    responder = authority.issuer(work, RESPONDER + issuer)
    # A CA that was made anew has another name, as that has a piece of its key's hash in it.
    own = responder.certificate.issuer == authority.own(work, issuer).certificate.subject
    return responder if own and not ocsp.stale_responder(responder.certificate, now) else None


def renew_responder(authority: Authority, work: UnitOfWork, issuer: str, now: datetime) -> Issuer:
    """A new responder; or the one that somebody else has made in the meantime."""
    if there := kept_responder(authority, work, issuer, now):
        return there
    from ca.issuance.hierarchy import make_ocsp_responder  # once a week

    made = make_ocsp_responder(authority.issuer(work, issuer), now, authority.serials())
    authority.write(work, RESPONDER + issuer, made, now)
    return authority.issuer(work, RESPONDER + issuer)


def answers_for(issuer: str) -> bool:
    """Whether the CA with this name has a responder: those whose certificates others meet."""
    return issuer == SERVER_CA or issuer.startswith(CLIENT_CA)


def answer(
    authority: Authority, work: UnitOfWork, issuer: str, question: ocsp.Question, responder: Issuer, now: datetime
) -> bytes:
    """The responder's answer about a certificate of the CA with this name."""
    status = _status(work, authority.own(work, issuer).certificate, issuer, question.serial)
    return ocsp.answer(question, status, responder, now)


def staple(
    authority: Authority, work: UnitOfWork, certificate: x509.Certificate, responder: Issuer, now: datetime
) -> bytes:
    """What our server hands over with its certificate; `now` is the real time. Nobody can revoke that certificate."""
    issuer = authority.own(work, SERVER_CA).certificate
    return ocsp.staple(certificate, ocsp.SerialStatus(issuer=issuer, issued=True), responder, now)


def _status(work: UnitOfWork, certificate: x509.Certificate, issuer: str, serial: int) -> ocsp.SerialStatus:
    if issuer == SERVER_CA:
        rows = filter(None, (store.read_authority(work, name) for name in (SERVER, SERVER_RSA)))
        own = any(x509.load_der_x509_certificate(row.certificate).serial_number == serial for row in rows)
        return ocsp.SerialStatus(issuer=certificate, issued=own)
    try:
        record = store.by_serial(work, write_serial(serial))
    except NoSuchCertificate:
        return ocsp.SerialStatus(issuer=certificate, issued=False)
    issued = record.origin == "issued" and record.provider == provider_of(issuer)
    if not issued or record.revoked_at is None:
        return ocsp.SerialStatus(issuer=certificate, issued=issued)
    revoked = Revoked(serial=serial, at=record.revoked_at, reason=record.reason or UNSPECIFIED)
    return ocsp.SerialStatus(issuer=certificate, issued=True, revoked=revoked)


def provider_of(issuer: str) -> str:
    """Whose clients the CA with this name issues to; "" for one that issues to none."""
    return issuer.removeprefix(CLIENT_CA) if issuer.startswith(CLIENT_CA) else ""


def _mark(work: UnitOfWork, issuer: str, now: datetime) -> tuple[Mark, datetime | None]:
    provider = provider_of(issuer)
    return count_revocations(work, provider, now) if provider else (Mark(), None)


def _crl(row: CrlRow, crl: x509.CertificateRevocationList, upcoming: datetime | None) -> Crl:
    begin, end = crl.last_update_utc, crl.next_update_utc
    assert end is not None, "ours have one"
    due = begin + (end - begin) / 2
    until = min(due, upcoming) if upcoming else due
    return Crl(number=row.number, der=row.der, begin=begin, end=end, until=until)
