"""Certificate revocation lists (RFC 5280 section 5): what they hold, and the last one of each CA."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.clock import read_time, whole_second, write_time
from ca.errors import LintFailed
from ca.store.store import UnitOfWork, queries
from ca.x509.keys import Issuer, signing_hash

UNSPECIFIED = "unspecified"
# RFC 5280 section 5.3.1 by its own names. removeFromCRL is not among them: only a delta CRL says it.
FLAGS: Mapping[str, x509.ReasonFlags] = MappingProxyType(
    {flag.value: flag for flag in x509.ReasonFlags if flag is not x509.ReasonFlags.remove_from_crl}
)
# A file fetched in the morning serves for the day; signing anew at half of it is seldom enough to cost nothing, and a
# computer that slept over the weekend signs anew when it is asked first.
CRL_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """One revoked certificate of an issuer; the reason is a name of FLAGS."""

    serial: int
    at: datetime
    reason: str = UNSPECIFIED

    @property
    def flag(self) -> x509.ReasonFlags | None:
        """The reason code to write down; none for unspecified, whose absence says the same (RFC 5280 5.3.1)."""
        return None if self.reason == UNSPECIFIED else FLAGS[self.reason]


def make_crl(
    issuer: Issuer, revoked: Iterable[Revoked], *, number: int, now: datetime, next_update: datetime
) -> x509.CertificateRevocationList:
    """The signed list, read back and checked; 10,000 entries take 0.15 s.

    The caller leaves out what has expired: a CRL grows for ever otherwise (RFC 5280 section 5). What is to be revoked
    later than `now` is left out here: the clock was moved back, and that certificate is good again. A certificate that
    comes twice counts from its first revocation."""
    entries = _in_force(revoked, now)
    builder = (
        # Handed over as one list: adding them one by one copies the list each time, 10,000 times.
        x509.CertificateRevocationListBuilder(revoked_certificates=[_entry(each) for each in entries])
        .issuer_name(issuer.name)
        .last_update(whole_second(now))
        .next_update(whole_second(next_update))
        .add_extension(issuer.key_identifier, critical=False)
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    der = builder.sign(issuer.key, signing_hash(issuer.key)).public_bytes(Encoding.DER)
    # Parsed anew: the object in hand may remember what its builder was told.
    crl = x509.load_der_x509_crl(der)
    if findings := tuple(_findings(crl, issuer.certificate, entries, number, (now, next_update))):
        raise LintFailed(findings)
    return crl


def stale(crl: x509.CertificateRevocationList, now: datetime) -> bool:
    """Whether it is time to sign a new one: half its life is over, or the clock was moved to before it was signed."""
    return half_over(crl.last_update_utc, crl.next_update_utc, now)


def half_over(begin: datetime, end: datetime | None, now: datetime) -> bool:
    """Whether what lives from `begin` to `end` is to be made anew: in its second half, or before it began."""
    return end is None or not begin <= now < begin + (end - begin) / 2


def _in_force(revoked: Iterable[Revoked], now: datetime) -> tuple[Revoked, ...]:
    first: dict[int, Revoked] = {}
    for each in sorted(revoked, key=lambda each: (each.at, each.serial)):
        if each.at <= now:
            first.setdefault(each.serial, each)
    return tuple(first.values())


def _entry(revoked: Revoked) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(revoked.serial).revocation_date(whole_second(revoked.at))
    if revoked.flag is not None:
        builder = builder.add_extension(x509.CRLReason(revoked.flag), critical=False)
    return builder.build()


def _findings(
    crl: x509.CertificateRevocationList,
    issuer: x509.Certificate,
    entries: tuple[Revoked, ...],
    number: int,
    life: tuple[datetime, datetime],
) -> Iterator[str]:
    if crl.issuer.public_bytes() != issuer.subject.public_bytes():
        yield "the CRL's issuer is not the subject of the issuing certificate"
    # The key types that cannot sign a CRL are none of an Issuer's.
    if not crl.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
        yield "the CRL's signature does not verify with the issuer's key"
    if (crl.last_update_utc, crl.next_update_utc) != tuple(whole_second(each) for each in life):
        yield "the CRL's life is not the planned one"
    extensions = {each.oid: (each.critical, each.value) for each in crl.extensions}
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    planned = (x509.AuthorityKeyIdentifier(own.digest, None, None), x509.CRLNumber(number))
    if extensions != {each.oid: (False, each) for each in planned}:
        yield "the CRL's extensions are not the planned ones"
    if [_read(each) for each in crl] != [(each.serial, whole_second(each.at), each.flag) for each in entries]:
        yield "the CRL's entries are not the revoked certificates"


def _read(entry: x509.RevokedCertificate) -> tuple[int, datetime, x509.ReasonFlags | None]:
    reasons = [each.value.reason for each in entry.extensions if isinstance(each.value, x509.CRLReason)]
    return entry.serial_number, entry.revocation_date_utc, reasons[0] if reasons else None


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


def read_crl(work: UnitOfWork, issuer: str) -> CrlRow | None:
    row = queries(work.driver).read_crl(work.connection, issuer=issuer)
    if row is None:
        return None
    issuer_sha256, number, revoked, in_force, der = row
    mark = Mark(revoked=revoked, in_force=in_force)
    return CrlRow(issuer=issuer, issuer_sha256=issuer_sha256, number=number, mark=mark, der=bytes(der))


def take_crl_number(work: UnitOfWork, issuer: str) -> int:
    """The next number for a CRL of this issuer, which nobody else will be given."""
    return int(queries(work.driver).take_crl_number(work.connection, issuer=issuer))


def write_crl(work: UnitOfWork, row: CrlRow) -> bool:
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


def count_revocations(work: UnitOfWork, provider: str, now: datetime) -> tuple[Mark, datetime | None]:
    """The mark at this instant, and when it changes by itself: the clock was moved back, and goes on."""
    row = queries(work.driver).count_revocations(work.connection, provider=provider, now=write_time(now))
    revoked, in_force, upcoming = row
    return Mark(revoked=revoked, in_force=in_force), None if upcoming is None else read_time(upcoming)


def revocations(work: UnitOfWork, provider: str, now: datetime) -> tuple[Revoked, ...]:
    """The certificates of a provider's CA that were revoked and have not expired; uploaded ones have other issuers."""
    # A notAfter is a whole second, and that second is still part of the certificate's life (RFC 5280 4.1.2.5).
    rows = queries(work.driver).revocations(work.connection, provider=provider, now=write_time(whole_second(now)))
    return tuple(
        Revoked(serial=int(serial, 16), at=read_time(at), reason=reason or UNSPECIFIED) for serial, at, reason in rows
    )
