"""Amounts as Wise writes them: JSON numbers with two decimals; reckoned with as decimals."""

import re
from decimal import Decimal

from sandbox.errors import Misuse

_WRITTEN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?\Z", re.ASCII)
HIGHEST = Decimal("1e12")
"""A million millions: more than any test needs, and exact in JSON's numbers."""


def amount(value: object, name: str) -> Decimal:
    """The amount that somebody gave for *name*. Raises Misuse."""
    written = str(value)
    if isinstance(value, bool) or not _WRITTEN.match(written) or (read := Decimal(written)) > HIGHEST:
        raise Misuse(f"{name} must be 0 to {HIGHEST:f} with at most two decimals, not {value!r:.40}")
    return read


def number(value: Decimal) -> float:
    return float(value)
