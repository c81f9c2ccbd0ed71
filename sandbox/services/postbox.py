"""Queues webhooks in the transaction of their cause: for which subscription, with which signature and first state."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from ca.store.store import Vault
from sandbox.errors import Refusal
from sandbox.ids import Ids
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.providers.context import Body
from sandbox.services import keys
from sandbox.services.rows import ClientRows, ReadClientRows
from sandbox.storage import outbox
from sandbox.storage.outbox import WebhookSettings
from sandbox.storage.work import Work
from sandbox.webhooks.event import Attempt, Delivery, Outcome, RowChange, Status, Subscription
from sandbox.webhooks.sending import Sending
from sandbox.webhooks.signature import SigningKey, write

Payload = Callable[[Subscription], Mapping[str, Any]]
FromTo = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]
"""What a row was before a call, and what it is: it may be written several times in between. None: it is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Postbox:
    """Where the webhooks of one client are put in, within an open unit of work."""

    work: Work
    vault: Vault
    client: ClientRecord
    ids: Ids
    now: datetime

    @property
    def sending(self) -> Sending | None:
        return named(self.client.provider).sending

    def subscriptions(self) -> tuple[Subscription, ...]:
        """Those that the client has; none where its provider sends nothing."""
        return tuple(self.sending.subscriptions(self.rows)) if self.sending else ()

    @property
    def rows(self) -> ReadClientRows:
        """Those of the client."""
        return ReadClientRows(work=self.work, client=self.client)

    def tell(self, changes: Iterable[RowChange]) -> tuple[Delivery, ...]:
        """Queue what the provider tells of these changes of rows."""
        sending = self.sending
        if sending is None:
            return ()
        there = self.subscriptions()
        if not there:  # most clients have none, and then nobody needs to know what would be told
            return ()
        queued: list[Delivery] = []
        for event in [event for change in changes for event in sending.events(change)]:
            wanted = [one for one in there if one.wants(event.name, event.environment, event.about)]
            queued.extend(self.send_to(wanted, event.name, event.payload))
        return tuple(queued)

    def send(self, event: str, payload: Payload, *, environment: str = "", about: str = "") -> tuple[Delivery, ...]:
        """Queue one for each subscription that wants to hear of the event."""
        wanted = (one for one in self.subscriptions() if one.wants(event, environment, about))
        return self.send_to(wanted, event, payload)

    def test(self, subscription: str) -> tuple[Delivery, ...]:
        """Queue a test for one subscription; none where there is none with that id."""
        sending, found = self.sending, [one for one in self.subscriptions() if one.id == subscription]
        if sending is None or not found:
            return ()
        event, payload = sending.test("", found[0], self.now)
        return self.send_to(found, event, lambda _: payload, test=True)

    def first(self, to: Subscription) -> Delivery:
        """The test for a subscription that is not kept yet, written and signed. It is not queued: whoever asks sends it
        and waits."""
        sending = self.sending
        if sending is None or sending.first is None:
            raise RuntimeError(f"{self.client.provider} calls no address before it keeps a subscription")
        event, payload = sending.first(to, self.now)
        return replace(self._written(sending, to, event, payload, test=True), id=self.ids.uuid())

    def tried(self, delivery: Delivery, outcome: Outcome) -> tuple[Delivery, Attempt]:
        """Keep one that was sent already, with what came of it."""
        status: Status = "dead" if outcome.failed else "delivered"
        kept = replace(delivery, number=outbox.next_number(self.work), status=status)
        attempt = Attempt(number=1, at=self.now, outcome=outcome, next_at=None)
        outbox.add(self.work, kept)
        outbox.add_attempt(self.work, kept.id, attempt)
        return kept, attempt

    def send_to(
        self, subscriptions: Iterable[Subscription], event: str, payload: Payload, *, test: bool = False
    ) -> tuple[Delivery, ...]:
        """Queue one for each of these."""
        sending = self.sending
        if sending is None:
            return ()
        return tuple(self._queue(sending, one, event, payload(one), test) for one in subscriptions)

    def repeat(self, delivery: Delivery) -> Delivery:
        """Queue the same message under an id of its own."""
        return self._put(delivery, status="waiting")

    def _queue(
        self, sending: Sending, to: Subscription, event: str, payload: Mapping[str, Any], test: bool
    ) -> Delivery:
        blocked = sending.blocks and not test and self._is_blocked(to)
        delivery = self._written(sending, to, event, payload, test=test)
        put = self._put(delivery, status="dead" if blocked else "waiting")
        if blocked:
            outbox.add_attempt(self.work, put.id, _not_made(self.now))
        return put

    def _written(
        self, sending: Sending, to: Subscription, event: str, payload: Mapping[str, Any], *, test: bool
    ) -> Delivery:
        said = outbox.settings(self.work, self.client.provider, self.client.id)
        written = write(payload, to.signatures or sending.signatures, self.key_for(sending, to), sending.form)
        return Delivery(
            id="",
            number=0,
            provider=self.client.provider,
            client=self.client.id,
            subscription=to.id,
            event=event,
            url=to.url,
            mtls=wants_mtls(sending, to, said),
            body=written.body,
            headers={**to.headers, **written.headers},
            queued_at=self.now,
            status="waiting",
            due_at=self.now,
            lasting=to.lasting,
            test=test,
        )

    def _put(self, delivery: Delivery, *, status: Status) -> Delivery:
        fresh = Delivery(
            id=self.ids.uuid(),
            number=outbox.next_number(self.work),
            provider=delivery.provider,
            client=delivery.client,
            subscription=delivery.subscription,
            event=delivery.event,
            url=delivery.url,
            mtls=delivery.mtls,
            body=delivery.body,
            headers=delivery.headers,
            queued_at=self.now,
            status=status,
            due_at=self.now,
            lasting=delivery.lasting,
            test=delivery.test,
        )
        outbox.add(self.work, fresh)
        return fresh

    def key_for(self, sending: Sending, to: Subscription) -> SigningKey:
        """By what a message to that subscription is signed."""
        if sending.signed_by == "subscription":
            return to.key
        if sending.signed_by == "client":
            return self._secret_for(to)
        _, key = keys.reply_key(
            self.work,
            self.vault,
            self.client.provider,
            sending.provider_algorithm,
            ids=self.ids,
            now=self.now,
        )
        if not isinstance(key.private_key, RSAPrivateKey):
            raise RuntimeError("webhooks are signed with an RSA key")
        return key.private_key

    def _secret_for(self, to: Subscription) -> str:
        """The client's secret in the form for the subscription's environment; empty where nobody here knows it."""
        secret = to.key or self.client.secret.readable or ""
        registration = named(self.client.provider).registration
        forms = registration.forms_of(secret)
        return next((one for one in forms if registration.environment_of(one) == to.environment), secret)

    def _is_blocked(self, to: Subscription) -> bool:
        return outbox.last_ended(self.work, self.client.provider, self.client.id, to.id) == "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRows(ClientRows):
    """The rows of a client, whose changes are noted down where the provider tells of them."""

    kinds: frozenset[str]
    changes: dict[tuple[str, str], FromTo]
    known: dict[tuple[str, str], Mapping[str, Any] | None] = field(default_factory=dict)
    """Rows of these kinds as this transaction has read or written them last: nobody else writes while it lasts."""

    def get(self, kind: str, id: str) -> Body | None:
        body = ClientRows.get(self, kind, id)
        self._know(kind, id, body)
        return body

    def put(self, kind: str, id: str, body: Body) -> None:
        self._note(kind, id, body)
        ClientRows.put(self, kind, id, body)  # super() does not know a class that was made anew for its slots
        self._know(kind, id, body)

    def add(self, kind: str, id: str, body: Body) -> None:
        self._know(kind, id, None)
        self._note(kind, id, body)
        ClientRows.add(self, kind, id, body)
        self._know(kind, id, body)

    def remove(self, kind: str, id: str) -> None:
        self._note(kind, id, None)
        ClientRows.remove(self, kind, id)
        self._know(kind, id, None)

    def _know(self, kind: str, id: str, body: Body | None) -> None:
        if kind in self.kinds:
            self.known[kind, id] = body

    def _note(self, kind: str, id: str, after: Body | None) -> None:
        if kind not in self.kinds:
            return
        if (kind, id) not in self.known:
            self.get(kind, id)
        noted = self.changes.get((kind, id))
        self.changes[kind, id] = (self.known[kind, id] if noted is None else noted[0], after)


def wants_mtls(sending: Sending, to: Subscription, said: WebhookSettings) -> bool:
    """Whether the sender shows a certificate to this subscription: as it says itself, else its client, else usually."""
    wanted = to.mtls if to.mtls is not None else said.mtls
    return bool(sending.certificate_name) and (sending.mtls if wanted is None else wanted)


def _not_made(now: datetime) -> Attempt:
    seen = "the last delivery to this subscription is dead"
    blocked = Refusal(code="webhook.blocked", seen=seen, expected="a receiver that answers")
    return Attempt(number=1, at=now, outcome=Outcome(failed=blocked, waited=False), next_at=None)
