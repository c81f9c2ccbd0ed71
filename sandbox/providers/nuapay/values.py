"""What a member of a body may be: each kind is a function from what was sent to what we work with, None when it is not.

JSON's null is no value: to Nuapay a member that is null was not given.
"""

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Kind = Callable[[object], Any]

IBAN = r"[a-zA-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}"
BIC = r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?"
COUNTRY = r"[A-Z]{2}"
EMAIL = r".*@.*"
LEI = r"[A-Z0-9]{18}[0-9]{2}"
REFERENCE = r"[0-9a-zA-Z,.+()/:?'-]{0,35}"
"""Of a payment, as the descriptions write it."""
CURRENCIES = ("EUR", "GBP")
LOWEST, HIGHEST = Decimal("0.01"), Decimal("999999999.99")
"""Of a payment, in the descriptions."""
_CENT = Decimal("0.01")
_INTEGER_DIGITS = 18
"""Of a whole number that is read as one: all that int64 holds; what is longer is out of every range here."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def read_json(said: bytes) -> object:
    """What a body says, numbers with a point as decimals. Raises ValueError or RecursionError for what is no JSON."""
    return json.loads(said.decode(), parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant)


def text(*, longest: int, shortest: int = 0, pattern: str = "", one_of: Sequence[str] = ()) -> Kind:
    """A text of so many characters."""
    shape = re.compile(pattern, re.ASCII | re.DOTALL)

    def kind(value: object) -> str | None:
        if not isinstance(value, str) or not shortest <= len(value) <= longest or not is_unicode(value):
            return None
        if pattern and not shape.fullmatch(value):
            return None
        return value if not one_of or value in one_of else None

    return kind


def choice(*allowed: str) -> Kind:
    return text(longest=max(map(len, allowed)), one_of=allowed)


def iban(value: object) -> str | None:
    """By its pattern and its check digits (ISO 13616): every IBAN in Nuapay's examples has good ones."""
    if not isinstance(value, str) or not re.fullmatch(IBAN, value, re.ASCII):
        return None
    return value.upper() if check_digits(value[4:].upper(), value[:2].upper()) == value[2:4] else None


def check_digits(bban: str, country: str) -> str:
    """The two digits behind an IBAN's country (ISO 7064, MOD 97-10)."""
    number = "".join(str(int(character, 36)) for character in f"{bban}{country}00")
    return f"{98 - int(number) % 97:02d}"


def payment(value: object) -> Decimal | None:
    """An amount of money that moves: a JSON number with at most two decimals. A text is none, nor is true."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    amount = Decimal(value)
    if not amount.is_finite() or not LOWEST <= amount <= HIGHEST or amount != amount.quantize(_CENT):
        return None
    return amount.quantize(_CENT)


def day(value: object) -> date | None:
    """``2018-10-18``."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def instant(value: object) -> datetime | None:
    """A date-time (RFC 3339) with its offset."""
    if not isinstance(value, str) or not is_unicode(value) or "T" not in value:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return read if read.tzinfo else None


def flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def whole(lowest: int, highest: int) -> Kind:
    """A whole number within bounds."""

    def kind(value: object) -> int | None:
        good = isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
        return value if good and isinstance(value, int) else None

    return kind


def several(one: Kind, *, most: int) -> Kind:
    """An array of at least one and at most so many of a kind, each once."""

    def kind(value: object) -> list[Any] | None:
        if not isinstance(value, list) or not 0 < len(value) <= most:
            return None
        read = [one(member) for member in value]
        return None if None in read else list(dict.fromkeys(read))

    return kind


def is_unicode(value: str) -> bool:
    """False for half a surrogate pair, which JSON can spell and no database takes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _decimal(written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:  # an exponent beyond what a Decimal has
        return Decimal("Infinity")


def _integer(written: str) -> int | Decimal:
    return int(written) if len(written) <= _INTEGER_DIGITS else _decimal(written)


def _no_constant(written: str) -> object:
    """NaN and Infinity: Python's json takes them, RFC 8259 does not."""
    raise ValueError(f"{written} is not JSON")
