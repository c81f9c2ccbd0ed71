"""The time: the only place where the system's clock is read, and the one way a time is written down.

Who moves a clock, and which of the two times a thing lives by, is left to the callers."""

from datetime import UTC, datetime, timedelta
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


class ManualClock:
    """A clock that stands still until it is told."""

    def __init__(self, at: datetime) -> None:
        self._at = _utc(at)

    @property
    def real(self) -> bool:
        return False

    def now(self) -> datetime:
        return self._at

    def set(self, at: datetime) -> None:
        self._at = _utc(at)

    def move(self, delta: timedelta) -> None:
        self._at += delta


class MovableClock:
    """The computer's own clock until it is moved; then so much ahead of it or behind it, or standing still."""

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._stands: datetime | None = None

    @property
    def real(self) -> bool:
        return self._stands is None and not self._ahead

    def now(self) -> datetime:
        return self._stands or SystemClock().now() + self._ahead

    def move(self, delta: timedelta) -> None:
        """Go on from so much later (or earlier); a clock that stands goes on standing there."""
        stands = _reachable(self.now(), delta)
        if self._stands is None:
            self._ahead += delta
        else:
            self._stands = stands

    def freeze(self, at: datetime | None = None) -> None:
        """Stand still: at that instant, or now."""
        self._stands = _utc(at) if at else self.now()


def _reachable(at: datetime, delta: timedelta) -> datetime:
    """The instant so much later, if certificates can be made and written there; OverflowError otherwise."""
    there = at + delta
    if not FIRST_YEAR <= there.year <= LAST_YEAR:
        raise OverflowError(f"the clock can be moved to the years {FIRST_YEAR} to {LAST_YEAR}, not to {there.year}")
    return there


def write_time(at: datetime) -> str:
    """The instant as text of fixed width: 2026-11-22T10:27:38.123456Z."""
    return _utc(at).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


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
    try:
        return at.replace(year=at.year + years)
    except ValueError:
        return at.replace(year=at.year + years, day=28)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not a time")
    return at.astimezone(UTC)
