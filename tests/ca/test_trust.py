from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ca.authority import Authority
from ca.errors import Refusal
from ca.records import CertificateRecord, Trusted, judge_peer
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem

SECOND = timedelta(seconds=1)


@pytest.fixture
def record(home: tuple[Authority, MemoryWork]) -> CertificateRecord:
    authority, work = home
    return authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).record


def code(record: CertificateRecord | None, now: datetime, fingerprint: str = "") -> str:
    verdict = judge_peer(fingerprint or (record.fingerprint_sha256 if record else "00"), record, now)
    return verdict.code if isinstance(verdict, Refusal) else ""


def test_ours_and_in_time_is_trusted(record: CertificateRecord) -> None:
    """At the instant of issue already, and the record comes with the trust."""
    assert judge_peer(record.fingerprint_sha256, record, NOW) == Trusted(record=record)


def test_both_ends_of_the_validity_belong_to_it(record: CertificateRecord) -> None:
    """RFC 5280 section 4.1.2.5: from notBefore through notAfter, inclusive."""
    assert code(record, record.not_before) == ""
    assert code(record, record.not_after) == ""
    assert code(record, record.not_before - SECOND) == "certificate.not_yet_valid"
    assert code(record, record.not_after + SECOND) == "certificate.expired"


def test_a_certificate_without_a_record_is_unknown(record: CertificateRecord) -> None:
    """No record, or the record of another certificate."""
    assert code(None, NOW) == "certificate.unknown"
    assert code(record, NOW, "ab" * 32) == "certificate.unknown"


def test_revoked_weighs_more_than_expired(record: CertificateRecord) -> None:
    """From the instant of revoking on, for ever; before it, the certificate was good."""
    revoked = replace(record, revoked_at=NOW + SECOND, reason="keyCompromise")
    assert code(revoked, NOW) == ""
    assert code(revoked, NOW + SECOND) == "certificate.revoked"
    assert code(revoked, revoked.not_after + SECOND) == "certificate.revoked"


def test_a_certificate_of_another_purpose_is_refused(record: CertificateRecord) -> None:
    """Before anything else is looked at, for it would not do whatever the time is."""
    revoked = replace(record, purpose="signature", revoked_at=NOW, reason="superseded")
    for of_other in (replace(record, purpose="signature"), revoked):
        assert code(of_other, NOW) == "certificate.wrong_purpose"
    verdict = judge_peer(record.fingerprint_sha256, replace(record, purpose="signature"), NOW, purpose="signature")
    assert isinstance(verdict, Trusted)


def test_the_refusal_names_certificate_instant_and_clock(record: CertificateRecord) -> None:
    """Enough to see at once whether the clock or the certificate is the odd one."""
    refusal = judge_peer(record.fingerprint_sha256, record, record.not_after + SECOND)
    assert isinstance(refusal, Refusal)
    assert (
        refusal.detail
        == "the certificate 'sandbox 2026' has expired; it is 2027-11-22T10:27:39.000000Z by the sandbox's clock"
    )
    assert refusal.seen == f"serial {record.serial}, notAfter 2027-11-22T10:27:38.000000Z"
    revoked = judge_peer(record.fingerprint_sha256, replace(record, revoked_at=NOW, reason="keyCompromise"), NOW)
    assert isinstance(revoked, Refusal)
    assert "keyCompromise" in revoked.detail
