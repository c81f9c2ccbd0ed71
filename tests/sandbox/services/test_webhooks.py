"""The queue without a network: what is queued with which signature, what ends it, and what blocks a subscription."""

import base64
import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from sandbox.errors import Misuse, NotThere, Refusal
from sandbox.journal.entry import View
from sandbox.providers import named
from sandbox.services import clients, dispatching, postbox, resources, webhooks
from sandbox.services.dispatching import Dispatcher
from sandbox.services.keys import public_reply_key
from sandbox.services.rows import find_client
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Delivery, Outcome, Subscription
from sandbox.webhooks.sending import Sending
from tests.sandbox.webhooks.providers import BLOCKING, EXPONENTIAL, IN_THE_BODY

GOOD = Outcome(status=200)
BAD = Outcome(status=500, failed=Refusal(code="webhook.status", seen="HTTP 500", expected="HTTP 200"))
TO = Subscription(id="s", url="https://localhost/", events=None, key="secret")


@pytest.fixture
def sends(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sending], None]:
    """Has the second provider send as another does, to one subscription."""

    def send(sending: Sending) -> None:
        known = replace(named("nuapay"), sends=lambda: replace(sending, subscriptions=lambda rows: [TO]))
        for module in (postbox, dispatching, webhooks):
            monkeypatch.setattr(module, "named", lambda name: known)

    return send


@pytest.fixture
def sender(state: Any) -> Dispatcher:
    return Dispatcher(state=state, reach=Reach(exposed=False), claimant="here")


def queue(state: Any, event: str = "e") -> Delivery:
    (queued,) = webhooks.send_test(state, "nuapay", "demo", event=event)
    return queued


def tell(state: Any, payload: Any, event: str = "e") -> Delivery:
    """Queue one that is no test."""
    with state.store.write() as work:
        (queued,) = _box(state, work).send(event, lambda _: payload)
        return queued


def _box(state: Any, work: Any) -> postbox.Postbox:
    owner = find_client(work, "nuapay", "demo")
    return postbox.Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=state.clock.now())


def run(state: Any, sender: Dispatcher, outcome: Outcome) -> list[str]:
    """Try all that is due; the ids of what was tried."""
    now = state.clock.now()
    tried = sender.claim(now)
    for one in tried:
        sender.settle(one, outcome, one.due_at, now)
    return [one.id for one in tried]


def test_a_subscription_is_blocked_by_a_dead_delivery(state: Any, sends: Any, sender: Dispatcher) -> None:
    """What is queued for it ends, what comes is dead from the start; a resend that arrives unblocks it."""
    sends(BLOCKING)
    first = tell(state, {"n": 1})
    waiting = None
    for _ in range(4):
        assert first.id in run(state, sender, BAD)
        state.clock.move(timedelta(seconds=29))
        waiting = waiting or tell(state, {"n": 2})
        state.clock.move(timedelta(seconds=2))
    assert waiting is not None
    assert webhooks.show_delivery(state, first.id).status == "dead"
    assert webhooks.show_delivery(state, waiting.id).status == "dead"
    blocked = tell(state, {"n": 3})
    found = webhooks.show_delivery(state, blocked.id)
    assert found.status == "dead" and found.attempts[0].outcome.failed
    assert found.attempts[0].outcome.failed.code == "webhook.blocked" and not found.attempts[0].outcome.waited
    assert queue(state).status == "waiting", "a test is how one finds out whether the receiver is mended"
    webhooks.resend(state, first.id)
    run(state, sender, GOOD)
    assert webhooks.show_delivery(state, first.id).status == "delivered"
    assert tell(state, {"n": 4}).status == "waiting"


def test_a_provider_signs_with_a_key_of_its_own(state: Any, sends: Any) -> None:
    """Which the sandbox keeps; both signatures over one body, and a flipped bit is refused."""
    sends(EXPONENTIAL)
    queued = tell(state, {"data": {"id": 1}})
    with state.store.write() as work:
        now = state.clock.now()
        public = public_reply_key(work, state.vault, "nuapay", "RS256", None, ids=state.ids, now=now)
    assert public is not None
    key: Any = load_der_public_key(base64.b64decode(public.spki))
    signature = base64.b64decode(queued.headers["X-Signature-SHA256"])
    key.verify(signature, queued.body, PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(signature, queued.body + b" ", PKCS1v15(), SHA256())
    assert "X-Signature" in queued.headers


def test_a_signature_may_stand_in_the_body(state: Any, sends: Any) -> None:
    """And then in no header."""
    sends(IN_THE_BODY)
    queued = tell(state, {"object_payload": {"a": "b/c"}})
    assert json.loads(queued.body).keys() == {"object_payload", "object_payload_signature"} and not queued.headers


def test_what_is_undone_queues_nothing(state: Any, sends: Any) -> None:
    """The row goes with its cause."""
    sends(BLOCKING)

    told: list[Subscription] = []

    def payload(to: Subscription) -> Any:
        told.append(to)
        return {"n": 1 // (2 - len(told))}  # of the second it cannot be said

    with pytest.raises(ZeroDivisionError), state.store.write() as work:
        _box(state, work).send_to((TO, TO), "e", payload)
    assert len(told) == 2
    assert webhooks.list_deliveries(state) == ()


def test_a_row_that_is_put_is_told_of_with_it(state: Any) -> None:
    """To those who want to hear of it, and of what changed only."""
    put = {"targetUrl": "https://localhost/", "eventTypes": "DirectDebitAccept"}
    resources.put_resource(state, "nuapay", "demo", "webhook", "0123456789", put)
    for status in ("EXPORTED", "ACCEPTED", "ACCEPTED", "REJECTED"):
        resources.put_resource(state, "nuapay", "demo", "directdebit", "wew3qnvdmq", {"paymentStatus": status})
    assert [one.event for one in webhooks.list_deliveries(state)] == ["DirectDebitAccept"]


def test_an_attempt_leaves_an_entry_in_the_journal_without_secrets(state: Any, sends: Any, sender: Dispatcher) -> None:
    """A query of the URL is often one."""
    sends(BLOCKING)
    queue(state)
    (one,) = sender.claim(state.clock.now())
    one = replace(one, url="https://me:s3cret@localhost/hook?token=s3cret")
    sender.settle(one, BAD, one.due_at, state.clock.now())
    (entry,) = [each for _, each in state.journal.read(View()) if each.kind == "webhook"]
    assert "s3cret" not in json.dumps(entry.as_json()) and "https://localhost/hook" in entry.title
    assert entry.reasons[0].code == "webhook.status" and entry.extra["delivery"] == one.id


def test_refusals_name_what_mends_them(state: Any) -> None:
    """Whom nobody knows, a client without a subscription, and a provider without a key of its own."""
    with pytest.raises(Misuse, match="a secret of each subscription"):
        webhooks.public_key(state, "nuapay")
    with pytest.raises(NotThere, match="no active subscription") as nowhere:
        webhooks.send_test(state, "nuapay", "demo")
    assert "sandbank calls --provider nuapay" in nowhere.value.advice()
    with pytest.raises(NotThere, match="no subscription 'x'"):
        webhooks.send_test(state, "nuapay", "demo", subscription="x")
    with pytest.raises(NotThere):
        webhooks.show_delivery(state, "x")
    with pytest.raises(Misuse, match="not a status"):
        webhooks.list_deliveries(state, status="lost")


def test_nobody_sends_where_no_server_runs(state: Any) -> None:
    """And somebody does while the lock is held."""
    assert not webhooks.anybody_sends(state)
    lead = state.store.lead()
    assert lead.held() and webhooks.anybody_sends(state)
    lead.close()


def test_a_reset_of_everything_forgets_what_was_sent(state: Any, sends: Any) -> None:
    """A reset of the rows alone does not."""
    sends(BLOCKING)
    queue(state)
    clients.reset_client(state, "nuapay", "demo")
    assert len(webhooks.list_deliveries(state)) == 1
    clients.reset_client(state, "nuapay", "demo", everything=True)
    assert webhooks.list_deliveries(state) == ()


def test_the_key_of_a_provider_is_one_and_stays(state: Any) -> None:
    """Made when first asked for; a public key of RSA, and the same each time."""
    pem = webhooks.public_key(state, "wise")
    assert pem.startswith("-----BEGIN PUBLIC KEY-----") and webhooks.public_key(state, "wise") == pem
    command = ["openssl", "pkey", "-pubin", "-noout", "-text"]
    said = subprocess.run(command, check=True, input=pem.encode(), capture_output=True)
    assert b"Public-Key: (2048 bit)" in said.stdout
