"""What Wise tells its partners of by webhook, and how it sends: transfers and balances, signed with Wise's RSA key.

Sources: https://docs.wise.com/guides/developer/webhooks and .../event-handling; Wise's description 2026Q3, "Webhook
events". The older signature, over SHA-1, was seen in the code of receivers that check only that one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.errors import Misuse
from sandbox.providers.wise.balances import ACCOUNT_OF
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.subscriptions import CREDIT, EVENTS, PAYOUT_FAILURE, REFUND, STATE_CHANGE, UPDATE
from sandbox.webhooks.event import Event, RowChange, Rows, Subscription
from sandbox.webhooks.sending import Schedule, Sending
from sandbox.webhooks.signature import Signature, rsa_sha1, rsa_sha256

CERTIFICATE_NAME = "webhooks.wise-sandbox.com"
"""Wise names neither its certificate nor the CA above it: the name is ours, below its own sandbox host."""
_TIMES_IN_MILLISECONDS = "4"
_HOPELESS = (400, 401, 403, 404, 405, 409, 410, 417, 422)


def subscriptions(rows: Rows) -> Sequence[Subscription]:
    """The client's, of its application and of its profiles."""
    return [_subscription(row.body) for row in rows.all_of("subscription")]


def _subscription(body: Mapping[str, Any]) -> Subscription:
    scope, delivery = body["scope"], body["delivery"]
    return Subscription(
        id=body["id"],
        url=delivery["url"],
        events=frozenset((body["trigger_on"],)),
        mtls=delivery.get("mtls_enabled"),
        about=scope["id"] if scope["domain"] == "profile" else "",
        version=delivery["version"],
    )


def events(change: RowChange) -> Sequence[Event]:
    """What a change of a transfer or a new entry of the books is told as."""
    if change.after is None:
        return ()
    return (_of_transfer if change.kind == "transfer" else _of_entry)(change, change.after)


def _of_transfer(change: RowChange, after: Mapping[str, Any]) -> Sequence[Event]:
    """None of a transfer into one's own balance: Wise tells of that by ``balances#update`` only."""
    before = change.before["status"] if change.before else None
    if before == after["status"] or after["sandbox"].get("into") is not None:
        return ()
    resource = _transfer(after)
    states = {"current_state": after["status"], "previous_state": before}
    told = [_event(STATE_CHANGE, {"resource": resource, **states}, change.at, after["profile"])]
    if after["status"] == "funds_refunded":
        paid = float(after["sourceValue"]) + float(after["sandbox"]["fee"])
        refund = {"refund_amount": round(paid, 2), "refund_currency": after["sourceCurrency"]}
        told.append(_event(REFUND, {"resource": {**resource, **refund}}, change.at, after["profile"]))
    return told


def _transfer(body: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "transfer", "id": body["id"], "profile_id": body["profile"], "account_id": body["targetAccount"]}


def _of_entry(change: RowChange, entry: Mapping[str, Any]) -> Sequence[Event]:
    told = []
    for moved in () if change.before else entry["balances"]:
        amount, profile = float(moved["amount"]), moved["profile"]
        data = {
            # The account that holds the balance, and not the balance.
            "resource": {"id": ACCOUNT_OF + profile, "profile_id": profile, "type": "balance-account"},
            "amount": abs(amount),
            "balance_id": moved["id"],
            "channel_name": "TRANSFER",
            "currency": moved["currency"],
            "post_transaction_balance_amount": float(moved["after"]),
            "step_id": entry["id"],
            "transaction_type": "credit" if amount > 0 else "debit",
            "transfer_reference": str(entry["transfer"] or f"BNK-{entry['id']}"),
        }
        told.append(_event(UPDATE, data, change.at, moved["profile"]))
        if amount > 0:
            less = {name: data[name] for name in ("resource", "amount", "currency", "transaction_type")}
            less["post_transaction_balance_amount"] = data["post_transaction_balance_amount"]
            told.append(_event(CREDIT, less, change.at, moved["profile"]))
    return told


def payout_failure(transfer: Mapping[str, Any], failure: Mapping[str, str], at: datetime) -> tuple[str, Any]:
    """The event, and what a subscription is told: no row changes when a payout fails."""
    data = {"transfer_id": transfer["id"], "profile_id": transfer["profile"], **failure}
    return PAYOUT_FAILURE, _event(PAYOUT_FAILURE, data, at, transfer["profile"]).payload


PAYOUT_FAILURES = {
    "WRONG_ID_NUMBER": "Invalid recipient's ID document number",
    "ACCOUNT_BLOCKED": "Recipient's account is blocked",
    "ACCOUNT_CLOSED": "Recipient's account is closed",
    "ACCOUNT_DOES_NOT_EXIST": "Recipient's account does not exist",
    "ACCOUNT_FROZEN": "Recipient's account is frozen",
    "ACCOUNT_LIMIT_REACHED": "Recipient's account has reached its limit",
    "BUSINESS_PAYMENTS_FORBIDDEN": "Recipient's account does not accept payments from businesses",
    "CANNOT_ACCEPT_FROM_3RD_PARTY": "Recipient's account does not accept payments from third parties",
    "CREDITING_ACCOUNT_FORBIDDEN": "Recipient's account cannot be credited",
    "DUPLICATE_ENTRY": "Payment is a duplicate of another",
    "EXTERNAL_IDENTIFIER_DETAILS_HAVE_CHANGED": "Details behind the recipient's identifier have changed",
    "FUNDS_NOT_EXPECTED_RETURNED": "Recipient did not expect the payment and returned it",
    "MANDATE_NOT_FILLED_IN": "Recipient has not filled in the mandate",
    "REASON_NOT_SPECIFIED": "Recipient's bank gave no reason",
    "REQUEST_FOR_INFORMATION_EXPIRED": "Request for information was not answered in time",
    "RETURN_REQUESTED_BY_RECIPIENT": "Recipient asked for the return",
    "SENDER_REQUESTED_TO_CANCEL": "Sender asked to cancel the payment",
    "TAX_ID_NOT_MATCHING": "Recipient's tax ID does not match",
    "TAX_ID_SUSPENDED": "Recipient's tax ID is suspended",
    "TECHNICAL_ISSUE": "Payment failed due to a technical issue",
    "TECHNICAL_ISSUE_RETRYABLE": "Payment failed due to a technical issue, Wise will retry",
    "WRONG_ACCOUNT_DETAILS": "Invalid recipient's account details",
    "WRONG_ACCOUNT_NUMBER": "Invalid recipient's account number",
    "WRONG_ACCOUNT_TYPE": "Invalid recipient's account type",
    "WRONG_BANK_CODE": "Invalid recipient's bank code",
    "WRONG_BRANCH_CODE": "Invalid recipient's branch code",
    "WRONG_CARD_NUMBER": "Invalid recipient's card number",
    "WRONG_CARD_TYPE": "Invalid recipient's card type",
    "WRONG_CURRENCY": "Invalid currency for the recipient's account",
    "WRONG_NAME": "Invalid recipient's name",
    "WRONG_PAYMENT_PURPOSE": "Invalid purpose of the payment",
    "WRONG_PHONE_NUMBER": "Invalid recipient's phone number",
    "WRONG_REFERENCE": "Invalid reference",
    "WRONG_RUT_NUMBER": "Invalid recipient's RUT number",
}
"""The codes are those of schema 5.0.0; of the descriptions two are published, the others are our own."""


def _event(name: str, data: Mapping[str, Any], at: datetime, profile: object) -> Event:
    return Event(name=name, payload=lambda to: message(name, data, to, at), about=str(profile))


_LEFT_OUT = {
    (UPDATE, "2.1.0"): ("balance_id", "post_transaction_balance_amount", "step_id"),
    (UPDATE, "2.2.0"): ("post_transaction_balance_amount", "step_id"),
}
"""Members that came with a later version of the event, by the description. That of 2.0.0 is not in it."""


def message(name: str, data: Mapping[str, Any], to: Subscription, at: datetime) -> Mapping[str, Any]:
    """The envelope in the version that the subscription asked for."""
    left_out = _LEFT_OUT.get((name, to.version), ())
    return {
        "data": {**{key: data[key] for key in data if key not in left_out}, "occurred_at": _moment(at, to.version)},
        "subscription_id": to.id,
        "event_type": name,
        "schema_version": to.version,
        "sent_at": _moment(at, to.version),
    }


def _moment(at: datetime, version: str) -> str:
    fine = version >= _TIMES_IN_MILLISECONDS
    return milliseconds(at) if fine else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


_NOBODY = {"type": "transfer", "id": 0, "profile_id": 0, "account_id": 0}
_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    STATE_CHANGE: {
        "resource": _NOBODY,
        "current_state": "processing",
        "previous_state": "incoming_payment_waiting",
    },
    REFUND: {"resource": {**_NOBODY, "refund_amount": 0, "refund_currency": "EUR"}},
    PAYOUT_FAILURE: {
        "transfer_id": 0,
        "profile_id": 0,
        "failure_reason_code": "WRONG_ID_NUMBER",
        "failure_description": "Invalid recipient's ID document number",
    },
    UPDATE: {
        "resource": {"id": 0, "profile_id": 0, "type": "balance-account"},
        "amount": 0,
        "balance_id": 0,
        "channel_name": "TRANSFER",
        "currency": "EUR",
        "post_transaction_balance_amount": 0,
        "step_id": 0,
        "transaction_type": "credit",
        "transfer_reference": "0",
    },
    CREDIT: {
        "resource": {"id": 0, "profile_id": 0, "type": "balance-account"},
        "amount": 0,
        "currency": "EUR",
        "transaction_type": "credit",
        "post_transaction_balance_amount": 0,
    },
}


def example(wanted: str, to: Subscription, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """A test notification: ids are zero, times are those of now."""
    name = wanted or min(to.events or EVENTS)
    if name not in _EXAMPLES:
        raise Misuse(
            f"there is no event {name[:60]!r}; there are: {', '.join(EVENTS)}",
            next_step=f"name one of them: --event '{EVENTS[0]}'",
        )
    return name, message(name, _EXAMPLES[name], to, at)


_OF_ANY = {"resource": {"id": 0, "profile_id": 0}}
"""What is told of an event of which the sandbox never tells."""


def first(to: Subscription, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """The test notification by which Wise verifies an address while it is subscribed."""
    name = min(to.events or EVENTS)
    return name, message(name, _EXAMPLES.get(name, _OF_ANY), to, at)


SENDING = Sending(
    subscriptions=subscriptions,
    subscribe=(
        'TOKEN=$({curl} -u "$WISE_CLIENT_ID:$WISE_CLIENT_SECRET" -d grant_type=client_credentials \\\n'
        '    "$WISE_API_URL/oauth/token" | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')\n'
        '{curl} "$WISE_API_URL/v3/applications/$WISE_CLIENT_ID/subscriptions" \\\n'
        "    -H \"Authorization: Bearer $TOKEN\" -H 'Content-Type: application/json' \\\n"
        '    -d \'{"name":"mine","trigger_on":"transfers#state-change",\'\\\n'
        '\'"delivery":{"version":"2.0.0","url":"https://localhost:PORT/","mtls_enabled":true}}\''
    ),
    test=example,
    first=first,
    watched=frozenset(("transfer", "transaction")),
    events=events,
    # "1, 2, 4 ... minutes", never over a day, "at most 25 times": two weeks in all.
    schedule=Schedule(first=timedelta(minutes=1), factor=2, longest=timedelta(days=1), retries=25),
    seconds=5.0,
    hopeless=_HOPELESS,
    hopeless_tries=3,
    obeys_retry_after=True,
    signatures=(
        Signature(name="X-Signature-SHA256", sign=rsa_sha256),
        Signature(name="X-Signature", sign=rsa_sha1),
    ),
    signed_by="provider",
    id_header="X-Delivery-Id",
    test_headers={"x-test-notification": "true"},
    certificate_name=CERTIFICATE_NAME,
)
