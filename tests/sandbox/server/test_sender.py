"""One delivery is in one place: in the lane that sends it, or in the store for whoever claims it next."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.server import sender
from sandbox.services.dispatching import Settled
from sandbox.webhooks.event import Attempt, Delivery, Outcome

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DELIVERY = Delivery(
    id="d",
    number=1,
    provider="p",
    client="c",
    subscription="s",
    event="e",
    url="https://localhost/",
    mtls=False,
    body=b"",
    headers={},
    queued_at=NOW,
    status="waiting",
    due_at=NOW,
)


@pytest.mark.parametrize(("stays_claimed", "sent"), [(False, 1), (True, 2)])
def test_a_clock_that_is_moved_right_after_an_attempt_sends_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, stays_claimed: bool, sent: int
) -> None:
    """The next attempt was not due when the first was kept, so that the store has it again: the lane lets go of it,
    though the clock says by now that it is due. What stayed claimed the lane sends itself."""
    clock, made = SimpleNamespace(now=lambda: NOW), []

    async def attempted(lane: Any, delivery: Delivery) -> Outcome:
        made.append(delivery)
        return Outcome(status=500)

    def settle(delivery: Delivery, outcome: Outcome, at: datetime, now: datetime) -> Settled:
        clock.now = lambda: NOW + 10 * MINUTE
        after = replace(delivery, due_at=at + MINUTE, tries=delivery.tries + 1)
        attempt = Attempt(number=after.tries, at=at, outcome=outcome, next_at=after.due_at)
        return Settled(delivery=after, attempt=attempt, again=stays_claimed and after.tries == 1)

    monkeypatch.setattr(sender._Lane, "_attempted", attempted)
    state: Any = SimpleNamespace(clock=clock)
    lane = sender._Lane(state, SimpleNamespace(settle=settle))  # type: ignore[arg-type]
    lane.put(DELIVERY)
    asyncio.run(lane.run())
    assert len(made) == sent
