"""Transfers: what one is, and what becomes of it. `sending` makes them, `funding` pays for them, `simulation` moves
them on.

What time does to one is reckoned when it is looked at: after four days its rate is no longer good, and after fourteen
it is cancelled if nobody has paid for it.

Sources: Wise's description 2026Q3, "Transfers"; recorded transfers; a public report of July 2026 for what becomes of a
transfer whose rate has ended.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.fields import Field, parse, read_object
from sandbox.providers.kit.making import Making, uuid_id
from sandbox.providers.kit.problems import refuse_absent
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.values import INT64, Kind, choice, text, whole
from sandbox.providers.wise.balances import open_for
from sandbox.providers.wise.books import REFUND, book, terms
from sandbox.providers.wise.profiles import GUIDE_ID
from sandbox.providers.wise.quotes import uuid_of
from sandbox.providers.wise.rates import FACTOR
from sandbox.providers.wise.stand_ins import GUIDE_PAYEE, GUIDE_RECIPIENT, made_up_quote
from sandbox.providers.wise.style import (
    CURRENCY,
    MONEY,
    NAME,
    NUMBER,
    amount,
    cents,
    from_number,
    plain_time,
    read_time,
)
from sandbox.providers.wise.users import FIRST_USER, user_of

WAITING, PROCESSING, CONVERTED = "incoming_payment_waiting", "processing", "funds_converted"
SENT, CANCELLED, REFUNDED, BOUNCED = "outgoing_payment_sent", "cancelled", "funds_refunded", "bounced_back"
STATES = (WAITING, PROCESSING, CONVERTED, SENT, CANCELLED, REFUNDED, BOUNCED)
FIRST_TRANSFER = 54_685_607
"""The range in which Wise's sandbox had them."""
UNPAID_FOR = timedelta(days=14)
"""Then a transfer that nobody has paid for is cancelled."""
ACCOUNT_NUMBER = whole(1, INT64)
_ANY_ID = text(longest=255, shortest=1)
QUOTE_ID = Kind(lambda value: _ANY_ID.read(str(value) if isinstance(value, int) else value), "the id of a quote")
_UUID = text(longest=36, pattern="[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", says="a UUID")


def _account(value: object) -> int | None:
    """Wise's own Postman collection writes the number as a text."""
    read: int | None = ACCOUNT_NUMBER.read(ACCOUNT_NUMBER.typed(value))
    return read


def _transfer(making: Making) -> Body:
    """From a quote, or from what a person puts."""
    given, noted, number = making.given, making.notes, int(making.id)
    profile = noted.get("profile") or {"id": given["profile"], "userId": FIRST_USER, "type": "BUSINESS"}
    reference = (given.get("details") or {}).get("reference", given.get("reference", ""))
    made_up = made_up_quote(number)
    values = ("sourceCurrency", "sourceValue", "targetCurrency", "targetValue", "rate")
    worth = noted.get("worth") or {name: given[name] for name in values}
    return {
        "id": number,
        "user": profile["userId"],
        "profile": profile["id"],
        "targetAccount": given.get("targetAccount", GUIDE_RECIPIENT),
        "sourceAccount": None,
        "quote": (noted.get("quote") or {}).get("number"),
        "quoteUuid": (noted.get("quote") or {}).get("id", made_up),
        "status": given.get("status", WAITING),
        "reference": reference,
        "created": plain_time(making.now),
        "business": profile["id"] if profile["type"] == "BUSINESS" else None,
        "customerTransactionId": given.get("customerTransactionId", made_up.replace("-8000-", "-9000-")),
        **{name: worth[name] if "Currency" in name else str(worth[name]) for name in values},
    }


TRANSFER = Resource(
    kind="transfer",
    id=from_number(FIRST_TRANSFER),
    fields=(
        Field(name="targetAccount", kind=Kind(_account, ACCOUNT_NUMBER.says), wrong="NOT_VALID", missing="NotNull"),
        Field(name="sourceAccount", kind=ACCOUNT_NUMBER, wrong="NOT_VALID"),
        Field(name="quoteUuid", kind=_UUID, wrong="NOT_VALID", missing="NotNull"),
        Field(name="customerTransactionId", kind=_UUID, wrong="NOT_VALID", missing="NotNull"),
        Field(name="details", members=(Field(name="reference", kind=text(longest=255), wrong="NOT_VALID"),)),
    ),
    body=_transfer,
    notes=lambda making: {
        "fee": "0.00",
        "balance": None,
        "simulated": False,
        "rateEnds": making.notes.get("rateEnds"),
        "payee": making.notes.get("payee", GUIDE_PAYEE),
        "batch": making.notes.get("batch"),
        "into": making.notes.get("into"),
        "third": making.notes.get("third"),
    },
    index=("profile", "status", "sourceCurrency", "targetCurrency", "created"),
    seeds=(
        Seed(name="profile", kind=NUMBER, default=GUIDE_ID),
        Seed(name="status", kind=choice(*STATES), default=WAITING),
        Seed(name="sourceCurrency", kind=CURRENCY, default="GBP"),
        Seed(name="sourceValue", kind=MONEY, default="1000"),
        Seed(name="targetCurrency", kind=CURRENCY, default="EUR"),
        Seed(name="targetValue", kind=MONEY, default="1200"),
        Seed(name="reference", kind=NAME, default="Sandbox"),
        Seed(name="rate", kind=FACTOR, default="1.20"),
    ),
    rows={GUIDE_ID: {}},
)


CUSTOMER_KEY = Resource(kind="transfer_key", id=uuid_id(), ordered=False)
"""Which transfer a customerTransactionId names. Rows of their own: a look at a primary key, however many there are."""


# --- what time does to one ---


def as_of(transfer: Body, now: datetime) -> Body:
    """The transfer as it is by now."""
    if transfer["status"] != WAITING:
        return transfer
    if read_time(transfer["created"]) + UNPAID_FOR <= now:
        return {**transfer, "status": CANCELLED}
    ends = transfer[NOTES]["rateEnds"]
    return {**transfer, "rate": "0.0"} if ends and read_time(ends) <= now else transfer


def rate_ended(transfer: Body, now: datetime) -> bool:
    ends = transfer[NOTES]["rateEnds"]
    return bool(ends) and read_time(ends) <= now


def shown(transfer: Body, now: datetime) -> Body:
    """As recorded."""
    body = as_of(transfer, now)
    return {
        "id": body["id"],
        "user": body["user"],
        "targetAccount": body["targetAccount"],
        "sourceAccount": body["sourceAccount"],
        "quote": body["quote"],
        "quoteUuid": body["quoteUuid"],
        "status": body["status"],
        "reference": body["reference"],
        "rate": Decimal(body["rate"]),
        "created": body["created"],
        "business": body["business"],
        "transferRequest": None,
        "details": {"reference": body["reference"]},
        "hasActiveIssues": False,
        "sourceCurrency": body["sourceCurrency"],
        "sourceValue": cents(body["sourceValue"]),
        "targetCurrency": body["targetCurrency"],
        "targetValue": cents(body["targetValue"]),
        "customerTransactionId": body["customerTransactionId"],
    }


def told_of(transfer: Body, context: ReadContext) -> Response:
    return Response(status=200, json=shown(transfer, context.now))


# --- what calls do with one ---


def asked(request: Request, context: Context, resource: Resource = TRANSFER) -> Making:
    """What a body says of a transfer. Older clients name its quote as ``quote``, by the number of a first quote or by
    a UUID. Raises Stop."""
    said = parse(request.payload)
    if said.get("quoteUuid") is None and said.get("quote") is not None:
        said = {**said, "quoteUuid": uuid_of(context, str(said["quote"]))}
    given = read_object(said, resource.table)
    return Making(given=given, now=context.now, params=request.params, request=request, context=context)


def own_transfer(request: Request, context: ReadContext, id: str) -> Body:
    """The transfer, if it is the caller's, as it is kept. Raises Stop."""
    found = TRANSFER.existing(context, id)
    if user_of(request, context) not in ("", str(found["user"])):
        refuse_absent("transfer", id)
    return found


def move(transfer: Body, status: str, context: Context, **changed: Any) -> Body:
    """The transfer in its next state."""
    return TRANSFER.change(context, transfer, status=status, **changed)


def about(transfer: Body, fee: Decimal) -> Body:
    """What a statement tells of a transfer that was paid for."""
    payee = transfer[NOTES]["payee"]
    source = amount(transfer["sourceValue"], transfer["sourceCurrency"])
    target = amount(transfer["targetValue"], transfer["targetCurrency"])
    told = {"payee": payee["name"], "account": payee["account"], "reference": transfer["reference"]}
    return {**told, **terms(source, target, transfer["rate"], fee)}


def give_back(transfer: Body, context: Context) -> None:
    """All that was paid, fees too, out of the transfer into the balance. Its money is in the source currency."""
    noted, currency = transfer[NOTES], transfer["sourceCurrency"]
    if noted["balance"] is None:  # one that was put by a person as paid already: nothing of it is in the books
        return
    value, fee = cents(transfer["sourceValue"]), cents(noted["fee"])
    balance = open_for(context, noted["balance"], transfer["profile"], currency)
    legs = ((f"transfer:{transfer['id']}", currency, -value), ("fees", currency, -fee))
    into = (f"balance:{balance['id']}", currency, value + fee)
    book(context, REFUND, *legs, into, transfer=transfer["id"], balance=balance, about=about(transfer, fee))
