"""``POST /transfers``: money from one account of the organisation to another, at once.

Source: "Transfers" of Nuapay's API description. It has no code for an account with too little on it: the one of credit
transfers stands in.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import change
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.identification import members, own_account
from sandbox.providers.nuapay.keeping import add, free_id, shown, today
from sandbox.providers.nuapay.postings import Posting, balance_of, number, post
from sandbox.providers.nuapay.problems import DETAILS, Problem, fields_refused, not_found, rules_refused, too_little
from sandbox.providers.nuapay.values import CURRENCIES, choice, day, payment, text

_TRANSFER = table(
    Field(name="accountFrom", wrong="7131", missing="7132", members=members("7131", "")),
    Field(name="accountTo", wrong="7131", missing="7132", members=members("7131", "")),
    Field(name="amount", wrong="7131", missing="7132", kind=payment),
    Field(name="currency", wrong="7131", missing="7132", kind=choice(*CURRENCIES)),
    Field(name="remittanceInfo", wrong="7131", kind=text(longest=140)),
    Field(name="requestedExecutionDate", wrong="7131", missing="7132", kind=day),
)


def create_transfer(request: Request, context: Context) -> Response:
    said = read(request.payload, _TRANSFER, DETAILS)
    if isinstance(said, Response):
        return said
    if problems := [problem for end in ("accountFrom", "accountTo") for problem in _unnamed(said, end)]:
        return fields_refused(problems, DETAILS)
    source, target = own_account(context, said["accountFrom"]), own_account(context, said["accountTo"])
    for account, end in ((source, "accountFrom"), (target, "accountTo")):
        if account is None or account["status"] != "ACTIVE":
            return not_found("account", str(said[end].get("iban") or said[end]["domesticAccountNumber"]))
    if source is None or target is None:
        raise RuntimeError("an account that is not there has been answered for")
    if problems := _problems(said, source, target, context):
        return rules_refused(problems, DETAILS)
    return _move(said, source, target, context)


def _unnamed(said: Mapping[str, Any], end: str) -> list[Problem]:
    named = said[end].get("iban") or said[end].get("domesticAccountNumber")
    return [] if named else [Problem(code="7132", field=f"{end}.iban", seen="neither IBAN nor domestic account number")]


def _problems(said: Mapping[str, Any], source: Body, target: Body, context: Context) -> list[Problem]:
    """What keeps these two accounts from this transfer."""
    problems = []
    if source["id"] == target["id"]:
        problems.append(Problem(code="7145", field="accountTo", seen=f"account {target['id']} twice"))
    for account, end in ((source, "accountFrom"), (target, "accountTo")):
        if account["currency"] != said["currency"]:
            seen = f"{said['currency']} on an account in {account['currency']}"
            problems.append(Problem(code="7144", field=end, seen=seen))
    if said["requestedExecutionDate"].isoformat() != today(context):
        seen = f"{said['requestedExecutionDate']}, and today is {today(context)}"
        problems.append(Problem(code="7148", field="requestedExecutionDate", seen=seen))
    if not problems and balance_of(source) < said["amount"]:
        held, wanted = (f"{amount} {said['currency']}" for amount in (balance_of(source), said["amount"]))
        problems.append(too_little(source["id"], held, wanted, "amount"))
    return problems


def _move(said: Mapping[str, Any], source: Body, target: Body, context: Context) -> Response:
    new = free_id(context, "transfer")
    remittance = said.get("remittanceInfo")
    data = {
        "id": new,
        "uri": f"/transfers/{new}",
        "requestedExecutionDate": said["requestedExecutionDate"].isoformat(),
        "remittanceInfo": remittance,
        "amount": number(said["amount"]),
        "currency": said["currency"],
        "accountFrom": source["identification"],
        "accountTo": target["identification"],
        "links": [],
    }
    for account, other, moved, booking in (
        (source, target, -said["amount"], "OWN_ACCOUNT_DEBIT_TRANSFER"),
        (target, source, said["amount"], "OWN_ACCOUNT_CREDIT_TRANSFER"),
    ):
        named = {"name": other["actualHolderName"], "account": other["identification"]}
        post(context, account, moved, Posting(type=booking, remittance=remittance, **named))
    return single(data["uri"], shown(add(context, "transfer", data)), status=201)


ENDPOINTS = (change("POST", "/transfers", create_transfer, "transfers"),)
