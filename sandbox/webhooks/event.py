"""Deliveries and their attempts as values. Storage decides how they are kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from ca.clock import read_time, write_time
from sandbox.errors import Refusal
from sandbox.webhooks.signature import Signature

Status = Literal["waiting", "delivered", "dead"]
"""``waiting``: an attempt is due now or later. ``dead``: there will be none, unless somebody asks for it."""


class Rows(Protocol):
    """The rows of one client, as far as its subscriptions are looked for in them."""

    def all_of(self, kind: str) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Where a client wants to be told of which events."""

    id: str
    url: str
    events: frozenset[str] | None
    """None: of all."""
    active: bool = True
    key: str = field(default="", repr=False)
    """The secret that signs what is sent here, where each subscription has one of its own."""
    mtls: bool | None = None
    """Whether the sender shows a certificate; None: as the client has set it, or else as the provider usually does."""
    lasting: timedelta | None = None
    """Retries end so long after the first attempt; None: as the provider's schedule says."""
    environment: str = ""
    """Of whose events it is told; empty: of all."""
    about: str = ""
    """The one resource of whose events it is told, a profile for instance; empty: of all of the client's."""
    version: str = ""
    """Of the form of what it is told, where there are several."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """That are sent along, as its owner has asked for."""
    signatures: tuple[Signature, ...] = ()
    """In place of the provider's usual ones, where its owner has chosen others."""

    def wants(self, event: str, environment: str = "", about: str = "") -> bool:
        """Whether it is to be told of an event, in that environment where the provider has several, about that
        resource."""
        return (
            self.active
            and (self.events is None or event in self.events)
            and (not environment or self.environment in ("", environment))
            and self.about in ("", about)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What became of one row in one call, or by one command."""

    kind: str
    id: str
    before: Mapping[str, Any] | None
    """None: it was not there."""
    after: Mapping[str, Any] | None
    """None: it is gone."""
    client: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that subscriptions are told of."""

    name: str
    environment: str = ""
    """In which it came about, where the provider has several."""
    payload: Callable[[Subscription], Mapping[str, Any]]
    """What one of them is told."""
    about: str = ""
    """The resource that subscriptions may be bound to; empty: only those that are bound to none are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What happened in one attempt, as far as it got."""

    address: str = ""
    """``127.0.0.1:8443``: where the name led, and what was connected to."""
    tls: str = ""
    """``TLSv1.3``; empty when there was no TLS."""
    asked: bool | None = None
    """Whether the receiver asked for a client certificate; None when it did not come to that."""
    listed: tuple[str, ...] = ()
    """The CA names that it listed when it asked."""
    shown: str = ""
    """The certificate that was shown to it: subject and serial."""
    server: str = ""
    """The certificate that the receiver showed: subject, and who issued it."""
    alert: str = ""
    """The TLS alert that came, by its name in RFC 8446."""
    alert_sent: str = ""
    status: int = 0
    """HTTP status; 0 when no answer came."""
    answer: str = ""
    """The first characters of the answer's body."""
    retry_after: datetime | timedelta | None = None
    """What the receiver's ``Retry-After`` asks for."""
    milliseconds: int = 0
    waited: bool = True
    """False: the receiver had timed out before in the same move of the clock, and was not waited for again."""
    failed: Refusal | None = None
    """Why there is no answer, or why it is no success."""
    remarks: tuple[Refusal, ...] = ()
    """What the receiver's operator should know though it may have answered well."""

    @property
    def reasons(self) -> tuple[Refusal, ...]:
        return (*((self.failed,) if self.failed else ()), *self.remarks)

    def as_json(self) -> dict[str, Any]:
        return {
            "address": self.address,
            "tls": self.tls,
            "certificate_asked": self.asked,
            "cas_listed": list(self.listed),
            "certificate_shown": self.shown,
            "server_certificate": self.server,
            "alert": self.alert,
            "alert_sent": self.alert_sent,
            "status": self.status,
            "answer": self.answer,
            "milliseconds": self.milliseconds,
            "waited": self.waited,
            "failed": None if self.failed is None else _reason(self.failed),
            "remarks": [_reason(one) for one in self.remarks],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to deliver, at its own time by the sandbox's clock."""

    number: int
    at: datetime
    outcome: Outcome
    next_at: datetime | None
    """When the next one is due; None when there is none."""

    def as_json(self) -> dict[str, Any]:
        """As JSON types: kept so, and the same on the command line and at the control door."""
        following = None if self.next_at is None else write_time(self.next_at)
        return {"number": self.number, "at": write_time(self.at), **self.outcome.as_json(), "next_at": following}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one receiver, from its cause until it is delivered or dead."""

    id: str
    """The same in every attempt, so that a receiver can tell a repetition."""
    number: int
    """In the order in which they were queued."""
    provider: str
    client: str
    subscription: str
    event: str
    url: str
    """Where its subscription pointed when it was queued, or at the last attempt."""
    mtls: bool
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    """The signature among them; those that every message of the provider has are added when it is sent."""
    queued_at: datetime
    status: Status
    due_at: datetime
    """Of the next attempt; of the last one, when there is none to come."""
    tries: int = 0
    first_at: datetime | None = None
    """Of the first attempt."""
    lasting: timedelta | None = None
    test: bool = False
    attempts: tuple[Attempt, ...] = ()

    def with_attempts(self, attempts: Sequence[Attempt]) -> "Delivery":
        return replace(self, attempts=tuple(attempts))

    def as_json(self) -> dict[str, Any]:
        """As JSON types, the body as text; the signature's value is the receiver's to check, and is shown."""
        return {
            "id": self.id,
            "number": self.number,
            "provider": self.provider,
            "client": self.client,
            "subscription": self.subscription,
            "event": self.event,
            "url": self.url,
            "mtls": self.mtls,
            "status": self.status,
            "queued_at": write_time(self.queued_at),
            "due_at": write_time(self.due_at) if self.status == "waiting" else None,
            "test": self.test,
            "headers": dict(self.headers),
            "body": self.body.decode("utf-8", "replace"),
            "attempts": [attempt.as_json() for attempt in self.attempts],
        }


def attempt_from_json(said: Mapping[str, Any]) -> Attempt:
    """The attempt that :meth:`Attempt.as_json` wrote."""
    return Attempt(
        number=said["number"],
        at=read_time(said["at"]),
        next_at=None if said["next_at"] is None else read_time(said["next_at"]),
        outcome=Outcome(
            address=said["address"],
            tls=said["tls"],
            asked=said["certificate_asked"],
            listed=tuple(said["cas_listed"]),
            shown=said["certificate_shown"],
            server=said["server_certificate"],
            alert=said["alert"],
            alert_sent=said["alert_sent"],
            status=said["status"],
            answer=said["answer"],
            milliseconds=said["milliseconds"],
            waited=said["waited"],
            failed=None if said["failed"] is None else _read_reason(said["failed"]),
            remarks=tuple(_read_reason(one) for one in said["remarks"]),
        ),
    )


def _reason(reason: Refusal) -> dict[str, str]:
    return {"code": reason.code, "seen": reason.seen, "expected": reason.expected, "next": reason.next}


def _read_reason(said: Mapping[str, str]) -> Refusal:
    return Refusal(code=said["code"], seen=said["seen"], expected=said["expected"], next=said["next"])
