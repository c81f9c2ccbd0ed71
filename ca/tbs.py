"""The TBSCertificate of RFC 5280 section 4.1.2 in DER: a plan, and what it leaves open, byte for byte.

What it says is decided in `profile` and `own`; who signs it, in `issue`. The tests hold every byte against the
library's own builder, which encodes anew, for each certificate, what is the same in all."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from ca.der import BIT_STRING, CONTEXT_0, CONTEXT_3, GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME, wrap
from ca.extension import PlannedExtension
from ca.profile import Plan

_VERSION_3 = wrap(CONTEXT_0, wrap(INTEGER, b"\x02"))
# RFC 5280 section 4.1.2.5: UTCTime through 2049, of which two digits are the year; GeneralizedTime from 2050 on.
_UTC_TIME_YEARS = range(1950, 2050)
# Certificates that are made in one second have their times in common.
_MAX_TIMES = 16


def to_be_signed(
    plan: Plan,
    *,
    serial: int,
    algorithm: bytes,
    issuer: bytes,
    public_key: bytes,
    extensions: Sequence[PlannedExtension],
) -> bytes:
    """What is signed: the plan with its serial, the AlgorithmIdentifier, the issuer's name, the
    SubjectPublicKeyInfo (all three in DER) and all of its extensions."""
    written = wrap(CONTEXT_3, wrap(SEQUENCE, *(each.der for each in extensions))) if extensions else b""
    return wrap(
        SEQUENCE,
        _VERSION_3,
        wrap(INTEGER, serial.to_bytes(serial.bit_length() // 8 + 1, "big")),
        algorithm,
        issuer,
        wrap(SEQUENCE, _time(plan.not_before), _time(plan.not_after)),
        plan.subject_der,
        public_key,
        written,
    )


def certificate(signed: bytes, algorithm: bytes, signature: bytes) -> bytes:
    """The Certificate (RFC 5280 section 4.1) of what was signed."""
    return wrap(SEQUENCE, signed, algorithm, wrap(BIT_STRING, b"\0", signature))


@lru_cache(_MAX_TIMES)
def _time(at: datetime) -> bytes:
    """An instant in UTC, of which whole seconds are written."""
    if at.year in _UTC_TIME_YEARS:
        return wrap(UTC_TIME, f"{at:%y%m%d%H%M%SZ}".encode())
    return wrap(GENERALIZED_TIME, f"{at.year:04}{at:%m%d%H%M%SZ}".encode())
