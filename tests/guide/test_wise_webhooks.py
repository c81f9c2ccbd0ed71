"""Wise's webhooks, from a payment by wise-sdk to a receiver; signatures are verified by wise-sdk's own code, and by
openssl for those receivers that check only the older one."""

import base64
import json
import urllib.request
from datetime import timedelta

import pytest
import trustme
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from wise_sdk.generated.core.api_error import ApiError
from wise_sdk.generated.types import SubscriptionRequestDelivery as Delivery
from wise_sdk.webhooks import verify_webhook_signature

from sandbank import Sandbox
from sandbox.providers.wise.notifications import CERTIFICATE_NAME
from sandbox.services.callbacks import NOT_YET
from sandbox.services.clients import set_client
from sandbox.services.webhooks import public_key
from tests.guide.conftest import curl, make_partner
from tests.guide.test_wise_sdk import PROCESSING, WAITING, http, oauth, transfer_of, wise  # noqa: F401
from tests.live.receivers import answers, receiver, serving

ON_WAY = ("resource", "current_state", "previous_state", "occurred_at")


def subscribe(wise, partner, url, event="transfers#state-change", version="2.0.0"):  # noqa: F811
    delivery = Delivery(version=version, url=url)
    return wise.webhooks.applications.create(client_key=partner.id, name="All", trigger_on=event, delivery=delivery)


@pytest.fixture
def told(partner):
    """The next one of an event, as it was delivered."""
    client = partner.sandbox.wise.client(partner.name)

    def heard(event: str) -> dict:
        came = client.wait_for_webhook(event=event)
        assert came.status == "delivered"
        return json.loads(came.body)

    return heard


def test_a_payment_is_told_from_new_to_sent(partner, wise, told):  # noqa: F811
    """Each state once, the first without a previous one; both signatures verify, and one of another body does not."""
    with receiver(None) as there:
        made = subscribe(wise, partner, there.url)
        assert (made.scope.domain, made.scope.id, made.created_by.type) == ("application", partner.id, "application")
        _, transfer = transfer_of(wise, 12345)
        wise.transfers.fund(profile_id=12345, transfer_id=transfer.id, request={"type": "BALANCE"})
        for state in (PROCESSING, "funds_converted", "outgoing_payment_sent"):
            wise.simulations.change_transfer_state(transfer_id=transfer.id, status=state)
        states = [told("transfers#state-change") for _ in range(4)]
        came = there.came[0]
    way = [(one["data"]["previous_state"], one["data"]["current_state"]) for one in states]
    assert way == [
        (None, WAITING),
        (WAITING, PROCESSING),
        (PROCESSING, "funds_converted"),
        ("funds_converted", "outgoing_payment_sent"),
    ]
    first = states[0]
    assert tuple(first["data"]) == ON_WAY
    resource = {"type": "transfer", "id": transfer.id, "profile_id": 12345, "account_id": transfer.target_account}
    assert first["data"]["resource"] == resource
    envelope = {"subscription_id": made.id, "event_type": "transfers#state-change", "schema_version": "2.0.0"}
    assert {name: first[name] for name in envelope} == envelope
    assert len(first["sent_at"]) == len("2020-01-01T12:34:56Z")
    pem = public_key(partner.sandbox.state, "wise")
    signature = came.headers["x-signature-sha256"]
    assert verify_webhook_signature(body=came.body, signature=signature, public_key=pem)
    assert not verify_webhook_signature(body=came.body + b" ", signature=signature, public_key=pem)
    older = base64.b64decode(came.headers["x-signature"])
    key = serialization.load_pem_public_key(pem.encode())
    key.verify(older, came.body, padding.PKCS1v15(), hashes.SHA1())
    with pytest.raises(InvalidSignature):
        key.verify(older, came.body + b" ", padding.PKCS1v15(), hashes.SHA1())
    assert came.headers["x-delivery-id"].count("-") == 4
    assert "x-test-notification" not in came.headers


def test_what_moves_in_balances_is_told(partner, wise, told):  # noqa: F811
    """A debit and a credit, with what the balance then holds; times of schema 4.0.0 have milliseconds."""
    with receiver(None) as there:
        subscribe(wise, partner, there.url, "balances#update", "4.0.0")
        _, transfer = transfer_of(wise, 12345)
        wise.transfers.fund(profile_id=12345, transfer_id=transfer.id, request={"type": "BALANCE"})
        wise.simulations.top_up_balance(profile_id=12345, balance_id=236840, currency="EUR", amount=5.5)
        debit, credit = told("balances#update"), told("balances#update")
    assert len(debit["sent_at"]) == len("2020-01-01T12:34:56.123Z")
    names = ("amount", "currency", "transaction_type", "post_transaction_balance_amount", "balance_id")
    assert [debit["data"][name] for name in names] == [1000.0, "GBP", "debit", 999000.0, 236839]
    assert [credit["data"][name] for name in names] == [5.5, "EUR", "credit", 1000005.5, 236840]
    assert debit["data"]["transfer_reference"] == str(transfer.id)


def test_money_that_comes_back_is_told(partner, wise, told):  # noqa: F811
    """Why the payout failed, and how much was given back: fees too."""
    with receiver(None) as there:
        subscribe(wise, partner, there.url, "transfers#payout-failure", "4.0.0")
        subscribe(wise, partner, there.url, "transfers#refund")
        _, transfer = transfer_of(wise, 12345)
        wise.transfers.fund(profile_id=12345, transfer_id=transfer.id, request={"type": "BALANCE"})
        for state in (PROCESSING, "funds_converted", "outgoing_payment_sent", "bounced_back"):
            wise.simulations.change_transfer_state(transfer_id=transfer.id, status=state)
        wise.simulations.fail_transfer_payout(transfer_id=transfer.id, failure_reason_code="WRONG_ID_NUMBER")
        wise.simulations.change_transfer_state(transfer_id=transfer.id, status="funds_refunded")
        failure, refund = told("transfers#payout-failure"), told("transfers#refund")
    assert (failure["data"]["transfer_id"], failure["data"]["failure_reason_code"]) == (transfer.id, "WRONG_ID_NUMBER")
    resource = refund["data"]["resource"]
    assert (resource["refund_amount"], resource["refund_currency"]) == (1000.0, "GBP")


def test_a_subscription_of_a_profile_hears_of_that_profile_only(partner, wise, told):  # noqa: F811
    """And only a profile can be told of balances#credit."""
    with receiver(None) as there:
        delivery = Delivery(version="2.0.0", url=there.url)
        with pytest.raises(ApiError):
            subscribe(wise, partner, there.url, "balances#credit")
        for profile in (12344, 12345):
            made = wise.webhooks.profiles.create(
                profile_id=profile, name="Mine", trigger_on="balances#credit", delivery=delivery
            )
            assert (made.scope.domain, made.scope.id) == ("profile", str(profile))
        wise.simulations.top_up_balance(profile_id=12344, balance_id=236842, currency="GBP", amount=1)
        assert told("balances#credit")["data"]["resource"]["profile_id"] == 12344
        partner.sandbox.webhooks.drain()
        assert len(there.came) == 1


def test_subscriptions_are_kept_tried_out_and_removed(partner, wise):  # noqa: F811
    """A test has ids of zero and says that it is one; another client's subscriptions are a 403."""
    with receiver(None) as there:
        made = subscribe(wise, partner, there.url)
        of = {"client_key": partner.id, "subscription_id": made.id}
        assert [one.id for one in wise.webhooks.applications.list(client_key=partner.id)] == [made.id]
        assert wise.webhooks.applications.get(**of).delivery.url == there.url
        (tried,) = wise.webhooks.applications.test(**of)
        came = there.wait()
    assert came.headers["x-delivery-id"] == tried.delivery_id
    assert came.headers["x-test-notification"] == "true"
    assert json.loads(came.body)["data"]["resource"] == {"type": "transfer", "id": 0, "profile_id": 0, "account_id": 0}
    with pytest.raises(ApiError) as foreign:
        wise.webhooks.applications.list(client_key="somebody-else")
    assert foreign.value.status_code == 403
    wise.webhooks.applications.delete(**of)
    assert wise.webhooks.applications.list(client_key=partner.id) == []


def test_addresses_are_judged_by_a_setting(partner, wise):  # noqa: F811
    """Strict as Wise is: https on port 443 of a domain, without a query."""
    client = partner.sandbox.wise.client(partner.name)
    client.put("manner", "answers", webhookUrls="strict")
    for wrong in ("http://a.example/", "https://a.example:8443/", "https://127.0.0.1/", "https://a.example/?x=1"):
        with pytest.raises(ApiError) as error:
            subscribe(wise, partner, wrong)
        assert error.value.body["errors"][0]["path"] == "delivery.url"
    assert subscribe(wise, partner, "https://hooks.partner.example/wise").id


def test_an_address_is_called_before_its_subscription_is_kept(partner, wise):  # noqa: F811
    """For a client that is set to it: by a signed test, of a subscription that has no id yet. The receiver may call the
    sandbox meanwhile: neither the store nor the server waits for it. Without the setting nobody is called."""
    client = partner.sandbox.wise.client(partner.name)

    def calls_back(handler) -> None:
        partner.sandbox.wise.new_client(f"{partner.name[:40]}-{len(handler.receiver.came)}")
        urllib.request.urlopen(f"{partner.sandbox.control}/health", timeout=30).close()
        handler.answer(204, b"")

    with receiver(None, calls_back) as there:
        subscribe(wise, partner, there.url)
        assert there.came == [] and client.webhooks == ()
        set_client(partner.sandbox.state, "wise", partner.name, check_callbacks=True)
        subscribe(wise, partner, there.url, "cards#3ds-challenge")
        (came,) = there.came
        said = json.loads(came.body)
        assert (said["subscription_id"], said["event_type"]) == (NOT_YET, "cards#3ds-challenge")
        assert came.headers["x-test-notification"] == "true"
        pem = public_key(partner.sandbox.state, "wise")
        signature = came.headers["x-signature-sha256"]
        assert verify_webhook_signature(body=came.body, signature=signature, public_key=pem)
        assert not verify_webhook_signature(body=came.body + b" ", signature=signature, public_key=pem)
    (delivery,) = client.webhooks
    assert (delivery.status, delivery.test, delivery.id) == ("delivered", True, came.headers["x-delivery-id"])
    assert len(wise.webhooks.applications.list(client_key=partner.id)) == 2


def test_an_address_that_does_not_take_the_test_is_refused_with_what_was_seen(partner, wise, tmp_path):  # noqa: F811
    """Its status, its TLS alert, or that nobody listens, in Wise's words and in the journal; nothing is kept. With a
    certificate that the receiver trusts the same address is taken."""
    set_client(partner.sandbox.state, "wise", partner.name, check_callbacks=True)
    client = partner.sandbox.wise.client(partner.name)
    server, stranger = trustme.CA(), trustme.CA()
    server.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    client.configure_webhooks(ca=server.cert_pem.bytes())
    ours, other = tmp_path / "ours.pem", tmp_path / "other.pem"
    ours.write_text(partner.sandbox.wise.webhook_ca())
    stranger.cert_pem.write_to_path(other)

    def refused(url: str, mtls: bool = False):
        with pytest.raises(ApiError) as error:
            make(url, mtls)
        (said,) = error.value.body["errors"]
        assert (error.value.status_code, said["code"], said["path"]) == (422, "INVALID_CALLBACK_URL", "delivery.url")
        (reason,) = partner.sandbox.journal.last(client=partner.id, door="wise.mtls", refused=True).reasons
        assert reason.code == "provider.callback_failed" and reason.next
        return reason

    def make(url: str, mtls: bool):
        delivery = Delivery(version="2.0.0", url=url, mtls_enabled=mtls)
        event = "transfers#state-change"
        return wise.webhooks.applications.create(client_key=partner.id, name="n", trigger_on=event, delivery=delivery)

    with receiver(None, answers(500)) as there:
        assert "webhook.status: HTTP 500" in refused(there.url).seen
        gone = there.url
    nobody = refused(gone)
    assert "webhook.connection_refused" in nobody.seen and "sandbank webhook listen" in nobody.next
    with receiver(serving(tmp_path / "server.pem", trusts=other)) as there:
        unknown = refused(there.url, mtls=True)
        assert "webhook.c" in unknown.seen and "webhook_ca()" in unknown.next
    assert wise.webhooks.applications.list(client_key=partner.id) == []
    with receiver(serving(tmp_path / "server.pem", trusts=ours)) as there:
        assert make(there.url, mtls=True).id
        assert ("DNS", CERTIFICATE_NAME) in there.came[0].certificate["subjectAltName"]
    assert [one.status for one in client.webhooks] == ["dead", "dead", "dead", "delivered"]


def test_it_is_tried_again_as_published():
    """After a minute, then two, four ... and a bad request three times only."""
    with Sandbox() as sandbox, receiver(None, answers(503)) as there, receiver(None, answers(400)) as bad:
        partner = make_partner(sandbox, "retries")
        bearer = ("-H", f"Authorization: Bearer {partner.token()}", "-H", "Content-Type: application/json")
        for one in (there, bad):
            body = {
                "name": "n",
                "trigger_on": "transfers#state-change",
                "delivery": {"version": "2.0.0", "url": one.url},
            }
            path = f"/v3/applications/{partner.id}/subscriptions"
            assert curl(*partner.tls, *bearer, "-d", json.dumps(body), partner.url(path)).status == 200
        curl(*partner.tls, *bearer, "-X", "PUT", partner.url("/v1/transfers/12345/cancel"))
        sandbox.webhooks.drain()
        sandbox.clock.move(timedelta(days=30))
        sandbox.webhooks.drain(timeout=60)
        tries = {one.url: one for one in sandbox.wise.client("retries").webhooks}
        assert (tries[there.url].status, tries[there.url].tries) == ("dead", 26)
        assert (tries[bad.url].status, tries[bad.url].tries) == ("dead", 3)
        waits = [
            round((later.at - earlier.at).total_seconds() / 60)
            for earlier, later in zip(tries[there.url].attempts, tries[there.url].attempts[1:], strict=False)
        ]
        assert waits[:5] == [1, 2, 4, 8, 16] and waits[-1] == 24 * 60
