"""What people give for the rows they put, member by member: a value, or a sentence that says what may stand there."""

import re
from collections.abc import Sequence
from decimal import Decimal

from sandbox.errors import Misuse
from sandbox.providers.context import Body
from sandbox.providers.nuapay import values

_ID = re.compile(r"[0-9a-z]{1,255}", re.ASCII)
"""Nuapay's are base 36, and never of more than 255 characters."""
_FIRST_YEAR = 1970
"""Nothing here is older; the first years that a date can have leave no room for reckoning back."""
_MONEY = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,2})?", re.ASCII)
RICHEST = Decimal("999999999999.99")
"""The highest amount of a transaction's filter: no account needs more, and JSON's numbers have it exactly."""


def only(given: Body, *names: str) -> None:
    if unknown := sorted(set(given) - set(names)):
        raise Misuse(f"unknown field {unknown[0][:40]!r}; there are: {', '.join(names)}")


def id_of(value: object, name: str = "the id") -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Misuse(f"{name} must be lower-case letters and digits such as 6bee3razby, not {value!r:.40}")
    return value


def one_of(value: object, name: str, allowed: Sequence[str]) -> str:
    if value not in allowed:
        raise Misuse(f"{name} must be one of {', '.join(allowed)}, not {value!r:.40}")
    return str(value)


def text(value: object, name: str, longest: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise Misuse(f"{name} must be a text of at most {longest} characters, not {value!r:.40}")
    return value


def money(value: object, name: str) -> float:
    written = str(value)
    if isinstance(value, bool) or not _MONEY.fullmatch(written) or (read := Decimal(written)) > RICHEST:
        raise Misuse(f"{name} must be 0 to {RICHEST} with at most two decimals, not {value!r:.40}")
    return float(read)


def iban(value: object, name: str) -> str:
    if (read := values.iban(value)) is None:
        raise Misuse(f"{name} must be an IBAN with good check digits, not {value!r:.40}")
    return read


def day(value: object, name: str) -> str:
    if (read := values.day(value)) is None or read.year < _FIRST_YEAR:
        raise Misuse(f"{name} must be a date such as 2026-11-24, not {value!r:.40}")
    return read.isoformat()


def flag(value: object, name: str) -> bool:
    """true or false, also as a text: on a command line everything is one."""
    if str(value).lower() not in ("true", "false"):
        raise Misuse(f"{name} must be true or false, not {value!r:.40}")
    return str(value).lower() == "true"


def names(value: object, name: str, allowed: Sequence[str]) -> list[str]:
    """Several of those allowed, as a list or joined by comma."""
    listed = value.split(",") if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed:
        raise Misuse(f"{name} must be a list, not {value!r:.40}")
    return [one_of(one, name, allowed) for one in listed]
