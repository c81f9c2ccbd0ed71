"""Subscriptions: of which events an application or one profile is told, and where.

Sources: Wise's description 2026Q3, "Webhooks"; https://docs.wise.com/guides/developer/webhooks; its guide "mTLS for
webhooks" for ``mtls_enabled``.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making, uuid_id
from sandbox.providers.kit.problems import refuse_absent, refuse_fields, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice, flag, url
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.style import NAME, STYLE, invalid, refuse_foreign, seconds
from sandbox.providers.wise.users import ANY_USER, CLIENT

STATE_CHANGE, REFUND = "transfers#state-change", "transfers#refund"
PAYOUT_FAILURE = "transfers#payout-failure"
UPDATE, CREDIT = "balances#update", "balances#credit"
EVENTS = (STATE_CHANGE, REFUND, PAYOUT_FAILURE, UPDATE, CREDIT)
PROFILES_ONLY = (CREDIT,)
"""Events that an application cannot subscribe to."""
VERSIONS = ("2.0.0", "2.1.0", "2.2.0", "3.0.0", "4.0.0", "5.0.0")
"""Of schemas. From 4.0.0 on times have milliseconds."""
APPLICATIONS_ONLY = (
    "account-details-order#order-state-change",
    "balances#account-state-change",
    "batch-payment-initiations#state-change",
    "bulk-settlement#payment-received",
    "partner-support#case-changed",
    "transaction-disputes#update",
    "users#state-change",
)
"""Events to which a profile cannot subscribe."""
UNTOLD = (
    *APPLICATIONS_ONLY,
    "account-details-payment#state-change",
    "cards#3ds-challenge",
    "cards#card-order-status-change",
    "cards#card-production-status-change",
    "cards#card-status-change",
    "cards#manual-provisioning-verification",
    "cards#transaction-state-change",
    "hold-limit-breach#update",
    "incoming-transfer#credited",
    "kyc-reviews#state-change",
    "profiles#cdd-check-state-change",
    "profiles#overdraft-limit-threshold",
    "profiles#state-change",
    "profiles#verification-state-change",
    "recipients#state-change",
    "swift#message-received",
    "swift-in#credit",
    "transfers#active-cases",
)
"""Events of Wise that never happen here: clients subscribe to all that they know, and are not told of these."""
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}\Z")


def _subscription(making: Making) -> Body:
    given, scope = making.given, making.notes["scope"]
    creator = "application" if scope["domain"] == "application" else "user"
    return {
        "id": making.id,
        "name": given["name"],
        "delivery": dict(given["delivery"]),
        "trigger_on": given["trigger_on"],
        "scope": scope,
        "created_by": {"type": creator, "id": making.notes["by"]},
        "created_at": seconds(making.now),
    }


SUBSCRIPTION = Resource(
    kind="subscription",
    id=uuid_id(),
    fields=(
        Field(name="name", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
        Field(name="trigger_on", kind=choice(*EVENTS, *UNTOLD), wrong="NOT_VALID", missing="NotNull"),
        Field(
            name="delivery",
            missing="NotNull",
            members=(
                Field(name="version", kind=choice(*VERSIONS), wrong="NOT_VALID", missing="NotNull"),
                Field(name="url", kind=url, wrong="NOT_VALID", missing="NotNull"),
                Field(name="mtls_enabled", kind=flag, wrong="NOT_VALID"),
            ),
        ),
    ),
    body=_subscription,
    index=("scope.id",),
)


def _scope(request: Request, context: ReadContext) -> tuple[Body, str]:
    """Whose subscriptions the path names, and who makes one. Raises Stop for those of somebody else."""
    client = request.client.id if request.client else ""
    key = request.params.get("clientKey")
    if key is None:
        profile = own_profile(request, context, request.params["profileId"])
        return {"domain": "profile", "id": str(profile["id"])}, str(profile["userId"])
    if key != client:
        refuse_foreign(key, context.now)
    return {"domain": "application", "id": client}, client


def _judge(given: Any, scope: Body, context: Context) -> None:
    """Raises Stop. Wise takes no address with a port, an IP address or a query: that is the setting ``strict``."""
    event, to = given["trigger_on"], given["delivery"]["url"]
    if event in PROFILES_ONLY and scope["domain"] == "application":
        refuse_fields(invalid("trigger_on", "is for subscriptions of profiles only", seen=event))
    if event in APPLICATIONS_ONLY and scope["domain"] == "profile":
        refuse_fields(invalid("trigger_on", "is for subscriptions of applications only", seen=event))
    manner = context.resources.get("manner", "answers") or {}
    parts = urlsplit(to)
    strict = manner.get("webhookUrls") == "strict"
    usual = parts.scheme == "https" and parts.port in (None, 443) and _DOMAIN.match(parts.hostname or "")
    if strict and (not usual or parts.query or parts.username or parts.password):
        says = "must be https on port 443 of a domain, without a query"
        refuse_fields(invalid("delivery.url", says, seen=ascii(to[:60])))


def _call(given: Any, context: Context) -> None:
    """Raises Stop for an address that does not take a test, where the client is set to that."""
    from sandbox.webhooks.event import Subscription  # with the first that is made

    delivery = given["delivery"]
    to = Subscription(
        id="",
        url=delivery["url"],
        events=frozenset((given["trigger_on"],)),
        mtls=delivery.get("mtls_enabled"),
        version=delivery["version"],
    )
    if failed := context.webhooks.called(to):
        says, seen = "must be an address that takes a test notification", f"{failed.code}: {failed.seen}"
        problem = invalid(
            "delivery.url", says, code="INVALID_CALLBACK_URL", seen=seen, cause="provider.callback_failed"
        )
        refuse_rules(replace(problem, next=failed.next))


def create_subscription(request: Request, context: Context) -> Response:
    making = making_of(SUBSCRIPTION, request, context)
    scope, by = _scope(request, context)
    _judge(making.given, scope, context)
    _call(making.given, context)
    made = SUBSCRIPTION.add(context, replace(making, notes={"scope": scope, "by": by}))
    return Response(status=200, json=SUBSCRIPTION.shown(made))


def list_subscriptions(request: Request, context: ReadContext) -> Response:
    scope, _ = _scope(request, context)
    found = context.resources.find(SUBSCRIPTION.kind, (equals("scope.id", scope["id"]),), oldest_first=True).rows
    return Response(status=200, json=[SUBSCRIPTION.shown(row.body) for row in found])


def _own(request: Request, context: ReadContext) -> Body:
    scope, _ = _scope(request, context)
    found = SUBSCRIPTION.existing(context, request.params["subscriptionId"])
    if found["scope"] != scope:
        refuse_absent("subscription", request.params["subscriptionId"])
    return found


def view_subscription(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=SUBSCRIPTION.shown(_own(request, context)))


def remove_subscription(request: Request, context: Context) -> Response:
    context.resources.remove(SUBSCRIPTION.kind, _own(request, context)["id"])
    return Response(status=204)


def try_out(request: Request, context: Context) -> Response:
    """A test notification; what is told has ids of zero."""
    found = _own(request, context)
    if found["trigger_on"] in UNTOLD:
        seen, says = found["trigger_on"], f"can be tried for {', '.join(EVENTS)}"
        refuse_rules(invalid("trigger_on", says, seen=seen, status=422, cause="provider.invalid_state"))
    queued = context.webhooks.test(found["id"])
    at = seconds(context.now)
    return Response(status=200, json=[{"delivery_id": one, "created_at": at} for one in queued])


def _calls(path: str) -> tuple[Any, ...]:
    one = f"{path}/{{subscriptionId}}"
    return (
        action("POST", path, create_subscription, STYLE),
        look(path, list_subscriptions, STYLE),
        look(one, view_subscription, STYLE),
        action("DELETE", one, remove_subscription, STYLE, body=False),
    )


_APPLICATION = "/v3/applications/{clientKey}/subscriptions"
_SOURCE = "description 2026Q3; mTLS-for-webhooks guide"
_LESS = (
    "every event can be subscribed to, but only transfers#state-change, #refund and #payout-failure, balances#update "
    "and #credit are sent; any address that is reached"
)
ENDPOINTS = (
    *told(
        *_calls(_APPLICATION),
        action("POST", f"{_APPLICATION}/{{subscriptionId}}/test-notifications", try_out, STYLE, body=False),
        source=_SOURCE,
        simplified=_LESS,
        tokens=(CLIENT,),
    ),
    *told(*_calls("/v3/profiles/{profileId}/subscriptions"), source=_SOURCE, simplified=_LESS, tokens=ANY_USER),
)
