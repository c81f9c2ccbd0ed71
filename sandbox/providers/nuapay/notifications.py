"""What Nuapay tells an organisation of by webhook, and how it sends: thin notifications, signed with the webhook's key.

Source: Nuapay's developer pages "Receiving webhook messages" and "Failures and retries", and the description of its
webhooks service. Which events there are is published by name; when exactly each is sent is our own reading.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.errors import Misuse
from sandbox.webhooks.event import Event, RowChange, Rows, Subscription
from sandbox.webhooks.sending import Schedule, Sending
from sandbox.webhooks.signature import Signature, hmac_hex

CERTIFICATE_NAME = "webhooks.sandbox.nuapay.com"
"""Nuapay names neither its certificate nor the CA above it: the name is ours, below its own sandbox host."""
_STANDARD = "STANDARD"


def subscriptions(rows: Rows) -> Sequence[Subscription]:
    """The organisation's webhooks."""
    return [_subscription(row.body) for row in rows.all_of("webhook")]


def _subscription(body: Mapping[str, Any]) -> Subscription:
    return Subscription(
        id=body["id"],
        url=body["targetUrl"],
        events=frozenset(body["eventTypes"]),
        active=body["active"],
        key=body["signKey"],
        lasting=timedelta(days=body["retryNumberOfDays"]),
    )


def events(change: RowChange) -> Sequence[Event]:
    """What a change of a row is told as; most changes are told as nothing."""
    if change.after is None or change.after == change.before:
        return ()
    name = _NAMES[change.kind](change.before, change.after)
    return (_event(name, change.after, client=change.client, at=change.at),) if name else ()


def _account(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    return "" if before else "AccountCreation"


def _transaction(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    return "" if before else "AccountEntry"


def _credit_transfer(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """The sandbox takes the money at once, and so tells at once that the transfer was accepted, or has failed."""
    status = after["paymentStatus"]
    if before is not None and before["paymentStatus"] == status:
        return ""
    if status in ("FAILED", "REJECTED"):
        return "CreditTransferFailed"
    if status not in ("READY_FOR_EXPORT", "ACCEPTED") or (before is not None and status != "ACCEPTED"):
        return ""
    express = after["type"] != _STANDARD and after["paymentCurrency"] == "EUR"
    return "OutgoingExpressCreditTransferAccepted" if express else "CreditTransferAccept"


def _direct_debit(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """No call accepts or rejects one: a person does, by ``sandbank resource put directdebit``."""
    if before is not None and before["paymentStatus"] == after["paymentStatus"]:
        return ""
    return {"ACCEPTED": "DirectDebitAccept", "REJECTED": "DirectDebitReject", "RETURNED": "DirectDebitReject"}.get(
        after["paymentStatus"], ""
    )


def _mandate(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return ""
    was, now = before["mandateInfo"]["status"], after["mandateInfo"]["status"]
    if was != now:
        return {"CANCELLED": "MandateCancel", "REJECTED": "MandateReject"}.get(now, "")
    return "MandateAmendment"


_NAMES = {
    "account": _account,
    "transaction": _transaction,
    "credittransfer": _credit_transfer,
    "directdebit": _direct_debit,
    "mandate": _mandate,
}


def _event(name: str, body: Mapping[str, Any], *, client: str, at: datetime) -> Event:
    said = notification(name, body, client=client, at=at)
    return Event(name=name, payload=lambda _: said)


def notification(name: str, body: Mapping[str, Any], *, client: str, at: datetime) -> dict[str, Any]:
    """A thin notification: what happened to which resource; who wants to know more asks for that."""
    reference = body.get("endToEndId")
    return {
        "eventTimestamp": int(at.timestamp() * 1000),
        "eventType": name,
        "resourceReference": reference,
        "resourceReferenceType": "EndToEndId" if reference else None,
        "resourceUri": body["uri"],
        "resourceId": body["id"],
        "resourceType": _resource_types()[name],
        "reasonCode": (body.get("rejectDetails") or {}).get("rejectReason"),
        "resourceOwner": client,
        "resourceRemittanceInformation": body.get("remittanceInformation", body.get("remittanceInfo")),
    }


def example(wanted: str, to: Subscription, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """For trying a webhook out: of the event that is wanted, or of the first that it asks for; of a resource that does
    not exist."""
    name = wanted or min(to.events or _resource_types())
    if name not in _resource_types():
        raise Misuse(f"there is no event type {name[:60]!r}", next_step="GET /eventTypes lists those there are")
    body = {"id": "0000000000", "uri": "/test/0000000000", "endToEndId": "TEST"}
    return name, notification(name, body, client="test", at=at)


def _resource_types() -> Mapping[str, str]:
    """What each event type is about. Loaded with the chapters, which a start need not wait for."""
    from sandbox.providers.nuapay.webhooks import RESOURCE_TYPES

    return RESOURCE_TYPES


SENDING = Sending(
    subscriptions=subscriptions,
    kind="webhook",
    test=example,
    watched=frozenset(_NAMES),
    events=events,
    # "every 30 minutes" for retryNumberOfDays, which each webhook has; then Failed.
    schedule=Schedule(first=timedelta(minutes=30), lasting=timedelta(days=1)),
    seconds=10.0,
    success=(200,),
    signatures=(Signature(name="x-signature", sign=hmac_hex),),
    content_type="application/json;charset=UTF-8",
    id_header="x-request-Id",
    certificate_name=CERTIFICATE_NAME,
)
