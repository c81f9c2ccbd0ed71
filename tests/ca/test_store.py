import re
from dataclasses import replace
from datetime import timedelta

import pytest

from ca import store
from ca.authority import Authority
from ca.errors import NoSuchCertificate
from ca.policy import Standing
from ca.record import CertificateRecord
from ca.store import AuthorityRow
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem, statements

SECOND = timedelta(seconds=1)


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
        assert store.by_fingerprint(work, record.fingerprint_sha256) == record


def test_what_is_not_there_is_told(work: MemoryWork) -> None:
    """A serial that somebody typed is an error; a stranger's fingerprint is not."""
    with pytest.raises(NoSuchCertificate) as caught:
        store.by_serial(work, "00")
    assert caught.value.wanted == "00"
    assert caught.value.advice()
    assert store.by_fingerprint(work, "00") is None


def test_the_list_is_by_provider_and_holder_and_in_order(work: MemoryWork, sample: CertificateRecord) -> None:
    """All, one provider's, one holder's; the oldest first."""
    newer = some(sample, "0A", issued_at=NOW + SECOND)
    other = some(sample, "0C", provider="nuapay", issued_at=NOW - SECOND)
    for record in (newer, sample, other):
        store.add(work, record)
    assert store.certificates(work) == (other, sample, newer)
    assert store.certificates(work, provider="wise") == (sample, newer)
    assert store.certificates(work, provider="nuapay", holder=CLAIM.holder) == (other,)
    assert store.certificates(work, holder="nobody") == ()


def test_the_standing_counts_what_is_neither_expired_nor_revoked(work: MemoryWork, sample: CertificateRecord) -> None:
    """Of this holder with this provider; a certificate of the future counts, at its last second it still counts."""
    for record in (
        sample,
        some(sample, "0A", name="revoked", revoked_at=NOW, reason="superseded"),
        some(sample, "0B", name="other provider", provider="nuapay"),
        some(sample, "0C", name="other holder", holder="somebody"),
    ):
        store.add(work, record)
    mine = Standing(active=1, names=frozenset({"sandbox 2026"}))
    assert store.standing(work, CLAIM, NOW) == mine
    assert store.standing(work, CLAIM, NOW - timedelta(days=1)) == mine
    assert store.standing(work, CLAIM, sample.not_after) == mine
    assert store.standing(work, CLAIM, sample.not_after + SECOND) == Standing()


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
    assert store.standing(work, CLAIM, NOW) == Standing()
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
    forms = r"(?:CREATE TABLE|CREATE (?:UNIQUE )?INDEX|DROP TABLE|ALTER TABLE|INSERT INTO) ca_"
    for step in store.SCHEMA:
        assert all(re.match(forms, statement) for statement in statements(step))


def test_the_queries_load_for_postgresql_too() -> None:
    """The same file, with the placeholders of psycopg."""
    text = str(store._queries("psycopg").by_serial.sql)
    assert "%(serial)s" in text


def test_authority_knows_the_store(home: tuple[Authority, MemoryWork]) -> None:
    """What a holder has is asked of the same unit of work that the certificate goes into."""
    authority, work = home
    authority.submit(work, csr_pem(), OFFER, CLAIM, NOW)
    assert store.standing(work, CLAIM, NOW).active == 1
    work.connection.rollback()
    assert store.certificates(work) == ()
