"""Webhook subscriptions. Source: docs.treezor.com, "Subscription management", which has a host of its own for them.

A new subscription is PENDING under a temporary uuid and is told nothing but how to confirm it; confirmed, it has
another uuid. How one confirms is not published, nor how the answers look: our own choice.
"""

from dataclasses import replace

from sandbox.providers.context import Body, Context, Request, Response, Row
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action, change, create, listing, view
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.making import Identity, Making, uuid_id
from sandbox.providers.kit.problems import Problem, refuse_if
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.values import choice, several, text, url
from sandbox.providers.treezor.notifications import CONFIRMATION, HOOK_KIND, NAMES, SECRET_KIND, SECRET_ROW, told_again
from sandbox.providers.treezor.style import READ, STAMP, STYLE, WRITE, asks, given, stamp, touch

DOORS = ("mtls", "api")
"""The host of webhook management; on the PCI host nobody has published it."""
STATUSES = choice("PENDING", "VALIDATED")
MOST_EVENTS = 20_000
"""Of one query: "at most 20,000"."""
QUERY_SECONDS = 3600
"""How long the link of a query is good is in the answer; how long that is, is not published."""


def _notes(making: Making) -> Body:
    return {"token": making.context.ids.hex(32) if making.context else ""}


HOOK = Resource(
    kind=HOOK_KIND,
    id=uuid_id(name="uuid"),
    fields=(
        given("url", url, needed=True, fixed=True),
        Field(name="status", kind=STATUSES, given=False, default="PENDING"),
        given("events", several(choice(*NAMES), most=len(NAMES))),
        given("accessTag", text(longest=250), shown=False),
        Field(name="createdDate", make=stamp),
        Field(name="modifiedDate", make=stamp),
    ),
    notes=_notes,
    index=("createdDate",),
    touch=touch,
    seeds=(
        Seed(name="url", default="https://localhost:9443/"),
        Seed(name="status", default="VALIDATED"),
        Seed(name="events"),
    ),
)
SECRET = Resource(
    kind=SECRET_KIND,
    id=Identity(new=lambda context, _: SECRET_ROW, kind=choice(SECRET_ROW)),
    fields=(Field(name="secret", kind=text(longest=255, shortest=1), given=False),),
    ordered=False,
    # "One per environment, from the account manager"; the value is that of the official sample code.
    seeds=(Seed(name="secret", default="webhook_secret"),),
    rows={SECRET_ROW: {}},
)
_PAID_AT = "authorizationIssuerTime"
"""The only date of a card transaction."""
_CONFIRMED = table(given("token", text(longest=64, shortest=1), needed=True))
_QUERY = table(
    given("startAt", STAMP, needed=True),
    given("endAt", STAMP, needed=True),
    given("webhook", choice(*NAMES), needed=True),
)


def confirm_hook(request: Request, context: Context) -> Response:
    """The token of the confirmation message makes the subscription good, under another uuid."""
    hook = HOOK.existing(context, request.params["uuid"])
    token = read(request.payload, _CONFIRMED)["token"]
    done = Problem(code="CANCELED", field="uuid", seen="a confirmed subscription", cause="provider.invalid_state")
    refuse_if(hook["status"] != "PENDING", replace(done, message="It is confirmed already"))
    seen, expected = f"{len(token)} characters", f"the token of the message {CONFIRMATION}"
    wrong = Problem(
        code="invalid_parameter_in_request", field="token", message="is wrong", seen=seen, expected=expected
    )
    refuse_if(token != hook[NOTES]["token"], wrong)
    context.resources.remove(HOOK.kind, hook["uuid"])
    return HOOK_STYLE.shown(HOOK, HOOK.change(context, hook, uuid=HOOK.free_id(context), status="VALIDATED"))


def query_again(request: Request, context: Context) -> Response:
    """What happened between two instants is sent once more, as the objects are now: the sandbox keeps no older state of
    them."""
    query = read(request.payload, _QUERY)
    for row in _happened(context, query["webhook"], query["startAt"], query["endAt"]):
        context.webhooks.send(query["webhook"], told_again(query["webhook"], row, context.now))
    id_ = context.ids.uuid()
    return Response(status=200, json={"queryId": id_, "link": f"/retry/query/{id_}", "expireIn": QUERY_SECONDS})


def _happened(context: Context, name: str, first: str, last: str) -> list[Row]:
    kind = name.partition(".")[0]
    member = "createdDate" if ".create" in name else "modifiedDate"
    rows = context.resources.find(kind, size=MOST_EVENTS, oldest_first=True).rows
    return [
        row
        for row in rows
        if first <= str(row.body.get(member) or row.body.get("createdDate") or row.body.get(_PAID_AT) or "") <= last
    ]


HOOK_STYLE = replace(STYLE, one=lambda resource, body: body, many=lambda resource, uri, bodies, page: list(bodies))
ENDPOINTS: tuple[Endpoint, ...] = tuple(
    replace(endpoint, doors=DOORS)
    for endpoint in (
        create(HOOK, "/settings/hooks", HOOK_STYLE, scopes=WRITE),
        listing(HOOK, "/settings/hooks", HOOK_STYLE, asks(), scopes=READ),
        view(HOOK, "/settings/hooks/{uuid}", HOOK_STYLE, scopes=READ),
        action("POST", "/settings/hooks/{uuid}/confirm", confirm_hook, HOOK_STYLE, scopes=WRITE),
        change(HOOK, "/settings/hooks/{uuid}/events", HOOK_STYLE, partly=True, scopes=WRITE),
        action("POST", "/retry/query", query_again, HOOK_STYLE, scopes=WRITE),
    )
)
