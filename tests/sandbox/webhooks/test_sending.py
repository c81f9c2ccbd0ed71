"""When a message is tried again and when it is given up, for each way in which providers do it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.errors import Refusal
from sandbox.webhooks.event import Outcome
from sandbox.webhooks.sending import Schedule, Sending, decide
from tests.sandbox.webhooks.providers import AT, BLOCKING, DAY, EXPONENTIAL, IN_THE_BODY, MINUTE, THIN, delivery

GOOD = Outcome(status=200)


def bad(status: int = 500, **more: object) -> Outcome:
    return Outcome(status=status, failed=Refusal(code="webhook.status"), **more)  # type: ignore[arg-type]


def waits(sending: Sending, outcome: Outcome, *, lasting: timedelta | None = None) -> list[timedelta]:
    """The waits between the attempts of a message of which each comes out so, until it is dead."""
    one, at, found = delivery(lasting=lasting), AT, []
    while (verdict := decide(sending, one, outcome, at)).status == "waiting":
        assert verdict.due_at is not None
        found.append(verdict.due_at - at)
        one = replace(one, tries=one.tries + 1, first_at=one.first_at or at)
        at = verdict.due_at
    assert verdict.status == "dead" and verdict.due_at is None
    return found


def test_a_success_ends_it() -> None:
    """At the first attempt or at any other."""
    for tries in (0, 7):
        assert decide(THIN, delivery(tries=tries, first_at=AT), GOOD, AT).status == "delivered"


def test_waits_that_double() -> None:
    """1, 2, 4 ... 1024 minutes, eleven of them, and then fourteen days: 25 retries in two weeks."""
    assert waits(EXPONENTIAL, bad()) == [*(MINUTE * 2**n for n in range(11)), *[DAY] * 14]


@pytest.mark.parametrize(("status", "tries"), [(400, 3), (422, 3), (500, 26), (0, 26)])
def test_statuses_that_seldom_become_better_are_tried_less(status: int, tries: int) -> None:
    """Three times in all."""
    assert len(waits(EXPONENTIAL, bad(status))) == tries - 1


def test_every_minute_thirty_times() -> None:
    """Counted in attempts."""
    assert waits(IN_THE_BODY, bad()) == [MINUTE] * 29


def test_three_retries_half_a_minute_apart() -> None:
    """And then it is dead."""
    assert waits(BLOCKING, bad()) == [timedelta(seconds=30)] * 3


@pytest.mark.parametrize("days", [1, 2, 3])
def test_half_hours_for_as_many_days_as_the_subscription_says(days: int) -> None:
    """The last attempt is at the very end of the last day."""
    assert waits(THIN, bad(), lasting=timedelta(days=days)) == [timedelta(minutes=30)] * (48 * days)


def test_retry_after_puts_it_off_and_never_brings_it_forward() -> None:
    """Seconds or a date, where the provider obeys it; where it does not, nothing changes."""
    assert waits_once(EXPONENTIAL, timedelta(minutes=10)) == timedelta(minutes=10)
    assert waits_once(EXPONENTIAL, timedelta(seconds=5)) == MINUTE
    assert waits_once(EXPONENTIAL, AT + timedelta(hours=2)) == timedelta(hours=2)
    assert waits_once(EXPONENTIAL, datetime(1999, 1, 1, tzinfo=UTC)) == MINUTE
    assert waits_once(THIN, timedelta(hours=2)) == timedelta(minutes=30)


def waits_once(sending: Sending, retry_after: datetime | timedelta) -> timedelta:
    due = decide(sending, delivery(), bad(503, retry_after=retry_after), AT).due_at
    assert due is not None
    return due - AT


def test_a_schedule_without_an_end_is_none() -> None:
    """It would go on for ever."""
    with pytest.raises(ValueError, match="ends"):
        Schedule(first=MINUTE)
