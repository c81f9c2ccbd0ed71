from datetime import UTC, datetime, timedelta, timezone

import pytest

from ca.clock import ManualClock, MovableClock, SystemClock, read_time, whole_second, write_time, years_after
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
        ManualClock(datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_system_clock_is_real_and_runs() -> None:
    """Its time is aware, in UTC, and does not stand still."""
    clock = SystemClock()
    first = clock.now()
    while clock.now() == first:
        pass
    assert clock.real
    assert first.tzinfo is UTC


def test_the_manual_clock_stands_still_until_told() -> None:
    """It is not real, and only set and move change it, in both directions."""
    clock = ManualClock(NOW)
    assert not clock.real
    assert clock.now() == clock.now() == NOW
    clock.move(timedelta(days=-400))
    assert clock.now() == NOW - timedelta(days=400)
    clock.set(NOW)
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


def test_the_29th_of_february_has_anniversaries() -> None:
    """A year after 29 February is 28 February; four years after, 29 February again."""
    leap = datetime(2028, 2, 29, 12, 0, tzinfo=UTC)
    assert years_after(leap, 1) == datetime(2029, 2, 28, 12, 0, tzinfo=UTC)
    assert years_after(leap, 4) == datetime(2032, 2, 29, 12, 0, tzinfo=UTC)
    assert years_after(NOW, -10) == NOW.replace(year=2016)


def test_certificates_count_whole_seconds() -> None:
    """The fraction is cut, not rounded: a certificate is never valid in the future."""
    assert whole_second(NOW) == NOW.replace(microsecond=0) <= NOW
