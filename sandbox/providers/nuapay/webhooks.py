"""Where events are to be told: ``/webhooks``. They are kept; nothing is delivered to them yet.

Source: Nuapay's description of its webhooks service, and its developer pages on webhooks.
"""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from sandbox.providers.context import Body, Context, Handler, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.nuapay.calls import WEBHOOKS as FAMILY
from sandbox.providers.nuapay.calls import look
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.event_types import RESOURCE_TYPES
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.keeping import add, change, free_id, newest_first, shown, today
from sandbox.providers.nuapay.lists import Filter, Span, Words, listed
from sandbox.providers.nuapay.problems import WEBHOOKS, Problem, rules_refused, silently_not_found
from sandbox.providers.nuapay.values import choice, flag, is_unicode, several, text, whole

KIND = "webhook"
LONGEST_URL = 2048
_KEY_LENGTH = 10
"""Of a sign key that the call leaves to Nuapay, as in the examples."""
_MOST_TYPES = 200
"""Far more than there are; a list of a million would only be slow."""
_OTHER = "40000"
"""The family's own code, where no narrower one is published: name, sign key, page number and page size."""


def target_url(value: object) -> str | None:
    """An http or https address with a host."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_URL or not is_unicode(value):
        return None
    if any(character <= " " or character == "\x7f" for character in value):
        return None
    try:
        read = urlsplit(value)
        port = read.port
    except ValueError:  # brackets that are no IPv6 address, or a port that is no number
        return None
    return value if read.scheme in ("http", "https") and read.hostname and port != 0 else None


_WEBHOOK = table(
    Field(name="name", wrong=_OTHER, kind=text(longest=70)),
    Field(name="active", wrong="40003", kind=flag),
    Field(name="retryNumberOfDays", wrong="40017", kind=whole(1, 3)),
    Field(name="signKey", wrong=_OTHER, kind=text(longest=255, shortest=1), secret=True),
    Field(name="targetUrl", wrong="40007", missing="40001", kind=target_url),
    Field(
        name="eventTypes",
        wrong="40001",
        missing="40001",
        kind=several(text(longest=255, shortest=1), most=_MOST_TYPES),
    ),
)
_WORDS = Words(number=_OTHER, size=_OTHER, too_large="40016", manner=WEBHOOKS)
_CREATED = Span(
    first="createdatefrom",
    last="createdateto",
    wrong="40011",
    reversed="40011",
    of=lambda body: body["creationDate"],
)
_FILTERS = (
    Filter(
        name="active",
        wrong="40003",
        kind=choice("true", "false"),
        fits=lambda body, wanted: body["active"] == (wanted == "true"),
    ),
    Filter(
        name="name",
        wrong=_OTHER,
        kind=text(longest=70),
        fits=lambda body, part: part.lower() in (body["name"] or "").lower(),
    ),
)


def create_webhook(request: Request, context: Context) -> Response:
    said = _judged(request)
    if isinstance(said, Response):
        return said
    key = said.get("signKey") or context.ids.base36(_KEY_LENGTH)
    data = webhook_data(free_id(context, KIND), said, key=key, created=today(context))
    return single(data["uri"], shown(add(context, KIND, data)), status=201)


def update_webhook(request: Request, context: Context) -> Response:
    """What the body leaves out is as in a new one, but for the sign key: that one stays."""
    webhook = context.resources.get(KIND, request.params["webhookId"])
    if webhook is None:
        return silently_not_found(KIND, request.params["webhookId"])
    said = _judged(request)
    if isinstance(said, Response):
        return said
    key = said.get("signKey") or webhook["signKey"]
    data = webhook_data(webhook["id"], said, key=key, created=webhook["creationDate"])
    return single(data["uri"], shown(change(context, KIND, webhook, **data)))


def webhook_data(id: str, said: Mapping[str, Any], *, key: str, created: str) -> Body:
    """A webhook as Nuapay shows it, its key in clear."""
    return {
        "id": id,
        "uri": f"/webhooks/{id}",
        "name": said.get("name"),
        "active": said.get("active", True),
        "retryNumberOfDays": said.get("retryNumberOfDays", 1),
        "signKey": key,
        "targetUrl": said["targetUrl"],
        "eventTypes": said["eventTypes"],
        "creationDate": created,
    }


def list_webhooks(request: Request, context: Context) -> Response:
    webhooks = newest_first(context.resources.all_of(KIND))
    return listed(request, "/webhooks", webhooks, _FILTERS, spans=(_CREATED,), words=_WORDS)


def view_webhook(request: Request, context: Context) -> Response:
    webhook = context.resources.get(KIND, request.params["webhookId"])
    if webhook is None:
        return silently_not_found(KIND, request.params["webhookId"])
    return single(webhook["uri"], shown(webhook))


def delete_webhook(request: Request, context: Context) -> Response:
    """200, and no body."""
    if context.resources.get(KIND, request.params["webhookId"]) is None:
        return silently_not_found(KIND, request.params["webhookId"])
    context.resources.remove(KIND, request.params["webhookId"])
    return Response(status=200)


def enable_webhook(request: Request, context: Context) -> Response:
    return _switch(request, context, active=True)


def disable_webhook(request: Request, context: Context) -> Response:
    return _switch(request, context, active=False)


def enable_all_webhooks(request: Request, context: Context) -> Response:
    return _switch_all(context, "/webhooks/enableAll", active=True)


def disable_all_webhooks(request: Request, context: Context) -> Response:
    return _switch_all(context, "/webhooks/disableAll", active=False)


def _switch(request: Request, context: Context, *, active: bool) -> Response:
    """One that is so already stays so, and it is a 200: no state of its own is published as an error."""
    webhook = context.resources.get(KIND, request.params["webhookId"])
    if webhook is None:
        return silently_not_found(KIND, request.params["webhookId"])
    return single(webhook["uri"], shown(change(context, KIND, webhook, active=active)))


def _switch_all(context: Context, uri: str, *, active: bool) -> Response:
    """Those that were not so already are the ones that are counted."""
    switched = [body for body in newest_first(context.resources.all_of(KIND)) if body["active"] != active]
    for webhook in switched:
        change(context, KIND, webhook, active=active)
    ids = ",".join(webhook["id"] for webhook in switched)
    return single(uri, {"uri": uri, "resourcesUpdated": len(switched), "resourcesIds": ids})


def _judged(request: Request) -> Mapping[str, Any] | Response:
    said = read(request.payload, _WEBHOOK, WEBHOOKS)
    if isinstance(said, Response):
        return said
    if unknown := [name for name in said["eventTypes"] if name not in RESOURCE_TYPES]:
        seen = ascii(unknown[0][:40])
        problem = Problem(code="40006", field="eventTypes", seen=seen, expected="one that GET /eventTypes lists")
        return rules_refused((problem,), WEBHOOKS)
    return said


def _changing(method: Literal["POST", "PUT", "DELETE"], path: str, handler: Handler, *, body: bool = False) -> Endpoint:
    """A call of this service: it knows no ``Idempotency-Key``, and some of its POSTs have no body."""
    return Endpoint(
        method=method,
        path=path,
        handler=handler,
        work="write",
        login=("key", "bearer"),
        scopes=("webhooks",),
        signing="none" if method == "DELETE" else "optional",
        accepts=("application/json",) if body else (),
        errors=FAMILY,
    )


_ONE = "/webhooks/{webhookId}"

ENDPOINTS = (
    look("/webhooks", list_webhooks, "webhooks", errors=FAMILY),
    _changing("POST", "/webhooks", create_webhook, body=True),
    _changing("POST", "/webhooks/enableAll", enable_all_webhooks),
    _changing("POST", "/webhooks/disableAll", disable_all_webhooks),
    look(_ONE, view_webhook, "webhooks", errors=FAMILY),
    _changing("PUT", _ONE, update_webhook, body=True),
    _changing("DELETE", _ONE, delete_webhook),
    _changing("POST", f"{_ONE}/enable", enable_webhook),
    _changing("POST", f"{_ONE}/disable", disable_webhook),
)
