"""How often a client may call: so many in a span that slides, by either clock."""

from datetime import UTC, datetime, timedelta

from sandbox.providers.declare import RateLimit
from sandbox.server import rates
from sandbox.server.rates import CallRates

NOW = datetime(2026, 11, 24, tzinfo=UTC)
LIMIT = RateLimit(calls=2, per=timedelta(minutes=1))
DEMO, OTHER = ("provider", "demo", "dev"), ("provider", "other", "dev")


def test_each_caller_has_its_own_calls(monkeypatch):
    """A call that is refused is not counted: room comes as soon as the oldest that was answered is a minute old."""
    seconds = iter([0, 10, 20, 20, 60, 61, 69, 70])
    monkeypatch.setattr(rates, "monotonic", lambda: next(seconds))
    counted = CallRates()
    assert [counted.admit(DEMO, LIMIT, NOW) for _ in range(3)] == [True, True, False]
    assert counted.admit(OTHER, LIMIT, NOW)
    assert [counted.admit(DEMO, LIMIT, NOW) for _ in range(4)] == [True, False, False, True]


def test_a_clock_that_is_moved_makes_room_as_well():
    """Forward or back; one that stands still does not hold anybody up, since real time goes on."""
    counted = CallRates()
    assert [counted.admit(DEMO, LIMIT, NOW) for _ in range(3)] == [True, True, False]
    assert [counted.admit(DEMO, LIMIT, NOW + LIMIT.per) for _ in range(3)] == [True, True, False]
    assert counted.admit(DEMO, LIMIT, NOW)


def test_no_more_callers_are_remembered_than_there_is_room_for(monkeypatch):
    """The one that has been away longest begins anew."""
    monkeypatch.setattr(rates, "REMEMBERED", 1)
    counted = CallRates()
    assert [counted.admit(who, LIMIT, NOW) for who in (DEMO, DEMO, OTHER, DEMO)] == [True] * 4
