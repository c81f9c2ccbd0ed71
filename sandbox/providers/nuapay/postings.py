"""Money on accounts: a balance changes and a transaction says why, by this code and by no other.

Amounts are reckoned as decimals and kept as JSON numbers: two decimals below a million millions are exact in both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context
from sandbox.providers.nuapay.keeping import NOTES, add, change, free_id, milliseconds, today


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a transaction says beside its amount."""

    type: str
    """One of the description's "Transaction Types"."""
    name: str
    """Of the counterparty."""
    account: Mapping[str, Any]
    """Of the counterparty."""
    remittance: str | None
    end_to_end: str | None = None


def balance_of(account: Body) -> Decimal:
    return Decimal(str(account[NOTES]["balance"]))


def number(amount: Decimal) -> float:
    """As JSON has it."""
    return float(amount)


def post(context: Context, account: Body, moved: Decimal, posting: Posting) -> Body:
    """Add *moved*, which is negative for a debit, and write the transaction; the account as it then is."""
    balance = balance_of(account) + moved
    account = change(context, "account", account, **{NOTES: {**account[NOTES], "balance": number(balance)}})
    new = free_id(context, "transaction")
    data = {"id": new, "uri": f"/accounts/{account['id']}/transactions/{new}"}
    data |= _transaction(context, account["currency"], moved, balance, posting)
    add(context, "transaction", data, account=account["id"])
    return account


def _transaction(context: Context, currency: str, moved: Decimal, balance: Decimal, posting: Posting) -> Body:
    """The members of the example in "List transactions", in their order."""
    at = context.now.astimezone(UTC)
    return {
        "postingDate": today(context),
        "transactionType": posting.type,
        "valueDate": today(context),
        "amount": number(abs(moved)),
        "currency": currency,
        "creditDebitIndicator": "DEBIT" if moved < 0 else "CREDIT",
        "purposeCode": None,
        "endToEndId": posting.end_to_end,
        "mandateReference": None,
        "ultimateCreditorId": None,
        "ultimateCreditorName": None,
        "ultimateDebtorId": None,
        "ultimateDebtorName": None,
        "reasonCode": None,
        "reasonProprietary": None,
        "bulkMessageId": None,
        "batchReference": None,
        "unstructuredRemittanceInformation": None,
        "remittanceInfo": posting.remittance,
        "schemeType": None,
        "numberOfTransactions": None,
        "totalAmount": None,
        "balanceAfterTransaction": {
            "amount": number(balance),
            "currency": currency,
            "creditDebitIndicator": "CREDIT",
            "type": "BOOKED_BALANCE",
            "timestamp": milliseconds(at),
        },
        "counterparty": {"name": posting.name, "address": None, "account": dict(posting.account)},
        "creationDateTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "creationTimestamp": milliseconds(at),
        "links": [],
    }
