"""The sandbox's clock: shown, moved, frozen; and how people write durations and instants."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ca.clock import FIRST_YEAR, LAST_YEAR, Setting, SystemClock, running_from, standing_at, write_time
from sandbox.errors import Misuse
from sandbox.services.state import State
from sandbox.storage import facts
from sandbox.storage.facts import KeptClock

DURATION_FORM = "a duration such as 13months, 400d, -2h30m or 1y2mo (y, mo, w, d, h, m, s; m are minutes)"
UNITS = {
    "y": ("year", "years"),
    "mo": ("month", "months"),
    "w": ("week", "weeks"),
    "d": ("day", "days"),
    "h": ("hour", "hours"),
    "m": ("min", "minute", "minutes"),
    "s": ("sec", "second", "seconds"),
}
_WITHIN = f"stay within the years {FIRST_YEAR} to {LAST_YEAR}"
_AN_INSTANT = "write it so: 2026-05-11T09:30:00Z"
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
        raise Misuse(f"{text[:40]!r} is not {DURATION_FORM}", next_step="for instance: sandbank clock move 30d")
    sign = -1 if whole and whole[1] == "-" else 1
    try:
        return _made({unit: sign * count for unit, count in parts})
    except OverflowError:
        raise Misuse(f"{text[:40]!r} is longer than any time that a clock can show", next_step=_WITHIN) from None


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


INSTANT_FORM = "a time such as 2026-05-11T09:30:00Z (ISO 8601; UTC without a zone)"


def read_instant(text: str) -> datetime:
    """The instant of an ISO 8601 text, in UTC. Raises Misuse."""
    try:
        return in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise Misuse(f"{text[:40]!r} is not {INSTANT_FORM}", next_step=_AN_INSTANT) from None


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC; without a zone it is meant so. Raises Misuse."""
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:  # within hours of the years 1 and 9999
        raise Misuse(f"{at.isoformat()} is not {INSTANT_FORM}", next_step=_WITHIN) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the clock shows at an instant, and how that differs from the computer's."""

    now: datetime
    real: bool
    runs: bool
    ahead: timedelta
    """Of real time at that instant; negative is behind it."""

    def words(self) -> str:
        """How it goes, for a person: ``runs 400d ahead of real time``."""
        if self.real:
            return "runs with real time"

        far = f"{write_duration(self.ahead)} {'behind' if self.ahead < timedelta() else 'ahead of'} real time"
        return f"runs {far}" if self.runs else f"stands, at this moment {far}"

    def as_json(self) -> dict[str, Any]:
        """As JSON types: the same on the command line and at the control door."""
        return {
            "now": write_time(self.now),
            "real": self.real,
            "runs": self.runs,
            "ahead_seconds": round(self.ahead.total_seconds()),
        }


def follow(state: State) -> None:
    """Go by the state's clock as it is set now, perhaps by another process. A clock of the caller's is left alone."""
    if isinstance(state.clock, KeptClock):
        state.clock.follow(state.store)


def follower(state: State) -> Callable[[], None]:
    """The same for one thread of a server, which asks all the time: the clock is read when something was changed. It
    raises StateRemoved where the state is gone."""
    watch, due = facts.Watch(state.store), False

    def follow_changes() -> None:
        nonlocal due
        state.journal.require_in_place()
        due |= watch.moved()
        if due:
            follow(state)
            due = False  # not before: where the store did not answer, it is asked again

    return follow_changes


def show_clock(state: State) -> Shown:
    """Raises Misuse, as all of these do, when whoever opened the state has brought a clock of their own."""
    _kept(state).follow(state.store)
    with state.store.read() as work:
        return _shown(facts.read_clock(work), SystemClock().now())


def move_clock(state: State, delta: timedelta = timedelta(), *, months: int = 0) -> Shown:
    """So many calendar months and then so much time later, or earlier; a clock that stands goes on standing there."""
    return _change(state, lambda setting, system: setting.moved(delta, system, months=months))


def move_clock_to(state: State, at: datetime) -> Shown:
    """To an instant, from which it runs on."""
    return _change(state, lambda setting, system: running_from(at, system))


def freeze_clock(state: State, at: datetime | None = None) -> Shown:
    """Let it stand still: at that instant, or at what it shows now."""
    return _change(state, lambda setting, system: standing_at(at or setting.shows(system)))


def run_clock(state: State) -> Shown:
    """Let it go on from where it stands."""
    return _change(state, lambda setting, system: running_from(setting.shows(system), system))


def reset_clock(state: State) -> Shown:
    """Real time again."""
    return _change(state, lambda setting, system: Setting())


def _change(state: State, change: Callable[[Setting, datetime], Setting]) -> Shown:
    kept = _kept(state)
    with state.store.write() as work:
        system = SystemClock().now()
        try:
            setting = change(facts.read_clock(work), system)
        except OverflowError:
            raise Misuse(
                f"the clock can be moved to the years {FIRST_YEAR} to {LAST_YEAR}, not beyond", next_step=_WITHIN
            ) from None
        facts.write_clock(work, setting)
        facts.move_generation(work)
    kept.follow(state.store)
    return _shown(setting, system)


def _kept(state: State) -> KeptClock:
    if not isinstance(state.clock, KeptClock):
        raise Misuse(
            "this sandbox uses a clock that was passed to it, not its state's own",
            next_step="move that one, or open the sandbox without clock=",
        )
    return state.clock


def _shown(setting: Setting, system: datetime) -> Shown:
    now = setting.shows(system)
    return Shown(now=now, real=setting.real, runs=setting.stands is None, ahead=now - system)
