"""How often a client may call: so many in a span that slides, by either clock."""

from datetime import UTC, datetime, timedelta

from sandbox.oauth.clients import RateLimit
from sandbox.server import rates
from sandbox.server.rates import CallRates

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LIMIT = RateLimit(calls=2, per=timedelta(minutes=1))
DEMO, OTHER = ("provider", "demo", "dev"), ("provider", "other", "dev")


def test_each_caller_has_its_own_calls(monkeypatch):
    """A call that is refused is not counted: room comes as soon as the oldest that was answered is a minute old, and
    the answer says when that is."""
    seconds = iter([0, 10.5, 20.2, 20, 60, 61, 69, 70.5])
    monkeypatch.setattr(rates, "monotonic", lambda: next(seconds))
    counted = CallRates()
    assert [counted.admit(DEMO, LIMIT, NOW) for _ in range(3)] == [0, 0, 40]
    assert counted.admit(OTHER, LIMIT, NOW) == 0
    assert [counted.admit(DEMO, LIMIT, NOW) for _ in range(4)] == [0, 10, 2, 0]


def test_a_limit_that_is_lowered_counts_the_calls_that_were_made(monkeypatch):
    """The wait is for as many of them as are too many now."""
    seconds = iter([0, 10, 20, 30])
    monkeypatch.setattr(rates, "monotonic", lambda: next(seconds))
    counted = CallRates()
    assert [counted.admit(DEMO, RateLimit(calls=3, per=LIMIT.per), NOW) for _ in range(3)] == [0, 0, 0]
    assert counted.admit(DEMO, RateLimit(calls=1, per=LIMIT.per), NOW) == 50


def test_a_clock_that_is_moved_makes_room_as_well():
    """Forward or back; one that stands still does not hold anybody up, since real time goes on."""
    counted = CallRates()
    assert [bool(counted.admit(DEMO, LIMIT, NOW)) for _ in range(3)] == [False, False, True]
    assert [bool(counted.admit(DEMO, LIMIT, NOW + LIMIT.per)) for _ in range(3)] == [False, False, True]
    assert counted.admit(DEMO, LIMIT, NOW) == 0


def test_no_more_is_remembered_than_there_is_room_for(monkeypatch):
    """Of callers, and of calls of all of them: the one that has been away longest begins anew."""
    monkeypatch.setattr(rates, "REMEMBERED", 1)
    counted = CallRates()
    assert [counted.admit(who, LIMIT, NOW) for who in (DEMO, DEMO, OTHER, DEMO)] == [0] * 4
    monkeypatch.setattr(rates, "REMEMBERED", 10)
    monkeypatch.setattr(rates, "REMEMBERED_CALLS", 2)
    counted = CallRates()
    assert [counted.admit(who, LIMIT, NOW) for who in (DEMO, DEMO, OTHER, DEMO)] == [0] * 4
    assert counted._kept == 2
