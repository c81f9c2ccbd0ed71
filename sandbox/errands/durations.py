"""Durations as people write them, in commands and bodies: ``13months``, ``-2h30m``; and how we write them ourselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sandbox.errors import Misuse

FORM = "a duration such as 13months, 400d, -2h30m or 1y2mo (y, mo, w, d, h, m, s; m are minutes)"
UNITS = {
    "y": ("year", "years"),
    "mo": ("month", "months"),
    "w": ("week", "weeks"),
    "d": ("day", "days"),
    "h": ("hour", "hours"),
    "m": ("min", "minute", "minutes"),
    "s": ("sec", "second", "seconds"),
}
_UNIT = {word: unit for unit, words in UNITS.items() for word in (unit, *words)}
_PART = re.compile(r"([0-9]{1,9}) *([a-z]+) *")
_WHOLE = re.compile(rf" *([+-]?) *((?:{_PART.pattern})+)")
MAX_TEXT = 100
"""Characters: every unit spelled out once, with its number, and blanks between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Calendar months, and after them so much time; both may be negative."""

    months: int = 0
    delta: timedelta = timedelta()


def read_duration(text: str) -> Duration:
    """The duration that *text* is; a sign before it is that of all its parts. Raises Misuse."""
    whole = _WHOLE.fullmatch(text) if len(text) <= MAX_TEXT else None
    parts = [(_UNIT.get(word, ""), int(number)) for number, word in _PART.findall(whole[2])] if whole else []
    counts = dict(parts)
    # A unit given twice is nearly always "1m" that was meant as a month, and a minute beside it.
    if not parts or "" in counts or len(counts) < len(parts):
        raise Misuse(f"{text[:40]!r} is not {FORM}")
    sign = -1 if whole and whole[1] == "-" else 1
    try:
        return _made({unit: sign * count for unit, count in parts})
    except OverflowError:
        raise Misuse(f"{text[:40]!r} is longer than any time that a clock can show") from None


def _made(counts: Mapping[str, int]) -> Duration:
    count = {**dict.fromkeys(UNITS, 0), **counts}
    return Duration(
        months=12 * count["y"] + count["mo"],
        delta=timedelta(weeks=count["w"], days=count["d"], hours=count["h"], minutes=count["m"], seconds=count["s"]),
    )


def write_duration(delta: timedelta) -> str:
    """A length of time without its sign, to the second, in a form that :func:`read_duration` reads."""
    seconds = round(abs(delta).total_seconds())
    parts = ((seconds // 86_400, "d"), (seconds // 3600 % 24, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
