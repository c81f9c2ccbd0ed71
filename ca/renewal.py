"""How near its end a certificate is, in the steps at which its holder is told; who tells them is left to others."""

from datetime import datetime

from ca.record import CertificateRecord

STEPS = (28, 14, 7, 3, 1, 0)
"""Days before its end at which a holder hears of it. By date: 0 is the day on which it ends."""


def days_left(record: CertificateRecord, now: datetime) -> int:
    """From today's date to that of its end, both in UTC; negative when that day is over."""
    return (record.not_after.date() - now.date()).days


def notice(record: CertificateRecord, now: datetime) -> int | None:
    """The step that an active certificate has reached; None when it has none yet, or is not to be renewed."""
    if record.status(now) != "active":
        return None
    left = days_left(record, now)
    return min((step for step in STEPS if left <= step), default=None)
