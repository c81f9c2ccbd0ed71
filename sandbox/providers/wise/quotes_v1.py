"""Quotes of the first version: numbered, with one price and no choice of ways to pay; and how to pay by bank.

Source: Wise's older API documentation (2020, "Quotes"). Public clients still call these paths.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field, Values, parse, read_object, table
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.values import choice
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.quotes import (
    ARRIVES,
    BALANCE,
    BANK,
    NUMBER,
    QUOTE,
    amounts_of,
    client_of,
    judged,
    noted,
    own_quote,
)
from sandbox.providers.wise.style import STYLE, cents, invalid, read_time
from sandbox.providers.wise.users import ANY_USER

REGULAR = "REGULAR"
TYPES = (REGULAR, "BALANCE_PAYOUT", "BALANCE_CONVERSION")
"""Paid for by bank transfer, or from a balance."""
_TYPE = Field(name="type", kind=choice(*TYPES), wrong="NOT_VALID", default=REGULAR)


def _given(said: Values) -> Mapping[str, Any]:
    """The members of a later quote; some clients of this version write them too. Raises Stop."""
    currencies = {f"{name}Currency": said.get(name) or said.get(f"{name}Currency") for name in ("source", "target")}
    return read_object({**said, **currencies}, table(*QUOTE.fields, _TYPE))


def create(request: Request, context: Context) -> Response:
    said = parse(request.payload)
    if said.get("profile") is None:
        refuse_fields(invalid("profile", "must not be null", code="NotNull", seen="nothing"))
    profile = own_profile(request, context, str(said["profile"]))
    making = Making(given=_given(said), now=context.now, request=request, context=context)
    more = {"profile": profile["id"], "user": profile["userId"], "client": client_of(request)}
    made = QUOTE.add(context, noted(making, judged(making, context), **more))
    number = NUMBER.free_id(context)
    context.resources.put(NUMBER.kind, number, {"id": number, "quote": made["id"]})
    made = QUOTE.change(context, made, number=int(number), type=making.given.get("type", REGULAR))
    return Response(status=200, json=_shown(made))


def _shown(quote: Body) -> Body:
    """One that was made in another version is shown with its UUID."""
    kind = quote.get("type", REGULAR)
    amounts, created = amounts_of(quote, BANK if kind == REGULAR else BALANCE), read_time(quote["createdTime"])
    fees = {"transferwise": amounts.fee, "payIn": amounts.pay_in_fee, "discount": cents(0), "partner": cents(0)}
    return {
        "id": quote.get("number") or quote["id"],
        "source": quote["sourceCurrency"],
        "target": quote["targetCurrency"],
        "sourceAmount": amounts.source,
        "targetAmount": amounts.target,
        "type": kind,
        "rate": Decimal(quote["rate"]),
        "createdTime": milliseconds(created),
        "createdByUserId": quote["user"] or 0,
        "profile": quote["profile"],
        "rateType": "FIXED",
        "deliveryEstimate": milliseconds(created + ARRIVES),
        "fee": amounts.total,
        "feeDetails": fees,
        "allowedProfileTypes": ["PERSONAL", "BUSINESS"],
        "guaranteedTargetAmount": False,
        "ofSourceAmount": "sourceAmount" in quote,
    }


def view(request: Request, context: ReadContext) -> Response:
    """By its number alone: Wise was seen to refuse a UUID (public-api-postman-collection, issue 9)."""
    named = request.params["quoteId"]
    if not (named.isascii() and named.isdecimal()):
        message, seen = "'quoteId' should be a valid 'Long'", ascii(named[:40])
        refuse_fields(invalid("", message, code="bad.request", seen=seen))
    return Response(status=200, json=_shown(own_quote(request, context, request.params)))


def look_at(request: Request, context: ReadContext) -> Response:
    """A quote that is not kept and has no id: the query says what a body would."""
    said = {name: values[-1] for name, values in query_values(request).items()}
    making = Making(given=_given(said), now=context.now)
    quote = {**QUOTE.made(noted(making, judged(making, context))), "type": making.given.get("type", REGULAR)}
    body = _shown(quote)
    return Response(status=200, json={name: body[name] for name in body if name not in ("id", "profile")})


def pay_in_methods(request: Request, context: ReadContext) -> Response:
    """What to write on a bank transfer to Wise."""
    quote = own_quote(request, context, request.params)
    reference = f"quote-{quote.get('number') or quote['id']} P{quote['user']}"
    return Response(status=200, json=[{"type": "transfer", "details": {"payInReference": reference}}])


_ONE = "/v1/quotes/{quoteId}"
LEGACY = told(
    action("POST", "/v1/quotes", create, STYLE),
    look(_ONE, view, STYLE),
    look(f"{_ONE}/pay-in-methods", pay_in_methods, STYLE),
    replace(look("/v1/quotes", look_at, STYLE), login=("basic", "bearer")),
    source="older API documentation (2020)",
    simplified="errors name the members of a later quote",
    tokens=ANY_USER,
)
