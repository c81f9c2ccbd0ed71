"""Rates and fees: a table that is shipped, and rows of the client's that stand above it.

The figures of GBP to EUR and GBP to USD are those of recorded quotes (January 2025); the others are of the same time,
and are the sandbox's own choice. ``sandbank resource put rate GBP-EUR --set value=1.1`` changes a rate, a seed file or
the control API does the same, and fees with it. What rates were in the past is in `currencies`.

Source: recorded quotes of Wise's sandbox.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.providers.context import Body, ReadContext
from sandbox.providers.kit.making import Identity
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.values import Kind, text
from sandbox.providers.wise.style import cents

IN_DOLLARS = {
    "AED": "0.27229", "AUD": "0.62210", "BGN": "0.52708", "BRL": "0.16190", "CAD": "0.69380", "CHF": "1.10190",
    "CNY": "0.13660", "CZK": "0.04098", "DKK": "0.13820", "EUR": "1.03087", "GBP": "1.24232", "HKD": "0.12854",
    "HUF": "0.00249", "IDR": "0.0000617", "ILS": "0.27450", "INR": "0.01166", "JPY": "0.00636", "KES": "0.00774",
    "KRW": "0.00068", "MXN": "0.04850", "MYR": "0.22210", "NGN": "0.00065", "NOK": "0.08790", "NZD": "0.56130",
    "PHP": "0.01715", "PLN": "0.24150", "RON": "0.20720", "SEK": "0.08990", "SGD": "0.73030", "THB": "0.02895",
    "TRY": "0.02827", "USD": "1", "ZAR": "0.05340",
}  # fmt: skip
FEES = {"EUR": ("0.40", "0.00330", "0.19"), "USD": ("0.90", "0.00370", "0.17")}
"""By the target: so much, so much of what is converted, and what every way of paying but a balance costs more. The
recorded fees come out to the penny."""
OTHER_FEES, SAME_CURRENCY = ("0.60", "0.00450", "0.19"), ("0.20", "0", "0")
_PLACES, _SMALL = 5, Decimal("0.1")
"""A rate has five decimals, and a small one six digits from its first on: 0.0000617 would be nought."""


def _read(value: object) -> Decimal | None:
    good = isinstance(value, int | Decimal) and not isinstance(value, bool)
    found = Decimal(str(value)) if good else None
    return found if found is not None and found.is_finite() and 0 <= found <= Decimal("1e6") else None


def _typed(value: Any) -> Any:
    return Decimal(value) if isinstance(value, str) and value.replace(".", "", 1).isdecimal() else _number(value)


def _number(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, float) else value


FACTOR = Kind(_read, "a number such as 1.20512", str, _typed, Decimal)


def _row(making: Any) -> Body:
    source, target = making.id.split("-")
    given = {name: str(making.given[name]) for name in ("value", "fixed", "percent") if name in making.given}
    return {"id": making.id, "source": source, "target": target, **given}


RATE = Resource(
    kind="rate",
    id=Identity(
        new=lambda context, _: "GBP-EUR",
        kind=text(longest=7, pattern="[A-Z]{3}-[A-Z]{3}", says="two currencies such as GBP-EUR"),
    ),
    body=_row,
    ordered=False,
    seeds=(
        Seed(name="value", kind=FACTOR),
        Seed(name="fixed", kind=FACTOR),
        Seed(name="percent", kind=FACTOR),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one currency costs in another."""

    rate: Decimal
    fixed: Decimal
    """In the source currency."""
    percent: Decimal
    """Of what is converted: 0.0033 is 0.33 %."""
    bank: Decimal
    """What is added to ``fixed`` for all ways of paying but a balance."""


def price(context: ReadContext | None, source: str, target: str) -> Price | None:
    """The table's, or the client's own; None for a currency that neither has. Nobody's client has rows."""
    return price_with((context.resources.get("rate", f"{source}-{target}") if context else None) or {}, source, target)


def price_with(own: Body, source: str, target: str) -> Price | None:
    """The same from the client's own row for the pair; empty: it has none."""
    usual = _of_table(source, target)
    if usual is None and "value" not in own:
        return None
    fixed, percent, bank = SAME_CURRENCY if source == target else FEES.get(target, OTHER_FEES)
    return Price(
        rate=Decimal(str(own.get("value", usual))),
        fixed=Decimal(own.get("fixed", fixed)),
        percent=Decimal(own.get("percent", percent)),
        bank=Decimal(bank),
    )


def _of_table(source: str, target: str) -> Decimal | None:
    if source not in IN_DOLLARS or target not in IN_DOLLARS:
        return None
    return rounded(Decimal(IN_DOLLARS[source]) / Decimal(IN_DOLLARS[target]))


def rounded(rate: Decimal) -> Decimal:
    places = _PLACES if rate >= _SMALL else _PLACES - rate.adjusted()
    return rate.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class PayIn:
    """One way of paying: what it is called, and what it costs above paying from a balance."""

    name: str
    product: str
    set: int
    """The number of the price set."""
    percent: str = "0"
    """Of what the sender pays."""


_DEBIT, _CREDIT = "0.00656", "0.02229"
PAY_INS = (
    PayIn("BANK_TRANSFER", "CHEAP", 384),
    PayIn("DEBIT", "FAST", 384, _DEBIT),
    PayIn("CREDIT", "FAST", 384, _CREDIT),
    PayIn("PISP", "CHEAP", 384),
    PayIn("SWIFT", "ADVANCED", 384),
    PayIn("VISA_DEBIT_OR_PREPAID", "FAST", 384, "0.00369"),
    PayIn("INTERNATIONAL_DEBIT", "FAST", 384, "0.05195"),
    PayIn("MC_BUSINESS_CREDIT", "FAST", 384, "0.03939"),
    PayIn("MC_DEBIT_OR_PREPAID", "FAST", 384, _DEBIT),
    PayIn("MC_CREDIT", "FAST", 384, "0.01244"),
    PayIn("CARD", "FAST", 384, _DEBIT),
    PayIn("MAESTRO", "FAST", 384, _DEBIT),
    PayIn("MC_BUSINESS_DEBIT", "FAST", 384, "0.03166"),
    PayIn("VISA_BUSINESS_CREDIT", "FAST", 384, "0.03939"),
    PayIn("VISA_BUSINESS_DEBIT", "FAST", 384, "0.01526"),
    PayIn("APPLE_PAY", "FAST", 384, _CREDIT),
    PayIn("INTERNATIONAL_CREDIT", "FAST", 384, "0.05195"),
    PayIn("VISA_CREDIT", "FAST", 384, _CREDIT),
    PayIn("GOOGLE_PAY", "FAST", 384, _CREDIT),
    PayIn("BALANCE", "BALANCE", 381),
)
BY_NAME = {one.name: one for one in PAY_INS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """What is paid, what it costs, what arrives. ``source`` less both fees is what is converted."""

    source: Decimal
    fee: Decimal
    pay_in_fee: Decimal
    target: Decimal

    @property
    def total(self) -> Decimal:
        return self.fee + self.pay_in_fee

    @property
    def converted(self) -> Decimal:
        return self.source - self.total


def reckon(of: Price, pay_in: PayIn, *, source: Decimal | None, target: Decimal | None) -> Amounts:
    """From what is sent, or from what shall arrive. ``target`` is nought or less where the fees eat everything."""
    fixed = of.fixed if pay_in.name == "BALANCE" else of.fixed + of.bank
    share = Decimal(pay_in.percent)
    if source is not None:
        pay_in_fee = cents(source * share)
        fee = source - pay_in_fee - cents((source - pay_in_fee - fixed) / (1 + of.percent))
        return Amounts(
            source=source, fee=fee, pay_in_fee=pay_in_fee, target=cents((source - pay_in_fee - fee) * of.rate)
        )
    arrives = target or Decimal(0)
    converted = arrives / of.rate
    fee = cents(fixed + of.percent * converted)
    pay_in_fee = cents((cents(converted) + fee) * share / (1 - share))
    return Amounts(source=cents(converted) + fee + pay_in_fee, fee=fee, pay_in_fee=pay_in_fee, target=arrives)
