"""Orders: a landing page for somebody, with a bridge token for each employer: ``/v1/orders/``; and
``POST /v1/link-access-tokens``, by which a token becomes a link, with everything that was fetched for it.

Source: sdk.transcrypts.com, "Orders API", whose table of attributes is followed, and "Retrieve a Link Token". What a
request may say is published only as "applicant information, product type, and employer details": its members are those
of the answer. The landing page itself is not here; whoever exchanges an employer's bridge token has done what its
visitor does. Own choice: the widget is not here either, nor anybody to log in, so the bridge token stands for the
public token that the widget gives, once; and its task has gone through the whole lifecycle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sandbox.oauth.clients import shortened
from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action, look, making_of
from sandbox.providers.kit.fields import Field, parse, read, read_object, table, written
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.resource import NOTES, Resource
from sandbox.providers.kit.rules import Index
from sandbox.providers.kit.values import EMAIL, day, several, text
from sandbox.providers.transcrypts.employment import EMPLOYMENT
from sandbox.providers.transcrypts.errors import EXPIRED_TOKEN, REQUIRED, WRONG_TOKEN
from sandbox.providers.transcrypts.links import LINK, add_task
from sandbox.providers.transcrypts.style import (
    ENVIRONMENT,
    ID,
    ID_DIGITS,
    INDEX,
    LONG,
    PRODUCT,
    PRODUCTS,
    SHORT,
    STYLE,
    seconds,
    stamp,
)
from sandbox.providers.transcrypts.users import BRIDGE, SSN, USER

OPEN_FOR = timedelta(days=30)
"""Until an order ends. Own: that it does is published, when is not."""
MOST_EMPLOYERS = 20
"""Own: more than anybody has."""
_EMPLOYER = (
    Field(name="company_name", kind=SHORT, missing=REQUIRED),
    Field(name="company_domain", kind=SHORT),
    Field(name="product_type", kind=PRODUCT),
    Field(name="suborder_number", kind=SHORT),
    Field(name="start_date", kind=day),
    Field(name="end_date", kind=day),
)


def _body(making: Making) -> Body:
    given = making.given
    said = {name: given.get(name) for name in ("order_number", "custom_field", "first_name", "last_name")}
    return {
        "id": making.id,
        "products": given["products"],
        "source": "internal",
        **said,
        "client_name": making.notes["client"],
        "user_id": making.notes["user"],
        "share_url": f"https://orders.invalid/{making.id}",  # a name that never leads anywhere (RFC 2606 section 2)
        "created_at": stamp(making),
        "updated_at": stamp(making),
        "canceled_at": None,
        "expired_at": seconds(making.now + OPEN_FOR),
        "initial_order": making.notes["initial"],
        "refresh_order": None,
        "employers": making.notes["employers"],
        "insurance": [],
        "bank": [],
        "manager": [],
        "loan": [],
        "template_id": given.get("template_id"),
        "voie_report_id": None,
        "voa_report_id": None,
        "income_insights_report_id": None,
        "aim_check_report_id": None,
    }


ORDER: Resource = Resource(
    kind="order",
    id=ID,
    fields=(
        Field(name="products", kind=several(PRODUCT, most=len(PRODUCTS)), missing=REQUIRED),
        Field(name="first_name", kind=SHORT, missing=REQUIRED),
        Field(name="last_name", kind=SHORT, missing=REQUIRED),
        Field(name="email", kind=text(longest=255, pattern=EMAIL, says="an e-mail address")),
        Field(name="phone", kind=SHORT),
        Field(name="ssn", kind=SSN, secret=True),
        Field(name="order_number", kind=SHORT),
        Field(name="custom_field", kind=LONG),
        Field(name="template_id", kind=SHORT),
        Field(name="employers", members=_EMPLOYER, most=MOST_EMPLOYERS),
    ),
    body=_body,
    notes=lambda making: {"given": written(making.given, ORDER.table)},
    below=(ENVIRONMENT,),
    index=(*INDEX, Index(name="bridge", of=lambda order: [one["bridge_token"] for one in order["employers"]])),
)


def create_order(request: Request, context: Context) -> Response:
    return _add(making_of(ORDER, request, context), context, user="", initial=None)


def refresh_order(request: Request, context: Context) -> Response:
    """A new order with what the one before has. The body may change some of it, or be left out."""
    before = ORDER.existing(context, request.params["id"], request.params)
    asked = {**before[NOTES]["given"], **parse(request.payload or b"{}")}
    given = read_object(asked, ORDER.table)
    making = Making(given=given, now=context.now, params=request.params, request=request, context=context)
    made = _add(making, context, user=before["user_id"], initial=before["initial_order"] or before["id"])
    ORDER.change(context, before, refresh_order=_id(made), updated_at=seconds(context.now))
    return made


def view_order(request: Request, context: ReadContext) -> Response:
    return _shown(ORDER.existing(context, request.params["id"], request.params), context)


def view_certifications(request: Request, context: ReadContext) -> Response:
    """Nobody has certified anything here: the shape of what would stand there is not published."""
    ORDER.existing(context, request.params["id"], request.params)
    return Response(status=200, json={"employments": [], "accounts": []})


def complete(context: Context, bridge_token: str, link: Body) -> None:
    """Somebody has connected an account with this bridge token: the order that it is from has its answer."""
    for order in ORDER.all(context, bridge=bridge_token):
        employers = [
            {**one, "status": "completed", "link_id": link["id"], "access_token": link[NOTES]["access_token"]}
            if one["bridge_token"] == bridge_token
            else one
            for one in order["employers"]
        ]
        ORDER.change(context, order, employers=employers, updated_at=seconds(context.now))


def _add(making: Making, context: Context, *, user: str, initial: str | None) -> Response:
    """An order, the user that it is for, and a bridge token for each employer."""
    given = making.given
    client = making.request.client if making.request else None
    user = user or USER.add(context, replace(making, given=_applicant(given)))["id"]
    wanted: Sequence[Mapping[str, Any]] = given.get("employers", ({},))
    employers = [_employer(making, context, user, one) for one in wanted]
    notes = {"client": client.name if client else "", "user": user, "initial": initial, "employers": employers}
    return _shown(ORDER.add(context, replace(making, notes=notes)), context, status=201)


def _applicant(given: Mapping[str, Any]) -> dict[str, Any]:
    names = ("first_name", "last_name", "email", "phone", "ssn")
    return {"external_user_id": given.get("order_number", ""), **{name: given[name] for name in names if name in given}}


def _employer(making: Making, context: Context, user: str, one: Mapping[str, Any]) -> Body:
    product = one.get("product_type", making.given["products"][0])
    params = {**making.params, "user_id": user}
    token = BRIDGE.add(context, replace(making, given={"product_type": product}, params=params))
    invited = "email" in making.given or "phone" in making.given
    known = {name: one.get(name) for name in ("suborder_number", "company_name", "company_domain")}
    dates = {name: one[name].isoformat() if name in one else None for name in ("start_date", "end_date")}
    return {
        "id": context.ids.hex(ID_DIGITS),
        "product_type": product,
        "status": "sent" if invited else "pending",
        "created_at": stamp(making),
        "bridge_token": token["bridge_token"],
        **dict.fromkeys(("link_id", "access_token", "pdf_report", "data_source", "provider")),
        "is_suspicious": False,
        **known,
        **dates,
        "company_address": None,
        "employments": [],
    }


def _shown(order: Body, context: ReadContext, *, status: int = 200) -> Response:
    expired = seconds(context.now) >= order["expired_at"]
    return Response(status=status, json={**ORDER.shown(order), "is_expired": expired})


def _id(made: Response) -> object:
    return made.json["id"] if isinstance(made.json, dict) else None


ONE = "/v1/orders/{id}/"


def endpoints(refresh: str = ONE) -> tuple[Endpoint, ...]:
    """The calls; the path of a refresh is not the same at a relative."""
    return (
        action("POST", "/v1/orders/", create_order, STYLE),
        look(ONE, view_order, STYLE),
        action("POST", refresh, refresh_order, replace(STYLE, accepts=())),
        look(f"{ONE}certifications/", view_certifications, STYLE),
    )


LIFE = timedelta(hours=6)
"""Of a public token: afterwards it is an ``expired_token``."""
EXPIRES_IN = 31_536_000
"""What is said of an access token: a year, in seconds. Nothing ends it. Own: the page says only that it is a number."""
_GIVEN = table(Field(name="public_token", kind=SHORT, missing=REQUIRED, secret=True))


def exchange(request: Request, context: Context) -> Response:
    bridge = _bridge(request, context, read(request.payload, _GIVEN)["public_token"])
    user = USER.existing(context, bridge["user_id"], request.params)
    params = {**request.params, "user_id": user["id"], "product": bridge["product_type"]}
    given = {"tracking_info": bridge["tracking_info"], "user_external_id": user["external_user_id"]}
    if provider := bridge[NOTES]["provider_id"]:
        given["provider_id"] = provider
    link = LINK.add(context, Making(given=given, now=context.now, params=params, context=context))
    of_link = {**request.params, "link_id": link["id"]}
    EMPLOYMENT.add(context, Making(given={}, now=context.now, params=of_link, context=context))
    add_task(request, context, link)
    complete(context, bridge["bridge_token"], link)
    BRIDGE.change(context, bridge, **{NOTES: {**bridge[NOTES], "used": True}})
    shown = {"access_token": link[NOTES]["access_token"], "link_id": link["id"], "user_id": user["id"]}
    return Response(status=201, json={**shown, "expires_in": EXPIRES_IN})


def _bridge(request: Request, context: Context, token: str) -> Body:
    """The bridge token that stands for this public token. Raises Stop."""
    bridge = context.resources.get(BRIDGE.kind, token)
    notes = bridge[NOTES] if bridge else {}
    if bridge is None or "used" in notes or notes["environment"] != request.params[ENVIRONMENT.param]:
        seen = f"{shortened(token)}, {'used already' if 'used' in notes else 'of nobody here'}"
        expected = "the bridge_token of a POST /v1/users/ID/tokens/ with the same secret, not used before"
        refuse_fields(Problem(code=WRONG_TOKEN, field="public_token", seen=seen, expected=expected))
    if context.now >= datetime.fromisoformat(notes["made_at"]) + LIFE:
        seen = f"a token of {notes['made_at']}"
        refuse_fields(Problem(code=EXPIRED_TOKEN, field="public_token", seen=seen, status=410))
    return bridge


EXCHANGE = (action("POST", "/v1/link-access-tokens", exchange, STYLE),)
