"""Transfers: made on a quote, paid for by `funding`, moved on by `simulation`.

What time does to one is reckoned when it is looked at: after four days its rate is no longer good, and after fourteen
it is cancelled if nobody has paid for it.

Sources: Wise's description 2026Q3, "Transfers"; recorded transfers; https://docs.wise.com/guides/developer/errors; a
public report of July 2026 for what becomes of a transfer whose rate has ended.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Where
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Filter, Listing, query_value
from sandbox.providers.kit.making import Making, uuid_id
from sandbox.providers.kit.problems import refuse_absent, refuse_fields, refuse_rules
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import INT64, Kind, choice, text, whole
from sandbox.providers.wise.balances import ENTRY, book
from sandbox.providers.wise.profiles import GUIDE_ID, own_profile
from sandbox.providers.wise.quotes import ARRIVES, BANK, QUOTE, amounts_of, expired
from sandbox.providers.wise.rates import FACTOR
from sandbox.providers.wise.style import (
    CURRENCY,
    MONEY,
    NAME,
    NUMBER,
    STYLE,
    cents,
    from_number,
    invalid,
    plain_time,
    read_time,
)
from sandbox.providers.wise.users import ANY_USER, FIRST_USER, user_of

WAITING, PROCESSING, CONVERTED = "incoming_payment_waiting", "processing", "funds_converted"
SENT, CANCELLED, REFUNDED, BOUNCED = "outgoing_payment_sent", "cancelled", "funds_refunded", "bounced_back"
STATES = (WAITING, PROCESSING, CONVERTED, SENT, CANCELLED, REFUNDED, BOUNCED)
FIRST_TRANSFER = 54_685_607
"""The range in which Wise's sandbox had them."""
UNPAID_FOR = timedelta(days=14)
"""Then a transfer that nobody has paid for is cancelled."""
GUIDE_RECIPIENT = 700_615_291
USUAL_LIMIT, LARGEST_LIMIT = 10, 100
_UUID = text(longest=36, pattern="[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", says="a UUID")


def _moment(value: object) -> str | None:
    """A day, or an instant with or without its offset, as a transfer writes its own."""
    try:
        read = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return plain_time(read if read.tzinfo else read.replace(tzinfo=UTC))


def _transfer(making: Making) -> Body:
    """From a quote, or from what a person puts."""
    given, noted, number = making.given, making.notes, int(making.id)
    profile = noted.get("profile") or {"id": given["profile"], "userId": FIRST_USER, "type": "BUSINESS"}
    reference = (given.get("details") or {}).get("reference", given.get("reference", ""))
    made_up = f"00000000-0000-4000-8000-{number:012d}"[:36]
    values = ("sourceCurrency", "sourceValue", "targetCurrency", "targetValue", "rate")
    worth = noted.get("worth") or {name: given[name] for name in values}
    return {
        "id": number,
        "user": profile["userId"],
        "profile": profile["id"],
        "targetAccount": given.get("targetAccount", GUIDE_RECIPIENT),
        "sourceAccount": None,
        "quoteUuid": given.get("quoteUuid", made_up),
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
        Field(name="targetAccount", kind=whole(1, INT64), wrong="NOT_VALID", missing="NotNull"),
        Field(name="sourceAccount", kind=whole(1, INT64), wrong="NOT_VALID"),
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
        "quote": None,
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


# --- making one ---


def create_transfer(request: Request, context: Context) -> Response:
    """The same customerTransactionId gives the same transfer, whatever else is sent."""
    making = making_of(TRANSFER, request, context)
    given = making.given
    key = given["customerTransactionId"].lower()
    if earlier := context.resources.get(CUSTOMER_KEY.kind, key):
        return told_of(own_transfer(request, context, str(earlier["transfer"])), context)
    quote = _open_quote(given["quoteUuid"].lower(), context)
    profile = own_profile(request, context, str(quote["profile"]))
    _judge_recipient(given, quote, profile, context)
    amounts = amounts_of(quote, BANK)
    worth = {name: quote[name] for name in ("sourceCurrency", "targetCurrency", "rate")}
    worth |= {"sourceValue": amounts.converted, "targetValue": amounts.target}
    notes = {"profile": profile, "worth": worth, "rateEnds": quote["rateExpirationTime"]}
    made = TRANSFER.add(context, _with_notes(making, notes))
    context.resources.put(CUSTOMER_KEY.kind, key, {"id": key, "transfer": made["id"]})
    QUOTE.change(context, quote, status="ACCEPTED", targetAccount=given["targetAccount"])
    return told_of(made, context)


def _with_notes(making: Making, notes: Mapping[str, Any]) -> Making:
    return Making(given=making.given, now=making.now, request=making.request, context=making.context, notes=notes)


def _open_quote(id: str, context: Context) -> Body:
    """The quote, if it is still good; of one that is used or over nothing is known any more. Raises Stop."""
    quote = context.resources.get("quote", id)
    if quote is None or expired(quote, context.now) or quote["status"] != "PENDING":
        seen = "no such quote" if quote is None else f"one that is {quote['status'].lower()}"
        seen = "one that has expired" if quote and expired(quote, context.now) else seen
        cause = "provider.not_found" if quote is None else "provider.invalid_state"
        message = "Quote not found"
        refuse_rules(
            invalid("", message, code="error.quote.not.found", seen=seen, arguments=(id,), cause=cause, status=422)
        )
    return quote


def _judge_recipient(given: Mapping[str, Any], quote: Body, profile: Body, context: Context) -> None:
    number = str(given["targetAccount"])
    recipient = context.resources.get("recipient", number)
    wrong = ""
    if recipient is None or not recipient["active"] or recipient["user"] != profile["userId"]:
        wrong = "Recipient not found"
    elif recipient["currency"] != quote["targetCurrency"]:
        wrong = f"Recipient must be in {quote['targetCurrency']}"
    if wrong:
        seen = f"recipient {number}"
        refuse_rules(invalid("targetAccount", wrong, code="INVALID_RECIPIENT", seen=seen, cause="provider.not_found"))


# --- looking, and cancelling ---


def own_transfer(request: Request, context: ReadContext, id: str) -> Body:
    """The transfer, if it is the caller's, as it is kept. Raises Stop."""
    found = TRANSFER.existing(context, id)
    if user_of(request, context) not in ("", str(found["user"])):
        refuse_absent("transfer", id)
    return found


def view_transfer(request: Request, context: ReadContext) -> Response:
    return told_of(own_transfer(request, context, request.params["transferId"]), context)


_MOMENT = Kind(_moment, "a day or an instant such as 2026-11-24T10:00:00Z")
_ASKS = Listing(
    filters=(
        Filter(name="profile", kind=NUMBER, wrong="NOT_VALID"),
        Filter(name="sourceCurrency", kind=CURRENCY, wrong="NOT_VALID"),
        Filter(name="targetCurrency", kind=CURRENCY, wrong="NOT_VALID"),
        Filter(name="createdDateStart", kind=_MOMENT, wrong="NOT_VALID", key="created", how="from"),
        Filter(name="createdDateEnd", kind=_MOMENT, wrong="NOT_VALID", key="created", how="until"),
    ),
    oldest_first=True,
)


def list_transfers(request: Request, context: ReadContext) -> Response:
    """The oldest first, as recorded; a page is ``offset`` and ``limit``."""
    where: list[Where] = list(_ASKS.asked(request, TRANSFER.indexes).where)
    for profile in (one.values[0] for one in where if one.key == "profile"):
        own_profile(request, context, profile)
    if user := user_of(request, context):
        own = context.resources.find("profile", (equals("userId", user),)).rows
        where.append(equals("profile", *(row.id for row in own)))
    start, limit = _whole(request, "offset", 0, INT64), _whole(request, "limit", USUAL_LIMIT, LARGEST_LIMIT)
    states = [one for one in query_value(request, "status").split(",") if one]
    if not states:
        found = context.resources.find("transfer", where, start=start, size=limit, oldest_first=True).rows
        return Response(status=200, json=[shown(row.body, context.now) for row in found])
    # Some that are kept as waiting are cancelled by now: only when looked at is it known.
    kept = {*states, WAITING} if CANCELLED in states else states
    found = context.resources.find("transfer", [*where, equals("status", *kept)], oldest_first=True).rows
    now = [shown(row.body, context.now) for row in found]
    fitting = [body for body in now if body["status"] in states]
    return Response(status=200, json=fitting[start : start + limit])


def _whole(request: Request, name: str, usual: int, most: int) -> int:
    written = query_value(request, name)
    if written and not (written.isdecimal() and len(written) < 19):
        refuse_fields(invalid(name, "must be a whole number", seen=ascii(written[:40])))
    return min(int(written), most) if written else usual


def cancel(request: Request, context: Context) -> Response:
    """Until its money is converted; what was paid goes back."""
    transfer = own_transfer(request, context, request.params["transferId"])
    status = as_of(transfer, context.now)["status"]
    if status not in (WAITING, PROCESSING):
        message = "Transfer cannot be cancelled"
        code, cause = "transfer.cancellation.not.allowed", "provider.invalid_state"
        refuse_rules(invalid("", message, code=code, seen=f"one that is {status}", status=409, cause=cause))
    if status == PROCESSING:
        give_back(transfer, context)
    return told_of(move(transfer, CANCELLED, context), context)


def move(transfer: Body, status: str, context: Context, **changed: Any) -> Body:
    """The transfer in its next state."""
    return TRANSFER.change(context, transfer, status=status, **changed)


def give_back(transfer: Body, context: Context) -> None:
    """All that was paid, fees too, out of the transfer into the balance. Its money is in the source currency."""
    noted, currency = transfer[NOTES], transfer["sourceCurrency"]
    if noted["balance"] is None:  # one that was put by a person as paid already: nothing of it is in the books
        return
    value, fee = cents(transfer["sourceValue"]), cents(noted["fee"])
    legs = ((f"transfer:{transfer['id']}", currency, -value), ("fees", currency, -fee))
    book(context, "refund", *legs, (f"balance:{noted['balance']}", currency, value + fee), transfer=transfer["id"])


def list_payments(request: Request, context: ReadContext) -> Response:
    transfer = own_transfer(request, context, request.params["transferId"])
    found = context.resources.find(ENTRY.kind, (equals("transfer", transfer["id"]),), oldest_first=True).rows
    paid = [row.body for row in found if row.body["what"] == "payment"]
    return Response(status=200, json=[_payment(entry, transfer) for entry in paid])


def _payment(entry: Body, transfer: Body) -> Body:
    paid = next(-Decimal(value) for account, _, value in entry["legs"] if account.startswith("balance:"))
    return {
        "id": entry["id"],
        "method": "BALANCE",
        "pricingVariant": None,
        "amount": paid,
        "currency": transfer["sourceCurrency"],
        "timeCreated": entry["at"],
        "timeUpdated": entry["at"],
    }


_REFERENCE_LENGTHS = {"USD": 10, "GBP": 18, "EUR": 140}
"""What the payment systems of these currencies carry: ACH 10, Faster Payments 18, SEPA 140."""
OTHER_REFERENCE = 35


def requirements(request: Request, context: Context) -> Response:
    """Only a reference is asked for."""
    optional = ("customerTransactionId", "targetAccount")
    fields = tuple(one if one.name not in optional else _optional(one) for one in TRANSFER.fields)
    making = making_of(Resource(kind="transfer", id=TRANSFER.id, fields=fields), request, context)
    quote = QUOTE.existing(context, making.given["quoteUuid"].lower())
    own_profile(request, context, str(quote["profile"]))
    group = {
        "key": "reference",
        "name": "Transfer reference",
        "type": "text",
        "refreshRequirementsOnChange": False,
        "required": False,
        "displayFormat": None,
        "example": None,
        "minLength": None,
        "maxLength": _REFERENCE_LENGTHS.get(quote["targetCurrency"], OTHER_REFERENCE),
        "validationRegexp": "[a-zA-Z0-9- ]*",
        "validationAsync": None,
        "valuesAllowed": None,
    }
    fields_shown = [{"name": "Transfer reference", "group": [group]}]
    return Response(status=200, json=[{"type": "transfer", "fields": fields_shown}])


def _optional(field: Field) -> Field:
    return Field(name=field.name, kind=field.kind, wrong=field.wrong)


def estimate(request: Request, context: ReadContext) -> Response:
    """As the quote had it: 26 hours after it was made."""
    transfer = own_transfer(request, context, request.params["transferId"])
    arrives = read_time(transfer["created"]) + ARRIVES
    at = f"{arrives:%Y-%m-%dT%H:%M:%S}.000+0000"
    said = f"by {arrives:%A, %B} {arrives.day}"
    return Response(status=200, json={"estimatedDeliveryDate": at, "formattedEstimatedDeliveryDate": said})


ENDPOINTS = told(
    look("/v1/delivery-estimates/{transferId}", estimate, STYLE),
    action("POST", "/v1/transfers", create_transfer, STYLE),
    look("/v1/transfers", list_transfers, STYLE),
    look("/v1/transfers/{transferId}", view_transfer, STYLE),
    action("PUT", "/v1/transfers/{transferId}/cancel", cancel, STYLE, body=False),
    look("/v1/transfers/{transferId}/payments", list_payments, STYLE),
    action("POST", "/v1/transfer-requirements", requirements, STYLE),
    source="recorded; description 2026Q3",
    simplified="no originators; the purpose of a transfer and the source of its money are not asked for",
    tokens=ANY_USER,
)
