"""Money collected under a mandate: ``/schemes/{schemeId}/mandates/{mandateId}/directdebits``, and those that
came back, ``/faileddirectdebits``.

Source: "Direct Debits" and "List Failed Direct Debits" of Nuapay's API description. One is made, looked at and revoked;
none moves on by itself, and no money comes in. One comes back when a person says so:
``sandbank resource put directdebit ID --set paymentStatus=REJECTED --provider nuapay``.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from sandbox.providers.context import Body, Context, ReadContext, ReadRows, Request, Response, Where
from sandbox.providers.kit.calls import action, create, listing, look, view
from sandbox.providers.kit.fields import Field, read, read_object, table
from sandbox.providers.kit.lists import Filter, Listing, Span, query_values
from sandbox.providers.kit.making import Making, today
from sandbox.providers.kit.problems import Problem, refuse_fields, refuse_if
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import Index, Rule, equals, unique
from sandbox.providers.kit.values import Kind, choice, day, flag, money, text
from sandbox.providers.nuapay.mandates import ACTIVE, KNOWN, KNOWN_SCHEME, MANDATE, ONCE_OFF, REVOCATION, SCHEME
from sandbox.providers.nuapay.style import (
    CORE,
    HIGHEST,
    ID,
    PAYMENT,
    QUERY_PAGES,
    REFERENCE,
    ZERO,
    collection,
    or_number,
    reject_details,
    statuses,
)

READY_FOR_EXPORT, REVOKED = "READY_FOR_EXPORT", "REVOKED"
_STATUSES = (
    "READY_FOR_EXPORT EXPORTING REVOKED EXPORTED ACCEPTED REVERSED REFUSED REJECTED RETURNED REFUNDED "
    "CANCELLED PENDING PENDING_SETTLEMENT REPRESENTED"
)
STATUSES = tuple(_STATUSES.split())
_DEAD = (REVOKED, "CANCELLED", "REFUSED", "REJECTED")
"""Of a mandate for one payment, a direct debit in one of these does not count as that payment."""
FAILED_STATES = {"REJECTED": "Reject", "RETURNED": "Return", "REFUSED": "Refusal"}
"""The states of a direct debit that failed, with what it is then called."""
_USUAL_REASON = ("MD07", "Debtor deceased.")
"""As in the example."""
_EXPORTED_BEFORE = timedelta(days=7)
"""Between export and collection in the description's examples."""
_SATURDAY = 5
_FIRST_YEAR = 1970
"""Of a date that people put: the first years that a date can have leave no room for reckoning back."""


def _body(making: Making) -> Body:
    given, scheme, mandate = making.given, making.params["schemeId"], making.params["mandateId"]
    requested = given["requestedCollectionDate"]
    actual = working_day(requested) if given.get("settlementDateShift") else requested
    exported = (actual - _EXPORTED_BEFORE).isoformat()
    uri = f"/schemes/{scheme}/mandates/{mandate}"
    return {
        "id": making.id,
        "uri": f"{uri}/directdebits/{making.id}",
        "scheduleId": making.notes.get("schedule"),
        "endToEndId": given.get("endToEndId"),
        "paymentAmount": float(given["paymentAmount"]),
        "requestedCollectionDate": requested.isoformat(),
        "actualCollectionDate": actual.isoformat(),
        "exportDate": max(exported, making.today) if making.context else exported,
        "remittanceInformation": given.get("remittanceInformation"),
        "structuredRemittanceInformation": given.get("structuredRemittanceInformation"),
        "originalEndToEndId": None,
        "representationAttemptNumber": 0,
        "paymentStatus": given.get("paymentStatus", READY_FOR_EXPORT),
        "rejectDetails": _failure(making),
        "links": [
            {"resourceType": "mandate", "id": mandate, "uri": uri},
            {"resourceType": "scheme", "id": scheme, "uri": f"/schemes/{scheme}"},
        ],
    }


def _failure(making: Making) -> Body:
    """Why one that a person puts came back; nulls for one that did not."""
    given = making.given
    how = FAILED_STATES.get(given.get("paymentStatus", ""))
    if how is None:
        return reject_details()
    why = given.get("rejectReason", _USUAL_REASON[0]), given.get("rejectDescription", _USUAL_REASON[1])
    on: date | None = given.get("rejectDate")
    return reject_details(*why, how, on.isoformat() if on else making.today)


def mandate_is_active(mandate: Body) -> Iterable[Problem]:
    """Only under one that is may money be collected."""
    status = mandate["mandateInfo"]["status"]
    if status != ACTIVE:
        seen = f"mandate {mandate['id']} in the state {status}"
        yield Problem(code="4042", seen=seen, expected=ACTIVE, cause="provider.invalid_state")


def _under_mandate(making: Making) -> Iterable[Problem]:
    """What keeps the mandate from this direct debit."""
    mandate = making.rows.get(MANDATE.kind, making.params["mandateId"]) or {}
    yield from mandate_is_active(mandate)
    if mandate["mandateInfo"]["mandateType"] == ONCE_OFF:
        there = making.rows.find(DIRECT_DEBIT.kind, (equals(f"{NOTES}.mandate", mandate["id"]),)).rows
        if paid := [row.id for row in there if row.body["paymentStatus"] not in _DEAD]:
            seen = f"direct debit {paid[0]} of the same mandate"
            yield Problem(code="3021", seen=seen, cause="provider.invalid_state")


def _on_a_good_day(making: Making) -> Iterable[Problem]:
    yield from good_day(making, "requestedCollectionDate")


def good_day(making: Making, field: str) -> Iterable[Problem]:
    """What keeps money from being collected on the day that stands there."""
    on = making.given[field]
    if on <= making.now.astimezone(UTC).date():
        yield Problem(code="4005", field=field, seen=f"{on}, and today is {making.today}")
    elif on != working_day(on) and not making.given.get("settlementDateShift"):
        expected = "a day from Monday to Friday, or settlementDateShift"
        yield Problem(code="4003", field=field, seen=f"{on}, a {on:%A}", expected=expected)


def working_day(on: date) -> date:
    """That day, or the Monday after it. Holidays are working days here."""
    over = on.weekday() - _SATURDAY
    return on if over < 0 else on + timedelta(days=2 - over)


def _failed_now(body: Body) -> bool:
    return body["paymentStatus"] in FAILED_STATES


def _day_of_today(value: object) -> date | None:
    read = day.read(value)
    return read if isinstance(read, date) and read.year >= _FIRST_YEAR else None


def _in_a_week(_: str, now: datetime) -> str:
    return (now.astimezone(UTC) + _EXPORTED_BEFORE).date().isoformat()


DIRECT_DEBIT = Resource(
    kind="directdebit",
    id=ID,
    fields=(
        Field(name="endToEndId", wrong="7060", kind=or_number(text(longest=35, pattern=REFERENCE))),
        Field(name="paymentAmount", wrong="4009", missing="7037", kind=PAYMENT),
        Field(name="remittanceInformation", wrong="7035", kind=text(longest=140)),
        Field(
            name="structuredRemittanceInformation",
            wrong="7131",
            members=(Field(name="reference", wrong="7131", kind=text(longest=35)),),
        ),
        Field(name="requestedCollectionDate", wrong="4004", missing="7036", kind=day),
        Field(name="settlementDateShift", wrong="7004", kind=flag),
    ),
    body=_body,
    rules=(Rule(check=_under_mandate), unique("endToEndId", "directdebit", "4041"), Rule(check=_on_a_good_day)),
    below=(
        Below(param="mandateId", resource=MANDATE, key=f"{NOTES}.mandate"),
        Below(param="schemeId", resource=SCHEME, key=f"{NOTES}.scheme"),
    ),
    index=(
        f"{NOTES}.mandate",
        f"{NOTES}.scheme",
        "endToEndId",
        "scheduleId",
        "paymentStatus",
        "actualCollectionDate",
        Index(name="failed", of=lambda body: body["rejectDetails"]["rejectDate"] if _failed_now(body) else None),
    ),
    seeds=(
        Seed(name="scheme", param="schemeId", kind=ID.kind, default=KNOWN_SCHEME),
        Seed(name="mandate", param="mandateId", kind=ID.kind, default=KNOWN),
        Seed(name="paymentStatus", kind=choice(*STATUSES), default=READY_FOR_EXPORT),
        Seed(name="paymentAmount", kind=money(ZERO, HIGHEST), default="100"),
        Seed(name="requestedCollectionDate", kind=Kind(_day_of_today, day.says), default=_in_a_week),
        Seed(name="rejectReason", kind=text(longest=35, shortest=1)),
        Seed(name="rejectDescription", kind=text(longest=140, shortest=1)),
        Seed(name="rejectDate", kind=Kind(_day_of_today, day.says)),
        Seed(name="endToEndId", kind=text(longest=35, shortest=1), default=lambda own, _: own[:35]),
    ),
)


def revoke_direct_debit(request: Request, context: Context) -> Response:
    """Before it is exported; after that it takes a reversal, which is not imitated."""
    body = DIRECT_DEBIT.existing(context, request.params["directDebitId"], request.params)
    given = read(request.payload, REVOCATION)
    seen, cause = f"direct debit {body['id']} in the state {body['paymentStatus']}", "provider.invalid_state"
    problem = Problem(code="4021", seen=seen, expected=READY_FOR_EXPORT, cause=cause)
    refuse_if(body["paymentStatus"] != READY_FOR_EXPORT, problem)
    rejected = reject_details(None, given.get("operationReason"), "Revoke", today(context.now))
    kept = DIRECT_DEBIT.change(context, body, paymentStatus=REVOKED, rejectDetails=rejected)
    return CORE.shown(DIRECT_DEBIT, kept)


_ASKS = Listing(
    filters=(
        Filter(name="endtoendid", wrong="7060", kind=text(longest=35), key="endToEndId"),
        Filter(name="scheduleid", wrong="7044", kind=text(longest=19), key="scheduleId"),
        statuses("paymentstatus", STATUSES),
        Span(
            first="actualcollectiondatefrom",
            last="actualcollectiondateto",
            key="actualCollectionDate",
            wrong="7001",
            reversed="7002",
        ),
    ),
    paging=QUERY_PAGES,
)
_SCHEME, _MANDATE = "/schemes/{schemeId}/directdebits", "/schemes/{schemeId}/mandates/{mandateId}/directdebits"
_ONE, _READ, _WRITE = f"{_MANDATE}/{{directDebitId}}", ("directdebits_read",), ("directdebits",)

_LONGEST_RANGE = timedelta(days=30)
"""Of days that are asked for: "The maximum date rang is 30 days"."""
_ASKED = table(
    Field(name="rejectcreatefrom", wrong="7001", missing="7078", kind=day),
    Field(name="rejectcreateto", wrong="7001", missing="7079", kind=day),
    Field(name="technicalrejects", wrong="7004", kind=choice("true", "false")),
)


def list_failed_direct_debits(request: Request, context: ReadContext) -> Response:
    """Those that failed in these days. All of them failed at a bank, so that ``technicalrejects`` adds none."""
    given = read_object({name: values[-1] for name, values in query_values(request).items()}, _ASKED)
    first, last = given["rejectcreatefrom"], given["rejectcreateto"]
    if first > last:  # a 400 here, by the example
        refuse_fields(Problem(code="7002", field="rejectcreatefrom", seen=f"{first} to {last}"))
    most = f"at most {_LONGEST_RANGE.days} days"
    problem = Problem(code="7003", field="rejectcreateto", seen=f"{(last - first).days} days", expected=most)
    refuse_if(last - first > _LONGEST_RANGE, problem)
    where = (
        Where(key="failed", how="from", values=(first.isoformat(),)),
        Where(key="failed", how="until", values=(last.isoformat(),)),
    )
    found = context.resources.find(DIRECT_DEBIT.kind, where).rows
    data = [_shown_as_failed(row.body, context.resources) for row in found]
    return Response(status=200, json=collection(request.path, data))


def _shown_as_failed(body: Body, rows: ReadRows) -> Body:
    scheme = rows.get(SCHEME.kind, body[NOTES]["scheme"]) or {}
    mandate = rows.get(MANDATE.kind, body[NOTES]["mandate"]) or {"mandateInfo": {}}
    return {
        "id": body["id"],
        "uri": body["uri"],
        "creditorScheme": {name: scheme.get(name) for name in ("schemeType", "creditorSchemeId")},
        "mandateInfo": {"mandateId": mandate["mandateInfo"].get("mandateId"), "domesticMandateId": None},
        "directDebitInfo": {
            "endToEndId": body["endToEndId"],
            "scheduleId": body["scheduleId"],
            "paymentAmount": body["paymentAmount"],
            "requestedCollectionDate": body["requestedCollectionDate"],
            "actualCollectionDate": body["actualCollectionDate"],
            "exportDate": body["exportDate"],
            "remittanceInfo": body["remittanceInformation"],
            "originalEndToEndId": body["originalEndToEndId"],
            "representationAttemptNumber": body["representationAttemptNumber"],
            "paymentStatus": body["paymentStatus"],
        },
        "rejectDetails": body["rejectDetails"],
    }


ENDPOINTS = (
    *(listing(DIRECT_DEBIT, path, CORE, _ASKS, scopes=_READ) for path in ("/directdebits", _SCHEME, _MANDATE)),
    create(DIRECT_DEBIT, _MANDATE, CORE, scopes=_WRITE),
    view(DIRECT_DEBIT, _ONE, CORE, scopes=_READ),
    action("POST", f"{_ONE}/revoke", revoke_direct_debit, CORE, scopes=_WRITE),
    look("/faileddirectdebits", list_failed_direct_debits, CORE, scopes=("directdebits_read",)),
)
