"""A fault of our own: kept where its finder can send it, never shown to whoever called."""

import traceback
from datetime import datetime
from pathlib import Path

from ca.clock import write_time
from sandbox.errors import Refused, StateLocked, refuse

MAX_FAULTS = 1024 * 1024
"""Bytes of the file; a fault in a loop must not fill the disk."""


def as_refusal(error: Exception, *, file: Path, now: datetime, doing: str) -> Refused:
    """What a call is told of *error*: that the store was busy, or that the fault is ours and nothing was changed."""
    if isinstance(error, StateLocked):
        return refuse("provider.busy", seen="the store held by another process", expected="half a second at most")
    _keep(error, file=file, now=now, doing=doing)
    return refuse("provider.fault", seen=f"{type(error).__name__} while handling {doing}", expected="no fault")


def _keep(error: Exception, *, file: Path, now: datetime, doing: str) -> None:
    try:
        if file.exists() and file.stat().st_size > MAX_FAULTS:
            return
        text = "".join(traceback.format_exception(error))
        with file.open("a", encoding="utf-8") as log:
            log.write(f"--- {write_time(now)} {doing}\n{text}\n")
    except OSError:
        # The disk that lost the store may be the same that cannot take the note; the journal has the type at least.
        return
