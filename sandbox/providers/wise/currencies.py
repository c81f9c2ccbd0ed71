"""Rates as they were, ``GET /v1/rates``; and the currencies in which money can be sent, and from which into which.

Now rates are those of the table, and stand still. The past is made up: each currency swings about its place in the
table by a few waves, so that a chart has a line and the same time has the same rate whenever it is asked for. Wise's
own sandbox has no history to test with. Sources: Wise's description 2026Q3, "Rates" and "Currencies"; a recorded
answer of ``GET /v1/currencies`` (January 2025); for the pairs the models of public clients, which agree.
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import look, told
from sandbox.providers.kit.lists import query_values
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.rates import IN_DOLLARS, price_with, rounded
from sandbox.providers.wise.style import STYLE, moment
from sandbox.providers.wise.users import ANY_USER

_WAVES = ((timedelta(days=61), 0.012), (timedelta(days=9), 0.004), (timedelta(hours=23), 0.0012))
"""How long each takes, and how far it goes: in all 1.7 % to either side."""
PRESENT = timedelta(minutes=1)
"""A time that is not longer ago is now."""
STEPS = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
MOST_POINTS = 9000
"""Of a history: a year of hours, and a sixth of a second's work."""
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class _Wrong(Exception):
    """What a call asks for cannot be, in words."""


def swing(currency: str, at: datetime) -> float:
    """How far a currency is from its place in the table at a time in the past. The dollar stays where it is."""
    if currency == "USD":
        return 1.0
    phase, since = int.from_bytes(currency.encode()) % 97, (at - _EPOCH).total_seconds()
    return 1 + sum(
        height * math.sin(phase * (number + 1) + 2 * math.pi * since / period.total_seconds())
        for number, (period, height) in enumerate(_WAVES)
    )


def list_rates(request: Request, context: ReadContext) -> Response:
    """All rates, those of a source or a target, or one; at a time, or from one to another."""
    query = {name: values[-1] for name, values in query_values(request).items() if values[-1]}
    try:
        return Response(status=200, json=_rates(query, context))
    except _Wrong as wrong:
        return _bad_request(str(wrong), context.now)


def _rates(query: Mapping[str, str], context: ReadContext) -> list[Body]:
    source, target = query.get("source"), query.get("target")
    for name, code in (("source", source), ("target", target)):
        if code is not None and code not in IN_DOLLARS:
            raise _Wrong(f"{name} {code[:40]!a}")
    times = _times(query, context.now)
    if (source is None or target is None) and len(times) != 1:
        raise _Wrong("a history without source and target")
    own = {row.id: row.body for row in context.resources.all_of("rate")}
    sources, targets = ([code] if code else sorted(IN_DOLLARS) for code in (source, target))
    pairs = [(one, other) for one in sources for other in targets if one != other or source == target == one]
    return [_rate(own.get(f"{one}-{other}", {}), one, other, at, context.now) for one, other in pairs for at in times]


def _rate(own: Body, source: str, target: str, at: datetime, now: datetime) -> Body:
    price = price_with(own, source, target)
    if price is None:
        raise LookupError("a pair of the table has a price")
    rate = price.rate
    if now - at > PRESENT and source != target:
        rate = rounded(rate * Decimal(repr(round(swing(source, at) / swing(target, at), 9))))
    return {"rate": rate, "source": source, "target": target, "time": f"{at:%Y-%m-%dT%H:%M:%S}+0000"}


def _times(query: Mapping[str, str], now: datetime) -> list[datetime]:
    """One time, or those of a history, the newest first."""
    step = STEPS.get(query.get("group", "day"))
    if step is None:
        raise _Wrong(f"group {query['group'][:40]!a}")
    if "time" in query:
        return [min(_moment(query["time"], "time", now), now)]
    if "from" not in query:
        return [now]
    first, last = _moment(query["from"], "from", now), min(_moment(query.get("to", ""), "to", now), now)
    if first > last:
        raise _Wrong("from behind to")
    count = (last - first) // step + 1
    if count > MOST_POINTS:
        raise _Wrong(f"{count} points")
    return [first + step * number for number in reversed(range(count))]


def _moment(written: str, name: str, now: datetime) -> datetime:
    """Only ``time`` must have an hour."""
    if not written:
        return now
    try:
        read = moment(written)
    except ValueError:
        raise _Wrong(f"{name} {written[:40]!a}") from None
    if name == "time" and "T" not in written:
        raise _Wrong(f"{name} {written[:40]!a}, which has no hour")
    return read


def _bad_request(seen: str, now: datetime) -> Response:
    from sandbox.errors import Refusal

    expected = f"currencies such as GBP, times such as 2026-11-24T10:00:00, day, hour or minute, {MOST_POINTS} points"
    reason = Refusal(code="provider.invalid_body", seen=seen, expected=expected)
    body = {"error": "Bad Request", "message": "Invalid parameters", "path": None, "status": 400}
    return Response(status=400, json={**body, "timestamp": milliseconds(now)}, reasons=(reason,))


_ALL = """
AED د.إ AE:United Arab Emirates dirham; AUD A$ AU:Australian dollar; BGN лв BG:Bulgarian lev; BRL R$ BR:Brazilian real;
CAD C$ CA:Canadian dollar; CHF SFr. CH,LI:Swiss franc; CNY ¥ CN:Chinese yuan; CZK Kč CZ:Czech koruna;
DKK kr DK:Danish krone; EUR € AT,BE,DE,ES,FI,FR,GR,IE,IT,NL,PT:Euro; GBP £ GB:British pound;
HKD $ HK:Hong Kong dollar; HUF Ft HU:Hungarian forint;
IDR Rp ID:Indonesian rupiah; ILS ₪ IL:Israeli shekel; INR ₹ IN:Indian rupee; JPY ¥ JP:Japanese yen;
KES Ksh KE:Kenyan shilling; KRW ₩ KR:South Korean won; MXN Mex$ MX:Mexican peso; MYR RM MY:Malaysian ringgit;
NGN ₦ NG:Nigerian naira; NOK kr NO:Norwegian krone; NZD $ NZ:New Zealand dollar; PHP ₱ PH:Philippine peso;
PLN zł PL:Polish złoty; RON L RO:Romanian leu; SEK kr SE:Swedish krona; SGD S$ SG:Singapore dollar;
THB ฿ TH:Thai baht; TRY TL TR:Turkish lira; USD $ US:United States dollar; ZAR R ZA:South African rand
"""
"""Code, symbol, countries, and the name in English."""
WITHOUT_DECIMALS = ("HUF", "IDR", "JPY", "KES", "KRW")
MOST, LEAST = Decimal(1_000_000), Decimal(1)
"""Of one payment. Wise's own limits differ by currency and are not published as a table."""


def _currencies() -> list[Body]:
    from sandbox.providers.wise.places import COUNTRIES, ISO3

    names, found = dict(COUNTRIES), []
    for one in " ".join(_ALL.split()).split("; "):
        head, _, name = one.partition(":")
        code, symbol, countries = head.split()
        keywords = [word for country in countries.split(",") for word in (country, names[country], ISO3[country])]
        currency = {"code": code, "symbol": symbol, "name": name, "countryKeywords": [code, *keywords]}
        found.append({**currency, "supportsDecimals": code not in WITHOUT_DECIMALS})
    return found


def list_currencies(request: Request, context: ReadContext) -> Response:
    """In English, whatever language is asked for."""
    return Response(status=200, json=_currencies())


def list_pairs(request: Request, context: ReadContext) -> Response:
    """Each currency into each, itself too."""
    codes = sorted(IN_DOLLARS)
    targets = [{"currencyCode": code, "minInvoiceAmount": LEAST, "fixedTargetPaymentAllowed": True} for code in codes]
    sources = [
        {
            "currencyCode": code,
            "maxInvoiceAmount": MOST,
            "targetCurrencies": targets,
            "totalTargetCurrencies": len(targets),
        }
        for code in codes
    ]
    return Response(status=200, json={"sourceCurrencies": sources, "total": len(sources)})


ENDPOINTS = (
    *told(
        replace(look("/v1/rates", list_rates, STYLE), login=("basic", "bearer")),
        source="description 2026Q3",
        simplified="rates stand still; those of the past are made up, by waves of at most 2 % about the present ones",
    ),
    *told(
        look("/v1/currencies", list_currencies, STYLE),
        source="recorded; description 2026Q3",
        simplified="names in English only; 33 of 163 currencies",
        tokens=ANY_USER,
    ),
)
LEGACY = told(
    look("/v1/currency-pairs", list_pairs, STYLE),
    source="models of public clients",
    simplified="every currency into every other; the limits are the sandbox's own",
    tokens=ANY_USER,
)
