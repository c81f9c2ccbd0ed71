"""How a provider sends, when it tries again, and when it gives up: from an attempt's outcome to what becomes of it.

Pure; the sender is `delivery`, the queue is the outbox."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from sandbox.webhooks.event import Delivery, Event, Outcome, RowChange, Rows, Status, Subscription
from sandbox.webhooks.signature import Signature, compact_json

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


ANY_2XX = range(200, 300)


def _none(change: RowChange) -> Sequence[Event]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """What a provider sends, to whom, how it is signed, and how long it tries."""

    subscriptions: Callable[[Rows], Sequence[Subscription]]
    """Those of a client, from its rows."""
    kind: str = "subscription"
    """What the provider calls a subscription: the kind of row that one is."""
    subscribe: str = ""
    """How one is made in a shell, where nobody can put the row: ``{curl}`` and variables as in the provider's first
    calls."""
    test: Callable[[str, Subscription, datetime], tuple[str, Mapping[str, Any]]]
    """An event and a payload for trying a subscription out, from the event that was asked for ("": any)."""
    first: Callable[[Subscription, datetime], tuple[str, Mapping[str, Any]]] | None = None
    """An event and a payload by which the address of a subscription is tried before it is kept, for clients that are
    set to it; None: the provider calls no address then."""
    watched: frozenset[str] = frozenset()
    """The kinds of rows whose changes are events."""
    events: Callable[[RowChange], Sequence[Event]] = _none
    """What is told of a change of such a row, be it by a call or by somebody who puts the row."""
    schedule: Schedule
    seconds: float
    """For one attempt, from the connection to the head of the answer."""
    success: Container[int] = ANY_2XX
    hopeless: Container[int] = ()
    """Statuses that seldom become better: such an answer ends it after `hopeless_tries` attempts."""
    hopeless_tries: int = 0
    obeys_retry_after: bool = False
    blocks: bool = False
    """Whether a subscription with a dead delivery is sent nothing more, until one of its deliveries is sent again by
    hand and arrives."""
    redirects: Literal["refuse", "follow"] = "refuse"
    signatures: tuple[Signature, ...] = ()
    signed_by: Literal["subscription", "client", "provider"] = "subscription"
    """Whose key: the subscription's own secret; the client's, which the subscription has from the call that made it, as
    the store keeps only its hash (a demo client's can be read); or a key of the provider's."""
    provider_algorithm: str = "RS256"
    """Of the provider's own key."""
    form: Callable[[object], bytes] = compact_json
    content_type: str = "application/json"
    id_header: str = ""
    """In which the delivery's id goes out; empty: in none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """That every message has."""
    test_headers: Mapping[str, str] = field(default_factory=dict)
    """That a message has in addition which was only asked for as a test."""
    certificate_name: str = ""
    """The DNS name in the sender's certificate, within the provider's sandbox domains; empty: it never shows one."""
    mtls: bool = False
    """Whether it shows its certificate to those who ask for one, where neither client nor subscription says so."""

    def all_headers(self, *, id: str, own: Mapping[str, str], test: bool) -> dict[str, str]:
        """The headers of a message, without those of HTTP itself."""
        numbered = {self.id_header: id} if self.id_header else {}
        extra = self.test_headers if test else {}
        return {"content-type": self.content_type, **self.headers, **numbered, **extra, **own}
