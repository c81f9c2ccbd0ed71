"""When a message is tried again, and when it is given up: from the outcome of an attempt to what becomes of it."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sandbox.webhooks.event import Delivery, Outcome, Status

MOST_TRIES = 10_000
"""A bound for a schedule that names only how long it lasts: three days of every half minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The waits between attempts: each `factor` times the one before, at most `longest`."""

    first: timedelta
    factor: int = 1
    longest: timedelta | None = None
    retries: int | None = None
    """At most so many after the first attempt; None: no limit by number."""
    lasting: timedelta | None = None
    """None due later than so long after the first attempt; None: no limit by time."""

    def __post_init__(self) -> None:
        if self.retries is None and self.lasting is None:
            raise ValueError("a schedule ends by number or by time")

    def wait(self, tries: int) -> timedelta:
        """From the attempt of that number (the first is 1) to the next."""
        wait = self.first
        for _ in range(tries - 1):
            if self.factor == 1 or (self.longest is not None and wait >= self.longest):
                break
            wait *= self.factor
        return wait if self.longest is None else min(wait, self.longest)

    def next_due(self, *, tries: int, first_at: datetime, at: datetime, lasting: timedelta | None) -> datetime | None:
        """When the attempt after this one is due; None: this was the last. *lasting* goes before the schedule's own."""
        if tries > (MOST_TRIES if self.retries is None else self.retries):
            return None
        due = at + self.wait(tries)
        length = self.lasting if lasting is None else lasting
        return None if length is not None and due > first_at + length else due


class RetryRule(Protocol):
    """What a provider says of the answers that it gets."""

    @property
    def success(self) -> Container[int]: ...

    @property
    def schedule(self) -> Schedule: ...

    @property
    def hopeless(self) -> Container[int]: ...

    @property
    def hopeless_tries(self) -> int: ...

    @property
    def obeys_retry_after(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a delivery after an attempt."""

    status: Status
    due_at: datetime | None
    """None unless it is waiting."""


def decide(rule: RetryRule, delivery: Delivery, outcome: Outcome, at: datetime) -> Verdict:
    """What becomes of *delivery*, whose attempt at that instant came out so. Its own count is that before."""
    if outcome.failed is None:
        return Verdict(status="delivered", due_at=None)
    tries = delivery.tries + 1
    if outcome.status in rule.hopeless and tries >= rule.hopeless_tries:
        return Verdict(status="dead", due_at=None)
    due = rule.schedule.next_due(tries=tries, first_at=delivery.first_at or at, at=at, lasting=delivery.lasting)
    if due is None:
        return Verdict(status="dead", due_at=None)
    if rule.obeys_retry_after and outcome.retry_after is not None:
        due = max(due, _asked(outcome.retry_after, at))
    return Verdict(status="waiting", due_at=due)


def _asked(retry_after: datetime | timedelta, at: datetime) -> datetime:
    """A date is the receiver's own, which knows nothing of a clock that was moved; it is taken as it stands."""
    return retry_after if isinstance(retry_after, datetime) else at + retry_after
