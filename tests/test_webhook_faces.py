"""Webhooks in Python: a test waits for one without a sleep, and fails with why it did not come."""

from datetime import timedelta
from typing import Any

import pytest

from sandbank import Sandbox
from tests.live.receivers import Receiver, answers, receiver


def subscribe(client: Any, url: str, events: str = "AccountEntry,AccountCreation") -> None:
    client.put("webhook", "0123456789", targetUrl=url, eventTypes=events, signKey="k")


@pytest.fixture(scope="module")
def sandbox() -> Any:
    with Sandbox() as running:
        yield running


def test_each_webhook_is_waited_for_once(sandbox: Sandbox) -> None:
    """In the order in which they were queued, by event or of any."""
    client = sandbox.nuapay.new_client("waits")
    with receiver(None) as there:
        subscribe(client, there.url)
        for name in ("AccountEntry", "AccountCreation", "AccountEntry"):
            client.send_test_webhook(event=name)
        first = client.wait_for_webhook(event="AccountEntry")
        second = client.wait_for_webhook(event="AccountEntry")
        other = client.wait_for_webhook()
        assert first.number < second.number and first.id != second.id
        assert (first.event, other.event, other.status) == ("AccountEntry", "AccountCreation", "delivered")
        assert [one.id for one in client.webhooks] == [first.id, other.id, second.id]
        assert all(one.attempts[0].outcome.status == 200 for one in client.webhooks)


def test_what_does_not_come_is_told_with_its_reason(sandbox: Sandbox) -> None:
    """What was sent instead, and why it was not delivered; and whether anything was queued at all."""
    client = sandbox.nuapay.new_client("misses")
    with pytest.raises(AssertionError, match="none was queued"):
        client.wait_for_webhook(event="AccountEntry", timeout=0.05)
    with receiver(None, answers(500)) as there:
        subscribe(client, there.url)
        client.send_test_webhook(event="AccountCreation")
        sandbox.webhooks.drain()
        with pytest.raises(
            AssertionError, match=r"'AccountEntry' was delivered(.|\n)*AccountCreation(.|\n)*webhook.status"
        ):
            client.wait_for_webhook(event="AccountEntry", timeout=0.05)


def test_drain_waits_for_all_that_is_due_by_the_clock() -> None:
    """After a move of the clock too; what is open when the time is up is named."""
    with Sandbox() as sandbox, receiver(None, answers(500)) as there:
        client = sandbox.nuapay.client()
        subscribe(client, there.url)
        (queued,) = client.send_test_webhook()
        sandbox.webhooks.drain()
        sandbox.clock.move(timedelta(hours=3))
        sandbox.webhooks.drain()
        (found,) = sandbox.webhooks.all(client=client.id)
        assert len(found.attempts) == 7 == len(there.came) and found.id == queued.id
        sandbox.webhooks.resend(found)
        sandbox.webhooks.drain()
        assert len(there.came) == 8


def test_drain_names_what_is_still_open(sandbox: Sandbox) -> None:
    """A receiver that hangs is not waited for longer than one asks."""
    client = sandbox.nuapay.new_client("hangs")

    def hang(handler: Any) -> None:
        there: Receiver = handler.receiver
        there.let_go.wait(30)
        handler.answer(200)

    with receiver(None, hang) as there:
        subscribe(client, there.url)
        client.send_test_webhook()
        with pytest.raises(TimeoutError, match=r"still due(.|\n)*not tried yet"):
            sandbox.webhooks.drain(timeout=0.1)
        there.let_go.set()
        sandbox.webhooks.drain()


def test_a_row_that_is_put_is_told_of_and_a_removed_client_is_forgotten(sandbox: Sandbox) -> None:
    """What no call of the imitation brings about, a person can have happen."""
    client = sandbox.nuapay.new_client("puts")
    with receiver(None) as there:
        subscribe(client, there.url, "DirectDebitAccept,DirectDebitReject")
        client.put("directdebit", "wew3qnvdmq", paymentStatus="EXPORTED")
        client.put("directdebit", "wew3qnvdmq", paymentStatus="ACCEPTED")
        assert client.wait_for_webhook().event == "DirectDebitAccept"
        assert len(there.came) == 1
    client.remove()
    assert not [one for one in sandbox.webhooks.all() if one.client == client.id]
