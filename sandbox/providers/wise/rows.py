"""What a client of Wise's has: profiles, balances, transfers; how each looks when it is new, and how two are shown.

Sources: recorded answers of Wise's sandbox (transfers, balances); the JWS guide, whose example funds transfer 12345 of
profile 12345. There are no quotes and recipients behind a transfer yet: their ids are made up.
"""

from decimal import Decimal

from sandbox.providers.context import Body, Request
from sandbox.providers.kit.calls import listing, view
from sandbox.providers.kit.lists import Listing, query_value
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.resource import Below, Resource, Seed
from sandbox.providers.kit.values import choice, money, text, whole
from sandbox.providers.wise.style import STYLE, invalid

GUIDE_ID = "12345"
"""Profile and transfer of the JWS guide's example."""
WAITING, PROCESSING = "incoming_payment_waiting", "processing"
STATES = (
    WAITING,
    PROCESSING,
    "funds_converted",
    "outgoing_payment_sent",
    "cancelled",
    "funds_refunded",
    "bounced_back",
)
_ID = counted(1)
_NUMBER = whole(1, 10**18 - 1, says=_ID.kind.says)
"""Ids are int64."""
_CURRENCY = text(longest=3, pattern="[A-Z]{3}", says="a currency code such as GBP")
_NAME = text(longest=100, loose=True)
_MONEY = money(Decimal(0), Decimal("1e12"))
"""A million millions: more than any test needs, and exact in JSON's numbers."""
_RICH = "1000000"
"""What a fresh sandbox account of Wise's holds in each currency."""

PROFILE = Resource(
    kind="profile",
    id=_ID,
    ordered=False,
    body=lambda making: {
        "type": making.given["type"],
        "id": int(making.id),
        "businessName": making.given["businessName"],
    },
    seeds=(
        Seed(name="type", kind=choice("BUSINESS", "PERSONAL"), default="BUSINESS"),
        Seed(name="businessName", kind=_NAME, default="Sandbox Ltd"),
    ),
    rows={GUIDE_ID: {}},
)


def _balance(making: Making) -> Body:
    return {
        "id": int(making.id),
        "profile": making.given["profile"],
        "currency": making.given["currency"],
        "amount": float(making.given["amount"]),
        "type": "STANDARD",
        "created": f"{making.now:%Y-%m-%dT%H:%M:%S.%fZ}",
    }


BALANCE = Resource(
    kind="balance",
    id=_ID,
    ordered=False,
    body=_balance,
    below=(Below(param="profileId", resource=PROFILE, key="profile", must_exist=False),),
    index=("profile",),
    seeds=(
        Seed(name="currency", kind=_CURRENCY, default="GBP"),
        Seed(name="amount", kind=_MONEY, default=_RICH),
        Seed(name="profile", kind=_NUMBER, default=GUIDE_ID),
    ),
    rows={"236839": {"currency": "GBP"}, "236840": {"currency": "EUR"}},
)


def _transfer(making: Making) -> Body:
    given, number = making.given, int(making.id)
    return {
        "id": number,
        "user": given["profile"],
        "targetAccount": 700615291,
        "sourceAccount": None,
        "quote": None,
        "quoteUuid": f"00000000-0000-4000-8000-{number:012d}"[:36],
        "status": given["status"],
        "reference": given["reference"],
        "rate": float(given["rate"]),
        "created": f"{making.now:%Y-%m-%d %H:%M:%S}",
        "business": given["profile"],
        "transferRequest": None,
        "details": {"reference": given["reference"]},
        "hasActiveIssues": False,
        "sourceCurrency": given["sourceCurrency"],
        "sourceValue": float(given["sourceValue"]),
        "targetCurrency": given["targetCurrency"],
        "targetValue": float(given["targetValue"]),
        "customerTransactionId": f"00000000-0000-4000-9000-{number:012d}"[:36],
    }


TRANSFER = Resource(
    kind="transfer",
    id=_ID,
    ordered=False,
    body=_transfer,
    seeds=(
        Seed(name="profile", kind=_NUMBER, default=GUIDE_ID),
        Seed(name="status", kind=choice(*STATES), default=WAITING),
        Seed(name="sourceCurrency", kind=_CURRENCY, default="GBP"),
        Seed(name="sourceValue", kind=_MONEY, default="1000"),
        Seed(name="targetCurrency", kind=_CURRENCY, default="EUR"),
        Seed(name="targetValue", kind=_MONEY, default="1200"),
        Seed(name="reference", kind=_NAME, default="Sandbox"),
        Seed(name="rate", kind=_MONEY, default="1.20"),
    ),
    rows={GUIDE_ID: {}},
)


def _asks_for_standard(request: Request) -> None:
    """The ``types`` of the query are required; STANDARD is the one that is imitated."""
    types = query_value(request, "types").split(",")
    if "STANDARD" not in types:
        refuse_fields(invalid("types", "must name STANDARD", seen=f"types {','.join(types)[:40]!r}"))


def _listed(body: Body) -> Body:
    def money(value: float) -> Body:
        return {"value": value, "currency": body["currency"]}

    return {
        "id": body["id"],
        "currency": body["currency"],
        "amount": money(body["amount"]),
        "reservedAmount": money(0.0),
        "cashAmount": money(body["amount"]),
        "totalWorth": money(body["amount"]),
        "type": body["type"],
        "name": None,
        "icon": None,
        "investmentState": "NOT_INVESTED",
        "creationTime": body["created"],
        "modificationTime": body["created"],
        "visible": True,
        "primary": True,
        "groupId": None,
    }


ENDPOINTS = (
    view(TRANSFER, "/v1/transfers/{transferId}", STYLE),
    listing(
        BALANCE,
        "/v4/profiles/{profileId}/balances",
        STYLE,
        Listing(oldest_first=True),
        show=_listed,
        first=_asks_for_standard,
    ),
)
