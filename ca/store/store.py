"""What the authority keeps: its own certificates and keys, and every certificate that it issued or took."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import aiosql

from ca.clock import read_time, write_time
from ca.errors import CESSATION, NoSuchCertificate
from ca.records import CertificateRecord

_NAME = re.compile(r"^-- name: (\w+)", re.MULTILINE)


class Queries:
    """What aiosql makes of a text for one driver: for each query a function of that name."""

    def __init__(self, text: str, driver: str) -> None:
        begins = [(found[1], found.start()) for found in _NAME.finditer(text)]
        ends = [*(start for _, start in begins[1:]), len(text)]
        self._texts = {name: text[start:end] for (name, start), end in zip(begins, ends, strict=True)}
        self._driver = driver

    @property
    def names(self) -> tuple[str, ...]:
        """Of all queries, in the order of the file."""
        return tuple(self._texts)

    def __getattr__(self, name: str) -> Any:
        """The function, from now on without this way round. Raises AttributeError where there is no such query."""
        if name.startswith("_") or name not in self._texts:
            raise AttributeError(f"there is no query {name!r}")
        made = getattr(aiosql.from_str(self._texts[name], self._driver), name)
        setattr(self, name, made)
        return made


_SQL = files("ca") / "sql"
SCHEMA: tuple[str, ...] = ((_SQL / "schema.sql").read_text("utf-8"),)


class UnitOfWork(Protocol):
    """An open unit of work: a DB-API connection inside a transaction, and the name of its driver."""

    @property
    def connection(self) -> Any: ...

    @property
    def driver(self) -> str:
        """What aiosql calls the driver, to load queries for it; for nothing else."""


# PKCS#8 begins with 0x30 (a SEQUENCE), so that what was sealed is told from what was not.
MARK = b"sealed1:"


class Vault(Protocol):
    """What stands between a private key and the store that keeps it. *name* says which key, and is bound to it."""

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        """PKCS#8 as it goes into the store."""

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        """The PKCS#8 that was sealed under this name."""


class PlainVault:
    """Keys as they are, for a store that is itself private."""

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        return key

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        return kept


def is_sealed(kept: bytes) -> bool:
    """Whether these bytes of a store are sealed, by whatever key."""
    return kept.startswith(MARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityRow:
    """One of the authority's own certificates as it is stored: DER, its key as the vault has it, None if destroyed."""

    name: str
    certificate: bytes = field(repr=False)
    key: bytes | None = field(repr=False)
    fingerprint_sha256: str


def read_authority(work: UnitOfWork, name: str) -> AuthorityRow | None:
    row = queries(work.driver).read_authority(work.connection, name=name)
    if row is None:
        return None
    certificate, key, fingerprint = row
    return AuthorityRow(
        name=name,
        certificate=bytes(certificate),
        key=None if key is None else bytes(key),
        fingerprint_sha256=fingerprint,
    )


def read_authority_fingerprint(work: UnitOfWork, name: str) -> str | None:
    """Which certificate stands under this name now: the cheap question by which a cache knows that it is old."""
    found: str | None = queries(work.driver).read_authority_fingerprint(work.connection, name=name)
    return found


def write_authority(work: UnitOfWork, row: AuthorityRow, now: datetime) -> None:
    """The row under its name, in place of the one that was there."""
    queries(work.driver).write_authority(
        work.connection,
        name=row.name,
        certificate=row.certificate,
        key=row.key,
        fingerprint_sha256=row.fingerprint_sha256,
        made_at=write_time(now),
    )


def authority_keys(work: UnitOfWork) -> tuple[tuple[str, bytes], ...]:
    """Every key there is, as it is kept, with the name of its row."""
    return tuple((name, bytes(key)) for name, key in queries(work.driver).authority_keys(work.connection))


def write_authority_key(work: UnitOfWork, name: str, key: bytes) -> None:
    """The key of a row that is there; its certificate stays."""
    queries(work.driver).write_authority_key(work.connection, name=name, key=key)


def drop_authority(work: UnitOfWork, name: str) -> None:
    queries(work.driver).drop_authority(work.connection, name=name)


def add(work: UnitOfWork, record: CertificateRecord) -> None:
    queries(work.driver).add_certificate(
        work.connection,
        id=record.id,
        serial=record.serial,
        origin=record.origin,
        provider=record.provider,
        holder=record.holder,
        name=record.name,
        purpose=record.purpose,
        profile=record.profile,
        subject=record.subject,
        not_before=write_time(record.not_before),
        not_after=write_time(record.not_after),
        issued_at=write_time(record.issued_at),
        revoked_at=None if record.revoked_at is None else write_time(record.revoked_at),
        reason=record.reason,
        fingerprint_sha256=record.fingerprint_sha256,
        spki_sha256=record.spki_sha256,
        der=record.der,
    )


def by_id(work: UnitOfWork, id: str) -> CertificateRecord:
    """The certificate that the provider names so; NoSuchCertificate if there is none."""
    row = queries(work.driver).by_id(work.connection, id=id)
    if row is None:
        raise NoSuchCertificate(id)
    return record_of_row(row)


def by_serial(work: UnitOfWork, serial: str) -> CertificateRecord:
    """The certificate with this serial, in the form that write_serial gives it; NoSuchCertificate if there is none.

    One that was issued here goes before uploaded ones, of which the newest counts."""
    row = queries(work.driver).by_serial(work.connection, serial=serial)
    if row is None:
        raise NoSuchCertificate(serial)
    return record_of_row(row)


def by_fingerprint(work: UnitOfWork, provider: str, fingerprint_sha256: str) -> CertificateRecord | None:
    """The provider's certificate with this SHA-256, or None: a stranger's certificate is nothing unusual.

    The one that is not revoked; where all are (it was uploaded and deleted), the one that was revoked last."""
    row = queries(work.driver).by_fingerprint(work.connection, provider=provider, fingerprint_sha256=fingerprint_sha256)
    return None if row is None else record_of_row(row)


def elsewhere(work: UnitOfWork, provider: str, fingerprint_sha256: str) -> CertificateRecord | None:
    """The same of another provider: to say whose a certificate is, and for no judgement."""
    row = queries(work.driver).elsewhere(work.connection, provider=provider, fingerprint_sha256=fingerprint_sha256)
    return None if row is None else record_of_row(row)


def id_taken(work: UnitOfWork, id: str) -> bool:
    return queries(work.driver).by_id(work.connection, id=id) is not None


def serial_taken(work: UnitOfWork, serial: str) -> bool:
    """Whether a certificate that was issued here has this serial, or any goes by it."""
    return bool(queries(work.driver).serial_taken(work.connection, serial=serial))


def certificates(work: UnitOfWork, *, provider: str = "", holder: str = "") -> tuple[CertificateRecord, ...]:
    """All certificates, or those of one provider, or of one of its holders, the oldest first."""
    ask, connection = queries(work.driver), work.connection
    if holder:
        rows = ask.certificates_of_holder(connection, provider=provider, holder=holder)
    elif provider:
        rows = ask.certificates_of_provider(connection, provider=provider)
    else:
        rows = ask.all_certificates(connection)
    return tuple(map(record_of_row, rows))


def revoke(work: UnitOfWork, id: str, reason: str, now: datetime) -> bool:
    """The certificate marked as revoked; False when it was already, or is not there."""
    return bool(queries(work.driver).revoke(work.connection, id=id, reason=reason, now=write_time(now)))


def revoked_at(work: UnitOfWork, provider: str, serial: str) -> datetime | None:
    """Since when the certificate that the provider's CA issued under this serial is revoked, if it is."""
    at = queries(work.driver).revoked_at(work.connection, provider=provider, serial=serial)
    return None if at is None else read_time(at)


def pinned(work: UnitOfWork, provider: str, purpose: str = "transport") -> tuple[bytes, ...]:
    """The uploaded certificates that a provider's clients may show for a purpose, in DER, oldest first."""
    rows = queries(work.driver).pinned(work.connection, provider=provider, purpose=purpose)
    return tuple(bytes(der) for (der,) in rows)


def release_holder(work: UnitOfWork, provider: str, holder: str, now: datetime) -> int:
    """All certificates of a client that is removed: kept, but revoked, so that their names are free. How many."""
    count: int = queries(work.driver).release_holder(
        work.connection, provider=provider, holder=holder, now=write_time(now), reason=CESSATION
    )
    return count


def record_of_row(row: Sequence[Any]) -> CertificateRecord:
    """A row of ca_certificates as the queries have it."""
    id_, serial, origin, provider, holder, name, purpose, profile, subject, *rest = row
    not_before, not_after, issued_at, revoked_at, reason, fingerprint, spki, der = rest
    return CertificateRecord(
        id=id_,
        serial=serial,
        origin=origin,
        provider=provider,
        holder=holder,
        name=name,
        purpose=purpose,
        profile=profile,
        subject=subject,
        not_before=read_time(not_before),
        not_after=read_time(not_after),
        issued_at=read_time(issued_at),
        revoked_at=None if revoked_at is None else read_time(revoked_at),
        reason=reason,
        fingerprint_sha256=fingerprint,
        spki_sha256=spki,
        der=bytes(der),
    )


@cache
def queries(driver: str) -> Queries:
    """The named queries as functions for one driver."""
    return Queries((_SQL / "queries.sql").read_text("utf-8"), driver)


def found(work: UnitOfWork, provider: str, wanted: str, *, limit: int) -> tuple[CertificateRecord, ...]:
    """The certificates of the provider with that id, serial, SHA-256 fingerprint (both also with colons, in upper or
    lower case) or name, whosever they are, the newest first; so many of that name at most."""
    bare, ask = wanted.replace(":", ""), queries(work.driver)
    marked = ask.by_mark(work.connection, id=wanted, serial=bare.upper(), fingerprint_sha256=bare.lower())
    rows = [*marked, *ask.of_name(work.connection, provider=provider, name=wanted, limit=limit)]
    records = {record.id: record for record in map(record_of_row, rows) if record.provider == provider}
    return tuple(sorted(records.values(), key=lambda record: (record.issued_at, record.id), reverse=True))


def begun(work: UnitOfWork, provider: str, beginning: str, *, limit: int) -> tuple[CertificateRecord, ...]:
    """The provider's certificates whose id, serial or fingerprint begins so, the newest first."""
    bare = beginning.replace(":", "")
    if not bare or not set(bare) <= set("0123456789abcdefABCDEF-"):
        return ()
    marks = {"id": f"{bare.lower()}%", "serial": f"{bare.upper()}%", "fingerprint_sha256": f"{bare.lower()}%"}
    rows = queries(work.driver).begun(work.connection, provider=provider, limit=limit, **marks)
    return tuple(map(record_of_row, rows))


def page(
    work: UnitOfWork, provider: str, *, holder: str = "", after: CertificateRecord | None = None, limit: int
) -> tuple[CertificateRecord, ...]:
    """So many of a provider's certificates, or of one of its holders, that come after this one; the oldest first."""
    begin = {"issued_at": write_time(after.issued_at), "id": after.id} if after else {"issued_at": "", "id": ""}
    ask, connection = queries(work.driver), work.connection
    if holder:
        rows = ask.page_of_holder(connection, provider=provider, holder=holder, limit=limit, **begin)
    else:
        rows = ask.page_of_provider(connection, provider=provider, limit=limit, **begin)
    return tuple(map(record_of_row, rows))
