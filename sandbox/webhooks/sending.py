"""How a provider sends: one value of its declaration. Pure; the sender is `delivery`, the queue is the outbox."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sandbox.webhooks.event import Event, RowChange, Rows, Subscription
from sandbox.webhooks.schedule import Schedule
from sandbox.webhooks.signature import Signature, compact_json

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
