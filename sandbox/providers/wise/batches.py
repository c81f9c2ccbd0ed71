"""Batch groups: transfers that are put together, closed, and paid for in one call, all of them or none.

Sources: Wise's description 2026Q3, "Batch groups"; the refusals that it does not have are the sandbox's own.
"""

from decimal import Decimal

from sandbox.errors import Refusal
from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.making import Making, uuid_id
from sandbox.providers.kit.problems import refuse_absent, refuse_rules
from sandbox.providers.kit.resource import NOTES, Resource
from sandbox.providers.kit.values import INT64, choice, text, whole
from sandbox.providers.wise.balances import richest
from sandbox.providers.wise.funding import INVALID_STATE, cost, pay
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.quotes import BANK
from sandbox.providers.wise.sca import PAY_BATCH
from sandbox.providers.wise.sending import make_transfer
from sandbox.providers.wise.style import CURRENCY, STYLE, as_text, cents, invalid
from sandbox.providers.wise.transfers import CANCELLED, TRANSFER, WAITING, as_of, move, told_of
from sandbox.providers.wise.users import ANY_USER

NEW, COMPLETED, OVER = "NEW", "COMPLETED", "CANCELLED"
MOST_TRANSFERS = 1000
"""The description."""
PAYIN_ACCOUNT, PAYIN_BANK = "37778842", "231470"
"""Where a bank transfer would be sent: in the sandbox nothing arrives there."""


def _batch(making: Making) -> Body:
    """The number that a bank transfer would name is made from the id."""
    return {
        "id": making.id,
        "version": 0,
        "name": making.given["name"],
        "sourceCurrency": making.given["sourceCurrency"],
        "status": NEW,
        "transferIds": [],
        "profile": making.notes["profile"]["id"],
        "user": making.notes["profile"]["userId"],
        "shortId": int(making.id.replace("-", "")[:7], 16),
        "paid": False,
    }


BATCH = Resource(
    kind="batch",
    id=uuid_id(),
    fields=(
        Field(name="sourceCurrency", kind=CURRENCY, wrong="NOT_VALID", missing="NotNull"),
        Field(name="name", kind=text(longest=100, shortest=1), wrong="NOT_VALID", missing="NotNull"),
    ),
    body=_batch,
)


# --- looking ---


def own_batch(request: Request, context: ReadContext) -> Body:
    """The group that the path names, of the profile that it names. Raises Stop."""
    profile = own_profile(request, context, request.params["profileId"])
    batch = BATCH.existing(context, request.params["batchGroupId"].lower())
    if batch["profile"] != profile["id"]:
        refuse_absent("batch", batch["id"])
    return batch


def _transfers(batch: Body, context: ReadContext) -> list[Body]:
    return [TRANSFER.existing(context, str(number)) for number in batch["transferIds"]]


def _shown(batch: Body, context: ReadContext) -> Body:
    names = ("id", "version", "name", "sourceCurrency", "status", "transferIds")
    pay_in = [_pay_in(batch, context)] if batch["status"] == COMPLETED else []
    return {**{name: batch[name] for name in names}, "payInDetails": pay_in}


def _pay_in(batch: Body, context: ReadContext) -> Body:
    unknown = ("branchName", "accountType", "bankAddress", "transferWiseAddress", "iban", "bban")
    more = (
        "institutionNumber",
        "transitNumber",
        "beneficiaryBankBIC",
        "intermediaryBankBIC",
        "fpsIdentifier",
        "clearingNumber",
    )
    waiting = [one for one in _transfers(batch, context) if as_of(one, context.now)["status"] != CANCELLED]
    return {
        "type": "bank_transfer",
        "reference": f"B{batch['shortId']}",
        "amount": sum((cost(one, context, BANK)[1].source for one in waiting), cents(0)),
        "currency": batch["sourceCurrency"],
        "name": "TransferWise Ltd",
        "accountNumber": PAYIN_ACCOUNT,
        "bankCode": PAYIN_BANK,
        **dict.fromkeys((*unknown, *more)),
    }


def view_batch(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=_shown(own_batch(request, context), context))


# --- from creation to its end ---


def create_batch(request: Request, context: Context) -> Response:
    profile = own_profile(request, context, request.params["profileId"])
    making = making_of(BATCH, request, context)
    notes = {"profile": profile}
    made = BATCH.add(context, Making(given=making.given, now=context.now, context=context, notes=notes))
    return Response(status=201, json=_shown(made, context))


def add_transfer(request: Request, context: Context) -> Response:
    """As ``POST /v1/transfers``; the same customerTransactionId gives the same transfer here too."""
    batch = own_batch(request, context)
    _judge(batch, NEW)
    if len(batch["transferIds"]) >= MOST_TRANSFERS:
        message = f"a group has at most {MOST_TRANSFERS} transfers"
        refuse_rules(invalid("", message, seen=str(MOST_TRANSFERS), cause="provider.invalid_state"))
    made = make_transfer(request, context, batch=batch)
    if made["id"] not in batch["transferIds"]:
        if made[NOTES]["batch"] != batch["id"]:
            code, seen = "NOT_UNIQUE", f"transfer {made['id']}'s"
            message, cause = "belongs to a transfer outside the group", "provider.not_unique"
            refuse_rules(invalid("customerTransactionId", message, code=code, seen=seen, cause=cause))
        _change(batch, context, transferIds=[*batch["transferIds"], made["id"]])
    return told_of(made, context)


_UPDATE = table(
    Field(name="status", kind=choice(COMPLETED, OVER), wrong="NOT_VALID", missing="NotNull"),
    Field(name="version", kind=whole(-INT64, INT64), wrong="NOT_VALID", missing="NotNull"),
)


def update_batch(request: Request, context: Context) -> Response:
    """Close it for payment, or cancel it with all its transfers; only at the version that the caller has seen."""
    batch = own_batch(request, context)
    given = read(request.payload, _UPDATE)
    if given["version"] != batch["version"]:
        message, seen = f"the group's version is {batch['version']}", str(given["version"])
        refuse_rules(invalid("version", message, seen=seen, cause="provider.invalid_state", status=409))
    if given["status"] == COMPLETED:
        _judge(batch, NEW)
    else:
        _judge_cancel(batch, context)
        for one in _transfers(batch, context):
            if as_of(one, context.now)["status"] == WAITING:
                move(one, CANCELLED, context)
    return Response(status=200, json=_shown(_change(batch, context, status=given["status"]), context))


def _change(batch: Body, context: Context, **changed: object) -> Body:
    return BATCH.change(context, batch, version=batch["version"] + 1, **changed)


def _judge(batch: Body, status: str) -> None:
    if batch["status"] != status:
        seen = f"a group that is {batch['status']}"
        refuse_rules(invalid("status", f"must be {status}", seen=seen, cause="provider.invalid_state", status=409))


def _judge_cancel(batch: Body, context: ReadContext) -> None:
    """Only a group of which nothing is paid for."""
    paid = [one["id"] for one in _transfers(batch, context) if one["status"] not in (WAITING, CANCELLED)]
    if batch["status"] == OVER or paid:
        seen = f"transfer {paid[0]}, which is paid for" if paid else "a group that is cancelled"
        cause = "provider.invalid_state"
        refuse_rules(
            invalid("status", "a group that is paid for cannot be cancelled", seen=seen, cause=cause, status=409)
        )


# --- paying for it ---

_PAYMENT = table(Field(name="type", kind=choice("BALANCE"), wrong="NOT_VALID", missing="NotNull"))


def fund_batch(request: Request, context: Context) -> Response:
    """Every transfer that waits, out of one balance: all of them, or none."""
    batch = own_batch(request, context)
    read(request.payload, _PAYMENT)
    waiting = [one for one in _transfers(batch, context) if as_of(one, context.now)["status"] == WAITING]
    if batch["status"] != COMPLETED or not waiting:
        seen = f"a group that is {batch['status']}" if batch["status"] != COMPLETED else "no transfer that waits"
        return _refused(INVALID_STATE, "provider.invalid_state", seen, "a completed group that is not paid for")
    currency = batch["sourceCurrency"]
    balance = richest(context, str(batch["profile"]), currency)
    if balance is None:
        code, expected = "balance.no-balance-for-currency", f"a balance in {currency}"
        return _refused(code, "provider.not_found", f"no balance in {currency}", expected)
    needed = sum((cost(one, context)[1].source for one in waiting), cents(0))
    if Decimal(balance.body["amount"]) < needed:
        seen, expected = f"{balance.body['amount']} {currency}", f"{needed} {currency}"
        return _refused("balance.insufficient-funds", "provider.no_funds", seen, expected)
    for one in waiting:
        held = context.resources.get("balance", balance.id)
        pay(one, held or balance.body, context)
    return Response(status=200, json=_funded(_change(batch, context, paid=True)))


def _refused(code: str, cause: str, seen: str, expected: str) -> Response:
    """As the funding of one transfer is refused."""
    return as_text(code, 422, cause=Refusal(code=cause, seen=seen, expected=expected))


def _funded(batch: Body) -> Body:
    return {
        "id": batch["id"],
        "name": batch["name"],
        "fileName": None,
        "alreadyPaid": batch["paid"],
        "shortId": batch["shortId"],
        "userId": batch["user"],
        "profileId": batch["profile"],
        "sourceCurrency": batch["sourceCurrency"],
        "status": batch["status"],
        "groupType": "API",
        "transferIds": batch["transferIds"],
    }


_GROUPS = "/v3/profiles/{profileId}/batch-groups"
_GROUP = f"{_GROUPS}/{{batchGroupId}}"
ENDPOINTS = told(
    action("POST", _GROUPS, create_batch, STYLE),
    look(_GROUP, view_batch, STYLE, aside=True),  # which looks at up to a thousand transfers
    action("PATCH", _GROUP, update_batch, STYLE),
    action("POST", f"{_GROUP}/transfers", add_transfer, STYLE),
    action(
        "POST",
        "/v3/profiles/{profileId}/batch-payments/{batchGroupId}/payments",
        fund_batch,
        STYLE,
        step_up=PAY_BATCH,
    ),
    source="description 2026Q3",
    simplified="paid out of one balance, all or nothing; cancelled at once; the refusals are the sandbox's own",
    tokens=ANY_USER,
)
