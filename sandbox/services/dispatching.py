"""What the sender asks of the store: what is due, with what it is sent, and how an attempt is kept and told of.

Making the attempt is `webhooks.delivery`'s; which thread does all this, the server's."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509

from ca.clock import SystemClock, write_time
from ca.records import STEPS
from sandbox.errors import Refusal
from sandbox.journal.causes import advice, at_provider
from sandbox.journal.entry import Entry, Stage
from sandbox.journal.webhooks import OF_A_DELIVERY
from sandbox.providers.known import hinted, named
from sandbox.services.postbox import Postbox, wants_mtls
from sandbox.services.state import State
from sandbox.storage import clients, outbox
from sandbox.storage.outbox import WebhookSettings
from sandbox.storage.work import Work
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Attempt, Delivery, Outcome
from sandbox.webhooks.sending import Sending, decide

if TYPE_CHECKING:  # loaded when there is something to send
    from sandbox.tls.client import ClientContext, ShownCertificate
    from sandbox.webhooks.delivery import Terms

MOST_CLAIMED = 64
"""Deliveries that are taken out of the queue at once: what is not being sent yet is better left to be counted."""
LEASE = timedelta(seconds=60)
"""So long a claim holds where no lock says that its process still lives: several times as long as an attempt."""
FOR_GOOD = datetime.max.replace(tzinfo=UTC)
"""Where a lock says so, a claim ends with its process."""
SHOWN_FOR = timedelta(minutes=1)
"""Between two looks whether the sender's certificate is still the right one."""
NEAR_ITS_END = timedelta(days=STEPS[0])
"""Of a certificate that has to be replaced by hand: as for those of clients."""
CONTEXTS_KEPT = 100
"""Each has the system's CAs in it, some megabytes; clients with the same settings share one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How a delivery stands after an attempt."""

    delivery: Delivery
    attempt: Attempt
    again: bool = False
    """Whether its next attempt was due when this one was kept: then it stays claimed, for whoever sent this one.
    Asked once: the clock may be moved right after, and two lanes would send it."""


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """The deliveries that one process has claimed."""

    state: State
    reach: Reach
    claimant: str
    sure: bool = True
    """Whether a lock says that no other process sends."""
    _shown: "dict[str, tuple[datetime, ShownCertificate]]" = field(default_factory=dict)
    _contexts: "OrderedDict[tuple[object, ...], ClientContext]" = field(default_factory=OrderedDict)

    def claim(self, at: datetime) -> tuple[Delivery, ...]:
        """What is due by now and nobody is sending. Raises Surroundings."""
        real = SystemClock().now()
        with self.state.store.read() as work:
            if not outbox.anything_due(work, at, real):
                return ()
        ended: list[Settled] = []
        with self.state.store.write() as work:
            claimed = outbox.claim(work, self.claimant, at, real, self._until(real), MOST_CLAIMED)
            found = tuple(filter(None, (self._as_it_is_now(work, one, ended) for one in claimed)))
        for one in ended:
            self.state.journal.append(entry_of(one.delivery, one.attempt, id=self.state.ids.trace()))
        return found

    def release_others(self) -> None:
        """Whoever led before us has ended: what it was sending is due again, under the same ids."""
        with self.state.store.write() as work:
            outbox.release_others(work, self.claimant)

    def release(self) -> None:
        with self.state.store.write() as work:
            outbox.release(work, self.claimant)

    def terms(self, delivery: Delivery) -> "Terms":
        """With what it is sent, as things stand now. Raises Surroundings."""
        from sandbox.webhooks.delivery import Terms

        sending = _sending(delivery.provider)
        with self.state.store.read() as work:
            said = outbox.settings(work, delivery.provider, delivery.client)
            root = self.state.authority.server_root(work)
        shown = self._shown_to(delivery, sending, said) if delivery.mtls and sending.certificate_name else None
        return Terms(sending=sending, reach=self.reach, context=self._context(said, root, shown), shown=shown)

    def settle(self, delivery: Delivery, outcome: Outcome, at: datetime, now: datetime) -> Settled | None:
        """Keep what came of an attempt at that time; None when the delivery is not ours any more. One whose next
        attempt is due by *now* stays claimed. Raises Surroundings."""
        verdict = decide(_sending(delivery.provider), delivery, outcome, at)
        if delivery.mtls and (ending := self._ending(delivery)):
            outcome = replace(outcome, remarks=(*outcome.remarks, ending))
        outcome = advised(delivery, outcome)
        first_at = delivery.first_at or at
        after = replace(
            delivery,
            status=verdict.status,
            due_at=verdict.due_at or at,
            tries=delivery.tries + 1,
            first_at=first_at,
        )
        with self.state.store.write() as work:
            if not outbox.settle(work, self.claimant, after):
                return None
            number = outbox.newest_attempt(work, delivery.id) + 1
            attempt = Attempt(number=number, at=at, outcome=outcome, next_at=verdict.due_at)
            outbox.add_attempt(work, delivery.id, attempt)
            again = verdict.due_at is not None and verdict.due_at <= now
            if again:
                outbox.claim_again(work, self.claimant, delivery.id, self._until(SystemClock().now()))
            if verdict.status == "dead" and _sending(delivery.provider).blocks:
                outbox.end_waiting(work, delivery.provider, delivery.client, delivery.subscription)
        self.state.journal.append(entry_of(after, attempt, id=self.state.ids.trace()))
        return Settled(delivery=after, attempt=attempt, again=again)

    def _ending(self, delivery: Delivery) -> Refusal | None:
        """That what the client's own CA has issued for the sender is to be replaced: nobody else can do that."""
        with self.state.store.read() as work:
            pem = outbox.settings(work, delivery.provider, delivery.client).certificate
        if not pem:
            return None
        ends = x509.load_pem_x509_certificates(pem.encode())[0].not_valid_after_utc
        if ends - SystemClock().now() > NEAR_ITS_END:
            return None
        seen, expected = f"a certificate that is good until {write_time(ends)}", "one that is good for longer"
        return Refusal(code="webhook.certificate_ends", seen=seen, expected=expected)

    def _as_it_is_now(self, work: Work, delivery: Delivery, ended: list[Settled]) -> Delivery | None:
        """To where its subscription points by now: its URL may have been corrected since. None where that is gone or
        disabled: nothing more is sent there, and *ended* has it."""
        client = clients.by_id(work, delivery.provider, delivery.client)
        now = delivery.due_at
        there = client and Postbox(work=work, vault=self.state.vault, client=client, ids=self.state.ids, now=now)
        for one in there.subscriptions() if there else ():
            if one.id == delivery.subscription and (one.active or delivery.test):
                said = outbox.settings(work, delivery.provider, delivery.client)
                mtls = wants_mtls(_sending(delivery.provider), one, said)
                if (one.url, mtls) != (delivery.url, delivery.mtls):
                    outbox.point_to(work, delivery.id, one.url, mtls=mtls)
                return replace(delivery, url=one.url, mtls=mtls)
        outcome = Outcome(failed=_UNSUBSCRIBED, waited=False)
        ended.append(self._ended(work, delivery, outcome))
        return None

    def _ended(self, work: Work, delivery: Delivery, outcome: Outcome) -> Settled:
        after = replace(
            delivery, status="dead", tries=delivery.tries + 1, first_at=delivery.first_at or delivery.due_at
        )
        outbox.settle(work, self.claimant, after)
        number = outbox.newest_attempt(work, delivery.id) + 1
        attempt = Attempt(number=number, at=delivery.due_at, outcome=advised(delivery, outcome), next_at=None)
        outbox.add_attempt(work, delivery.id, attempt)
        return Settled(delivery=after, attempt=attempt)

    def _until(self, real: datetime) -> datetime:
        return FOR_GOOD if self.sure else real + LEASE

    def _shown_to(self, delivery: Delivery, sending: Sending, said: WebhookSettings) -> "ShownCertificate":
        """The sender's key, with the provider's own certificate or with that which the client's CA has issued."""
        from sandbox.tls.client import ShownCertificate

        now = SystemClock().now()
        kept = self._shown.get(delivery.provider)
        if kept is None or not timedelta() <= now - kept[0] < SHOWN_FOR:
            with self.state.store.write() as work:
                made = self.state.authority.courier_credentials(
                    work, delivery.provider, name=sending.certificate_name, now=now
                )
            kept = self._shown[delivery.provider] = (now, ShownCertificate(key=made.key, chain=made.chain))
        own = kept[1]
        if not said.certificate:
            return own
        return ShownCertificate(key=own.key, chain=tuple(x509.load_pem_x509_certificates(said.certificate.encode())))

    def _context(
        self, said: WebhookSettings, root: x509.Certificate, shown: "ShownCertificate | None"
    ) -> "ClientContext":
        """Its trust: the CA that the client has named, or the machine's and the sandbox's own."""
        from sandbox.tls.client import client_context

        above = shown.chain[1:] if shown else ()
        key = (said.ca, root, above)
        if key in self._contexts:
            self._contexts.move_to_end(key)
            return self._contexts[key]
        anchors = tuple(x509.load_pem_x509_certificates(said.ca.encode())) if said.ca else (root,)
        made = self._contexts[key] = client_context(anchors, system=not said.ca, shown=shown)
        if len(self._contexts) > CONTEXTS_KEPT:
            self._contexts.popitem(last=False)
        return made


_UNSUBSCRIBED = Refusal(
    code="webhook.unsubscribed",
    seen="no active subscription with the id that it was queued for",
    expected="the subscription, active",
)


def _sending(provider: str) -> Sending:
    found = named(provider).sending
    if found is None:
        raise RuntimeError(f"{provider} sends nothing, and something of it is queued")
    return found


def advised(delivery: Delivery, outcome: Outcome) -> Outcome:
    """The outcome with the next step of each of its reasons as it is for this provider and this client."""

    def told(reason: Refusal) -> Refusal:
        if reason.code in OF_A_DELIVERY and not reason.next:
            reason = replace(reason, next=OF_A_DELIVERY[reason.code].format(id=delivery.id))
        own = at_provider(reason, name=hinted(delivery.provider), advice=named(delivery.provider).advice)
        return replace(own, next=advice(own, delivery.client))

    return replace(
        outcome,
        failed=None if outcome.failed is None else told(outcome.failed),
        remarks=tuple(map(told, outcome.remarks)),
    )


def entry_of(delivery: Delivery, attempt: Attempt, *, id: str) -> Entry:
    """What the journal has of an attempt."""
    from sandbox.webhooks.message import without_secrets

    outcome, provider = attempt.outcome, delivery.provider
    following = f", next {attempt.next_at:%H:%M:%S}Z" if attempt.next_at else ""
    end = {"delivered": "delivered", "dead": "dead", "waiting": f"failed{following}"}[delivery.status]
    return Entry(
        id=id,
        at=attempt.at,
        kind="webhook",
        provider=provider,
        door="webhook",
        client=delivery.client,
        peer=outcome.address,
        certificate=outcome.shown,
        title=f"{delivery.event} to {without_secrets(delivery.url)[:160]}",
        status=outcome.status,
        outcome=f"{outcome.status}, {end}" if outcome.status else end,
        microseconds=outcome.milliseconds * 1000,
        stages=tuple(_stages(delivery, outcome)),
        reasons=outcome.reasons,
        extra={"delivery": delivery.id, "attempt": str(attempt.number)},
    )


def _stages(delivery: Delivery, outcome: Outcome) -> Sequence[Stage]:
    stages = [Stage(name="connect", ok=bool(outcome.address), note=outcome.address)]
    if outcome.tls or outcome.server:
        stages.append(
            Stage(name="tls", ok=bool(outcome.tls), note=", ".join(filter(None, (outcome.tls, outcome.server))))
        )
    if outcome.asked is not None:
        shown = f"asked, shown {outcome.shown}" if outcome.shown else "asked, none shown"
        asked = f"{shown}; listed {'; '.join(outcome.listed) or 'no CA'}" if outcome.asked else "not asked for one"
        unshown = not delivery.mtls and (not outcome.asked or outcome.failed is None)
        stages.append(Stage(name="certificate", ok=bool(outcome.shown) or unshown, note=asked))
    if outcome.alert:
        stages.append(Stage(name="alert", ok=False, note=outcome.alert))
    if not outcome.waited:
        stages.append(Stage(name="wait", ok=False, note="it had timed out before in this move of the clock"))
    stages.append(Stage(name="answer", ok=outcome.failed is None, note=str(outcome.status or "none")))
    return stages
