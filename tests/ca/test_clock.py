from datetime import UTC, datetime, timedelta, timezone

import pytest

from ca.clock import (
    MovableClock,
    Setting,
    SystemClock,
    later,
    read_time,
    running_from,
    standing_at,
    whole_second,
    write_time,
    years_after,
)
from tests.ca.making import NOW


def test_a_written_time_reads_back_as_itself() -> None:
    """write_time and read_time are inverse, and the text says UTC to the microsecond."""
    assert write_time(NOW) == "2026-11-22T10:27:38.123456Z"
    assert read_time(write_time(NOW)) == NOW


def test_written_times_sort_as_text() -> None:
    """Whole seconds, small years and other zones are written at the same width, in order."""
    times = [NOW.replace(year=987), NOW.replace(microsecond=0), NOW, NOW + timedelta(microseconds=1)]
    texts = [write_time(at) for at in times]
    assert texts == sorted(texts)
    assert {len(text) for text in texts} == {27}
    assert write_time(NOW.astimezone(timezone(timedelta(hours=5)))) == write_time(NOW)


@pytest.mark.parametrize("text", ["", "2026-11-22T10:27:38Z", "2026-11-22T10:27:38.123456+0", "x" * 26 + "Z"])
def test_no_other_text_is_a_time(text: str) -> None:
    """Only what write_time writes is read."""
    with pytest.raises(ValueError, match=r"time|Invalid"):
        read_time(text)


def test_a_time_without_a_zone_is_refused() -> None:
    """A naive datetime is a bug of the caller and is told so at once."""
    with pytest.raises(ValueError, match="zone"):
        write_time(datetime(2026, 1, 1))  # noqa: DTZ001  it is the subject of the test
    with pytest.raises(ValueError, match="zone"):
        MovableClock(datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_system_clock_is_real_and_runs() -> None:
    """Its time is aware, in UTC, and does not stand still."""
    clock = SystemClock()
    first = clock.now()
    while clock.now() == first:
        pass
    assert clock.real
    assert first.tzinfo is UTC


def test_a_clock_can_stand_from_the_start() -> None:
    """It is not real, and shows the same until it is told, in both directions."""
    clock = MovableClock(NOW)
    assert not clock.real
    assert clock.now() == clock.now() == NOW
    clock.move(timedelta(days=-400))
    assert clock.now() == NOW - timedelta(days=400)
    clock.freeze(NOW)
    assert clock.now() == NOW


def test_the_movable_clock_is_real_until_it_is_moved() -> None:
    """Moved it runs on, ahead or behind; frozen it stands, moved then it stands elsewhere; moved back it is real."""
    clock = MovableClock()
    assert clock.real
    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=5)
    clock.move(timedelta(days=400))
    assert not clock.real
    first = clock.now()
    assert timedelta(days=399) < first - SystemClock().now() <= timedelta(days=400)
    while clock.now() == first:
        pass
    clock.move(timedelta(days=-400))
    assert clock.real
    clock.freeze()
    assert clock.now() == clock.now()
    clock.freeze(NOW)
    clock.move(timedelta(hours=1))
    assert clock.now() == NOW + timedelta(hours=1)
    assert not clock.real
    with pytest.raises(ValueError, match="zone"):
        clock.freeze(NOW.replace(tzinfo=None))


def test_a_clock_that_stood_runs_on_from_there_and_is_reset() -> None:
    """`run` goes on from where it stands, and changes nothing of a clock that runs; `reset` is real time."""
    clock = MovableClock(NOW)
    clock.run()
    assert not clock.real
    while clock.now() == NOW:
        pass
    assert NOW < clock.now() < NOW + timedelta(seconds=5)
    before = clock.setting
    clock.run()
    assert abs(clock.setting.ahead - before.ahead) < timedelta(seconds=5)
    clock.reset()
    assert clock.real
    clock.run()
    assert clock.real


@pytest.mark.parametrize(
    ("start", "months", "there"),
    [
        ("2026-11-24", 13, "2027-12-24"),
        ("2027-12-24", -13, "2026-11-24"),
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-08-31", 1, "2026-09-30"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2000-02-29", -1200, "1900-02-28"),
        ("2026-12-31", 0, "2026-12-31"),
        ("2026-01-15", -1, "2025-12-15"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(start: str, months: int, there: str) -> None:
    """Known answers of the calendar, with its short months and leap years."""
    at = datetime.fromisoformat(f"{start}T10:27:38Z")
    assert later(at, months=months) == datetime.fromisoformat(f"{there}T10:27:38Z")


def test_months_come_before_days() -> None:
    """A month and a day after 30 January is 1 March, as one counts it."""
    at = datetime(2026, 1, 30, tzinfo=UTC)
    assert later(at, timedelta(days=1), months=1) == datetime(2026, 3, 1, tzinfo=UTC)


def test_moving_there_and_back_is_real_time_again() -> None:
    """To the microsecond, as long as no day was cut off."""
    there = Setting().moved(timedelta(hours=5), NOW, months=13)
    assert there.ahead == timedelta(days=395, hours=5)
    assert there.moved(timedelta(hours=-5), NOW, months=-13).real
    assert Setting(stands=NOW).moved(timedelta(days=1), NOW.replace(year=2000)) == standing_at(NOW + timedelta(days=1))
    assert running_from(NOW, NOW - timedelta(days=3)) == Setting(ahead=timedelta(days=3))


FIRST = datetime(1951, 1, 1, tzinfo=UTC)
LAST = datetime(9900, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(("edge", "beyond"), [(FIRST, -1), (LAST, 1)])
def test_the_years_have_two_ends(edge: datetime, beyond: int) -> None:
    """The last instant is reached, the next one is not, whichever way one goes; the clock stays where it was."""
    clock = MovableClock(NOW)
    clock.move(edge - NOW)
    assert clock.now() == edge
    tick = timedelta(microseconds=beyond)
    for move in (
        lambda: clock.move(tick),
        lambda: clock.move(months=beyond),
        lambda: clock.move(months=12 * 10_000 * beyond),
        lambda: clock.move(timedelta(days=3_000_000 * beyond)),
        lambda: clock.freeze(edge + tick),
        lambda: running_from(edge + tick, NOW),
    ):
        with pytest.raises(OverflowError):
            move()
    assert clock.now() == edge


def test_the_29th_of_february_has_anniversaries() -> None:
    """A year after 29 February is 28 February; four years after, 29 February again."""
    leap = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)
    assert years_after(leap, 1) == datetime(2029, 2, 28, 12, 0, tzinfo=UTC)
    assert years_after(leap, 4) == datetime(2032, 2, 29, 12, 0, tzinfo=UTC)
    assert years_after(NOW, -10) == NOW.replace(year=2016)


def test_certificates_count_whole_seconds() -> None:
    """The fraction is cut, not rounded: a certificate is never valid in the future."""
    assert whole_second(NOW) == NOW.replace(microsecond=0) <= NOW
