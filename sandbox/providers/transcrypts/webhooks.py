"""Where events are to be told, and what was: ``/v1/webhooks/``, ``/v1/webhook-requests``.

Source: sdk.transcrypts.com, "Create a Webhook", "Webhooks", "Webhook Event Descriptions", "List Webhook Request
History". The pages write an environment as ``production`` and as ``prod``: both are taken, and the second is shown, as
in the example. A webhook is of the environment that it names, and the secrets of both can look after it. What is told
is in `notifications`.
"""

import json
from datetime import timedelta

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import crud, look
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Listing
from sandbox.providers.kit.making import Identity, Making
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.values import Kind, choice, several, text, url
from sandbox.providers.transcrypts import ENVIRONMENTS
from sandbox.providers.transcrypts.errors import REQUIRED
from sandbox.providers.transcrypts.notifications import EVENTS, TASK
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ID,
    LOGIN,
    PAGES,
    SHORT,
    STYLE,
    address,
    microseconds,
    stamp,
)
from sandbox.webhooks.event import Attempt, Delivery

KEPT = timedelta(days=30)
"""So far back the history of requests goes."""
_ENVIRONMENTS = {"development": "dev", "production": "prod"} | dict(zip(ENVIRONMENTS, ENVIRONMENTS, strict=True))
_environment = Kind(
    lambda value: _ENVIRONMENTS.get(value) if isinstance(value, str) else None, f"one of {', '.join(_ENVIRONMENTS)}"
)
_VALUE = text(longest=1_000, pattern="[ -~]*", says="printable characters of ASCII")


def _usual_environment(making: Making) -> str:
    return making.params.get(ENVIRONMENT.param, ENVIRONMENTS[0])


def _secret(making: Making) -> str:
    """With which the call was made; empty for a row that somebody puts."""
    return making.request.headers.get(LOGIN.secret, "") if making.request else ""


WEBHOOK = Resource(
    kind="webhook",
    id=ID,
    fields=(
        Field(name="name", kind=SHORT, missing=REQUIRED),
        Field(name="webhook_url", kind=url, missing=REQUIRED),
        Field(name="events", kind=several(choice(*EVENTS), most=len(EVENTS)), missing=REQUIRED),
        Field(name="env_type", kind=_environment, default=_usual_environment),
        Field(name="created_at", make=stamp),
        Field(name="updated_at", make=stamp, anew=True),
        # The store keeps only a hash of a client's secret, and with the secret itself a webhook is signed.
        Field(name="secret", make=_secret, anew=True),
    ),
    index=("env_type",),
    show=lambda body: {name: value for name, value in body.items() if name != "secret"},
    seeds=(
        Seed(name="name", default="Put"),
        Seed(name="webhook_url", default="http://example.com/"),
        Seed(name="events", default=TASK),
        Seed(name="env_type", default=ENVIRONMENTS[0]),
    ),
)

HEADER = Resource(
    kind="webhookheader",
    id=Identity(
        name="name",
        new=lambda context, _: context.ids.base36(10),
        kind=text(
            longest=64, pattern=r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", says="the name of a header (RFC 9110 section 5.6.2)"
        ),
    ),
    fields=(Field(name="value", kind=_VALUE, given=False),),
    ordered=False,
    seeds=(Seed(name="value", default=""),),
)
"""A header that is sent along with every webhook: "custom headers", which support sets up. No call does."""

CONFIGURATION = Resource(
    kind="configuration",
    id=Identity(name="name", new=lambda context, _: "webhooks", kind=choice("webhooks")),
    fields=(Field(name="signPrefix", kind=choice("", "v1="), given=False),),
    ordered=False,
    seeds=(Seed(name="signPrefix", default=""),),
)
"""What stands before a signature, where a person wants it otherwise than it usually is."""

_ASKS = Listing(paging=PAGES)


def list_requests(request: Request, context: ReadContext) -> Response:
    """``GET /v1/webhook-requests``: each attempt, the newest first, and only of the last 30 days."""
    since = context.now - KEPT
    made = [
        _requested(delivery, attempt)
        for delivery in reversed(context.deliveries)
        for attempt in reversed(delivery.attempts)
        if attempt.at >= since
    ]
    asked = _ASKS.asked(request, ())
    page = asked.page(len(made))
    results = made[asked.start : asked.start + (asked.size or 0)]
    return Response(status=200, json=STYLE.many(WEBHOOK, address(request), results, page))


def _requested(delivery: Delivery, attempt: Attempt) -> Body:
    failed = attempt.outcome.failed
    return {
        "webhook_id": delivery.subscription,
        "event_type": delivery.event,
        "event_created_at": microseconds(delivery.queued_at),
        "status_code": attempt.outcome.status or None,
        "error_message": failed.seen if failed else None,
        "webhook_payload": json.loads(delivery.body),
        "webhook_url": delivery.url,
    }


ENDPOINTS = (
    *crud(WEBHOOK, "/v1/webhooks/", STYLE, asks=_ASKS, partly=True, method="PATCH", uri=address),
    look("/v1/webhook-requests", list_requests, STYLE),
)
