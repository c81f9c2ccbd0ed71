from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ca.record import CertificateRecord
from ca.renewal import days_left, notice

ENDS = datetime(2027, 11, 24, 10, 27, 38, tzinfo=UTC)
RECORD = CertificateRecord(
    serial="01",
    provider="wise",
    holder="demo",
    name="laptop",
    purpose="mtls",
    profile="client",
    subject="CN=demo",
    not_before=ENDS - timedelta(days=365),
    not_after=ENDS,
    issued_at=ENDS - timedelta(days=365),
    fingerprint_sha256="",
    spki_sha256="",
    der=b"",
)


@pytest.mark.parametrize(
    ("left", "step"),
    [(365, None), (29, None), (28, 28), (27, 28), (15, 28), (14, 14), (8, 14), (7, 7), (4, 7), (3, 3), (2, 3), (1, 1)],
)
def test_a_step_is_reached_by_date(left: int, step: int | None) -> None:
    """Whatever the hour: from midnight of that day to its last second."""
    day = (ENDS - timedelta(days=left)).replace(hour=0, minute=0, second=0)
    for now in (day, day + timedelta(hours=23, minutes=59)):
        if now >= RECORD.not_before:
            assert (days_left(RECORD, now), notice(RECORD, now)) == (left, step)


def test_the_last_step_is_the_day_of_its_end() -> None:
    """Until that very second; then it has ended, and its status says so."""
    assert notice(RECORD, ENDS.replace(hour=0, minute=0)) == 0
    assert notice(RECORD, ENDS) == 0
    assert notice(RECORD, ENDS + timedelta(seconds=1)) is None
    assert days_left(RECORD, ENDS + timedelta(days=2)) == -2


def test_what_is_not_good_is_not_to_be_renewed() -> None:
    """Revoked, or not yet valid."""
    near = ENDS - timedelta(days=3)
    assert notice(RECORD, near) == 3
    assert notice(replace(RECORD, revoked_at=near), near) is None
    assert notice(replace(RECORD, not_before=near + timedelta(days=1)), near) is None
