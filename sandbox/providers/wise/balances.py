"""Balances, and the books behind them: every movement of money is one entry whose legs add up to nought.

A leg is on an account: ``balance:ID``, ``transfer:ID`` (money on its way), ``fees``, ``exchange`` (where one currency
becomes another) or ``world`` (banks outside). What a balance holds is what it began with and its legs since.

Sources: Wise's description 2026Q3, "Balances"; recorded answers of ``GET /v4/profiles/{profileId}/balances``.
"""

from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Row
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.making import Making, next_number
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice, money, whole
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import GUIDE_ID, PERSONAL_ID, own_profile
from sandbox.providers.wise.style import (
    CURRENCY,
    FIRST_TRANSACTION,
    MONEY,
    MOST_MONEY,
    NAME,
    NUMBER,
    ONCE,
    STYLE,
    TRANSACTION,
    amount,
    cents,
    from_number,
    invalid,
    microseconds,
)
from sandbox.providers.wise.users import ANY_USER

TYPES = ("STANDARD", "SAVINGS")
CURRENCIES = ("AUD", "CAD", "CHF", "EUR", "GBP", "JPY", "NOK", "PLN", "SEK", "SGD", "USD")
"""In which a balance can be opened."""
_RICH = "1000000"
"""What a fresh sandbox account of Wise's holds in each currency."""
FIRST_BALANCE, RECIPIENT_OF = 300_001, 700_594_731 - 236_839
"""New balances are numbered behind those that every client has. To pay from a balance is to pay from a recipient:
its id is so far above."""
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
ENTRY = Resource(kind=TRANSACTION, id=from_number(FIRST_TRANSACTION), index=("transfer",), ordered=False)
"""One entry of the books. Nobody can put one: the books would no longer be true."""

Leg = tuple[str, str, Decimal]
"""Account, currency, amount: what comes in is above nought."""


def book(context: Context, what: str, *legs: Leg, transfer: int | None = None, balance: Body | None = None) -> Body:
    """Keep one entry, and what it does to balances; *balance* is one that was looked at in this call already."""
    totals: dict[str, Decimal] = {}
    for _, currency, value in legs:
        totals[currency] = totals.get(currency, Decimal(0)) + value
    if any(totals.values()):
        raise ValueError(f"an entry that does not add up: {what}")
    # Nobody can put a row of this kind, so that the next number is free.
    number, moved = str(next_number(context, ENTRY.kind, FIRST_TRANSACTION)), []
    for account, _, value in legs:
        kind, _, number_of = account.partition(":")
        if kind == "balance":
            moved.append(_move(context, balance or BALANCE.existing(context, number_of), value))
    written = [[account, currency, str(value)] for account, currency, value in legs]
    about = {"id": int(number), "what": what, "transfer": transfer, "at": milliseconds(context.now)}
    body = {**about, "legs": written, "balances": moved}
    context.resources.put(ENTRY.kind, number, body)
    return body


def _move(context: Context, balance: Body, value: Decimal) -> Body:
    """Change what a balance holds; what webhooks tell of that."""
    after = str(cents(balance["amount"]) + value)
    BALANCE.change(context, balance, amount=after, modified=microseconds(context.now))
    names = ("id", "profile", "currency")
    return {**{name: balance[name] for name in names}, "amount": str(value), "after": after}


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
    """The ``types`` of the query are required."""
    types = [one for one in query_value(request, "types").split(",") if one]
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


def open_balance(request: Request, context: Context) -> Response:
    """One STANDARD balance in each currency: a second one is refused."""
    if not request.headers.get("x-idempotence-uuid"):
        seen = "no X-idempotence-uuid header"
        refuse_fields(invalid("header.X-idempotence-uuid", "must not be null", code="NotNull", seen=seen))
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


_TOP_UP = table(
    Field(name="profileId", kind=whole(1, 2**63), wrong="NOT_VALID", missing="NotNull"),
    Field(name="balanceId", kind=whole(1, 2**63), wrong="NOT_VALID", missing="NotNull"),
    Field(name="currency", kind=CURRENCY, wrong="NOT_VALID", missing="NotNull"),
    Field(name="amount", kind=money(Decimal("0.01"), MOST_MONEY), wrong="NOT_VALID", missing="NotNull"),
    Field(name="channel", kind=choice("TRANSFER", "CARD"), wrong="NOT_VALID"),
)


def top_up(request: Request, context: Context) -> Response:
    """Money from outside into a balance."""
    given: Any = read(request.payload, _TOP_UP)
    profile = own_profile(request, context, str(given["profileId"]))
    balance = BALANCE.existing(context, str(given["balanceId"]))
    if balance["profile"] != profile["id"]:
        refuse_absent("balance", str(given["balanceId"]))
    if balance["currency"] != given["currency"]:
        says = f"must be {balance['currency']}, the balance's"
        refuse_fields(invalid("currency", says, seen=given["currency"]))
    account, currency, value = f"balance:{balance['id']}", given["currency"], given["amount"]
    entry = book(context, "topup", (account, currency, value), ("world", currency, -value))
    after = cents(balance["amount"]) + value
    shown = {"id": balance["id"], "value": after, "currency": currency}
    return Response(status=200, json={"transactionId": entry["id"], "state": "COMPLETED", "balancesAfter": [shown]})


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
    action("POST", "/v1/simulation/balance/topup", top_up, STYLE),
    source="recorded; description 2026Q3",
    simplified="nothing is reserved or invested; eleven currencies",
    tokens=ANY_USER,
)
