"""Statements of a balance: what the books hold of an interval, a line for each entry, the newest first.

What a balance holds now is known, so that only the entries since the start of the interval are read: those behind its
end are taken off, and what is left is the closing balance. The lines add up from the opening to the closing balance
in both types; a FLAT statement has the fee of a payment in a line of its own.

Sources: Wise's description 2026Q3, "Balance statements"; the deprecated API documents for the borderless account;
statements of 2021 to 2026 in the tests of public clients, for members and texts that no description has.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from sandbox.providers.context import Body, ReadContext, Request, Where
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.rules import equals
from sandbox.providers.wise.balances import standard
from sandbox.providers.wise.books import CONVERSION, ENTRY, MOVE, RECEIVED, REFUND, TOP_UP
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.style import cents, instant, invalid, read_time

LONGEST = timedelta(days=469)
"""The description: around one year and three months."""
NOUGHT = Decimal("0.00")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a statement says, whatever it is written as."""

    profile: Body
    balance: Body
    asked: Interval
    opening: Decimal
    closing: Decimal
    lines: Sequence[StatementLine]
    """The newest first."""

    @property
    def currency(self) -> str:
        return str(self.balance["currency"])


# --- what is asked ---


def asked(request: Request, currency: str = "") -> Interval:
    """The query. *currency* is that of the balance that the path names. Raises Stop."""
    start, end = (_moment(request, name) for name in ("intervalStart", "intervalEnd"))
    if end < start or end - start > LONGEST:
        says = f"must be after intervalStart, by at most {LONGEST.days} days"
        refuse_fields(invalid("query.intervalEnd", says, seen=f"{milliseconds(start)} to {milliseconds(end)}"))
    written = query_value(request, "type") or "COMPACT"
    kinds: Mapping[str, Kind] = {"COMPACT": "COMPACT", "FLAT": "FLAT"}
    if written not in kinds:
        refuse_fields(invalid("query.type", "must be COMPACT or FLAT", seen=ascii(written[:40])))
    named = query_value(request, "currency")
    if currency and named not in ("", currency):
        refuse_fields(invalid("query.currency", f"must be {currency}, the balance's", seen=ascii(named[:40])))
    return Interval(start=start, end=end, kind=kinds[written], locale=query_value(request, "statementLocale") or "en")


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


def statement(profile: Body, balance: Body, of: Interval, context: ReadContext) -> Statement:
    """From the entries since the start of the interval."""
    start, end = milliseconds(of.start), milliseconds(of.end)
    where = (equals("balance", balance["id"]), Where(key="at", how="from", values=(start,)))
    entries = [row.body for row in context.resources.find(ENTRY.kind, where).rows]
    # By time, since the sandbox's clock can be turned back; the order within one instant is that of the books.
    entries.sort(key=lambda entry: (entry["at"], entry["id"]), reverse=True)
    moved = [(entry, _value(entry, balance["id"])) for entry in entries]
    closing = cents(balance["amount"]) - sum((value for entry, value in moved if entry["at"] > end), NOUGHT)
    inside = [(entry, value) for entry, value in moved if entry["at"] <= end]
    lines = tuple(_lines(inside, closing, of.kind))
    opening = closing - sum((value for _, value in inside), NOUGHT)
    return Statement(profile=profile, balance=balance, asked=of, opening=opening, closing=closing, lines=lines)


def _value(entry: Body, balance: int) -> Decimal:
    return sum((Decimal(moved["amount"]) for moved in entry["balances"] if moved["id"] == balance), NOUGHT)


def _lines(moved: Iterable[tuple[Body, Decimal]], closing: Decimal, kind: Kind) -> Iterator[StatementLine]:
    """Backwards from the closing balance."""
    after = closing
    for entry, value in moved:
        fee = _fee(entry, value)
        whole = _line(entry, value, fee, after)
        if kind == "FLAT" and fee:
            charged = -fee if value < 0 else fee
            yield _charge(whole, charged)
            yield _without_fee(whole, charged)
        else:
            yield whole
        after -= value


def _fee(entry: Body, value: Decimal) -> Decimal:
    """Of a conversion it is shown where the money comes from; a refund gives it back."""
    paid_here = value < 0 or entry["what"] == REFUND
    return Decimal(entry["about"].get("fee", NOUGHT)) if paid_here else NOUGHT


def _line(entry: Body, value: Decimal, fee: Decimal, after: Decimal) -> StatementLine:
    about, what = entry["about"], entry["what"]
    write = _DETAILS.get(what, _sent)
    transfer = f"TRANSFER-{entry['transfer'] or entry['id']}"
    return StatementLine(
        at=entry["at"],
        value=value,
        fee=fee,
        after=after,
        reference=f"BALANCE-{entry['id']}" if what in (CONVERSION, MOVE) else transfer,
        details=write(about, value),
        exchange=None if what in (CONVERSION, MOVE) else _exchange(about),
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


def _without_fee(line: StatementLine, charged: Decimal) -> StatementLine:
    return StatementLine(
        at=line.at,
        value=line.value - charged,
        fee=line.fee,
        after=line.after - charged,
        reference=line.reference,
        details=line.details,
        exchange=line.exchange,
    )


# --- what a line tells ---


def money(value: Any, currency: str) -> Body:
    """As statements were seen to write it, which is more than other calls do."""
    read = cents(value)
    return {"value": read, "currency": currency, "zero": not read}


def _exchange(about: Body) -> Body | None:
    if not about or about["from"][1] == about["to"][1]:
        return None
    return {"toAmount": money(*about["to"]), "fromAmount": money(*about["from"]), "rate": Decimal(about["rate"])}


def _sent(about: Body, value: Decimal) -> Body:
    """A refund has the words of its payment."""
    payee = about["payee"]
    return {
        "type": "TRANSFER",
        "description": f"Sent money to {payee['name'] or 'a recipient'}",
        "recipient": {"name": payee["name"], "bankAccount": payee["account"]},
        "paymentReference": about["reference"],
        "creatorTrackingId": None,
    }


def _added(about: Body, value: Decimal) -> Body:
    return {"type": "MONEY_ADDED", "description": "Topped up account"}


def _converted(about: Body, value: Decimal) -> Body:
    (given, source), (got, target), fee = about["from"], about["to"], about["fee"]
    cost = f" (fee: {fee} {source})" if value < 0 and Decimal(fee) else ""
    return {
        "type": "CONVERSION",
        "description": f"Converted {Decimal(given):,.2f} {source} to {Decimal(got):,.2f} {target}{cost}",
        "sourceAmount": money(given, source),
        "targetAmount": money(got, target),
        "fee": money(fee, source),
        "rate": Decimal(about["rate"]),
    }


def _moved(about: Body, value: Decimal) -> Body:
    side, (source, target) = ("OUTGOING" if value < 0 else "INCOMING"), about["names"]
    text = f"Moved {Decimal(about['from'][0]):,.2f} {about['from'][1]} from {source} to {target}"
    return {"type": f"{side}_CROSS_BALANCE", "description": text}


_DETAILS = {TOP_UP: _added, RECEIVED: _added, CONVERSION: _converted, MOVE: _moved}
