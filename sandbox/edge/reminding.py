"""Tells of a certificate that was presented and has newly come near its end, as a provider writes to its clients."""

from collections import OrderedDict
from datetime import datetime

from ca.clock import write_time
from ca.record import CertificateRecord
from ca.renewal import days_left, notice
from sandbox.journal.entry import Entry, Stage

REMEMBERED = 10_000
"""Certificates near their end: as many as the register keeps. One that is forgotten is told of once more."""


class Reminders:
    """The step that was last told of each certificate, since this server began."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, int] = OrderedDict()

    def due(self, record: CertificateRecord, now: datetime) -> int | None:
        """The step to be told of now; None when there is none, or it was told. Anew after the clock went back."""
        step = notice(record, now)
        if step is None:
            self._told.pop(record.fingerprint_sha256, None)
            return None
        if self._told.get(record.fingerprint_sha256) == step:
            return None
        self._told[record.fingerprint_sha256] = step
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return step


def reminder(record: CertificateRecord, *, door: str, now: datetime, id: str) -> Entry:
    """What the journal has of it."""
    left = days_left(record, now)
    return Entry(
        id=id,
        at=now,
        kind="certificate",
        provider=record.provider,
        door=door,
        client=record.holder,
        certificate=f"{record.subject}, serial {record.serial}",
        title=f"{record.name!r} is near its end",
        outcome="ends today" if left == 0 else f"ends in {left} day{'s' if left > 1 else ''}",
        stages=(
            Stage(name="renewal", ok=True, note=f"good until {write_time(record.not_after)}: have another signed"),
        ),
    )
