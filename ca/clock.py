"""The time: the only place where the system's clock is read, and the one way a time is written down.

Who moves a clock, and which of the two times a thing lives by, is left to the callers."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import Protocol

# len("2026-11-22T10:27:38.123456Z"): every written time has this width, so that times sort as text.
TIME_WIDTH = 27
# X.509 can write the years 1950 to 9999 (RFC 5280 section 4.1.2.5); room is left for certificates that begin there.
FIRST_YEAR, LAST_YEAR = 1951, 9900


class Clock(Protocol):
    """Whoever knows what time it is."""

    @property
    def real(self) -> bool:
        """True when now() is the system's own time."""

    def now(self) -> datetime:
        """This instant, aware, in UTC."""


class SystemClock:
    """The computer's own clock."""

    @property
    def real(self) -> bool:
        return True

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How a clock goes: so far ahead of the computer's own (behind it, if negative), or standing at an instant.

    What it shows follows from it and from the computer's time, which every question brings along as *system*."""

    ahead: timedelta = timedelta()
    stands: datetime | None = None

    @property
    def real(self) -> bool:
        return self.stands is None and not self.ahead

    def shows(self, system: datetime) -> datetime:
        return self.stands or system + self.ahead

    def moved(self, delta: timedelta, system: datetime, *, months: int = 0) -> "Setting":
        """So many calendar months and then so much time later (or earlier); what stands goes on standing there.

        Raises OverflowError where no certificate can be written."""
        at = self.shows(system)
        there = _reachable(later(at, delta, months=months))
        if self.stands is not None:
            return Setting(stands=there)
        return Setting(ahead=self.ahead + (there - at))


def running_from(at: datetime, system: datetime) -> Setting:
    """Going on from *at*. Raises OverflowError as :meth:`Setting.moved` does."""
    return Setting(ahead=_reachable(_utc(at)) - system)


def standing_at(at: datetime) -> Setting:
    """Standing still. Raises OverflowError as :meth:`Setting.moved` does."""
    return Setting(stands=_reachable(_utc(at)))


class MovableClock:
    """The computer's own clock until it is moved; then so much ahead of it or behind it, or standing still.

    Its setting is replaced as a whole: a thread that moves it and a loop that reads it never see half of one."""

    def __init__(self, stands: datetime | None = None) -> None:
        """By real time, or standing at an instant."""
        self.setting = Setting() if stands is None else standing_at(stands)

    @property
    def real(self) -> bool:
        return self.setting.real

    def now(self) -> datetime:
        return self.setting.shows(SystemClock().now())

    def move(self, delta: timedelta = timedelta(), *, months: int = 0) -> None:
        """Go on from so much later (or earlier); a clock that stands goes on standing there."""
        self.setting = self.setting.moved(delta, SystemClock().now(), months=months)

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still: at that instant, or now."""
        self.setting = standing_at(at or self.now())

    def run(self) -> None:
        """Go on from where it stands."""
        system = SystemClock().now()
        self.setting = running_from(self.setting.shows(system), system)

    def reset(self) -> None:
        """Real time again."""
        self.setting = Setting()


def later(at: datetime, delta: timedelta = timedelta(), *, months: int = 0) -> datetime:
    """The instant so many calendar months and then so much time later (or earlier).

    A month later is the same day of the next month, or its last day where there is no such day. Raises OverflowError
    outside the years that dates have."""
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(f"the year {year} has no dates")
    day = min(at.day, monthrange(year, month + 1)[1])
    return at.replace(year=year, month=month + 1, day=day) + delta


def _reachable(at: datetime) -> datetime:
    """The instant, if certificates can be made and written there; OverflowError otherwise."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise OverflowError(f"the clock can be moved to the years {FIRST_YEAR} to {LAST_YEAR}, not to {at.year}")
    return at


def write_time(at: datetime) -> str:
    """The instant as text of fixed width: 2026-11-22T10:27:38.123456Z."""
    return _utc(at).isoformat(timespec="microseconds")[: TIME_WIDTH - 1] + "Z"


def read_time(text: str) -> datetime:
    """The instant that write_time wrote; any other text is a ValueError."""
    if len(text) != TIME_WIDTH or not text.endswith("Z"):
        raise ValueError("not a time as write_time writes it")
    return datetime.fromisoformat(text)


def whole_second(at: datetime) -> datetime:
    """The instant without its fraction: X.509 times count whole seconds (RFC 5280 section 4.1.2.5)."""
    return _utc(at).replace(microsecond=0)


def years_after(at: datetime, years: int) -> datetime:
    """The same date and time some years later (or earlier); 29 February becomes 28 where there is none."""
    return later(at, months=12 * years)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not a time")
    return at.astimezone(UTC)
