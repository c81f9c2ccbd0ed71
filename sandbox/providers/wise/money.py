"""Amounts as Wise writes them: JSON numbers with two decimals; reckoned with as decimals."""

from decimal import Decimal, InvalidOperation

from sandbox.errors import Misuse

CENT = Decimal("0.01")
HIGHEST = Decimal("1e12")
"""A million millions: more than any test needs, and exact in JSON's numbers."""


def amount(value: object, name: str) -> Decimal:
    """The amount that somebody gave for *name*. Raises Misuse."""
    try:
        read = Decimal(str(value))
    except InvalidOperation:
        raise Misuse(f"{name} is not an amount: {value!r:.40}") from None
    if not (read.is_finite() and 0 <= read <= HIGHEST and read == read.quantize(CENT)):
        raise Misuse(f"{name} must be 0 to {HIGHEST:f} with at most two decimals, not {value!r:.40}")
    return read


def number(value: Decimal) -> float:
    return float(value)
