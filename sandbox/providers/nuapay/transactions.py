"""What moved on an account: ``/accounts/{accountId}/transactions``. They are written by ``postings``.

Source: "Transactions" of Nuapay's API description.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import change, look
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.keeping import NOTES, newest_first, shown
from sandbox.providers.nuapay.lists import PAGE, cut, page_of
from sandbox.providers.nuapay.problems import Manner, Problem, not_found, rules_refused, silently_not_found
from sandbox.providers.nuapay.values import choice, day, instant, several, text

_MANNER = Manner(fields="8888", rules=None)
"""As in the examples of "List transactions"."""
_HIGHEST = Decimal("999999999999.99")
_LONGEST = 140
_TYPES = {
    "FEES": (),
    "DIRECT_DEBITS": (),
    "CREDIT_TRANSFERS": ("OUTGOING_CREDIT_TRANSFER",),
    "INTERNAL": ("OWN_ACCOUNT_CREDIT_TRANSFER", "OWN_ACCOUNT_DEBIT_TRANSFER"),
    "OTHER": (),
}
"""Which of the transaction types that the sandbox writes belong to which group; the grouping is not published."""


def _date(value: object) -> date | None:
    """A date or a date-time: the schema has the one, its example the other."""
    read = instant(value)
    return read.date() if isinstance(read, datetime) else day(value)


def _bound(value: object) -> Decimal | None:
    """An amount as a number or a text: the schema has the one, its example the other."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        read = Decimal(value)
    except InvalidOperation:
        return None
    return read if read.is_finite() and 0 <= read <= _HIGHEST else None


_text = text(longest=_LONGEST)
_FILTER = Field(
    name="filter",
    wrong="7131",
    members=(
        Field(name="valueDateFrom", wrong="7205", kind=_date),
        Field(name="valueDateTo", wrong="7204", kind=_date),
        Field(name="amountFrom", wrong="7206", kind=_bound),
        Field(name="amountTo", wrong="7207", kind=_bound),
        Field(name="remittanceInfo", wrong="7131", kind=_text),
        Field(name="endToEndId", wrong="7131", kind=_text),
        Field(name="counterpartyName", wrong="7131", kind=_text),
        Field(name="counterpartyIban", wrong="7131", kind=_text),
        Field(name="counterpartyAccountNumber", wrong="7131", kind=_text),
        Field(name="creditDebitIndicator", wrong="7131", kind=choice("DEBIT", "CREDIT")),
        Field(name="type", wrong="7131", kind=choice(*_TYPES)),
        Field(name="transactionType", wrong="7131", kind=several(text(longest=64, shortest=1), most=100)),
    ),
)
_LIST = table(_FILTER, PAGE)

_FITS: Mapping[str, Callable[[Body, Any], bool]] = {
    "valueDateFrom": lambda body, first: body["valueDate"] >= first.isoformat(),
    "valueDateTo": lambda body, last: body["valueDate"] <= last.isoformat(),
    "amountFrom": lambda body, least: Decimal(str(body["amount"])) >= least,
    "amountTo": lambda body, most: Decimal(str(body["amount"])) <= most,
    "remittanceInfo": lambda body, part: part in (body["remittanceInfo"] or ""),
    "endToEndId": lambda body, wanted: body["endToEndId"] == wanted,
    "counterpartyName": lambda body, part: part in body["counterparty"]["name"],
    "counterpartyIban": lambda body, wanted: body["counterparty"]["account"]["iban"] == wanted,
    "counterpartyAccountNumber": lambda body, wanted: (
        body["counterparty"]["account"]["domesticAccountNumber"] == wanted
    ),
    "creditDebitIndicator": lambda body, wanted: body["creditDebitIndicator"] == wanted,
    "type": lambda body, wanted: body["transactionType"] in _TYPES[wanted],
    "transactionType": lambda body, wanted: body["transactionType"] in wanted,
}
"""What each filter keeps. Whether texts fit as a whole or in part is our own choice: the schema does not say."""


def list_transactions(request: Request, context: Context) -> Response:
    account = request.params["accountId"]
    if context.resources.get("account", account) is None:
        return silently_not_found("account", account)
    said = read(request.payload, _LIST, _MANNER)
    if isinstance(said, Response):
        return said
    page = page_of(said, _MANNER)
    if isinstance(page, Response):
        return page
    wanted = said.get("filter", {})
    if problems := _reversed(wanted):
        return rules_refused(problems, _MANNER)
    transactions = [
        body
        for body in newest_first(context.resources.all_of("transaction"))
        if body[NOTES]["account"] == account and all(_FITS[name](body, value) for name, value in wanted.items())
    ]
    # The example's address ends in a slash and leaves "list" out.
    return cut(f"/accounts/{account}/transactions/", transactions, *page)


def view_transaction(request: Request, context: Context) -> Response:
    wanted = request.params["transactionId"]
    transaction = context.resources.get("transaction", wanted)
    if transaction is None or transaction[NOTES]["account"] != request.params["accountId"]:
        return not_found("transaction", wanted)
    return single(transaction["uri"], shown(transaction))


def _reversed(wanted: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for code, first, last in (("7208", "valueDateFrom", "valueDateTo"), ("7209", "amountFrom", "amountTo")):
        if first in wanted and last in wanted and wanted[first] > wanted[last]:
            seen = f"{wanted[first]} to {wanted[last]}"
            problems.append(Problem(code=code, field=f"filter.{first}", seen=seen))
    return problems


ENDPOINTS = (
    change("POST", "/accounts/{accountId}/transactions/list", list_transactions, "account_transaction_view"),
    look("/accounts/{accountId}/transactions/{transactionId}", view_transaction, "account_transaction_view"),
)
