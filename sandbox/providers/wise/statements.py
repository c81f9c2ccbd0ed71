"""Statements of a balance: what the books hold of an interval, a line for each entry, the newest first.

What a balance holds now is known, so that only the entries since the start of the interval are read, once and
backwards: those behind its end are taken off, what is left is the closing balance, and what is left behind the last
line is the opening balance. No more than one line is held. A FLAT statement has the fee of a payment in a line of its
own.

Sources: Wise's description 2026Q3, "Balance statements"; the deprecated API documents for the borderless account;
statements of 2021 to 2026 in the tests of public clients, for members and texts that no description has.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any, Literal, TypeVar

from sandbox.providers.context import Body, ReadContext, Request, Where
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.problems import read_all, refuse_fields
from sandbox.providers.kit.rules import equals
from sandbox.providers.wise.balances import BALANCE, standard
from sandbox.providers.wise.books import CONVERSION, DEPOSIT, ENTRY, MOVE, RECEIVED, REFUND, TOP_UP, next_entry
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.style import cents, instant, invalid, read_time

LONGEST = timedelta(days=469)
"""The description: around one year and three months."""
NOUGHT = Decimal("0.00")
_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
Kind = Literal["COMPACT", "FLAT"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Which statement is asked for."""

    start: datetime
    end: datetime
    kind: Kind
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line of a statement."""

    at: str
    value: Decimal
    """Above nought: it came in."""
    fee: Decimal
    after: Decimal
    """What the balance held then."""
    reference: str
    details: Body
    exchange: Body | None

    @property
    def type(self) -> str:
        return "CREDIT" if self.value > 0 else "DEBIT"

    @property
    def before(self) -> Decimal:
        """What the balance held until then: behind the last line, the opening balance."""
        return self.after - self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceChange:
    """What one entry did to the balance."""

    at: str
    number: int
    value: Decimal
    what: str
    transfer: int | None
    about: Body
    """What is told of it."""


class NotInOrder(Exception):
    """The sandbox's clock was turned back in between: the order of the books is not that of time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a statement says, whatever it is written as. It can be read once."""

    profile: Body
    balance: Body
    asked: Interval
    closing: Decimal
    changes: Iterator[BalanceChange]
    """The newest first."""

    @property
    def currency(self) -> str:
        return str(self.balance["currency"])

    def lines(self) -> Iterator[StatementLine]:
        """The newest first, backwards from the closing balance. Each is made when it is written. Raises NotInOrder."""
        after = self.closing
        for one in self.changes:
            yield from _lines(one, after, self.asked.kind)
            after -= one.value


# --- what is asked ---


def asked(request: Request, currency: str = "") -> Interval:
    """The query. *currency* is that of the balance that the path names. Raises Stop."""
    (start, end), kind, _ = read_all(lambda: _span(request), lambda: _kind(request), lambda: _same(request, currency))
    return Interval(start=start, end=end, kind=kind, locale=query_value(request, "statementLocale") or "en")


def _span(request: Request) -> tuple[datetime, datetime]:
    start, end = read_all(lambda: _moment(request, "intervalStart"), lambda: _moment(request, "intervalEnd"))
    if end < start or end - start > LONGEST:
        says = f"must be after intervalStart, by at most {LONGEST.days} days"
        refuse_fields(invalid("query.intervalEnd", says, seen=f"{milliseconds(start)} to {milliseconds(end)}"))
    return start, end


def _kind(request: Request) -> Kind:
    written = query_value(request, "type") or "COMPACT"
    kinds: Mapping[str, Kind] = {"COMPACT": "COMPACT", "FLAT": "FLAT"}
    if written not in kinds:
        refuse_fields(invalid("query.type", "must be COMPACT or FLAT", seen=ascii(written[:40])))
    return kinds[written]


def _same(request: Request, currency: str) -> None:
    named = query_value(request, "currency")
    if currency and named not in ("", currency):
        refuse_fields(invalid("query.currency", f"must be {currency}, the balance's", seen=ascii(named[:40])))


def _moment(request: Request, name: str) -> datetime:
    field = f"query.{name}"
    if not (written := instant(query_value(request, name), field)):
        refuse_fields(invalid(field, "must not be null", code="NotNull", seen=f"no {name} in the query"))
    return read_time(written)


def of_currency(request: Request, profile: Body, context: ReadContext) -> Body:
    """The balance that the query names by its currency, of a borderless account. Raises Stop."""
    currency = query_value(request, "currency")
    found = standard(context, str(profile["id"]), currency)
    if found is None:
        code, says = ("NOT_VALID", "must be the currency of a balance") if currency else ("NotNull", "must not be null")
        refuse_fields(invalid("query.currency", says, code=code, seen=ascii(currency[:40]) or "nothing"))
    return found


# --- what the books say ---


T = TypeVar("T")


def written(profile: Body, balance: Body, of: Interval, context: ReadContext, write: Callable[[Statement], T]) -> T:
    """What *write* makes of the statement. Where the clock was turned back in the interval, the entries are sorted
    before, which takes a memory for all of them."""
    try:
        return write(_statement(profile, balance, of, context, _in_order))
    except NotInOrder:
        return write(_statement(profile, balance, of, context, _sorted))


def _statement(
    profile: Body, balance: Body, of: Interval, context: ReadContext, order: "Callable[[_Changes], _Changes]"
) -> Statement:
    """From the entries since the start of the interval, as they are at one moment. Raises NotInOrder."""
    end = milliseconds(of.end)
    balance, number = _settled(balance, context)
    changes = order(_changes(balance["id"], milliseconds(of.start), number, context))
    closing = cents(balance["amount"])
    for one in changes:
        if one.at <= end:
            changes = chain((one,), changes)
            break
        closing -= one.value
    return Statement(profile=profile, balance=balance, asked=of, closing=closing, changes=changes)


_Changes = Iterator[BalanceChange]


def _in_order(changes: _Changes) -> _Changes:
    """By time, as the books have them. Raises NotInOrder."""
    last = ""
    for one in changes:
        if last and one.at > last:
            raise NotInOrder
        last = one.at
        yield one


def _sorted(changes: _Changes) -> _Changes:
    """By time; the order within one instant is that of the books. What is held has no containers in it: of a hundred
    thousand the garbage collector would walk through all, and while it walks the event loop stands still."""
    held = [(one.at, one.number, one.value, one.what, one.transfer, _json.encode(one.about)) for one in changes]
    held.sort(key=lambda entry: entry[:2], reverse=True)
    for at, number, value, what, transfer, about in held:
        yield BalanceChange(at=at, number=number, value=value, what=what, transfer=transfer, about=json.loads(about))


def _settled(balance: Body, context: ReadContext) -> tuple[Body, int]:
    """The balance, and the number of the first entry that is not in it: each look at the store sees the newest commit,
    and an entry may come between two of them."""
    number = next_entry(context)
    while True:
        balance = BALANCE.existing(context, str(balance["id"]))
        if (again := next_entry(context)) == number:
            return balance, number
        number = again


def _changes(balance: int, start: str, number: int, context: ReadContext) -> Iterator[BalanceChange]:
    """Those that are in the balance, the newest first as the books have them."""
    where = (equals("balance", balance), Where(key="at", how="from", values=(start,)))
    for entry in (row.body for row in context.resources.stream(ENTRY.kind, where)):
        if entry["id"] < number:
            yield BalanceChange(
                at=entry["at"],
                number=entry["id"],
                value=sum((Decimal(moved["amount"]) for moved in entry["balances"] if moved["id"] == balance), NOUGHT),
                what=entry["what"],
                transfer=entry["transfer"],
                about=entry["about"],
            )


def _lines(one: BalanceChange, after: Decimal, kind: Kind) -> Iterator[StatementLine]:
    whole = _line(one, after)
    if kind == "COMPACT" or not whole.fee:
        yield whole
        return
    charged = -whole.fee if whole.value < 0 else whole.fee
    yield _charge(whole, charged)
    yield replace(whole, value=whole.value - charged, after=after - charged)


def _line(one: BalanceChange, after: Decimal) -> StatementLine:
    about, between = one.about, one.what in (CONVERSION, MOVE)
    # The fee of a conversion is shown where the money comes from; a refund gives it back.
    paid_here = one.value < 0 or one.what == REFUND
    return StatementLine(
        at=one.at,
        value=one.value,
        fee=Decimal(about.get("fee", NOUGHT)) if paid_here else NOUGHT,
        after=after,
        reference=f"BALANCE-{one.number}" if between else f"TRANSFER-{one.transfer or one.number}",
        details=_DETAILS.get(one.what, _sent)(about, one.value),
        exchange=None if between else _exchange(about),
    )


def _charge(line: StatementLine, charged: Decimal) -> StatementLine:
    """The fee's own line, as it was seen: it is sent to Wise."""
    text, wise = f"Wise Charges for: {line.reference}", {"name": "Wise", "bankAccount": ""}
    more = {"paymentReference": line.details.get("paymentReference", ""), "creatorTrackingId": None}
    details = {"type": line.details["type"], "description": text, "recipient": wise, **more}
    reference = f"FEE-{line.reference}"
    return StatementLine(
        at=line.at, value=charged, fee=NOUGHT, after=line.after, reference=reference, details=details, exchange=None
    )


# --- what a line tells ---


def money(value: Any, currency: str) -> Body:
    """As statements were seen to write it: with a member more than in other calls, and without trailing noughts."""
    read = cents(value)
    return {"value": number(read), "currency": currency, "zero": not read}


def number(value: Decimal) -> int | float:
    """A float of money has its digits up to 13 places before the point, which is more than there may be."""
    return int(value) if value == value.to_integral_value() else float(value)


def _side(about: Body, side: str) -> Body:
    return money(about[side], about[f"{side}Currency"])


def _words(about: Body, side: str) -> str:
    return f"{Decimal(about[side]):,.2f} {about[f'{side}Currency']}"


def _exchange(about: Body) -> Body | None:
    if "source" not in about or about["sourceCurrency"] == about["targetCurrency"]:
        return None
    return {
        "toAmount": _side(about, "target"),
        "fromAmount": _side(about, "source"),
        "rate": number(Decimal(about["rate"])),
    }


def _sent(about: Body, value: Decimal) -> Body:
    """A refund has the words of its payment."""
    return {
        "type": "TRANSFER",
        "description": f"Sent money to {about['payee'] or 'a recipient'}",
        "recipient": {"name": about["payee"], "bankAccount": about["account"]},
        "paymentReference": about["reference"],
        "creatorTrackingId": None,
    }


def _added(about: Body, value: Decimal) -> Body:
    return {"type": "MONEY_ADDED", "description": "Topped up account"}


def _deposited(about: Body, value: Decimal) -> Body:
    return {
        "type": "DEPOSIT",
        "description": f"Received money from {about['payer']} with reference {about['reference']}",
        "senderName": about["payer"],
        "senderAccount": about["account"],
        "paymentReference": about["reference"],
    }


def _converted(about: Body, value: Decimal) -> Body:
    source, fee = about["sourceCurrency"], about["fee"]
    cost = f" (fee: {fee} {source})" if value < 0 and Decimal(fee) else ""
    return {
        "type": "CONVERSION",
        "description": f"Converted {_words(about, 'source')} to {_words(about, 'target')}{cost}",
        "sourceAmount": _side(about, "source"),
        "targetAmount": _side(about, "target"),
        "fee": money(fee, source),
        "rate": number(Decimal(about["rate"])),
    }


def _moved(about: Body, value: Decimal) -> Body:
    side = "OUTGOING" if value < 0 else "INCOMING"
    text = f"Moved {_words(about, 'source')} from {about['from']} to {about['into']}"
    return {"type": f"{side}_CROSS_BALANCE", "description": text}


_DETAILS = {TOP_UP: _added, RECEIVED: _added, DEPOSIT: _deposited, CONVERSION: _converted, MOVE: _moved}
