"""How a transfer is made on a quote, what it still needs, and when it arrives; how it is found again, and cancelled.

Sources: Wise's description 2026Q3, "Transfers" and "Delivery estimates"; recorded transfers;
https://docs.wise.com/guides/developer/errors.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Where
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.lists import Filter, Listing, query_value
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import read_all, refuse_fields, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import INT64, Kind
from sandbox.providers.wise.balances import paid_into
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.quotes import ARRIVES, BANK, QUOTE, amounts_of, expired, uuid_of
from sandbox.providers.wise.stand_ins import stand_in
from sandbox.providers.wise.style import CURRENCY, NUMBER, STYLE, blank, invalid, moment, plain_time, read_time
from sandbox.providers.wise.transfers import (
    CANCELLED,
    CUSTOMER_KEY,
    PROCESSING,
    TRANSFER,
    WAITING,
    as_of,
    asked,
    give_back,
    move,
    own_transfer,
    shown,
    told_of,
)
from sandbox.providers.wise.users import ANY_USER, user_of

USUAL_LIMIT, LARGEST_LIMIT = 10, 100
_ACCOUNTS = ("iban", "accountNumber", "email")
"""Under which of these a recipient's details name its account."""


def create_transfer(request: Request, context: Context) -> Response:
    return told_of(make_transfer(request, context), context)


def make_transfer(request: Request, context: Context, *, batch: Body | None = None) -> Body:
    """The same customerTransactionId gives the same transfer, whatever else is sent. Raises Stop."""
    making = asked(request, context)
    key, quote = making.given["customerTransactionId"].lower(), making.given["quoteUuid"].lower()
    return make_once(making, key, quote, batch=batch)


def make_once(
    making: Making, key: str, quote_id: str, *, batch: Body | None = None, profile: int | None = None, **notes: Any
) -> Body:
    """One transfer for each *key* of the caller's, on a quote of that *profile*, if it is named. Raises Stop."""
    given, request, context = making.given, making.request, making.context
    if request is None or context is None:
        raise ValueError("only a call makes a transfer")
    if earlier := context.resources.get(CUSTOMER_KEY.kind, key):
        return own_transfer(request, context, str(earlier["transfer"]))
    quote = open_quote(quote_id, context, profile)
    owner = own_profile(request, context, str(quote["profile"]))
    if batch and (quote["profile"], quote["sourceCurrency"]) != (batch["profile"], batch["sourceCurrency"]):
        says, seen = f"must be a quote from {batch['sourceCurrency']}", f"one from {quote['sourceCurrency']}"
        refuse_fields(invalid("quoteUuid", f"{says} of the group's profile", seen=seen, status=422))
    amounts = amounts_of(quote, BANK)
    worth = {name: quote[name] for name in ("sourceCurrency", "targetCurrency", "rate")}
    worth |= {"sourceValue": amounts.converted, "targetValue": amounts.target}
    notes |= {"profile": owner, "worth": worth, "rateEnds": quote["rateExpirationTime"], "quote": quote}
    notes |= {"batch": batch["id"] if batch else None, **_recipient(given, quote, owner, context)}
    made = TRANSFER.add(context, replace(making, notes=notes))
    context.resources.put(CUSTOMER_KEY.kind, key, {"id": key, "transfer": made["id"]})
    QUOTE.change(context, quote, status="ACCEPTED", targetAccount=given["targetAccount"])
    return made


def open_quote(id: str, context: Context, profile: int | None = None) -> Body:
    """The quote, if it is still good; of one that is used or over nothing is known any more. Raises Stop."""
    quote = context.resources.get("quote", uuid_of(context, id))
    if quote and profile and quote["profile"] != profile:
        quote = None
    if quote is None or expired(quote, context.now) or quote["status"] != "PENDING":
        seen = "no such quote" if quote is None else f"one that is {quote['status'].lower()}"
        seen = "one that has expired" if quote and expired(quote, context.now) else seen
        cause = "provider.not_found" if quote is None else "provider.invalid_state"
        message = "Quote not found"
        refuse_rules(
            invalid("", message, code="error.quote.not.found", seen=seen, arguments=(id,), cause=cause, status=422)
        )
    return quote


def _recipient(given: Mapping[str, Any], quote: Body, profile: Body, context: Context) -> Body:
    """Who gets the money, for statements and receipts: a recipient, or a balance of the profile's own. Raises Stop."""
    number, currency = given["targetAccount"], quote["targetCurrency"]
    recipient = context.resources.get("recipient", str(number))
    into = paid_into(context, number, profile["id"], currency) if recipient is None else None
    if into is not None:
        return {"payee": {"name": profile["fullName"], "account": ""}, "into": into}
    recipient = recipient or stand_in(context, number)
    wrong = ""
    if recipient is None or not recipient["active"] or recipient["user"] != profile["userId"]:
        wrong = "Recipient not found"
    elif recipient["currency"] != currency:
        wrong = f"Recipient must be in {currency}"
    if wrong or recipient is None:
        seen = f"recipient {number}"
        refuse_rules(invalid("targetAccount", wrong, code="INVALID_RECIPIENT", seen=seen, cause="provider.not_found"))
    details = recipient["details"]
    account = next((details[name] for name in _ACCOUNTS if details.get(name)), "")
    return {"payee": {"name": recipient["accountHolderName"], "account": account}}


def view_transfer(request: Request, context: ReadContext) -> Response:
    return told_of(own_transfer(request, context, request.params["transferId"]), context)


def _moment(value: object) -> str | None:
    """A day, or an instant with or without its offset, as a transfer writes its own."""
    try:
        return plain_time(moment(str(value)))
    except ValueError:
        return None


_MOMENT = Kind(_moment, "a day or an instant such as 2026-11-24T10:00:00Z")
_ASKS = Listing(
    filters=(
        blank(Filter(name="profile", kind=NUMBER, wrong="NOT_VALID")),
        blank(Filter(name="sourceCurrency", kind=CURRENCY, wrong="NOT_VALID")),
        blank(Filter(name="targetCurrency", kind=CURRENCY, wrong="NOT_VALID")),
        blank(Filter(name="createdDateStart", kind=_MOMENT, wrong="NOT_VALID", key="created", how="from")),
        blank(Filter(name="createdDateEnd", kind=_MOMENT, wrong="NOT_VALID", key="created", how="until")),
    ),
    oldest_first=True,
)


def list_transfers(request: Request, context: ReadContext) -> Response:
    """The oldest first, as recorded; a page is ``offset`` and ``limit``."""
    asks, start, limit = read_all(
        lambda: _ASKS.asked(request, TRANSFER.indexes),
        lambda: _whole(request, "offset", 0, INT64),
        lambda: _whole(request, "limit", USUAL_LIMIT, LARGEST_LIMIT),
    )
    where: list[Where] = list(asks.where)
    for profile in (one.values[0] for one in where if one.key == "profile"):
        own_profile(request, context, profile)
    if user := user_of(request, context):
        own = context.resources.find("profile", (equals("userId", user),)).rows
        where.append(equals("profile", *(row.id for row in own)))
    if query_value(request, "limit") and limit and start % limit:
        # Seen at Wise's sandbox by a public client, formancehq/payments (pull request 746); the words are ours.
        says = "offset must be a multiple of limit"
        refuse_fields(invalid("", says, code="inconsistent.pagination", seen=f"offset {start}, limit {limit}"))
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


_REFERENCE_LENGTHS = {"USD": 10, "GBP": 18, "EUR": 140}
"""What the payment systems of these currencies carry: ACH 10, Faster Payments 18, SEPA 140."""
OTHER_REFERENCE = 35


def requirements(request: Request, context: Context) -> Response:
    """Only a reference is asked for."""
    optional = ("customerTransactionId", "targetAccount")
    fields = tuple(one if one.name not in optional else _optional(one) for one in TRANSFER.fields)
    making = asked(request, context, Resource(kind="transfer", id=TRANSFER.id, fields=fields))
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


ENDPOINTS = (
    *told(
        action("POST", "/v1/transfers", create_transfer, STYLE),
        look("/v1/transfers", list_transfers, STYLE),
        look("/v1/transfers/{transferId}", view_transfer, STYLE),
        action("PUT", "/v1/transfers/{transferId}/cancel", cancel, STYLE, body=False),
        source="recorded; description 2026Q3",
        simplified="no originators",
        tokens=ANY_USER,
    ),
    *told(
        action("POST", "/v1/transfer-requirements", requirements, STYLE),
        look("/v1/delivery-estimates/{transferId}", estimate, STYLE),
        source="description 2026Q3",
        simplified="only a reference is asked for, neither the purpose of a transfer nor the source of its money",
        tokens=ANY_USER,
    ),
)
