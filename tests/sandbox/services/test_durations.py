from datetime import timedelta

import pytest

from sandbox.errors import Misuse
from sandbox.services.clock import MAX_TEXT, UNITS, Duration, read_duration, write_duration


@pytest.mark.parametrize(
    ("text", "months", "delta"),
    [
        ("13months", 13, timedelta()),
        ("+13months", 13, timedelta()),
        ("1month", 1, timedelta()),
        ("13mo", 13, timedelta()),
        ("1y2mo", 14, timedelta()),
        ("-1y2mo3d", -14, timedelta(days=-3)),
        ("2y", 24, timedelta()),
        ("400d", 0, timedelta(days=400)),
        ("2w", 0, timedelta(weeks=2)),
        ("-2h30m", 0, -timedelta(hours=2, minutes=30)),
        ("90min", 0, timedelta(minutes=90)),
        ("45s", 0, timedelta(seconds=45)),
        ("+ 1 year 2 months 3 days", 14, timedelta(days=3)),
        (" 13months", 13, timedelta()),
        ("0d", 0, timedelta()),
    ],
)
def test_a_duration_is_read(text, months, delta) -> None:
    """Units short or spelled out, combined, the sign of all before the first."""
    assert read_duration(text) == Duration(months=months, delta=delta)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "13", "months", "13 fortnights", "1.5d", "1d-2h", "+-1d", "--1d", "1m1m", "1d 1day", "1Y", "P13M"),
        *("1d,", "1d\n", "1234567890d", "\u0661d", "now", "d1", "1d " * MAX_TEXT, "1" * 10_000),
    ],
)
def test_what_is_none_is_refused_with_examples(text) -> None:
    """One sentence, in which what was written is not repeated for ever; a minute is not taken for a month."""
    with pytest.raises(Misuse, match="13months, 400d, -2h30m or 1y2mo") as refused:
        read_duration(text)
    assert "m are minutes" in refused.value.detail and len(refused.value.detail) < 200


def test_a_duration_beyond_all_clocks_is_refused() -> None:
    """Python's own durations end at a thousand million days."""
    with pytest.raises(Misuse, match="longer than any time"):
        read_duration("999999999w")
    assert read_duration("999999999y").months == 11_999_999_988


def test_every_unit_spelled_out_is_not_too_long() -> None:
    """The bound on the text is no bound on what it may say."""
    assert read_duration(" ".join(f"999 {words[-1]}" for words in UNITS.values())).months == 12 * 999 + 999


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(days=395), "395d"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "1d 2h 3min 4s"),
        (timedelta(hours=-2, minutes=-30), "2h 30min"),
        (timedelta(milliseconds=400), "0s"),
        (timedelta(seconds=59, milliseconds=600), "1min"),
    ],
)
def test_a_length_of_time_is_written_as_it_is_read(delta, text) -> None:
    """To the second, without its sign."""
    assert write_duration(delta) == text
    assert abs(read_duration(text).delta - abs(delta)) < timedelta(seconds=1)
