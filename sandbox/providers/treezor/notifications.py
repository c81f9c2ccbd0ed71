"""What Treezor tells a client of by webhook, and how it sends.

Source: docs.treezor.com, "Integrity checks" (the members of a message, and the official code that checks its
signature). Names of events, the media type and the schedule are third parties' word. Which change is told as
which event, and that money moving is no ``wallet.update``, is our own reading.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.errors import Misuse
from sandbox.providers.context import Body, Row
from sandbox.webhooks.event import Event, RowChange, Rows, Subscription
from sandbox.webhooks.sending import Schedule, Sending
from sandbox.webhooks.signature import Signature, hmac_base64, php_json

CONFIRMATION = "hook.confirmation"
"""Its form is not published."""
HOOK_KIND, SECRET_KIND, SECRET_ROW = "hook", "configuration", "webhooks"
CERTIFICATE_NAME = "webhooks.sandbox.treezor.co"
"""Nothing is published of mutual TLS for webhooks: off, and the name is ours."""
SIGNED, SIGNATURE_MEMBER = "object_payload", "object_payload_signature"
_NAMESPACE = uuid.UUID("6f3b3f9e-1c2d-4a5b-8e7f-0a1b2c3d4e5f")
"""Of the example message; the id of each is made from what happened, so that the same is never told under two."""
_BALANCES = ("solde", "authorizedBalance")
"""Of a wallet: kept as texts, shown as numbers."""

Naming = Callable[[Mapping[str, Any] | None, Mapping[str, Any]], str]


def _usual(status: str = "") -> Naming:
    """create, cancel, update."""

    def verb(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
        if before is None:
            return "create"
        canceled = status and after[status] == "CANCELED" and before[status] != "CANCELED"
        return "cancel" if canceled else "update"

    return verb


def _wallet(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before and all(
        before.get(name) == value for name, value in after.items() if name not in (*_BALANCES, "modifiedDate")
    ):
        return ""
    return _usual("walletStatus")(before, after)


def _user(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before and before["kycReview"] != after["kycReview"]:
        return "kycreview"
    return _usual("userStatus")(before, after)


def _card(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "createvirtual"
    if before["isLive"] != after["isLive"]:
        return "activate"
    return "lockunlock" if before["lockStatus"] != after["lockStatus"] else "update"


_TOLD: Mapping[str, tuple[str, Naming, tuple[str, ...]]] = {
    "user": ("users", _user, ("create", "update", "cancel", "kycreview")),
    "wallet": ("wallets", _wallet, ("create", "update", "cancel")),
    "beneficiary": ("beneficiaries", _usual(), ("create", "update")),
    "transfer": ("transfers", _usual("transferStatus"), ("create", "update", "cancel")),
    "payout": ("payouts", _usual("payoutStatus"), ("create", "update", "cancel")),
    "payin": ("payins", _usual("payinStatus"), ("create", "update", "cancel")),
    "card": ("cards", _card, ("createvirtual", "activate", "lockunlock", "update")),
    "cardtransaction": ("cardtransactions", _usual(), ("create",)),
}
"""Kind of rows: the plural, which event a change is, which there are."""
NAMES = tuple(f"{kind}.{verb}" for kind, (_, _, verbs) in _TOLD.items() for verb in verbs)
_ID = {"user": "userId", "beneficiary": "id"}


def subscriptions(rows: Rows) -> Sequence[Subscription]:
    """A client's subscriptions; a pending one is told of its confirmation only."""
    keys = [row.body["secret"] for row in rows.all_of(SECRET_KIND) if row.id == SECRET_ROW]
    key = str(keys[0]) if keys else ""
    return [_subscription(row.body, key) for row in rows.all_of(HOOK_KIND)]


def _subscription(hook: Mapping[str, Any], key: str) -> Subscription:
    pending = hook["status"] == "PENDING"
    wanted = (CONFIRMATION,) if pending else tuple(hook["events"] or NAMES)
    return Subscription(id=hook["uuid"], url=hook["url"], events=frozenset(wanted), key=key)


def events(change: RowChange) -> Sequence[Event]:
    """What a change of a row is told as."""
    if change.after is None or change.after == change.before:
        return ()
    if change.kind == HOOK_KIND:
        new = change.before is None and change.after["status"] == "PENDING"
        return (_confirmation(change.after, change.at),) if new else ()
    verb = _TOLD[change.kind][1](change.before, change.after)
    if not verb:
        return ()
    name = f"{change.kind}.{verb}"
    said = message(name, change.id, _shown(change.kind, change.after), change.at)
    return (Event(name=name, payload=lambda _: said),)


def _confirmation(hook: Mapping[str, Any], at: datetime) -> Event:
    said = {"uuid": hook["uuid"], "url": hook["url"], "token": hook["sandbox"]["token"]}
    told = message(CONFIRMATION, hook["uuid"], {"hooks": [said]}, at)
    nothing = message(CONFIRMATION, hook["uuid"], {"hooks": []}, at)
    # Another subscription that is pending at the same time learns no token but its own.
    return Event(name=CONFIRMATION, payload=lambda to: told if to.id == hook["uuid"] else nothing)


def told_again(name: str, row: Row, now: datetime) -> Callable[[Subscription], Body]:
    said = message(name, row.id, _shown(row.kind, row.body), now)
    return lambda _: said


def message(name: str, id: str, payload: Body, at: datetime) -> Body:
    """A message without its signature, its members in the published order."""
    at = at.astimezone(UTC)
    return {
        "webhook": name,
        "webhook_id": str(uuid.uuid5(_NAMESPACE, f"{name} {id} {at.isoformat()}")),
        "webhook_created_at": f"{at.timestamp():.4f}",
        "object": name.partition(".")[0],
        "object_id": id,
        SIGNED: payload,
    }


def _shown(kind: str, body: Mapping[str, Any]) -> Body:
    """The object in its plural array, as a call would show it, and its numbers as JavaScript writes them: a receiver
    that writes the object anew must come to the same bytes."""
    shown = {name: value for name, value in body.items() if name != "sandbox"}
    return {_TOLD[kind][0]: [{**shown, **{name: _number(shown[name]) for name in _BALANCES if name in shown}}]}


def _number(kept: str) -> int | float:
    amount = Decimal(kept)
    return int(amount) if amount == int(amount) else float(amount)


def example(wanted: str, to: Subscription, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """For trying a subscription out: of an object that does not exist."""
    name = wanted or min((to.events or frozenset(NAMES)) - {CONFIRMATION}, default=NAMES[0])
    if name not in NAMES:
        raise Misuse(f"there is no event {name[:60]!r}", next_step=f"choose one of: {', '.join(NAMES)}")
    kind = name.partition(".")[0]
    return name, message(name, "0", {_TOLD[kind][0]: [{_ID.get(kind, f"{kind}Id"): 0}]}, at)


SENDING = Sending(
    subscriptions=subscriptions,
    kind=HOOK_KIND,
    test=example,
    watched=frozenset({*_TOLD, HOOK_KIND}),
    events=events,
    # Third parties' word: every minute, thirty times.
    schedule=Schedule(first=timedelta(minutes=1), retries=30),
    seconds=10.0,  # not published
    success=(200,),  # "200 when signatures are identical"; whether others are is not published
    signatures=(Signature(name=SIGNATURE_MEMBER, sign=hmac_base64, place="body", of=SIGNED),),
    form=php_json,
    content_type="text/plain",
    certificate_name=CERTIFICATE_NAME,
)
