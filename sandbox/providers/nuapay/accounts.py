"""Accounts and what they hold: ``/accounts``, their balances and their transactions.

Source: "Accounts", "Balances" and "Transactions" of Nuapay's API description.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay import identification
from sandbox.providers.nuapay.calls import change, look
from sandbox.providers.nuapay.envelope import collection, single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.keeping import NOTES, add, free_id, milliseconds, newest_first, shown
from sandbox.providers.nuapay.lists import PAGE, cut, page_of
from sandbox.providers.nuapay.postings import balance_of, number
from sandbox.providers.nuapay.problems import (
    ACCOUNTS,
    Problem,
    fields_refused,
    not_found,
    rules_refused,
    silently_not_found,
)
from sandbox.providers.nuapay.queries import query_of
from sandbox.providers.nuapay.values import CURRENCIES, choice, iban, text

CURRENT, SUB = "CURRENT_ACCOUNT", "SUB_ACCOUNT"
_BALANCES = ("BOOKED_BALANCE", "AVAILABLE_BALANCE")
_TIMESTAMP_DIGITS = 18
"""All that int64 holds."""
NAME = r"[0-9a-zA-Z ,.+()/:?'-]*"

_NEW = table(
    Field(name="name", wrong="7131", missing="7132", kind=text(longest=50, shortest=1, pattern=NAME)),
    Field(name="currency", wrong="7131", missing="7132", kind=choice(*CURRENCIES)),
    Field(name="type", wrong="7131", kind=choice(CURRENT, SUB)),
    Field(name="secondaryIdentification", wrong="7131", kind=text(longest=35, shortest=1, pattern=NAME)),
    Field(name="identification", wrong="7131", members=identification.members("7131", "7131")),
    Field(name="masterAccountIban", wrong="7131", kind=iban),
    Field(name="settlementIban", wrong="7131", kind=iban),
    Field(name="holderName", wrong="7131", kind=text(longest=70, shortest=1)),
)
_LIST = table(
    Field(
        name="filter",
        wrong="7131",
        members=(Field(name="queryString", wrong="7131", kind=text(longest=200, shortest=3)),),
    ),
    PAGE,
)


def create_account(request: Request, context: Context) -> Response:
    """An account at once ACTIVE and empty. Without ``identification`` Nuapay gives it an IBAN of its own."""
    said = read(request.payload, _NEW, ACCOUNTS)
    if isinstance(said, Response):
        return said
    if problems := [*_identification_problems(said, context), *_master_problems(said, context)]:
        return rules_refused(problems, ACCOUNTS)
    named = said.get("identification")
    data = account_data(
        free_id(context, "account"),
        name=said["name"],
        holder=said.get("holderName") or (request.client.name if request.client else ""),
        currency=said["currency"],
        type=said.get("type", CURRENT),
        named=identification.complete(named) if named else identification.fresh(context),
        second=said.get("secondaryIdentification"),
    )
    return single(data["uri"], shown(add(context, "account", data, balance=0.0)), status=201)


def account_data(
    id: str, *, name: str, holder: str, currency: str, type: str, named: Body, second: str | None = None
) -> Body:
    """An account as Nuapay shows it."""
    return {
        "id": id,
        "uri": f"/accounts/{id}",
        "name": name,
        "actualHolderName": holder,
        "currency": currency,
        "type": type,
        "status": "ACTIVE",
        "identification": named,
        "secondaryIdentification": second,
        "links": [],
    }


def list_accounts(request: Request, context: Context) -> Response:
    """``queryString`` is looked for in name and IBAN; that case makes no difference is our own choice."""
    said = read(request.payload, _LIST, ACCOUNTS)
    if isinstance(said, Response):
        return said
    page = page_of(said, ACCOUNTS)
    if isinstance(page, Response):
        return page
    wanted = said.get("filter", {}).get("queryString", "").lower()
    accounts = [
        body
        for body in newest_first(context.resources.all_of("account"))
        if wanted in body["name"].lower() or wanted in str(body["identification"]["iban"]).lower()
    ]
    return cut("/accounts/list", accounts, *page, show=_listed)


def view_account(request: Request, context: Context) -> Response:
    account = context.resources.get("account", request.params["accountId"])
    if account is None:
        return not_found("account", request.params["accountId"])
    return single(account["uri"], shown(account))


def view_balances(request: Request, context: Context) -> Response:
    """Booked and available are the same: nothing is held back. ``dateuntil`` in the past takes back what came later."""
    account = context.resources.get("account", request.params["accountId"])
    if account is None:
        return silently_not_found("account", request.params["accountId"])
    now = milliseconds(context.now)
    until = query_of(request).get("dateuntil", str(now))
    if not (until.isascii() and until.isdecimal() and len(until) <= _TIMESTAMP_DIGITS):
        return fields_refused((Problem(code="7131", field="dateuntil", seen=ascii(until[:40])),), ACCOUNTS)
    uri = f"{account['uri']}/balances"
    # Only for a day in the past are all the transactions looked through.
    moved = _later(account, int(until), context) if int(until) < now else Decimal(0)
    amount = number(balance_of(account) - moved)
    return collection(uri, [_balance(uri, account, kind, amount, int(until)) for kind in _BALANCES])


def _balance(uri: str, account: Body, type: str, amount: float, until: int) -> Body:
    balance = {"amount": amount, "currency": account["currency"], "creditDebitIndicator": "CREDIT", "type": type}
    return {"uri": uri, "balance": balance, "timestamp": until, "links": []}


def _later(account: Body, until: int, context: Context) -> Decimal:
    """What came in, less what went out, after that instant."""
    moved = Decimal(0)
    for row in context.resources.all_of("transaction"):
        transaction = row.body
        if transaction[NOTES]["account"] == account["id"] and transaction["creationTimestamp"] > until:
            amount = Decimal(str(transaction["amount"]))
            moved += amount if transaction["creditDebitIndicator"] == "CREDIT" else -amount
    return moved


def _identification_problems(said: Mapping[str, Any], context: Context) -> list[Problem]:
    named = said.get("identification")
    if named is None:
        return []
    if not (named.get("iban") or named.get("domesticAccountNumber")):
        return [Problem(code="7075", field="identification.domesticAccountNumber", seen="nothing")]
    there = identification.own_account(context, named)
    if there is None:
        return []
    field = "identification.iban" if named.get("iban") else "identification.domesticAccountNumber"
    return [
        Problem(
            code="7137",
            field=field,
            seen=f"the account {there['id']} of the same number",
            cause="provider.not_unique",
            resource_uri=there["uri"],
        )
    ]


def _master_problems(said: Mapping[str, Any], context: Context) -> list[Problem]:
    """A sub-account is of a current account of the same organisation and currency."""
    wanted = said.get("masterAccountIban")
    if wanted is None:
        missing = Problem(code="7132", field="masterAccountIban", seen="a SUB_ACCOUNT without one")
        return [missing] if said.get("type") == SUB else []
    master = identification.own_account(context, {"iban": wanted})
    if master is None or master["type"] != CURRENT:
        seen = "an account of somebody else" if master is None else master["type"]
        return [Problem(code="7149", field="masterAccountIban", seen=seen)]
    if master["currency"] != said["currency"]:
        seen = f"{said['currency']} under {master['currency']}"
        return [Problem(code="7150", field="masterAccountIban", seen=seen)]
    return []


def _listed(account: Body) -> Body:
    """In a list each account has a link to its balances, whose id is null in the example too."""
    link = {"resourceType": "balances", "id": None, "uri": f"{account['uri']}/balances"}
    return {**shown(account), "links": [link]}


ENDPOINTS = (
    change("POST", "/accounts", create_account, "accounts"),
    change("POST", "/accounts/list", list_accounts, "accounts_read"),
    look("/accounts/{accountId}", view_account, "accounts_read"),
    look("/accounts/{accountId}/balances", view_balances, "accounts_read"),
)
