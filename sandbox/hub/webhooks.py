"""Webhooks: what was sent to clients, what came of each attempt, and sending again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from sandbox.errors import NotThere, Refused
from sandbox.hub.belongings import flat
from sandbox.hub.entries import broken_of
from sandbox.hub.journal import Step, steps
from sandbox.hub.page import Broken, HubPage, HubRoute, Redirect, Visit, broken_rules, delivery_page
from sandbox.hub.subscriptions import sender_of
from sandbox.providers.declare import Provider
from sandbox.services.clients import client_names
from sandbox.services.dispatching import entry_of
from sandbox.services.state import State
from sandbox.services.subscriptions import headers_of
from sandbox.services.webhooks import list_deliveries, resend, show_delivery
from sandbox.webhooks.event import Attempt, Delivery

SHOWN = 50
"""Deliveries of one page."""
STATUSES = ("waiting", "delivered", "dead")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLine:
    """A delivery as a list shows it."""

    delivery: Delivery
    client: str
    """The name of its client, or its id where that is gone."""
    broken: tuple[Broken, ...]
    """Why the last attempt failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptShown:
    """One attempt, stage by stage."""

    attempt: Attempt
    steps: tuple[Step, ...]
    remarks: tuple[Broken, ...]
    """What the operator of the receiver should know though it may have answered well."""


def deliveries(state: State, visit: Visit) -> HubPage:
    """What was sent to the provider's clients, or to one of them, the newest first."""
    provider = sender_of(visit)
    client, status = visit.query.get("client", "").strip(), visit.query.get("status", "")
    found = list_deliveries(
        state,
        provider=provider.name,
        client=client or None,
        status=status if status in STATUSES else None,
        before=visit.number("before"),
        limit=SHOWN + 1,
    )
    listed = found[-SHOWN:]
    values = {
        "provider": provider,
        "client": client,
        "status": status,
        "statuses": STATUSES,
        "lines": _lines(state, provider, listed[::-1]),
        "older": urlencode({"client": client, "status": status, "before": listed[0].number}) if found[SHOWN:] else "",
        "newest": urlencode({"client": client, "status": status}) if visit.number("before") else "",
    }
    return HubPage(template="webhooks.html", values=values)


def delivery(state: State, visit: Visit) -> HubPage:
    """One delivery: each attempt stage by stage, what was sent, what came back, and when it is tried next."""
    provider, found = _found(state, visit)
    (line,) = _lines(state, provider, (found,))
    values = {
        "provider": provider,
        "line": line,
        "delivery": found,
        "attempts": [_attempt(found, one, line.client) for one in reversed(found.attempts)],
        "headers": headers_of(found),
        "body": found.body.decode("utf-8", "replace"),
        "read": _read(found.body),
        "awaits": found.status == "waiting" and found.due_at <= visit.now,
    }
    return HubPage(template="delivery.html", values=values)


def send_again(state: State, visit: Visit) -> Redirect:
    """The same once more, due at once: under its own id, or as a new one."""
    _, found = _found(state, visit)
    return Redirect(to=delivery_page(resend(state, found.id, as_new="as_new" in visit.form)))


def _found(state: State, visit: Visit) -> tuple[Provider, Delivery]:
    provider, found = sender_of(visit), show_delivery(state, visit.params["delivery"])
    if found.provider != provider.name:
        raise NotThere(f"{provider.title} has no such delivery", next_step="its page Webhooks lists them")
    return provider, found


def _lines(state: State, provider: Provider, found: Sequence[Delivery]) -> tuple[DeliveryLine, ...]:
    names = client_names(state, provider.name, {one.client for one in found})
    owners = [names.get(one.client, one.client) for one in found]
    return tuple(
        DeliveryLine(delivery=one, client=owner, broken=_why(one, owner))
        for one, owner in zip(found, owners, strict=True)
    )


def _why(one: Delivery, client: str) -> tuple[Broken, ...]:
    failed = one.attempts[-1].outcome.failed if one.attempts else None
    return broken_rules(Refused(failed), client=client) if failed else ()


def _attempt(one: Delivery, attempt: Attempt, client: str) -> AttemptShown:
    outcome = attempt.outcome
    entry = entry_of(one, attempt, id="")
    failed = replace(entry, reasons=(outcome.failed,) if outcome.failed else ())
    return AttemptShown(
        attempt=attempt,
        steps=steps(failed, broken_of(failed, client)),
        remarks=broken_rules(Refused(*outcome.remarks), client=client) if outcome.remarks else (),
    )


def _read(body: bytes) -> list[tuple[str, str]]:
    """The message for a person, where it is JSON."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return flat(said) if isinstance(said, dict) else []


_AT = "/hub/providers/{provider}/webhooks"
_ONE = f"{_AT}/deliveries/{{delivery}}"

ROUTES = (
    HubRoute(path=_AT, view=deliveries),
    HubRoute(path=_ONE, view=delivery),
    HubRoute(path=f"{_ONE}/resend", view=send_again, method="POST"),
)
