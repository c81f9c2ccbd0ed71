"""``GET /v1/rates``: what rates are, what they were at a time, and how they went over a while.

Now they are those of the table, and stand still. The past is made up: each currency swings about its place in the table
by a few waves, so that a chart has a line and the same time has the same rate whenever it is asked for. Wise's own
sandbox has no history to test with. Source: Wise's description 2026Q3, "Rates".
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


ENDPOINTS = told(
    replace(look("/v1/rates", list_rates, STYLE), login=("basic", "bearer")),
    source="description 2026Q3",
    simplified="rates stand still; those of the past are made up, by waves of at most 2 % about the present ones",
)
