"""Account details: with which bank details a profile receives money into a balance. They are there once ordered.

Sources: a recorded answer of ``GET /v1/profiles/{profileId}/account-details``; Wise's description 2026Q3, "Bank account
details"; Wise's Postman collection.
"""

from collections.abc import Mapping

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_fields, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import equals
from sandbox.providers.wise.balances import standard
from sandbox.providers.wise.bank_accounts import DETAILS, FEATURES, SWIFT
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.style import CURRENCY, STYLE, from_number, invalid
from sandbox.providers.wise.users import ANY_USER

FIRST_DETAILS = 14_000_001
"""As the description's example has it."""
_CODES = ("BANK_CODE", "ROUTING_NUMBER", "SWIFT_CODE")
"""Under which of these, the first that there is, a bank is named."""
ORDER = Resource(
    kind="account_details",
    id=from_number(FIRST_DETAILS),
    fields=(Field(name="currency", kind=CURRENCY, wrong="NOT_VALID", missing="NotNull"),),
    body=lambda making: {"id": int(making.id), "currency": making.given["currency"], **making.notes},
    index=("profile", "currency"),
)


def _ordered(profile: Body, context: ReadContext, currency: str = "") -> list[Body]:
    """Of the balances that are still open: with a balance its details are closed too."""
    where = [equals("profile", profile["id"]), *([equals("currency", currency)] if currency else [])]
    found = [row.body for row in context.resources.find(ORDER.kind, where, oldest_first=True).rows]
    return [one for one in found if context.resources.get("balance", str(one["balance"]))]


def numbers(profile: Body, currency: str, context: ReadContext) -> tuple[Body, Mapping[str, str]] | None:
    """The order and the numbers with which the profile receives this currency; None: it has not ordered any."""
    if currency not in DETAILS or not (orders := _ordered(profile, context, currency)):
        return None
    return orders[-1], DETAILS[currency].issued(orders[-1]["id"])


def bank_details(profile: Body, currency: str, context: ReadContext) -> Body | None:
    """As a balance of the borderless account shows them."""
    found = numbers(profile, currency, context)
    if found is None:
        return None
    order, of = found
    name, *street = DETAILS[currency].address.split("\n")
    return {
        "id": order["id"],
        "currency": currency,
        "bankCode": next((of[code] for code in _CODES if code in of), None),
        "accountNumber": of.get("ACCOUNT_NUMBER", of.get("IBAN")),
        "swift": of.get("SWIFT_CODE"),
        "iban": of.get("IBAN"),
        "bankName": name or None,
        "accountHolderName": profile["fullName"],
        "bankAddress": _address(street),
    }


def _address(lines: list[str]) -> Body:
    first, city, post, country = (
        (*lines, None, None, None, None)[:4] if len(lines) != 3 else (*lines[:2], None, lines[2])
    )
    return {"addressFirstLine": first, "postCode": post, "city": city, "country": country, "stateCode": None}


def list_details(request: Request, context: ReadContext) -> Response:
    """What is issued, and an example for each currency in which nothing is."""
    profile = own_profile(request, context, request.params["profileId"])
    return Response(status=200, json=[_shown(one, profile, context) for one in DETAILS])


def _shown(currency: str, profile: Body, context: ReadContext) -> Body:
    kind, found = DETAILS[currency], numbers(profile, currency, context)
    values = {"ACCOUNT_HOLDER": profile["fullName"], "BANK_NAME_AND_ADDRESS": kind.address}
    values |= dict(found[1] if found else kind.masked)
    title = f"Your {currency} account details"
    options = (("LOCAL", "Local", kind.local), ("INTERNATIONAL", "Global · Swift", kind.abroad))
    features = zip(FEATURES, kind.supported, strict=True)
    return {
        "id": found[0]["id"] if found else None,
        "currency": {"code": currency, "name": kind.name},
        "balanceId": found[0]["balance"] if found else -1,
        "title": title,
        "subtitle": kind.subtitle,
        "status": "ACTIVE" if found else "AVAILABLE",
        "deprecated": False,
        "migrated": False,
        "receiveOptions": [
            {
                "type": place,
                "title": named,
                "description": {"title": title, "body": "", "cta": None},
                "summaries": [],
                "details": [_line(*line, values) for line in lines],
                "alert": None,
                "shareText": None,
            }
            for place, named, lines in options
        ],
        "bankFeatures": [{"key": key, "title": text, "supported": good} for (key, text), good in features],
    }


def _line(type: str, title: str, values: Mapping[str, str]) -> Body:
    hidden = (type, title) == SWIFT and "ROUTING_NUMBER" in values
    return {"type": type, "title": title, "body": values[type], "description": None, "hidden": hidden}


# --- orders ---


def _order(order: Body) -> Body:
    """Every profile is verified, and nothing is to be paid."""
    done = [{"type": "VERIFICATION", "status": "DONE"}]
    return {"status": "DONE", "currency": order["currency"], "requirements": done}


def order_details(request: Request, context: Context) -> Response:
    """In the currency of an open balance; a second order is the first."""
    profile = own_profile(request, context, request.params["profileId"])
    making = making_of(ORDER, request, context)
    currency = making.given["currency"]
    if currency not in DETAILS:
        says = f"must be one of {', '.join(DETAILS)}"
        refuse_fields(invalid("currency", says, seen=currency))
    balance = standard(context, str(profile["id"]), currency)
    if balance is None:
        says = f"there must be a balance in {currency}"
        refuse_rules(invalid("currency", says, seen="none", cause="provider.not_found"))
    earlier = _ordered(profile, context, currency)
    notes = {"profile": profile["id"], "balance": balance["id"]}
    made = earlier or [ORDER.add(context, Making(given=making.given, now=context.now, notes=notes))]
    return Response(status=200, json=_order(made[0]))


def list_orders(request: Request, context: ReadContext) -> Response:
    currency = query_value(request, "currency")
    if not currency:
        refuse_fields(invalid("query.currency", "must not be null", code="NotNull", seen="no currency in the query"))
    return _orders(request, context, currency)


def list_orders_older(request: Request, context: ReadContext) -> Response:
    return _orders(request, context, "")


def _orders(request: Request, context: ReadContext, currency: str) -> Response:
    profile = own_profile(request, context, request.params["profileId"])
    return Response(status=200, json=[_order(one) for one in _ordered(profile, context, currency)])


def requirements(request: Request, context: ReadContext) -> Response:
    own_profile(request, context, request.params["profileId"])
    return Response(status=200, json=[{"type": "VERIFICATION", "status": "DONE"}])


_ORDERS = "/v1/profiles/{profileId}/account-details-orders"
_SIMPLIFIED = "an order is done at once and costs nothing; 11 currencies, without their explanations"
ENDPOINTS = told(
    look("/v1/profiles/{profileId}/account-details", list_details, STYLE),
    action("POST", _ORDERS, order_details, STYLE),
    look(_ORDERS.replace("v1", "v3"), list_orders, STYLE),
    source="recorded; description 2026Q3",
    simplified=_SIMPLIFIED,
    tokens=ANY_USER,
)
LEGACY = told(
    look(_ORDERS, list_orders_older, STYLE),
    look("/v2/profiles/{profileId}/account-details-order-requirements", requirements, STYLE),
    source="Wise's OpenAPI description of /v1; Wise's Postman collection",
    simplified="the body of the requirements' answer is the sandbox's own",
    tokens=ANY_USER,
)
