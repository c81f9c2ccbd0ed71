"""CRLs as they are kept: the last one of each issuing CA, and what the next one is to hold.

Each function is one query in an open unit of work; when there is a next one is left to `publishing`."""

from dataclasses import dataclass, field
from datetime import datetime

from ca.clock import read_time, whole_second, write_time
from ca.revocation import UNSPECIFIED, Revoked
from ca.store import Work, queries


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How many certificates of a provider were revoked, and how many of them by this instant.

    Revoking is for good and no row ever goes, so that two equal marks mean the same certificates."""

    revoked: int = 0
    in_force: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlRow:
    """A CRL in DER as it was signed by the issuer with this SHA-256, and the mark of what was known then."""

    issuer: str
    issuer_sha256: str
    number: int
    mark: Mark
    der: bytes = field(repr=False)


def read_crl(work: Work, issuer: str) -> CrlRow | None:
    row = queries(work.driver).read_crl(work.connection, issuer=issuer)
    if row is None:
        return None
    issuer_sha256, number, revoked, in_force, der = row
    mark = Mark(revoked=revoked, in_force=in_force)
    return CrlRow(issuer=issuer, issuer_sha256=issuer_sha256, number=number, mark=mark, der=bytes(der))


def take_crl_number(work: Work, issuer: str) -> int:
    """The next number for a CRL of this issuer, which nobody else will be given."""
    return int(queries(work.driver).take_crl_number(work.connection, issuer=issuer))


def write_crl(work: Work, row: CrlRow) -> bool:
    """The row under its issuer, in place of one with a lower number; False where that one's is higher."""
    changed = queries(work.driver).write_crl(
        work.connection,
        issuer=row.issuer,
        issuer_sha256=row.issuer_sha256,
        number=row.number,
        revoked=row.mark.revoked,
        in_force=row.mark.in_force,
        der=row.der,
    )
    return bool(changed)


def count_revocations(work: Work, provider: str, now: datetime) -> tuple[Mark, datetime | None]:
    """The mark at this instant, and when it changes by itself: the clock was moved back, and goes on."""
    row = queries(work.driver).count_revocations(work.connection, provider=provider, now=write_time(now))
    revoked, in_force, upcoming = row
    return Mark(revoked=revoked, in_force=in_force), None if upcoming is None else read_time(upcoming)


def revocations(work: Work, provider: str, now: datetime) -> tuple[Revoked, ...]:
    """The certificates of a provider's CA that were revoked and have not expired; uploaded ones have other issuers."""
    # A notAfter is a whole second, and that second is still part of the certificate's life (RFC 5280 4.1.2.5).
    rows = queries(work.driver).revocations(work.connection, provider=provider, now=write_time(whole_second(now)))
    return tuple(
        Revoked(serial=int(serial, 16), at=read_time(at), reason=reason or UNSPECIFIED) for serial, at, reason in rows
    )


def pinned(work: Work, provider: str, purpose: str = "transport") -> tuple[bytes, ...]:
    """The uploaded certificates that a provider's clients may show for a purpose, in DER, oldest first."""
    rows = queries(work.driver).pinned(work.connection, provider=provider, purpose=purpose)
    return tuple(bytes(der) for (der,) in rows)
