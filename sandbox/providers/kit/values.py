"""What a member of a body may be. A `Kind` reads one JSON value, says what may stand there, and writes what is kept.

JSON's null is no value: a member that is null was not given.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from urllib.parse import urlsplit

IBAN = r"[a-zA-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}"
BIC = r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?"
COUNTRY = r"[A-Z]{2}"
EMAIL = r".*@.*"
LEI = r"[A-Z0-9]{18}[0-9]{2}"
INT32, INT64 = 2**31 - 1, 2**63 - 1
_CENT = Decimal("0.01")
_INTEGER_DIGITS = 18
"""A longer whole number is read as a Decimal: it is out of every range, and int() is slow on thousands of digits."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MONEY_TEXT = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,2})?", re.ASCII)
_LONGEST_URL = 2048
Value = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of values."""

    read: Callable[[object], Any]
    """From a JSON value to the value that we work with; None when it cannot be."""
    says: str
    """What may stand there: "must be …"."""
    write: Value = _same
    """From the value to what is kept, as JSON."""
    typed: Value = _same
    """From what a person types on a command line to the JSON value that ``read`` takes."""
    show: Value | None = None
    """From what is kept to what a reply shows, where that differs."""

    def __call__(self, value: object) -> Any:
        return self.read(value)


def text(
    *,
    longest: int,
    shortest: int = 0,
    pattern: str = "",
    one_of: Sequence[str] = (),
    says: str = "",
    loose: bool = False,
) -> Kind:
    """A text of so many characters; *loose* lets a person put a number for it."""
    shape = re.compile(pattern, re.ASCII | re.DOTALL)

    def read(value: object) -> str | None:
        if not isinstance(value, str) or not shortest <= len(value) <= longest or not is_unicode(value):
            return None
        if pattern and not shape.fullmatch(value):
            return None
        return value if not one_of or value in one_of else None

    return Kind(read, says or f"a text of at most {longest} characters", typed=_short_text if loose else _same)


def choice(*allowed: str) -> Kind:
    """One of these texts."""
    return text(longest=max(map(len, allowed)), one_of=allowed, says=f"one of {', '.join(allowed)}")


def whole(lowest: int, highest: int, *, says: str = "") -> Kind:
    """A whole number within bounds."""

    def read(value: object) -> int | None:
        good = isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest
        return value if good and isinstance(value, int) else None

    def typed(value: Any) -> Any:
        short = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= _INTEGER_DIGITS + 1
        return int(value) if short else value

    return Kind(read, says or f"a whole number from {lowest} to {highest}", typed=typed)


def money(
    lowest: Decimal, highest: Decimal, *, written: Literal["number", "text", "exact"] = "number", texts: bool = False
) -> Kind:
    """An amount with at most two decimals, to work with a Decimal; with *texts* also as a JSON text.

    ``written`` says how the provider writes it: ``number`` is JSON's shortest (5000.1), ``text`` is "5000.10", and
    ``exact`` is the number 5000.10.
    """

    def read(value: object) -> Decimal | None:
        if texts and isinstance(value, str):
            value = Decimal(value) if _MONEY_TEXT.fullmatch(value) else None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            return None
        amount = Decimal(value)
        if not amount.is_finite() or not lowest <= amount <= highest or amount != amount.quantize(_CENT):
            return None
        return amount.quantize(_CENT)

    def typed(value: Any) -> Any:
        wrote = str(value)
        return Decimal(wrote) if not isinstance(value, bool) and _MONEY_TEXT.fullmatch(wrote) else None

    says = f"{lowest} to {highest:f} with at most two decimals"
    return Kind(read, says, float if written == "number" else str, typed, Decimal if written == "exact" else None)


def _iban(value: object) -> str | None:
    """By its pattern and its check digits (ISO 13616)."""
    if not isinstance(value, str) or not re.fullmatch(IBAN, value, re.ASCII):
        return None
    return value.upper() if check_digits(value[4:].upper(), value[:2].upper()) == value[2:4] else None


def check_digits(bban: str, country: str) -> str:
    """The two digits behind an IBAN's country (ISO 7064, MOD 97-10)."""
    number = "".join(str(int(character, 36)) for character in f"{bban}{country}00")
    return f"{98 - int(number) % 97:02d}"


def _day(value: object) -> date | None:
    """``2018-10-18``, and none of the other spellings that Python would take."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _instant(value: object) -> datetime | None:
    """A date-time with its offset (RFC 3339), in a year that UTC has too."""
    if not isinstance(value, str) or not is_unicode(value) or "T" not in value:
        return None
    try:
        read = datetime.fromisoformat(value)
        read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read if read.tzinfo else None


def _url(value: object) -> str | None:
    """An http or https address with a host."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_URL or not is_unicode(value):
        return None
    if any(character <= " " or character == "\x7f" for character in value):
        return None
    try:
        read = urlsplit(value)
        port = read.port
    except ValueError:  # brackets that are no IPv6 address, or a port that is no number
        return None
    return value if read.scheme in ("http", "https") and read.hostname and port != 0 else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _typed_flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(str(value).lower(), value)


iban = Kind(_iban, "an IBAN with good check digits")
day = Kind(_day, "a date such as 2026-11-24", write=date.isoformat)
instant = Kind(_instant, "a date-time such as 2026-11-24T10:00:00Z", write=datetime.isoformat)
flag = Kind(_flag, "true or false", typed=_typed_flag)
url = Kind(_url, "an address of http or https")


def several(one: Kind, *, most: int) -> Kind:
    """An array of at least one and at most so many of a kind, each once. A person may join them by comma."""

    def read(value: object) -> list[Any] | None:
        if not isinstance(value, list) or not 0 < len(value) <= most:
            return None
        members = [one.read(member) for member in value]
        return None if None in members else list(dict.fromkeys(members))

    def typed(value: Any) -> Any:
        return value.split(",") if isinstance(value, str) else value

    return Kind(
        read, f"a list of which each is {one.says}", lambda found: [one.write(member) for member in found], typed
    )


def read_json(payload: bytes) -> object:
    """What a body says, numbers with a point as decimals. Raises ValueError or RecursionError for what is no JSON."""
    return _DECODER.decode(payload.decode())


def is_unicode(value: str) -> bool:
    """False for half a surrogate pair, which JSON can spell and no database takes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _short_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else value


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


_DECODER = json.JSONDecoder(parse_float=_decimal, parse_int=_integer, parse_constant=_no_constant)
