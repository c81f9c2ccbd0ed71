from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ca.authority import Authority
from ca.records import CertificateRecord, days_left, notice
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem


@pytest.fixture
def record(home: tuple[Authority, MemoryWork]) -> CertificateRecord:
    authority, work = home
    return authority.submit(work, csr_pem(), OFFER, CLAIM, NOW).record


def on_its_day(record: CertificateRecord, hour: int) -> datetime:
    return record.not_after.replace(hour=hour, minute=0, second=0)


@pytest.mark.parametrize(
    ("left", "step"),
    [(364, None), (29, None), (28, 28), (27, 28), (15, 28), (14, 14), (8, 14), (7, 7), (4, 7), (3, 3), (2, 3), (1, 1)],
)
def test_a_step_is_reached_by_date(record: CertificateRecord, left: int, step: int | None) -> None:
    """Whatever the hour: in the first of that day as in its last."""
    for hour in (0, 23):
        now = on_its_day(record, hour) - timedelta(days=left)
        assert (days_left(record, now), notice(record, now)) == (left, step)


def test_the_last_step_is_the_day_of_its_end(record: CertificateRecord) -> None:
    """Until that very second; then it has ended, and its status says so."""
    ends = record.not_after
    assert notice(record, on_its_day(record, 0)) == notice(record, ends) == 0
    assert notice(record, ends + timedelta(seconds=1)) is None
    assert days_left(record, ends + timedelta(days=2)) == -2


def test_what_is_not_good_is_not_to_be_renewed(record: CertificateRecord) -> None:
    """Revoked, or not yet valid."""
    near = record.not_after - timedelta(days=3)
    assert notice(record, near) == 3
    assert notice(replace(record, revoked_at=near), near) is None
    assert notice(replace(record, not_before=near + timedelta(days=1)), near) is None
