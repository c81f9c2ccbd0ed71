import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from ca.approval import read_holder_status
from ca.authority import Authority
from ca.errors import NoSuchCertificate
from ca.records import CertificateRecord, HolderStatus, Twin
from ca.store import store
from ca.store.store import AuthorityRow
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem, empty_work, statements

SECOND = timedelta(seconds=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def work(request: pytest.FixtureRequest) -> Iterator[MemoryWork]:
    """A store with the tables of ca and nothing in them, in each database that there may be."""
    if request.param == "sqlite":
        work = empty_work()
    else:
        connection: Any = psycopg.connect(request.getfixturevalue("database"), autocommit=True)
        for step in store.SCHEMA:
            connection.execute(step)
        work = MemoryWork(connection=connection, driver="psycopg")
    yield work
    work.connection.close()


@pytest.fixture(scope="module")
def sample() -> CertificateRecord:
    from tests.ca.making import founded

    authority, work = founded()
    record = authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).record
    work.connection.close()
    return record


def some(record: CertificateRecord, serial: str, **changes: object) -> CertificateRecord:
    return replace(record, id=serial, serial=serial, fingerprint_sha256=serial * 32, **changes)  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_went_in(work: MemoryWork, sample: CertificateRecord) -> None:
    """Every field, with and without a revocation, by serial and by fingerprint."""
    revoked = some(sample, "0B", revoked_at=NOW, reason="keyCompromise")
    for record in (sample, revoked):
        store.add(work, record)
        assert store.by_serial(work, record.serial) == record
        assert store.by_fingerprint(work, record.provider, record.fingerprint_sha256) == record


def test_what_is_not_there_is_told(work: MemoryWork) -> None:
    """A serial that somebody typed is an error; a stranger's fingerprint is not."""
    with pytest.raises(NoSuchCertificate) as caught:
        store.by_serial(work, "00")
    assert caught.value.wanted == "00"
    assert caught.value.advice()
    assert store.by_fingerprint(work, "wise", "00") is None


def test_the_list_is_by_provider_and_holder_and_in_order(work: MemoryWork, sample: CertificateRecord) -> None:
    """All, one provider's, one holder's; the oldest first."""
    newer = some(sample, "0A", issued_at=NOW + SECOND)
    other = some(sample, "0C", provider="nuapay", issued_at=NOW - SECOND)
    for record in (newer, sample, other):
        store.add(work, record)
    assert store.certificates(work) == (other, sample, newer)
    assert store.certificates(work, provider="wise") == (sample, newer)
    assert store.certificates(work, provider="nuapay", holder=CLAIM.holder) == (other,)
    assert store.certificates(work, provider="wise", holder="nobody") == ()


def test_a_list_comes_in_pages(work: MemoryWork, sample: CertificateRecord) -> None:
    """One after the other they are the list, of a provider and of a holder; equal instants go by the id."""
    records = [some(sample, f"0{n}", holder="ab"[n % 2], issued_at=NOW + n // 4 * SECOND) for n in range(9)]
    for record in (*reversed(records), some(sample, "0C", provider="nuapay")):
        store.add(work, record)
    for holder, wanted in (("", records), ("a", records[::2]), ("nobody", [])):
        pages, after = [], None
        while page := store.page(work, "wise", holder=holder, after=after, limit=2):
            assert len(page) <= 2
            pages += page
            after = page[-1]
        assert pages == wanted


def test_the_newest_is_found_by_whatever_names_it(work: MemoryWork, sample: CertificateRecord) -> None:
    """First, whatever else it names: id, serial, fingerprint, with colons and in either case, or name; another
    provider's is none."""
    newer = some(sample, "0A", issued_at=NOW + SECOND)
    called_as_newer = some(sample, "0B", name="0A", issued_at=NOW + 2 * SECOND)
    other = some(sample, "0C", provider="nuapay", issued_at=NOW + 3 * SECOND)
    uploaded = replace(some(sample, "0D", origin="uploaded", name="pin"), id="of-its-own")
    for record in (newer, sample, other, uploaded):
        store.add(work, record)
    found = partial(store.found, work, limit=9)
    colons = ":".join(sample.serial[i : i + 2] for i in range(0, len(sample.serial), 2))
    for wanted in (sample.id, sample.serial.lower(), colons, sample.fingerprint_sha256.upper()):
        assert found("wise", wanted) == (sample,)
    assert found("wise", sample.name) == (newer, sample)
    assert found("nuapay", sample.name) == (other,)
    assert [found("wise", wanted) for wanted in ("of-its-own", "0d", "pin")] == [(uploaded,)] * 3
    assert [found("wise", wanted) for wanted in ("0C", "nothing", "")] == [()] * 3
    store.add(work, called_as_newer)
    assert found("wise", "0A") == (called_as_newer, newer)


def test_the_beginning_of_a_mark_finds_what_begins_so(work: MemoryWork, sample: CertificateRecord) -> None:
    """Of an id, a serial or a fingerprint, in either case; a wildcard of the database's is none of it."""
    store.add(work, sample)
    for mark in (sample.id, sample.serial.lower(), sample.fingerprint_sha256.upper()):
        assert store.begun(work, "wise", mark[:-1], limit=5) == (sample,)
    for other in ("%", "_" * 8, "", f"{sample.serial[:-1]}X"):
        assert store.begun(work, "wise", other, limit=5) == ()
    assert store.begun(work, "nuapay", sample.serial[:-1], limit=5) == ()


PLANS = {
    "by_id": "sqlite_autoindex_ca_certificates_1 (id=?)",
    "by_serial": "ca_certificates_one_serial (serial=?)",
    "serial_taken": "ca_certificates_one_serial (serial=?)",
    "by_fingerprint": "ca_certificates_one_of_a_kind (fingerprint_sha256=?)",
    "elsewhere": "ca_certificates_one_of_a_kind (fingerprint_sha256=?)",
    "by_mark": "MULTI-INDEX OR",
    "of_name": "ca_certificates_by_name (provider=? AND name=?)",
    # Through all of the provider's, and only for the beginning of a mark: when nothing is called so.
    "begun": "ca_certificates_by_age (provider=?)",
    "certificates_of_provider": "ca_certificates_by_age (provider=?)",
    "certificates_of_holder": "ca_certificates_by_holder (provider=? AND holder=?)",
    "page_of_provider": "ca_certificates_by_age (provider=? AND (issued_at,id)>(?,?))",
    "page_of_holder": "ca_certificates_by_holder (provider=? AND holder=? AND (issued_at,id)>(?,?))",
    "standing_names": "COVERING INDEX ca_certificates_standing (provider=? AND holder=? AND purpose=? AND not_after>?)",
    "standing_names_and_newest": "ca_certificates_by_holder (provider=? AND holder=?)",
    "key_uses": "COVERING INDEX ca_certificates_by_key (spki_sha256=? AND provider=?)",
    "revoked_at": "ca_certificates_one_serial (serial=?)",
    "revoke": "sqlite_autoindex_ca_certificates_1 (id=?)",
    "release_holder": "ca_certificates_standing (provider=? AND holder=?)",
    "count_revocations": "ca_certificates_revoked (provider=?",
    "revocations": "ca_certificates_revoked (provider=?",
    "pinned": "ca_certificates_uploaded (provider=? AND purpose=?)",
}
"""How SQLite finds the rows of each query: by an index that holds all that the query asks by."""


@pytest.mark.parametrize("name", PLANS)
def test_no_query_reads_more_than_it_asks_for(name: str) -> None:
    """With 100,000 certificates a second look at each of them is a second of the writing thread."""
    work = empty_work()
    sql = getattr(store.queries("sqlite3"), name).sql
    given = dict.fromkeys(re.findall(r":(\w+)", sql))
    plan = "; ".join(row[3] for row in work.connection.execute(f"EXPLAIN QUERY PLAN {sql}", given))
    assert PLANS[name] in plan and "SCAN ca_" not in plan
    work.connection.close()


def test_every_query_of_certificates_has_a_plan() -> None:
    """But those that read the whole table, or add to it."""
    queries = store.queries("sqlite3")
    asked = {name for name in queries.names if "ca_certificates" in getattr(queries, name).sql}
    asked = {name for name in asked if not name.endswith("_cursor")}
    assert asked == {*PLANS, "all_certificates", "add_certificate"}


def test_the_standing_counts_what_is_neither_expired_nor_revoked(work: MemoryWork, sample: CertificateRecord) -> None:
    """Of this holder with this provider; a certificate of the future counts, at its last second it still counts."""
    for record in (
        sample,
        some(sample, "0A", name="revoked", revoked_at=NOW, reason="superseded"),
        some(sample, "0B", name="other provider", provider="nuapay"),
        some(sample, "0C", name="other holder", holder="somebody"),
    ):
        store.add(work, record)
    mine = HolderStatus(active=1, names=frozenset({"sandbox 2026"}))
    assert read_holder_status(work, CLAIM, NOW) == mine
    assert read_holder_status(work, CLAIM, NOW - timedelta(days=1)) == mine
    assert read_holder_status(work, CLAIM, sample.not_after) == mine
    assert read_holder_status(work, CLAIM, sample.not_after + SECOND) == HolderStatus()


def test_a_released_holder_keeps_its_history(work: MemoryWork, sample: CertificateRecord) -> None:
    """Revoked as RFC 5280 calls it, the names free; what was revoked before keeps its reason."""
    before = some(sample, "0A", revoked_at=NOW - SECOND, reason="keyCompromise")
    other = some(sample, "0C", holder="somebody")
    for record in (sample, before, other):
        store.add(work, record)
    assert store.release_holder(work, "wise", CLAIM.holder, NOW) == 1
    released = store.by_serial(work, sample.serial)
    assert (released.revoked_at, released.reason, released.status(NOW)) == (NOW, "cessationOfOperation", "revoked")
    assert store.by_serial(work, before.serial) == before
    assert store.by_serial(work, other.serial) == other
    assert read_holder_status(work, CLAIM, NOW) == HolderStatus()
    assert store.release_holder(work, "wise", CLAIM.holder, NOW) == 0


def test_an_authority_row_is_replaced_under_its_name(work: MemoryWork) -> None:
    """One row for each name; a destroyed key is None; a key is in no repr."""
    first = AuthorityRow(name="x", certificate=b"\x30\x00", key=b"secret", fingerprint_sha256="aa")
    second = AuthorityRow(name="x", certificate=b"\x30\x01", key=None, fingerprint_sha256="bb")
    assert store.read_authority(work, "x") is None
    assert store.read_authority_fingerprint(work, "x") is None
    for row in (first, second):
        store.write_authority(work, row, NOW)
        assert store.read_authority(work, "x") == row
        assert store.read_authority_fingerprint(work, "x") == row.fingerprint_sha256
    store.drop_authority(work, "x")
    assert store.read_authority(work, "x") is None
    assert "secret" not in repr(first)


def test_the_schema_touches_tables_of_ca_only() -> None:
    """Every statement of every step names a table or an index that begins with ca_."""
    forms = r"(?:CREATE TABLE|CREATE (?:UNIQUE )?INDEX|DROP (?:TABLE|INDEX)|ALTER TABLE|INSERT INTO) ca_"
    for step in store.SCHEMA:
        assert all(re.match(forms, statement) for statement in statements(step))


def test_ids_serials_and_fingerprints_are_unique_as_far_as_they_must(
    work: MemoryWork, sample: CertificateRecord
) -> None:
    """An id always, a serial among those issued here, a fingerprint among those not revoked."""
    uploaded = replace(some(sample, "0A"), serial=sample.serial, origin="uploaded")
    again = replace(uploaded, id="0B", revoked_at=NOW, reason="superseded")
    for record in (sample, uploaded, again):
        store.add(work, record)
    for record in (
        replace(some(sample, "0C"), id=sample.id),
        replace(some(sample, "0C"), serial=sample.serial),
        replace(some(sample, "0C"), fingerprint_sha256=uploaded.fingerprint_sha256),
    ):
        with pytest.raises((sqlite3.IntegrityError, psycopg.IntegrityError)):
            store.add(work, record)
    store.revoke(work, uploaded.id, "superseded", NOW)
    store.add(work, replace(uploaded, id="0C"))


def test_of_several_uploads_the_one_that_is_not_revoked_counts(work: MemoryWork, sample: CertificateRecord) -> None:
    """Else the one that was revoked last; by its serial an issued one, else the newest uploaded."""
    first = replace(some(sample, "0A"), origin="uploaded", revoked_at=NOW + SECOND, reason="superseded")
    second = replace(first, id="0B", revoked_at=NOW, issued_at=NOW + SECOND)
    for record in (first, second):
        store.add(work, record)
    assert store.by_fingerprint(work, first.provider, first.fingerprint_sha256) == first
    assert store.by_serial(work, "0A") == second
    third = replace(first, id="0C", revoked_at=None, reason="")
    store.add(work, third)
    assert store.by_fingerprint(work, first.provider, first.fingerprint_sha256) == third
    assert not store.serial_taken(work, "0F")
    store.add(work, replace(some(sample, "0D"), serial="0A"))
    assert store.by_serial(work, "0A").id == "0D"
    assert store.serial_taken(work, "0A") and store.serial_taken(work, "0C")


def test_revoking_says_whether_it_did(work: MemoryWork, sample: CertificateRecord) -> None:
    """Once; what was revoked keeps its instant, and nobody else's certificate is touched."""
    other = some(sample, "0A")
    for record in (sample, other):
        store.add(work, record)
    assert store.revoke(work, sample.id, "superseded", NOW)
    assert not store.revoke(work, sample.id, "keyCompromise", NOW + SECOND)
    assert not store.revoke(work, "nobody", "superseded", NOW)
    assert store.by_id(work, sample.id) == replace(sample, revoked_at=NOW, reason="superseded")
    assert store.by_id(work, other.id) == other


def test_the_standing_knows_the_key_and_the_same_certificate(work: MemoryWork, sample: CertificateRecord) -> None:
    """Other purposes of this client, other clients of this provider, and whose the very same certificate is."""
    key, whole = sample.spki_sha256, sample.fingerprint_sha256
    assert read_holder_status(work, CLAIM, NOW, spki_sha256=key, fingerprint_sha256=whole) == HolderStatus()
    for record in (
        sample,
        some(sample, "0A", purpose="signature"),
        some(sample, "0B", purpose="webhook", revoked_at=NOW, reason="superseded"),
        some(sample, "0C", provider="other", holder="somebody", purpose="encryption"),
    ):
        store.add(work, record)
    found = read_holder_status(work, CLAIM, NOW, spki_sha256=key, fingerprint_sha256=whole)
    assert (found.key_purposes, found.key_elsewhere) == (frozenset({"signature"}), False)
    assert found.twin == Twin(name=CLAIM.name, purpose="transport", own=True)
    theirs = read_holder_status(
        work, replace(CLAIM, holder="x", purpose="signature"), NOW, spki_sha256=key, fingerprint_sha256=whole
    )
    assert (theirs.active, theirs.key_purposes, theirs.key_elsewhere) == (0, frozenset(), True)
    assert theirs.twin is not None and not theirs.twin.own
    assert read_holder_status(work, CLAIM, NOW).twin is None


def test_the_queries_load_for_postgresql_too() -> None:
    """The same file, with the placeholders of psycopg."""
    text = str(store.queries("psycopg").by_serial.sql)
    assert "%(serial)s" in text


def test_authority_knows_the_store(home: tuple[Authority, MemoryWork]) -> None:
    """What a holder has is asked of the same unit of work that the certificate goes into."""
    authority, work = home
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    assert read_holder_status(work, CLAIM, NOW).active == 1
    work.connection.rollback()
    assert store.certificates(work) == ()
