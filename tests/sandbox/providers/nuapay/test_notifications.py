"""Of what an organisation is told, and of what not; and how a notification looks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.errors import Misuse
from sandbox.providers.nuapay.notifications import SENDING, events, example, subscriptions
from sandbox.providers.nuapay.webhooks import RESOURCE_TYPES
from sandbox.webhooks.event import RowChange, Subscription
from tests.sandbox.providers.nuapay.bench import NOW, Organisation

TO = Subscription(id="w", url="https://localhost/", events=frozenset({"AccountEntry"}))


def told(kind: str, before: Any, after: Any) -> list[str]:
    change = RowChange(kind=kind, id="x", before=before, after=after, client="tc47ygrg72", at=NOW)
    return [event.name for event in events(change)]


@pytest.mark.parametrize(
    ("kind", "before", "after", "names"),
    [
        ("account", None, {}, ["AccountCreation"]),
        ("transaction", None, {}, ["AccountEntry"]),
        ("credittransfer", None, {"paymentStatus": "READY_FOR_EXPORT"}, ["CreditTransferAccept"]),
        (
            "credittransfer",
            None,
            {"paymentStatus": "READY_FOR_EXPORT", "type": "EXPRESS"},
            ["OutgoingExpressCreditTransferAccepted"],
        ),
        ("credittransfer", None, {"paymentStatus": "FAILED"}, ["CreditTransferFailed"]),
        ("credittransfer", {"paymentStatus": "READY_FOR_EXPORT"}, {"paymentStatus": "EXPORTED"}, []),
        ("credittransfer", {"paymentStatus": "EXPORTED"}, {"paymentStatus": "ACCEPTED"}, ["CreditTransferAccept"]),
        ("directdebit", None, {"paymentStatus": "READY_FOR_EXPORT"}, []),
        ("directdebit", {"paymentStatus": "EXPORTED"}, {"paymentStatus": "ACCEPTED"}, ["DirectDebitAccept"]),
        ("directdebit", {"paymentStatus": "EXPORTED"}, {"paymentStatus": "REJECTED"}, ["DirectDebitReject"]),
        ("mandate", None, {}, []),
        ("mandate", {"status": "ACTIVE"}, {"status": "CANCELLED"}, ["MandateCancel"]),
        ("mandate", {"status": "PENDING"}, {"status": "ACTIVE"}, []),
        ("mandate", {"status": "ACTIVE"}, {"status": "ACTIVE", "debtor": 1}, ["MandateAmendment"]),
        ("mandate", {"status": "ACTIVE"}, {"status": "ACTIVE"}, []),
        ("account", {}, None, []),
    ],
)
def test_which_change_is_told_as_what(kind: str, before: Any, after: Any, names: list[str]) -> None:
    """Each by its name in the list of event types."""
    rows = [None if said is None else whole(kind, said) for said in (before, after)]
    assert told(kind, *rows) == names
    assert all(name in RESOURCE_TYPES for name in names)


def whole(kind: str, said: Any) -> Any:
    """A row of that kind, as far as it is looked at."""
    usual = {"id": "x", "uri": "/x", "type": "STANDARD", "paymentCurrency": "EUR"}
    if kind == "mandate":
        return {**usual, "mandateInfo": {"status": said.get("status", "ACTIVE")}, "debtor": said.get("debtor")}
    return {**usual, **said}


def test_a_notification_is_thin_and_has_the_published_members() -> None:
    """In the order of the published example, of a real row."""
    organisation = Organisation()
    organisation.put("directdebit", "wew3qnvdmq", paymentStatus="ACCEPTED", endToEndId="36C1234B-99C2-8G9C")
    (row,) = organisation.rows.all_of("directdebit")
    change = RowChange(kind="directdebit", id=row.id, before=None, after=row.body, client="tc47ygrg72", at=NOW)
    (event,) = events(change)
    said = event.payload(TO)
    assert list(said) == [
        "eventTimestamp",
        "eventType",
        "resourceReference",
        "resourceReferenceType",
        "resourceUri",
        "resourceId",
        "resourceType",
        "reasonCode",
        "resourceOwner",
        "resourceRemittanceInformation",
    ]
    assert said["eventTimestamp"] == 1795516058148 == int(NOW.timestamp() * 1000)
    assert (said["resourceReference"], said["resourceReferenceType"]) == ("36C1234B-99C2-8G9C", "EndToEndId")
    assert said["resourceUri"] == "/schemes/abxq9kq52l/mandates/w24y3dya2p/directdebits/wew3qnvdmq"
    assert (said["resourceType"], said["resourceOwner"]) == ("DirectDebit", "tc47ygrg72")


def test_subscriptions_are_the_webhooks_that_were_made() -> None:
    """Their key, their days of retrying, whether they are active, and what they want to hear of."""
    organisation = Organisation()
    body = {
        "targetUrl": "https://a.test/",
        "eventTypes": ["MandateCancel"],
        "signKey": "k",
        "retryNumberOfDays": 3,
        "active": False,
    }
    made = organisation.good("POST", "/webhooks", body)["data"]
    (one,) = subscriptions(organisation.rows)
    assert (one.id, one.key, one.lasting, one.active) == (made["id"], "k", timedelta(days=3), False)
    assert not one.wants("MandateCancel")
    organisation.good("POST", f"/webhooks/{made['id']}/enable")
    (one,) = subscriptions(organisation.rows)
    assert one.wants("MandateCancel") and not one.wants("AccountEntry")


def test_how_it_sends() -> None:
    """As the developer pages say: 200 alone, ten seconds, half an hour."""
    assert 200 in SENDING.success and 201 not in SENDING.success and SENDING.seconds == 10
    assert SENDING.schedule.wait(1) == SENDING.schedule.wait(99) == timedelta(minutes=30)


def test_a_test_is_of_an_event_that_there_is() -> None:
    """By itself of one that the subscription asks for."""
    name, payload = example("", TO, datetime(2026, 1, 1, tzinfo=UTC))
    assert name == payload["eventType"] == "AccountEntry"
    with pytest.raises(Misuse, match="event type"):
        example("Nothing", TO, NOW)
