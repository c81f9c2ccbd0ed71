"""Money on accounts: a balance changes and a transaction says why, by this code and by no other.

Source: "Transactions" of Nuapay's API description. Amounts are reckoned as decimals and kept as JSON numbers: two
decimals below a million millions are exact in both.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.providers.context import Body, Context
from sandbox.providers.kit.calls import listing, view
from sandbox.providers.kit.lists import Filter, Listing, Span
from sandbox.providers.kit.making import Making, milliseconds
from sandbox.providers.kit.resource import NOTES, Below, Resource
from sandbox.providers.kit.rules import Index, amounts, counts
from sandbox.providers.kit.values import Kind, choice, day, instant, several, text
from sandbox.providers.nuapay.accounts import ACCOUNT, balance_of
from sandbox.providers.nuapay.style import BODY, BODY_PAGES, CORE, HIGHEST, LIST_OF_TRANSACTIONS, core

_TYPES = {
    "FEES": (),
    "DIRECT_DEBITS": (),
    "CREDIT_TRANSFERS": ("OUTGOING_CREDIT_TRANSFER",),
    "INTERNAL": ("OWN_ACCOUNT_CREDIT_TRANSFER", "OWN_ACCOUNT_DEBIT_TRANSFER"),
    "OTHER": (),
}
"""Which of the transaction types that the sandbox writes belong to which group; the grouping is not published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a transaction says beside its amount."""

    type: str
    """One of the description's "Transaction Types"."""
    name: str
    """Of the counterparty."""
    account: Body
    """Of the counterparty."""
    remittance: str | None
    end_to_end: str | None = None


def post(context: Context, account: Body, moved: Decimal, posting: Posting) -> Body:
    """Add *moved*, which is negative for a debit, and write the transaction; the account as it then is."""
    balance = balance_of(account) + moved
    account = ACCOUNT.change(context, account, **{NOTES: {**account[NOTES], "balance": float(balance)}})
    notes = {"account": account, "moved": moved, "balance": balance, "posting": posting}
    TRANSACTION.add(context, Making(given={}, now=context.now, notes=notes))
    return account


def _body(making: Making) -> Body:
    """The members of the example in "List transactions", in their order."""
    at, account = making.now.astimezone(UTC), making.notes["account"]
    moved, posting = making.notes["moved"], making.notes["posting"]
    return {
        "id": making.id,
        "uri": f"/accounts/{account['id']}/transactions/{making.id}",
        "postingDate": making.today,
        "transactionType": posting.type,
        "valueDate": making.today,
        "amount": float(abs(moved)),
        "currency": account["currency"],
        "creditDebitIndicator": "DEBIT" if moved < 0 else "CREDIT",
        "purposeCode": None,
        "endToEndId": posting.end_to_end,
        **dict.fromkeys(_NOTHING.split()),
        "remittanceInfo": posting.remittance,
        "schemeType": None,
        "numberOfTransactions": None,
        "totalAmount": None,
        "balanceAfterTransaction": {
            "amount": float(making.notes["balance"]),
            "currency": account["currency"],
            "creditDebitIndicator": "CREDIT",
            "type": "BOOKED_BALANCE",
            "timestamp": milliseconds(at),
        },
        "counterparty": {"name": posting.name, "address": None, "account": dict(posting.account)},
        "creationDateTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "creationTimestamp": milliseconds(at),
        "links": [],
    }


_NOTHING = (
    "mandateReference ultimateCreditorId ultimateCreditorName ultimateDebtorId ultimateDebtorName reasonCode "
    "reasonProprietary bulkMessageId batchReference unstructuredRemittanceInformation"
)
_NAME, _OF = "counterparty.name", "counterparty.account"

TRANSACTION = Resource(
    kind="transaction",
    id=ACCOUNT.id,
    body=_body,
    notes=lambda making: {"account": making.notes["account"]["id"]},
    below=(Below(param="accountId", resource=ACCOUNT, key=f"{NOTES}.account"),),
    index=(
        f"{NOTES}.account",
        "valueDate",
        Index(name="amount", write=amounts),
        "remittanceInfo",
        "endToEndId",
        _NAME,
        f"{_OF}.iban",
        f"{_OF}.domesticAccountNumber",
        "creditDebitIndicator",
        "transactionType",
        Index(name="creationTimestamp", write=counts),
    ),
)


def _date(value: object) -> date | None:
    """A date or a date-time: the schema has the one, its example the other."""
    read = instant.read(value)
    return read.date() if isinstance(read, datetime) else day.read(value)


def _bound(value: object) -> Decimal | None:
    """An amount as a number or a text: the schema has the one, its example the other."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        read = Decimal(value)
    except InvalidOperation:
        return None
    return read if read.is_finite() and 0 <= read <= HIGHEST else None


def _text(name: str, key: str, how: Any = "in") -> Filter:
    """Whether texts fit as a whole or in part is our own choice: the schema does not say."""
    return Filter(name=name, wrong="7131", kind=text(longest=140), key=key, how=how)


_DATES, _AMOUNTS = Kind(_date, day.says, date.isoformat), Kind(_bound, f"0 to {HIGHEST}")
_ASKS = Listing(
    filters=(
        Span(
            first="valueDateFrom",
            last="valueDateTo",
            key="valueDate",
            kind=_DATES,
            wrong="7205",
            wrong_last="7204",
            reversed="7208",
        ),
        Span(
            first="amountFrom",
            last="amountTo",
            key="amount",
            kind=_AMOUNTS,
            wrong="7206",
            wrong_last="7207",
            reversed="7209",
        ),
        _text("remittanceInfo", "remittanceInfo", "has"),
        _text("endToEndId", "endToEndId"),
        _text("counterpartyName", _NAME, "has"),
        _text("counterpartyIban", f"{_OF}.iban"),
        _text("counterpartyAccountNumber", f"{_OF}.domesticAccountNumber"),
        Filter(name="creditDebitIndicator", wrong="7131", kind=choice("DEBIT", "CREDIT")),
        Filter(name="type", wrong="7131", kind=choice(*_TYPES), key="transactionType", means=lambda one: _TYPES[one]),
        Filter(name="transactionType", wrong="7131", kind=several(text(longest=64, shortest=1), most=100)),
    ),
    paging=BODY_PAGES,
    inside=BODY,
    wrong="7131",
)
_ALL, _SCOPES = "/accounts/{accountId}/transactions", ("account_transaction_view",)

ENDPOINTS = (
    # The example's address ends in a slash and leaves "list" out.
    listing(TRANSACTION, f"{_ALL}/list", core(LIST_OF_TRANSACTIONS), _ASKS, scopes=_SCOPES, uri=f"{_ALL}/"),
    view(TRANSACTION, f"{_ALL}/{{transactionId}}", CORE, scopes=_SCOPES),
)
