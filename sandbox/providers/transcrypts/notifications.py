"""What is told by webhook, and how it is sent: signed with the access secret, three retries, then blocked.

Source: sdk.transcrypts.com, "Webhooks", "Webhook Event Descriptions", "Instant Verification webhooks", and the examples
of their payloads. Transcrypts' page compares the bare signature, Truv's puts ``v1=`` before it. Own: which change is
told as which event, the members of events of which no example is published, and the name in the certificate.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from sandbox.errors import Misuse
from sandbox.webhooks.event import Event, RowChange, Rows, Subscription
from sandbox.webhooks.sending import Schedule, Sending
from sandbox.webhooks.signature import Signature, hmac_hex, prefixed

Said = Mapping[str, Any]
NOTES = "sandbox"
TASK, ORDER = "task-status-updated", "order-status-updated"
VERIFIED, UNVERIFIED = "instant-verification-completed", "instant-verification-failed"
EVENTS = (
    TASK,
    ORDER,
    "order-refresh-failed",
    "link-connected",
    "link-disconnected",
    "link-deleted",
    "employment-created",
    "employment-updated",
    "profile-created",
    "profile-updated",
    "statements-created",
    "statements-updated",
    VERIFIED,
    UNVERIFIED,
)
"""All that can be subscribed to. Nobody is told of profiles and statements, nor of a link that is lost."""
LIFECYCLE = ("new", "login", "mfa", "parse", "full_parse", "done")
"""The states of a task in their order."""


def subscriptions(rows: Rows) -> Sequence[Subscription]:
    """The webhooks, each with the headers that support has set up for the client."""
    headers = {row.id: row.body["value"] for row in rows.all_of("webhookheader")}
    signatures = tuple(signature(row.body["signPrefix"]) for row in rows.all_of("configuration"))
    return [
        Subscription(
            id=row.body["id"],
            url=row.body["webhook_url"],
            events=frozenset(row.body["events"]),
            environment=row.body["env_type"],
            key=row.body["secret"],
            headers=headers,
            signatures=signatures,
        )
        for row in rows.all_of("webhook")
    ]


def signature(prefix: str) -> Signature:
    """The hexadecimal HMAC of the raw body. Whether Transcrypts writes ``v1=`` before it, as Truv does, is not sure."""
    return Signature(name="X-WEBHOOK-SIGN", sign=prefixed(prefix, hmac_hex))


def events(change: RowChange) -> Sequence[Event]:
    """What a change of a row is told as, in the environment that it is of."""
    row = change.after or change.before
    if row is None or change.after == change.before:
        return ()
    return [_event(name, said, row, change.at) for name, said in _TOLD[change.kind](change.before, change.after)]


Told = Sequence[tuple[str, dict[str, Any]]]


def _task(before: Said | None, after: Said | None) -> Told:
    """A new task has gone through every state before the one that it has: each is told, in their order."""
    if after is None or (before and before["status"] == after["status"]):
        return ()
    status = after["status"]
    passed = LIFECYCLE[: LIFECYCLE.index(status) + 1] if before is None and status in LIFECYCLE else (status,)
    known = {name: after[name] for name in ("link_id", "product", "data_source", "tracking_info", "user_id")}
    template = {"template_id": after["template_id"]}
    return [(TASK, {"task_id": after["id"], **known, "status": one, **template}) for one in passed]


def _order(before: Said | None, after: Said | None) -> Told:
    """Each employer whose status is another."""
    was = {one["id"]: one["status"] for one in before["employers"]} if before else {}
    return (
        [_of_employer(after, one) for one in after["employers"] if was.get(one["id"]) != one["status"]] if after else []
    )


def _of_employer(order: Said, employer: Said) -> tuple[str, dict[str, Any]]:
    known = {"product": employer["product_type"], "link_id": employer["link_id"], "user_id": order["user_id"]}
    return ORDER, {**known, "order_id": order["id"], "status": employer["status"]}


def _link(before: Said | None, after: Said | None) -> Told:
    name = "link-connected" if before is None else "link-deleted" if after is None else ""
    link: Mapping[str, Any] = after or before or {}
    said = {"link_id": link["id"], "tracking_info": link["tracking_info"], "user_id": link[NOTES]["user_id"]}
    return [(name, {**said, "template_id": None})] if name else ()


def _employment(before: Said | None, after: Said | None) -> Told:
    if after is None:
        return ()
    name = "employment-updated" if before else "employment-created"
    return [(name, {"link_id": after[NOTES]["link_id"], "employment_id": after["id"], "template_id": None})]


def _verification(before: Said | None, after: Said | None) -> Told:
    if after is None or (before and before["status"] == after["status"]):
        return ()
    name = {"completed": VERIFIED, "partial": VERIFIED, "failed": UNVERIFIED}.get(after["status"])
    return [(name, {"verification_id": after["id"], "status": after["status"]})] if name else ()


_TOLD = {
    "task": _task,
    "order": _order,
    "link": _link,
    "employment": _employment,
    "instantverification": _verification,
}


def _event(name: str, said: dict[str, Any], row: Said, at: datetime) -> Event:
    return Event(
        name=name, environment=row[NOTES]["environment"], payload=lambda to: payload(name, said, to=to.id, at=at)
    )


def payload(name: str, said: Said, *, to: str, at: datetime) -> dict[str, Any]:
    """One message. Those of instant verifications have an envelope of their own."""
    stamp = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    message = sha256(f"{to} {name} {stamp} {sorted(said.items(), key=str)}".encode()).hexdigest()[:32]
    if name in (VERIFIED, UNVERIFIED):
        return {"webhook_id": message, "event": name, "data": {**said, "timestamp": f"{stamp}Z"}}
    dates = {"event_type": name, "event_created_at": f"{stamp}Z", "updated_at": f"{stamp}+00:00"}
    return {"webhook_id": message, **said, **dates}


def example(wanted: str, to: Subscription, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """For trying a webhook out: of the event that is wanted, or of the first that it asks for."""
    name = wanted or min(to.events or EVENTS)
    if name not in EVENTS:
        raise Misuse(
            f"there is no event {name[:60]!r}; there are: {', '.join(EVENTS)}",
            next_step=f"name one of them: --event '{EVENTS[0]}'",
        )
    nothing = "0" * 32
    if name in (VERIFIED, UNVERIFIED):
        return name, payload(name, {"verification_id": f"iv_{nothing}", "status": "completed"}, to=to.id, at=at)
    said = {"task_id": nothing, "link_id": nothing, "user_id": nothing, "status": "done", "template_id": None}
    return name, payload(name, said, to=to.id, at=at)


def sending(certificate_name: str, *, prefix: str = "", user_agent: str) -> Sending:
    """How Transcrypts sends, and its relatives."""
    return Sending(
        subscriptions=subscriptions,
        kind="webhook",
        test=example,
        watched=frozenset(_TOLD),
        events=events,
        schedule=Schedule(first=timedelta(seconds=30), retries=3),
        seconds=10.0,
        blocks=True,
        redirects="follow",
        signed_by="client",
        signatures=(signature(prefix),),
        headers={"user-agent": user_agent},
        certificate_name=certificate_name,
    )
