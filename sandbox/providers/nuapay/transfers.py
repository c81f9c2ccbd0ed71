"""``POST /transfers``: money from one account of the organisation to another, at once.

Source: "Transfers" of Nuapay's API description. It has no code for an account with too little on it: the one of credit
transfers stands in.
"""

from collections.abc import Iterable
from dataclasses import replace

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, making_of
from sandbox.providers.kit.fields import Field, Values
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_absent, refuse_rules
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import needs_one_of
from sandbox.providers.kit.values import day, text
from sandbox.providers.nuapay.accounts import balance_of
from sandbox.providers.nuapay.credit_transfers import too_little
from sandbox.providers.nuapay.identification import own_account
from sandbox.providers.nuapay.style import CURRENCY, DETAILS, ID, PAYMENT, account_fields, core
from sandbox.providers.nuapay.transactions import Posting, post

_ENDS = ("accountFrom", "accountTo")


def _body(making: Making) -> Body:
    given = making.given
    return {
        "id": making.id,
        "uri": f"/transfers/{making.id}",
        "requestedExecutionDate": given["requestedExecutionDate"].isoformat(),
        "remittanceInfo": given.get("remittanceInfo"),
        "amount": float(given["amount"]),
        "currency": given["currency"],
        **{end: making.notes[end]["identification"] for end in _ENDS},
        "links": [],
    }


TRANSFER = Resource(
    kind="transfer",
    id=ID,
    fields=(
        *(Field(name=end, wrong="7131", missing="7132", members=account_fields("7131", "")) for end in _ENDS),
        Field(name="amount", wrong="7131", missing="7132", kind=PAYMENT),
        Field(name="currency", wrong="7131", missing="7132", kind=CURRENCY),
        Field(name="remittanceInfo", wrong="7131", kind=text(longest=140)),
        Field(name="requestedExecutionDate", wrong="7131", missing="7132", kind=day),
    ),
    body=_body,
    rules=tuple(needs_one_of(f"{end}.iban", f"{end}.domesticAccountNumber", code="7132") for end in _ENDS),
)


def create_transfer(request: Request, context: Context) -> Response:
    making = making_of(TRANSFER, request, context)
    TRANSFER.judge(making)
    ends = {end: _account(making.given[end], context) for end in _ENDS}
    if problems := [*_problems(making, *ends.values())]:
        refuse_rules(*problems)
    _move(making.given, context, *ends.values())
    return STYLE.shown(TRANSFER, TRANSFER.add(context, replace(making, notes=ends)), status=201)


def _account(named: Values, context: Context) -> Body:
    account = own_account(context.resources, named)
    if account is None or account["status"] != "ACTIVE":
        refuse_absent("account", str(named.get("iban") or named["domesticAccountNumber"]))
    return account


def _problems(making: Making, source: Body, target: Body) -> Iterable[Problem]:
    """What keeps these two accounts from this transfer."""
    given, good = making.given, True
    if source["id"] == target["id"]:
        good = False
        yield Problem(code="7145", field="accountTo", seen=f"account {target['id']} twice")
    for account, end in zip((source, target), _ENDS, strict=True):
        if account["currency"] != given["currency"]:
            good = False
            seen = f"{given['currency']} on an account in {account['currency']}"
            yield Problem(code="7144", field=end, seen=seen)
    if given["requestedExecutionDate"].isoformat() != making.today:
        good = False
        seen = f"{given['requestedExecutionDate']}, and today is {making.today}"
        yield Problem(code="7148", field="requestedExecutionDate", seen=seen)
    if good and balance_of(source) < given["amount"]:
        yield too_little(source, given["amount"], "amount")


def _move(given: Values, context: Context, source: Body, target: Body) -> None:
    for account, other, moved, booking in (
        (source, target, -given["amount"], "OWN_ACCOUNT_DEBIT_TRANSFER"),
        (target, source, given["amount"], "OWN_ACCOUNT_CREDIT_TRANSFER"),
    ):
        posting = Posting(
            type=booking,
            name=other["actualHolderName"],
            account=other["identification"],
            remittance=given.get("remittanceInfo"),
        )
        post(context, account, moved, posting)


STYLE = core(DETAILS)
ENDPOINTS = (action("POST", "/transfers", create_transfer, STYLE, scopes=("transfers",)),)
