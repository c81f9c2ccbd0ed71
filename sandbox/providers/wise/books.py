"""The books: every movement of money is one entry whose legs add up to nought.

A leg is on an account: ``balance:ID``, ``transfer:ID`` (money on its way), ``fees``, ``exchange`` (where one currency
becomes another) or ``world`` (banks outside). What a balance holds is what it began with and its legs since; a
statement reads the same entries.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext
from sandbox.providers.kit.making import next_number, peek_number
from sandbox.providers.kit.resource import NOTES, Resource
from sandbox.providers.kit.rules import Index
from sandbox.providers.wise.balances import BALANCE
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.style import FIRST_TRANSACTION, TRANSACTION, cents, from_number, microseconds

TOP_UP, CONVERSION, MOVE = "topup", "conversion", "move"
PAYMENT, REFUND, RECEIVED, DEPOSIT = "payment", "refund", "received", "deposit"
"""What an entry that touches a balance may be. A transfer's steps in between, which touch none, have its words."""
WITHOUT_TRANSFER = (TOP_UP, CONVERSION, MOVE, DEPOSIT)
"""Those that belong to no transfer, so that a list of activities finds them here."""

Leg = tuple[str, str, Decimal]
"""Account, currency, amount: what comes in is above nought."""


def _acting(entry: Body) -> Any:
    return entry["balances"][0]["profile"] if entry["what"] in WITHOUT_TRANSFER else None


ENTRY = Resource(
    kind=TRANSACTION,
    id=from_number(FIRST_TRANSACTION),
    index=(
        "transfer",
        Index(name="balance", of=lambda entry: [moved["id"] for moved in entry["balances"]]),
        Index(name="at", of=lambda entry: entry["at"] if entry["balances"] else None),
        Index(name="acting", of=_acting),
    ),
)
"""One entry. Nobody can put one: the books would no longer be true."""


def terms(source: Body, target: Body, rate: str, fee: Decimal) -> Body:
    """What was given for what, each a value and a currency, as an entry tells it. All of it is text on one level: a
    statement holds a hundred thousand of these."""
    return {
        "fee": str(fee),
        "source": str(source["value"]),
        "sourceCurrency": source["currency"],
        "target": str(target["value"]),
        "targetCurrency": target["currency"],
        "rate": rate,
    }


def next_entry(context: ReadContext) -> int:
    """The number that the next entry will have."""
    return peek_number(context, ENTRY.kind, FIRST_TRANSACTION)


def book(
    context: Context,
    what: str,
    *legs: Leg,
    transfer: int | None = None,
    balance: Body | None = None,
    about: Mapping[str, Any] | None = None,
) -> Body:
    """Keep one entry, and what it does to balances. *balance* is one that was looked at in this call already; *about*
    is what a statement tells of the entry."""
    totals: dict[str, Decimal] = {}
    for _, currency, value in legs:
        totals[currency] = totals.get(currency, Decimal(0)) + value
    if any(totals.values()):
        raise ValueError(f"an entry that does not add up: {what}")
    # Nobody can put a row of this kind, so that the next number is free.
    number, moved = next_number(context, ENTRY.kind, FIRST_TRANSACTION), []
    for account, _, value in legs:
        kind, _, number_of = account.partition(":")
        if kind == "balance":
            known = balance if balance and str(balance["id"]) == number_of else BALANCE.existing(context, number_of)
            moved.append(_move(context, known, value))
    body = {
        "id": number,
        "what": what,
        "transfer": transfer,
        "at": milliseconds(context.now),
        "legs": [[account, currency, str(value)] for account, currency, value in legs],
        "balances": moved,
        "about": dict(about or {}),
        NOTES: {"order": number},
    }
    context.resources.add(ENTRY.kind, str(number), body)
    return body


def _move(context: Context, balance: Body, value: Decimal) -> Body:
    """Change what a balance holds; what webhooks tell of that."""
    after = str(cents(balance["amount"]) + value)
    BALANCE.change(context, balance, amount=after, modified=microseconds(context.now))
    names = ("id", "profile", "currency")
    return {**{name: balance[name] for name in names}, "amount": str(value), "after": after}
