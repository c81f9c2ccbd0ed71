"""Payments that repeat under a mandate: ``…/paymentschedules``, and the direct debits that a new one makes.

Source: "Payment Schedules" of Nuapay's API description. On which days a schedule collects is our own reading of its
fields; an open-ended one makes its first direct debit, and no further one by itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, listing, making_of, view
from sandbox.providers.kit.fields import Field, Values, read, table, written
from sandbox.providers.kit.lists import Filter, Listing
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_if
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import Rule, equals
from sandbox.providers.kit.values import choice, day, flag, text, whole
from sandbox.providers.nuapay.direct_debits import DIRECT_DEBIT, good_day, mandate_is_active, working_day
from sandbox.providers.nuapay.mandates import KNOWN, KNOWN_SCHEME, MANDATE, ONCE_OFF, SCHEME
from sandbox.providers.nuapay.style import CORE, ID, PAYMENT, QUERY_PAGES, or_number

ACTIVE, CANCELLED = "ACTIVE", "CANCELLED"
FIXED, OPEN = "FIXED_LENGTH", "OPEN_ENDED"
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY")
_WEEKS = ("FIRST", "SECOND", "THIRD", "FOURTH", "LAST")
_DAYS = {"DAILY": 1, "WEEKLY": 7, "BIWEEKLY": 14}
"""Between two payments."""
_MONTHS = {"MONTHLY": 1, "YEARLY": 12}
"""Between two payments; of a CUSTOM schedule ``paymentCustomFrequency`` says it."""
_MOST_YEARS = 10
"""Until the first payment. What is too far is not published; a calendar must have room for the thousandth."""
_SCHEDULE_ID_DIGITS = 6
"""Of the example's."""

FIELDS = (
    Field(name="scheduleId", wrong="7044", kind=or_number(text(longest=19, shortest=1))),
    Field(name="paymentFrequency", wrong="7041", missing="7038", kind=choice(*_DAYS, *_MONTHS, "CUSTOM")),
    Field(name="paymentType", wrong="7042", missing="7039", kind=choice(FIXED, OPEN)),
    Field(name="startDate", wrong="7043", missing="7040", kind=day),
    # Three digits at most, says the description.
    Field(name="numberOfPayments", wrong="7045", kind=whole(1, 999)),
    Field(name="paymentAmount", wrong="4009", missing="7037", kind=PAYMENT),
    Field(name="firstPaymentAmount", wrong="4011", kind=PAYMENT),
    Field(name="lastPaymentAmount", wrong="4013", kind=PAYMENT),
    Field(name="remittanceInformation", wrong="7035", kind=text(longest=140)),
    Field(name="paymentDayOfWeek", wrong="7046", kind=choice(*_WEEKDAYS)),
    Field(name="paymentWeekOfMonth", wrong="7047", kind=choice(*_WEEKS)),
    Field(name="paymentDateInMonth", wrong="7048", kind=whole(1, 31)),
    # A text in the request and a number in the reply.
    Field(name="paymentCustomFrequency", wrong="7080", kind=or_number(choice("3", "6"))),
    Field(name="twoPaymentsSamePeriod", wrong="7004", kind=flag),
    Field(name="settlementDateShift", wrong="7004", kind=flag, shown=False),
)
CANCELLATION = table(Field(name="operationReason", wrong="7064", kind=text(longest=255)))


def _body(making: Making) -> Body:
    given, scheme, mandate = making.given, making.params["schemeId"], making.params["mandateId"]
    uri = f"/schemes/{scheme}/mandates/{mandate}"
    every = given.get("paymentCustomFrequency")
    return {
        "id": making.id,
        "uri": f"{uri}/paymentschedules/{making.id}",
        **dict.fromkeys(member.name for member in FIELDS if member.shown),
        **written({name: value for name, value in given.items() if name != "settlementDateShift"}, table(*FIELDS)),
        "scheduleId": given.get("scheduleId") or _number(making),
        "paymentCustomFrequency": int(every) if every else None,
        "twoPaymentsSamePeriod": given.get("twoPaymentsSamePeriod", False),
        "paymentScheduleStatus": given.get("paymentScheduleStatus", ACTIVE),
        "links": [
            {"resourceType": "mandate", "id": mandate, "uri": uri},
            {"resourceType": "scheme", "id": scheme, "uri": f"/schemes/{scheme}"},
        ],
    }


def _number(making: Making) -> str:
    """As in the examples, which have one although the request has none."""
    most = 10**_SCHEDULE_ID_DIGITS
    random = int(making.context.ids.hex(8), 16) if making.context else int(making.random(4), 36)
    return f"{random % most:0{_SCHEDULE_ID_DIGITS}d}"


# --- what does not go together ---


def _under_mandate(making: Making) -> Iterable[Problem]:
    mandate = making.rows.get(MANDATE.kind, making.params["mandateId"]) or {}
    yield from mandate_is_active(mandate)
    there = (equals(f"{NOTES}.mandate", mandate["id"]), equals("paymentScheduleStatus", ACTIVE))
    for row in making.rows.find(SCHEDULE.kind, there, size=1).rows:
        yield Problem(code="4036", seen=f"schedule {row.id} of the same mandate", cause="provider.invalid_state")
    yield from once_off(making, mandate["mandateInfo"]["mandateType"])


def once_off(making: Making, mandate_type: str | None) -> Iterable[Problem]:
    """A mandate for one payment takes a schedule of one."""
    if mandate_type != ONCE_OFF:
        return
    if making.given["paymentType"] != FIXED:
        yield Problem(code="4039", field="paymentType", seen=OPEN)
    elif making.given.get("numberOfPayments", 1) != 1:
        yield Problem(code="4040", field="numberOfPayments", seen=str(making.given["numberOfPayments"]))


def _as_long(making: Making) -> Iterable[Problem]:
    """Only a schedule that ends says how many payments there are, and how much the last one is."""
    given = making.given
    if given["paymentType"] == FIXED:
        if "numberOfPayments" not in given:
            yield Problem(code="4029", field="numberOfPayments", seen="nothing")
        return
    for name, code in (("lastPaymentAmount", "4031"), ("numberOfPayments", "4032")):
        if name in given:
            yield Problem(code=code, field=name, seen=str(given[name]))


def _as_often(making: Making) -> Iterable[Problem]:
    """Which of the fields for days fit the frequency."""
    given, frequency = making.given, making.given["paymentFrequency"]
    weekday, week, date_in_month = (
        name if name in given else "" for name in ("paymentDayOfWeek", "paymentWeekOfMonth", "paymentDateInMonth")
    )
    if frequency in ("DAILY", "YEARLY"):
        code, wrong = "4033", weekday or week or date_in_month
    elif frequency in _DAYS:
        code, wrong = "4034", week or date_in_month
    elif date_in_month:
        code, wrong = "4035", weekday or week
    else:
        code, wrong = "4035", (weekday or week) if bool(weekday) != bool(week) else ""
    if wrong:
        yield Problem(code=code, field=wrong, seen=f"{given[wrong]} of a schedule that is {frequency}")
    if frequency == "CUSTOM" and "paymentCustomFrequency" not in given:
        yield Problem(code="4048", field="paymentCustomFrequency", seen="nothing")


def _starts_on_a_good_day(making: Making) -> Iterable[Problem]:
    start: date = making.given["startDate"]
    if start.year > making.now.year + _MOST_YEARS:
        yield Problem(code="4008", field="startDate", seen=str(start), expected=f"at most {_MOST_YEARS} years from now")
    yield from good_day(making, "startDate")


def together(making: Making) -> Iterable[Problem]:
    """What fields that are good by themselves may break, whichever mandate it is."""
    for check in (_as_long, _as_often, _starts_on_a_good_day):
        yield from check(making)


SCHEDULE = Resource(
    kind="paymentschedule",
    id=ID,
    fields=FIELDS,
    body=_body,
    rules=(Rule(check=_under_mandate), Rule(check=together)),
    below=(
        Below(param="mandateId", resource=MANDATE, key=f"{NOTES}.mandate"),
        Below(param="schemeId", resource=SCHEME, key=f"{NOTES}.scheme"),
    ),
    index=(f"{NOTES}.mandate", f"{NOTES}.scheme", "paymentScheduleStatus"),
    seeds=(
        Seed(name="scheme", param="schemeId", kind=ID.kind, default=KNOWN_SCHEME),
        Seed(name="mandate", param="mandateId", kind=ID.kind, default=KNOWN),
        Seed(name="paymentScheduleStatus", kind=choice(ACTIVE, "INACTIVE", CANCELLED), default=ACTIVE),
        Seed(name="paymentFrequency", default="MONTHLY"),
        Seed(name="paymentType", default=OPEN),
        Seed(name="paymentAmount", default="100"),
        Seed(name="startDate", default=lambda _, now: _in_a_week(now)),
    ),
)


def _in_a_week(now: datetime) -> str:
    return (now.astimezone(UTC) + timedelta(days=7)).date().isoformat()


def create_schedule(request: Request, context: Context) -> Response:
    """The schedule, and one direct debit if it is open-ended, else as many as there are payments."""
    MANDATE.existing(context, request.params["mandateId"], request.params)
    making = making_of(SCHEDULE, request, context)
    SCHEDULE.judge(making)
    return CORE.shown(SCHEDULE, add_schedule(making, context), status=201)


def add_schedule(making: Making, context: Context) -> Body:
    """Keep a schedule that was judged, with its direct debits."""
    schedule = SCHEDULE.add(context, making)
    given, shift = making.given, making.given.get("settlementDateShift", False)
    days = [*islice(collection_days(given), given.get("numberOfPayments", 1))]
    for at, on in enumerate(days):
        last = given["paymentType"] == FIXED and at == len(days) - 1
        debit = {
            "paymentAmount": _amount(given, first=at == 0, last=last),
            # Later days shift by themselves: nobody has chosen them.
            "requestedCollectionDate": on if shift or at == 0 else working_day(on),
            "settlementDateShift": shift,
        }
        if "remittanceInformation" in given:
            debit["remittanceInformation"] = given["remittanceInformation"]
        DIRECT_DEBIT.add(context, replace(making, given=debit, notes={"schedule": schedule["scheduleId"]}))
    return schedule


def _amount(given: Values, *, first: bool, last: bool) -> object:
    if first and "firstPaymentAmount" in given:
        return given["firstPaymentAmount"]
    return given.get("lastPaymentAmount", given["paymentAmount"]) if last else given["paymentAmount"]


# --- on which days ---


def collection_days(given: Values) -> Iterator[date]:
    """The day on which it starts, then one in each period; with ``twoPaymentsSamePeriod`` also the one that is left of
    the first period."""
    start: date = given["startDate"]
    yield start
    first = 0 if given.get("twoPaymentsSamePeriod") else 1
    yield from (on for period in count(first) if (on := _day_in(given, start, period)) > start)


def _day_in(given: Values, start: date, period: int) -> date:
    frequency = given["paymentFrequency"]
    if frequency in _DAYS:
        on = start + timedelta(days=_DAYS[frequency] * period)
        weekday = given.get("paymentDayOfWeek")
        return on if weekday is None else on + timedelta(days=_WEEKDAYS.index(weekday) - on.weekday())
    months = _MONTHS.get(frequency) or int(given["paymentCustomFrequency"])
    month = start.year * 12 + start.month - 1 + months * period
    if "paymentWeekOfMonth" in given:
        return _nth(month, _WEEKS.index(given["paymentWeekOfMonth"]), _WEEKDAYS.index(given["paymentDayOfWeek"]))
    return _date_in(month, given.get("paymentDateInMonth", start.day))


def _date_in(month: int, number: int) -> date:
    """That day of a month, which is counted from year 0; of a shorter month the last."""
    end = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return end.replace(day=min(number, end.day))


def _nth(month: int, week: int, weekday: int) -> date:
    """The first such weekday of a month, or one of the later ones; of a fifth the last."""
    first = _date_in(month, 1)
    on = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * week)
    return on if (on.year, on.month) == (first.year, first.month) else on - timedelta(days=7)


def cancel_schedule(request: Request, context: Context) -> Response:
    """Its direct debits stay as they are: what becomes of them is not published."""
    schedule = SCHEDULE.existing(context, request.params["paymentScheduleId"], request.params)
    read(request.payload, CANCELLATION)
    seen = f"schedule {schedule['id']} in the state {schedule['paymentScheduleStatus']}"
    problem = Problem(code="7120", seen=seen, expected=ACTIVE, cause="provider.invalid_state")
    refuse_if(schedule["paymentScheduleStatus"] != ACTIVE, problem)
    return CORE.shown(SCHEDULE, SCHEDULE.change(context, schedule, paymentScheduleStatus=CANCELLED))


_ASKS = Listing(
    filters=(
        Filter(
            name="paymentschedulestatus",
            wrong="7118",
            kind=choice(ACTIVE, "INACTIVE", CANCELLED),
            key="paymentScheduleStatus",
            repeated=True,
        ),
    ),
    paging=QUERY_PAGES,
)
_SCHEME, _MANDATE = "/schemes/{schemeId}/paymentschedules", "/schemes/{schemeId}/mandates/{mandateId}/paymentschedules"
_READ, _WRITE = ("directdebit_schedules_read",), ("directdebit_schedules",)

ENDPOINTS = (
    *(listing(SCHEDULE, path, CORE, _ASKS, scopes=_READ) for path in ("/paymentschedules", _SCHEME, _MANDATE)),
    action("POST", _MANDATE, create_schedule, CORE, scopes=_WRITE),
    view(SCHEDULE, f"{_MANDATE}/{{scheduleId}}", CORE, scopes=_READ),
    action("POST", f"{_MANDATE}/{{paymentScheduleId}}/cancel", cancel_schedule, CORE, scopes=_WRITE),
)
