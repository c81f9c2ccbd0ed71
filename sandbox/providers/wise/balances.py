"""Balances: opened, looked at, closed. What is in one is changed by the `books` only.

Sources: Wise's description 2026Q3, "Balances"; recorded answers of ``GET /v4/profiles/{profileId}/balances``.
"""

from decimal import Decimal

from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Row
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import query_values
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice
from sandbox.providers.wise.profiles import GUIDE_ID, PERSONAL_ID, own_profile
from sandbox.providers.wise.rates import IN_DOLLARS
from sandbox.providers.wise.style import (
    CURRENCY,
    MONEY,
    NAME,
    NUMBER,
    ONCE,
    STYLE,
    amount,
    cents,
    from_number,
    id_of,
    invalid,
    microseconds,
)
from sandbox.providers.wise.users import ANY_USER

TYPES = ("STANDARD", "SAVINGS")
CURRENCIES = tuple(sorted(IN_DOLLARS))
"""In which a balance can be opened: all that have a rate."""
_RICH = "1000000"
"""What a fresh sandbox account of Wise's holds in each currency."""
FIRST_BALANCE, RECIPIENT_OF = 300_001, 700_594_731 - 236_839
"""New balances are numbered behind those that every client has. To pay from a balance is to pay from a recipient:
its id is so far above."""
ACCOUNT_OF, ACCOUNT_RECIPIENT_OF = 40_000_000, 750_000_000
"""All balances of a profile are its multi-currency account, whose id is so far above the profile's; so is the id of the
recipient that stands for it, to whom money is sent to come into the balance of its currency."""
_TYPE = choice(*TYPES)


def _balance(making: Making) -> Body:
    given, number = making.given, int(making.id)
    now = microseconds(making.now)
    return {
        "id": number,
        "profile": int(making.params.get("profileId") or given["profile"]),
        "currency": given["currency"],
        "amount": str(cents(given.get("amount", 0))),
        "type": given.get("type", "STANDARD"),
        "name": given.get("name"),
        "created": now,
        "modified": now,
        "recipientId": number + RECIPIENT_OF,
    }


BALANCE = Resource(
    kind="balance",
    id=from_number(FIRST_BALANCE),
    fields=(
        Field(name="currency", kind=choice(*CURRENCIES), wrong="NOT_VALID", missing="NotNull"),
        Field(name="type", kind=_TYPE, wrong="NOT_VALID", missing="NotNull"),
        Field(name="name", kind=NAME, wrong="NOT_VALID"),
    ),
    body=_balance,
    notes=lambda making: {"opening": str(cents(making.given.get("amount", 0)))},
    index=("profile",),
    seeds=(
        Seed(name="currency", kind=CURRENCY, default="GBP"),
        Seed(name="amount", kind=MONEY, default=_RICH),
        Seed(name="profile", kind=NUMBER, default=GUIDE_ID),
        Seed(name="type", kind=_TYPE, default="STANDARD"),
    ),
    rows={
        "236839": {"currency": "GBP"},
        "236840": {"currency": "EUR"},
        "236841": {"currency": "USD"},
        "236842": {"currency": "GBP", "profile": PERSONAL_ID},
        "236843": {"currency": "EUR", "profile": PERSONAL_ID},
    },
)


def standard(context: ReadContext, profile: str, currency: str) -> Body | None:
    """The profile's STANDARD balance in that currency, the one with the most in it where people have put several."""
    found = richest(context, profile, currency)
    return found.body if found else None


def account_of(request: Request, context: ReadContext) -> Body:
    """The profile of the multi-currency account that the path names. Raises Stop."""
    number = id_of(request.params["accountId"])
    return own_profile(request, context, str(int(number or 0) - ACCOUNT_OF))


NOT_OPEN = 0
"""In place of a balance's id: one that is opened when money comes."""


def paid_into(context: ReadContext, recipient: int, profile: int, currency: str) -> int | None:
    """The id of the balance that a recipient's stands for: one balance, or the account's in that currency, open or not.
    None: it stands for no balance of the profile."""
    if recipient == profile + ACCOUNT_RECIPIENT_OF and currency in CURRENCIES:
        there = standard(context, str(profile), currency)
        return int(there["id"]) if there else NOT_OPEN
    found = context.resources.get("balance", str(recipient - RECIPIENT_OF))
    return int(found["id"]) if found and (found["profile"], found["currency"]) == (profile, currency) else None


def open_for(context: Context, id: int, profile: int, currency: str) -> Body:
    """The balance into which money comes; where it is closed by now, another in its currency, if need be a new one."""
    there = context.resources.get("balance", str(id)) or standard(context, str(profile), currency)
    given = {"profile": profile, "currency": currency, "type": "STANDARD"}
    return there or BALANCE.add(context, Making(given=given, now=context.now))


def richest(context: ReadContext, profile: str, currency: str) -> Row | None:
    """The profile's balance of that currency with the most in it. A client has a handful of balances."""
    fitting = [
        row
        for row in context.resources.all_of("balance")
        if (str(row.body["profile"]), row.body["currency"], row.body["type"]) == (profile, currency, "STANDARD")
    ]
    return max(fitting, key=lambda row: Decimal(row.body["amount"]), default=None)


def _shown(body: Body) -> Body:
    held, currency = body["amount"], body["currency"]
    return {
        "id": body["id"],
        "currency": currency,
        "amount": amount(held, currency),
        "reservedAmount": amount(0, currency),
        "cashAmount": amount(held, currency),
        "totalWorth": amount(held, currency),
        "type": body["type"],
        "name": body["name"],
        "icon": None,
        "investmentState": "NOT_INVESTED",
        "creationTime": body["created"],
        "modificationTime": body["modified"],
        "visible": True,
        "primary": body["type"] == "STANDARD",
        "groupId": None,
        "recipientId": body["recipientId"],
    }


def list_balances(request: Request, context: ReadContext) -> Response:
    """The ``types`` of the query are required: joined by commas, or as several parameters."""
    asked = ",".join(query_values(request).get("types", ()))
    types = [one.strip() for one in asked.split(",") if one.strip()]
    if not types:
        refuse_fields(invalid("query.types", "must not be null", code="NotNull", seen="no types in the query"))
    if wrong := [one for one in types if one not in TYPES]:
        seen = f"types {','.join(wrong)[:40]!r}"
        refuse_fields(invalid("query.types", f"must be of {', '.join(TYPES)}", seen=seen))
    profile = own_profile(request, context, request.params["profileId"])
    found = context.resources.find("balance", (equals("profile", profile["id"]),), oldest_first=True)
    return Response(status=200, json=[_shown(row.body) for row in found.rows if row.body["type"] in types])


def existing(request: Request, context: ReadContext) -> Body:
    """The balance that the path names, of the profile that it names. Raises Stop."""
    profile = own_profile(request, context, request.params["profileId"])
    balance = BALANCE.existing(context, request.params["balanceId"])
    if balance["profile"] != profile["id"]:
        refuse_absent("balance", request.params["balanceId"])
    return balance


def view_balance(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=_shown(existing(request, context)))


def require_key(request: Request) -> None:
    """Calls that move money, or make what holds it, must name themselves. Raises Stop."""
    if not request.headers.get("x-idempotence-uuid"):
        seen = "no X-idempotence-uuid header"
        refuse_fields(invalid("header.X-idempotence-uuid", "must not be null", code="NotNull", seen=seen))


def open_balance(request: Request, context: Context) -> Response:
    """One STANDARD balance in each currency: a second one is refused."""
    require_key(request)
    profile = own_profile(request, context, request.params["profileId"])
    making = making_of(BALANCE, request, context)
    currency = making.given["currency"]
    if making.given["type"] == "STANDARD" and richest(context, str(profile["id"]), currency):
        message = f"there is a STANDARD balance in {currency} already"
        refuse_fields(invalid("currency", message, code="NOT_UNIQUE", seen=currency, cause="provider.not_unique"))
    return Response(status=201, json=_shown(BALANCE.add(context, making)))


def close_balance(request: Request, context: Context) -> Response:
    """Only an empty one."""
    balance = existing(request, context)
    if cents(balance["amount"]):
        seen = f"{balance['amount']} {balance['currency']}"
        refuse_fields(invalid("balanceId", "must be empty", seen=seen, cause="provider.invalid_state", status=422))
    context.resources.remove("balance", request.params["balanceId"])
    return Response(status=204)


_ONE = "/v4/profiles/{profileId}/balances/{balanceId}"
LEGACY = told(
    look("/v3/profiles/{profileId}/balances", list_balances, STYLE),
    action("POST", "/v3/profiles/{profileId}/balances", open_balance, ONCE),
    look(_ONE.replace("v4", "v3"), view_balance, STYLE),
    action("DELETE", _ONE.replace("v4", "v3"), close_balance, STYLE, body=False),
    source="Wise's Postman collection",
    simplified="as /v4",
    tokens=ANY_USER,
)
ENDPOINTS = told(
    look("/v4/profiles/{profileId}/balances", list_balances, STYLE),
    action("POST", "/v4/profiles/{profileId}/balances", open_balance, ONCE),
    look(_ONE, view_balance, STYLE),
    action("DELETE", _ONE, close_balance, STYLE, body=False),
    source="recorded; description 2026Q3",
    simplified="nothing is reserved or invested; 33 currencies",
    tokens=ANY_USER,
)
