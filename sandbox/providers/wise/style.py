"""How Wise's calls speak: bare JSON, money with two decimals, a list of ``errors`` for what is not taken.

Sources: https://docs.wise.com/guides/developer/errors; recorded answers of Wise's sandbox (December 2024 to January
2025).
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NoReturn

from sandbox.providers.context import Response
from sandbox.providers.kit.calls import Style
from sandbox.providers.kit.idempotency import Idempotency, of_header
from sandbox.providers.kit.lists import Filter
from sandbox.providers.kit.making import Identity, counted
from sandbox.providers.kit.problems import ErrorStyle, Problem, Stage, Stop
from sandbox.providers.kit.values import Kind, money, text, whole
from sandbox.providers.wise.errors import milliseconds

# --- times ---


def seconds(at: datetime) -> str:
    """``2025-01-03T22:13:50Z``, as a quote has its times."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def microseconds(at: datetime) -> str:
    """``2024-12-24T18:32:50.433814Z``, as a balance has them."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def plain_time(at: datetime) -> str:
    """``2025-01-05 11:31:08``: a transfer's, in UTC without saying so."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def read_time(written: str) -> datetime:
    """Any of these."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


_SHORT_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", re.ASCII)


def moment(written: str) -> datetime:
    """A day or an instant of a query; without an offset in UTC. Public clients leave the plus of an offset unescaped,
    which is a space then, and write days without zeros: ``2026-9-1``. Raises ValueError."""
    padded = _SHORT_DAY.sub(lambda day: f"{day[1]}-{day[2]:0>2}-{day[3]:0>2}", written, count=1)
    read = datetime.fromisoformat(padded.replace(" ", "+") if "T" in padded else padded)
    try:
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except OverflowError:  # the first hours of the year 1, or the last of 9999
        raise ValueError(written) from None


def instant(written: str, field: str) -> str:
    """An instant of a query, or a day, in milliseconds. Empty stays empty. Raises Stop."""
    try:
        return milliseconds(moment(written)) if written else ""
    except ValueError:
        says = "must be an instant such as 2026-11-01T00:00:00.000Z"
        raise Stop("fields", (invalid(field, says, seen=ascii(written[:40])),)) from None


# --- money ---

CENT = Decimal("0.01")
MOST_MONEY = Decimal("1e12")
"""A million millions: more than any test needs."""
_ID_DIGITS = 18
"""Ids are int64."""
ID = counted(1)
NUMBER = whole(1, 10**18 - 1, says=ID.kind.says)
"""Ids are int64."""
CURRENCY = text(longest=3, pattern="[A-Z]{3}", says="a currency code such as GBP")
NAME = text(longest=140, loose=True)
MONEY = money(Decimal(0), MOST_MONEY, written="exact")
TRANSACTION = "transaction"
FIRST_TRANSACTION = 5_683_542
"""Bookings are numbered from here per client, in the range in which Wise's sandbox has them."""


def from_number(first: int) -> Identity:
    """Ids that are counted per client. Each kind has its own range, so that no id is good for another kind."""
    return counted(first)


def id_of(value: object) -> str:
    """A number that a body names a resource by, as it is kept; empty for what cannot be one."""
    written = str(value)
    good = not isinstance(value, bool) and written.isascii() and written.isdecimal() and len(written) <= _ID_DIGITS
    return written if good else ""


NUMBER_OR_TEXT = Kind(lambda value: int(id_of(value) or 0) or None, ID.kind.says)
"""An id in a body, which Wise's parser also takes as a text."""


def blank(filter: Filter) -> Filter:
    """The filter, which a parameter without a value leaves out: ``?profile=`` asks for nothing."""
    kind = replace(
        filter.kind,
        read=lambda value: "" if value == "" else filter.kind.read(value),
        write=lambda value: "" if value == "" else filter.kind.write(value),
    )
    return replace(filter, kind=kind, means=lambda value: None if value == "" else (value,))


def cents(amount: Any) -> Decimal:
    """Rounded to two decimals, which is how Wise writes money."""
    return Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)


def amount(value: Any, currency: str) -> dict[str, Any]:
    return {"value": cents(value), "currency": currency}


# --- what is not taken ---

FOREIGN = "foreign"
"""The code within the sandbox for a profile of somebody else, which has an envelope of its own."""


def _errors(stage: Stage, problems: Sequence[Problem]) -> object:
    """One error for each field; what is absent is named by the parameter of the path."""
    first = problems[0]
    if first.code == FOREIGN:
        return {"timestamp": first.more["timestamp"], "status": 403, "error": "unauthorized", "message": "Unauthorized"}
    if stage == "absent":
        return {"errors": [_error("NOT_FOUND", f"{first.field.capitalize()} not found", f"{first.field}Id", ())]}
    return {
        "errors": [_error(p.code or "NOT_VALID", p.message, p.field, p.more.get("arguments", ())) for p in problems]
    }


def _error(code: str, message: str, path: str, arguments: Any) -> object:
    where = {"path": path} if path else {}
    return {"code": code, "message": message, **where, "arguments": list(arguments)}


def invalid(
    field: str,
    message: str,
    *,
    code: str = "NOT_VALID",
    seen: str = "",
    status: int = 0,
    cause: str = "provider.invalid_body",
    arguments: Sequence[object] = (),
) -> Problem:
    """What is wrong with one field; or, without a *field*, with the whole call."""
    seen = seen.removeprefix(f"{field}: ") or "something else"
    more = {"arguments": arguments}
    return Problem(
        code=code, field=field, message=message, expected=message, seen=seen, status=status, cause=cause, more=more
    )


def refuse_foreign(profile: str, now: datetime) -> NoReturn:
    """A profile that is not the caller's: 403, as the errors page has it."""
    problem = Problem(
        code=FOREIGN,
        field="profile",
        seen=f"profile {profile[:40]!a}",
        expected="a profile of this client",
        cause="provider.not_yours",
        status=403,
        more={"timestamp": milliseconds(now)},
    )
    raise Stop("rules", (problem,))


STYLE = Style(
    errors=ErrorStyle(
        body=_errors,
        sentences={"NotNull": "must not be null", "NOT_VALID": "is not valid"},
        statuses={"malformed": 400, "fields": 400, "rules": 422, "absent": 404},
    ),
    one=lambda resource, body: body,
    many=lambda resource, uri, bodies, page: list(bodies),
    created=200,
)
ONCE = replace(
    STYLE,
    once=Idempotency(
        key=of_header("X-idempotence-uuid"),
        name="X-idempotence-uuid",
        longest=100,
        kept=timedelta(days=1),
        too_long="NOT_VALID",
        errors=STYLE.errors,
        # One key for two calls of a flow must not answer the second with the first: no money would move.
        per_path=True,
    ),
)
"""Calls that may name themselves, so that they are done once."""


def as_text(code: str, status: int, *, cause: Any) -> Response:
    """A bare code as ``text/plain``, which is how the funding of a transfer is refused."""
    return Response(status=status, body=code.encode(), media_type="text/plain", reasons=(cause,))
