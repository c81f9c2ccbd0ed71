"""Quotes: what a payment will cost, good for half an hour.

A quote is kept as what was asked and what the table said then; what it shows is reckoned from that.

Sources: Wise's description 2026Q3, "Quotes"; recorded quotes of Wise's sandbox; https://docs.wise.com/guides/developer/errors.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field, parse, read
from sandbox.providers.kit.making import Making, uuid_id
from sandbox.providers.kit.problems import Problem, refuse_absent, refuse_fields
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.values import choice, money, text
from sandbox.providers.wise.balances import paid_into
from sandbox.providers.wise.currencies import WITHOUT_DECIMALS
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.rates import BY_NAME, PAY_INS, Amounts, PayIn, Price, price, reckon
from sandbox.providers.wise.stand_ins import quote_stand_in, stand_in
from sandbox.providers.wise.style import (
    MOST_MONEY,
    NUMBER_OR_TEXT,
    STYLE,
    cents,
    from_number,
    id_of,
    invalid,
    read_time,
    seconds,
)
from sandbox.providers.wise.users import ANY_USER, CLIENT, PERSONAL, user_of

GOOD_FOR, RATE_GOOD_FOR = timedelta(minutes=30), timedelta(days=4)
"""The page says half an hour; public reports have the rate of a transfer end after four days."""
BRIEF = timedelta(hours=2)
"""The rate of a quote without a profile, as recorded."""
ARRIVES = timedelta(days=1, hours=2)
BANK, BALANCE = BY_NAME["BANK_TRANSFER"], BY_NAME["BALANCE"]
_ANY_AMOUNT = money(-MOST_MONEY, MOST_MONEY, texts=True)
"""Also as a text: Wise's parser makes a number of it, and public clients send one."""
_CONFIG = dict.fromkeys(
    (
        "showFeePercentage",
        "trackAsHighAmountSender",
        "showEducationStep",
        "offerPrefundingOption",
        "overLimitThroughCs",
        "overLimitThroughWiseAccount",
    ),
    False,
)
_ACCOUNT = Field(name="targetAccount", kind=NUMBER_OR_TEXT, wrong="NOT_VALID")
_PAY_OUT = Field(name="payOut", kind=text(longest=40, pattern="[A-Z_]+"), wrong="NOT_VALID")


def _quote(making: Making) -> Body:
    given, now = making.given, making.now
    of: Price = making.notes["price"]
    amounts = {name: str(given[name]) for name in ("sourceAmount", "targetAmount") if name in given}
    kept = {name: given[name] for name in ("targetAccount", "preferredPayIn") if name in given}
    rate_life = RATE_GOOD_FOR if making.notes["profile"] else BRIEF
    return {
        **amounts,
        **kept,
        "id": making.id,
        "profile": making.notes["profile"],
        "user": making.notes["user"],
        "clientId": making.notes["client"],
        "sourceCurrency": given["sourceCurrency"],
        "targetCurrency": given["targetCurrency"],
        "rate": str(of.rate),
        "fixed": str(of.fixed),
        "percent": str(of.percent),
        "bank": str(of.bank),
        "payOut": given.get("payOut") or "BANK_TRANSFER",
        "status": "PENDING",
        "createdTime": seconds(now),
        "expirationTime": seconds(now + GOOD_FOR),
        "rateExpirationTime": seconds(now + rate_life),
    }


QUOTE = Resource(
    kind="quote",
    id=uuid_id(),
    fields=(
        Field(name="sourceCurrency", kind=text(longest=255), wrong="CurrencyCode", missing="NotNull"),
        Field(name="targetCurrency", kind=text(longest=255), wrong="CurrencyCode", missing="NotNull"),
        Field(name="sourceAmount", kind=_ANY_AMOUNT, wrong="NOT_VALID"),
        Field(name="targetAmount", kind=_ANY_AMOUNT, wrong="NOT_VALID"),
        _ACCOUNT,
        _PAY_OUT,
        Field(name="preferredPayIn", kind=choice(*BY_NAME), wrong="NOT_VALID"),
    ),
    body=_quote,
    index=("profile",),
)


FIRST_NUMBER = 4_386_494
NUMBER = Resource(kind="quote_number", id=from_number(FIRST_NUMBER), ordered=False)
"""Which quote a number means: those of the first version have one."""


def judged(making: Making, context: ReadContext | None) -> Price:
    """The price of what is asked. Raises Stop with everything that is wrong."""
    given = making.given
    problems: list[Problem] = []
    for name in ("sourceCurrency", "targetCurrency"):
        if price(context, given[name], given[name]) is None:
            message = "That wasn't a valid ISO-4217 currency code (like GBP, USD or EUR)."
            problems.append(invalid(name, message, code="CurrencyCode", seen=ascii(given[name][:40])))
    asked = [name for name in ("sourceAmount", "targetAmount") if name in given]
    for name in asked:
        if given[name] <= 0:
            message = "Please type in a number that's larger than 0."
            problems.append(invalid(name, message, code="error.greaterThanZero", seen=str(given[name])))
    if len(asked) != 1:
        message = "Please only specify a source or target amount."
        seen = "both" if asked else "neither"
        problems.append(invalid("sourceAmount", message, code="error.quote.amount.onlySingle", seen=seen))
    of = None if problems else price(context, given["sourceCurrency"], given["targetCurrency"])
    if of and reckon(of, BANK, source=given.get("sourceAmount"), target=given.get("targetAmount")).target <= 0:
        problems.append(invalid("sourceAmount", "must be more than the fees", seen=str(given.get("sourceAmount"))))
    if problems or of is None:
        refuse_fields(*problems)
    return of


# --- what a quote shows ---


def amounts_of(quote: Body, pay_in: PayIn = BANK) -> Amounts:
    """What is paid, what it costs and what arrives with that way of paying."""
    of = Price(**{name: Decimal(quote[name]) for name in ("rate", "fixed", "percent", "bank")})
    source, target = (cents(quote[name]) if name in quote else None for name in ("sourceAmount", "targetAmount"))
    found = reckon(of, pay_in, source=source, target=target)
    if target is None and quote["targetCurrency"] in WITHOUT_DECIMALS:  # nobody is paid a part of a yen
        return replace(found, target=cents(found.target.to_integral_value(ROUND_HALF_UP)))
    return found


def expired(quote: Body, now: datetime) -> bool:
    return read_time(quote["expirationTime"]) <= now


def shown(quote: Body, now: datetime) -> Body:
    """As recorded: of the two amounts only the one that was asked for stands at the top."""
    created = read_time(quote["createdTime"])
    amounts: Body = {name: cents(quote[name]) for name in ("sourceAmount", "targetAmount") if name in quote}
    own: Body = {name: quote[name] for name in ("preferredPayIn", "targetAccount") if name in quote}
    status = "EXPIRED" if quote["status"] == "PENDING" and expired(quote, now) else quote["status"]
    profile = {"profile": quote["profile"]} if quote["profile"] else {}
    countries = {"payInCountry": "GB"} if quote["profile"] else {}
    countries |= {"payOutCountry": quote["payOutCountry"]} if quote.get("payOutCountry") else {}
    return {
        **amounts,
        "guaranteedTargetAmountAllowed": False,
        "targetAmountAllowed": True,
        **own,
        "paymentOptions": [_option(quote, pay_in, created) for pay_in in PAY_INS if _offered(quote, pay_in)],
        "notices": [],
        "transferFlowConfig": {"highAmount": _CONFIG},
        "rateTimestamp": quote["createdTime"],
        "clientId": quote["clientId"],
        "expirationTime": quote["expirationTime"],
        "id": quote["id"],
        "type": "REGULAR",
        "status": status,
        **profile,
        "rate": Decimal(quote["rate"]),
        "sourceCurrency": quote["sourceCurrency"],
        "targetCurrency": quote["targetCurrency"],
        "createdTime": quote["createdTime"],
        "user": quote["user"],
        "rateType": "FIXED",
        "rateExpirationTime": quote["rateExpirationTime"],
        "payOut": quote["payOut"],
        "guaranteedTargetAmount": False,
        "providedAmountType": "SOURCE" if "sourceAmount" in quote else "TARGET",
        **countries,
        "funding": "POST",
    }


def _offered(quote: Body, pay_in: PayIn) -> bool:
    """As recorded: who has no profile cannot pay out of a wallet of Apple's or Google's."""
    return bool(quote["profile"]) or pay_in.name not in ("APPLE_PAY", "GOOGLE_PAY")


def _option(quote: Body, pay_in: PayIn, created: datetime) -> Body:
    amounts, source = amounts_of(quote, pay_in), quote["sourceCurrency"]
    arrives = created + ARRIVES
    fee = {"amount": amounts.total, "currency": source, "label": f"{amounts.total} {source}"}
    # Wise's own balance can be used by who has a profile.
    reason = {
        "code": "error.payInmethod.disabled",
        "message": "Open a multi currency account and add funds to instantly pay for your transfers.",
        "arguments": [],
    }
    disabled = pay_in is BALANCE and not quote["profile"]
    return {
        "formattedEstimatedDelivery": f"by {arrives:%A, %B} {arrives.day}",
        "estimatedDeliveryDelays": [],
        "allowedProfileTypes": ["PERSONAL", "BUSINESS"],
        "payInProduct": pay_in.product,
        "feePercentage": round(float(amounts.total / amounts.source), 4),
        "estimatedDelivery": seconds(arrives),
        "sourceAmount": amounts.source,
        "targetAmount": amounts.target,
        "disabled": disabled,
        "sourceCurrency": source,
        "targetCurrency": quote["targetCurrency"],
        "payOut": quote["payOut"],
        "payIn": pay_in.name,
        "price": {
            "priceSetId": pay_in.set,
            "total": {"type": "TOTAL", "label": "Total fees", "value": fee},
            "items": [{"type": "TRANSFERWISE", "label": "Our fee", "value": fee}],
            "priceDecisionReferenceId": quote["id"],
        },
        "fee": {
            "transferwise": amounts.fee,
            "payIn": amounts.pay_in_fee,
            "discount": 0,
            "total": amounts.total,
            "priceSetId": pay_in.set,
            "partner": cents(0),
        },
        **({"disabledReason": reason} if disabled else {}),
    }


# --- calls ---


def noted(making: Making, of: Price, **more: Any) -> Making:
    return replace(making, notes={"price": of, "profile": None, "user": None, "client": "sandbank", **more})


def create_quote(request: Request, context: Context) -> Response:
    return _create(request, context, request.params["profileId"])


def create_older(request: Request, context: Context) -> Response:
    """As before there were profiles in the path: the body may name one."""
    named = parse(request.payload).get("profile")
    return quote_for_nobody(request, context) if named is None else _create(request, context, str(named))


PERSONAL_CLIENT = "transferwise-personal-tokens"
"""As recorded: personal tokens are those of an application of Wise's own."""


def client_of(request: Request) -> str:
    """The application that asks, as a quote names it."""
    if request.token and request.token.kind == PERSONAL:
        return PERSONAL_CLIENT
    return request.client.id if request.client else ""


def _create(request: Request, context: Context, named: str) -> Response:
    profile = own_profile(request, context, named)
    making = making_of(QUOTE, request, context)
    of = judged(making, context)
    more = {"profile": profile["id"], "user": profile["userId"], "client": client_of(request)}
    made = QUOTE.add(context, noted(making, of, **more))
    return Response(status=200, json=shown(made, context.now))


def quote_for_nobody(request: Request, context: Context) -> Response:
    """A quote to look at: nothing can be sent on it, and it is not kept. It names the user of a token all the same."""
    given = read(request.payload, QUOTE.table)
    making = Making(id=context.ids.uuid(), given=given, now=context.now)
    of = judged(making, context if request.client else None)
    user = user_of(request, context) if request.token else ""
    more = {"user": int(user), "client": client_of(request)} if user else {}
    return Response(status=200, json=shown(_quote(noted(making, of, **more)), context.now))


def uuid_of(context: ReadContext, id: str) -> str:
    """From what a caller names a quote by: its UUID, or the number of one of the first version."""
    numbered = context.resources.get(NUMBER.kind, id_of(id)) if id_of(id) else None
    return str(numbered["quote"]) if numbered else id.lower()


def own_quote(request: Request, context: ReadContext, params: Mapping[str, str]) -> Body:
    """The quote that the path names. Raises Stop."""
    wanted = uuid_of(context, params["quoteId"])
    quote = quote_stand_in(context, wanted) or QUOTE.existing(context, wanted)
    profile = own_profile(request, context, params.get("profileId", str(quote["profile"])))
    if quote["profile"] != profile["id"]:
        refuse_absent("quote", params["quoteId"])
    return quote


def view_quote(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=shown(own_quote(request, context, request.params), context.now))


_PATCH = Resource(kind="quote", id=QUOTE.id, fields=(_ACCOUNT, _PAY_OUT)).table


def patch_quote(request: Request, context: Context) -> Response:
    """A merge patch (RFC 7396): the recipient, or how it is paid out."""
    quote = QUOTE.existing(context, own_quote(request, context, request.params)["id"])
    given = read(request.payload, _PATCH, partly=True)
    account = given.get("targetAccount")
    known = context.resources.get("recipient", str(account)) if account else None
    recipient = known or (stand_in(context, account) if account else None)
    if account and recipient is None:
        refuse_fields(invalid("targetAccount", "is not a recipient", seen=str(account), cause="provider.not_found"))
    into = paid_into(context, account, quote["profile"], quote["targetCurrency"]) if account and not known else None
    if recipient and into is None and recipient["currency"] != quote["targetCurrency"]:
        says = f"must be a recipient in {quote['targetCurrency']}"
        refuse_fields(invalid("targetAccount", says, seen=f"one in {recipient['currency']}"))
    country = {"payOutCountry": recipient["country"]} if recipient else {}
    return Response(status=200, json=shown(QUOTE.change(context, quote, **given, **country), context.now))


_MERGE = replace(STYLE, accepts=("application/merge-patch+json", "application/json"))
_ONE = "/v3/profiles/{profileId}/quotes/{quoteId}"
LEGACY = told(
    action("POST", "/v2/quotes", create_older, STYLE),
    look("/v2/quotes/{quoteId}", view_quote, STYLE),
    action("PATCH", "/v2/quotes/{quoteId}", patch_quote, _MERGE),
    source="Wise's Postman collection",
    simplified="answered in the shape of /v3",
    tokens=ANY_USER,
)
ENDPOINTS = (
    *told(
        action("POST", "/v3/profiles/{profileId}/quotes", create_quote, STYLE),
        look(_ONE, view_quote, STYLE),
        action("PATCH", _ONE, patch_quote, _MERGE),
        source="recorded; description 2026Q3",
        simplified="every way of paying is offered for every currency; delivery takes 26 hours",
        tokens=ANY_USER,
    ),
    *told(
        replace(action("POST", "/v3/quotes", quote_for_nobody, STYLE), login=("bearer", "nobody")),
        source="recorded; description 2026Q3",
        simplified="such a quote is not kept",
        tokens=(CLIENT, *ANY_USER),
    ),
)
