"""Money collected under a mandate: ``/schemes/{schemeId}/mandates/{mandateId}/directdebits``.

Source: "Direct Debits" of Nuapay's API description. One is made, looked at and revoked; none moves on by itself, and no
money comes in.
"""

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import change as changing
from sandbox.providers.nuapay.calls import look
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.keeping import NOTES, add, change, free_id, newest_first, shown, today
from sandbox.providers.nuapay.lists import Filter, Span, listed
from sandbox.providers.nuapay.mandate_bodies import ONCE_OFF, REVOCATION
from sandbox.providers.nuapay.mandates import ACTIVE, mandate_of
from sandbox.providers.nuapay.postings import number
from sandbox.providers.nuapay.problems import FIRST, Problem, not_found, rules_refused
from sandbox.providers.nuapay.values import REFERENCE, choice, day, flag, payment, text

READY_FOR_EXPORT, REVOKED = "READY_FOR_EXPORT", "REVOKED"
STATUSES = (
    READY_FOR_EXPORT,
    "EXPORTING",
    REVOKED,
    "EXPORTED",
    "ACCEPTED",
    "REVERSED",
    "REFUSED",
    "REJECTED",
    "RETURNED",
    "REFUNDED",
    "CANCELLED",
    "PENDING",
    "PENDING_SETTLEMENT",
    "REPRESENTED",
)
_DEAD = (REVOKED, "CANCELLED", "REFUSED", "REJECTED")
"""Of a mandate for one payment, a direct debit in one of these does not count as that payment."""
EXPORTED_BEFORE = timedelta(days=7)
"""Between export and collection in the description's examples."""
_SATURDAY = 5
_NEW = table(
    Field(name="endToEndId", wrong="7060", kind=text(longest=35, pattern=REFERENCE)),
    Field(name="paymentAmount", wrong="4009", missing="7037", kind=payment),
    Field(name="remittanceInformation", wrong="7035", kind=text(longest=140)),
    Field(
        name="structuredRemittanceInformation",
        wrong="7131",
        members=(Field(name="reference", wrong="7131", kind=text(longest=35)),),
    ),
    Field(name="requestedCollectionDate", wrong="4004", missing="7036", kind=day),
    Field(name="settlementDateShift", wrong="7004", kind=flag),
)
_NOT_REJECTED = dict.fromkeys(("rejectReason", "rejectDescription", "rejectType", "rejectDate"))


def create_direct_debit(request: Request, context: Context) -> Response:
    mandate = mandate_of(request, context)
    if mandate is None:
        return not_found("mandate", request.params["mandateId"])
    said = read(request.payload, _NEW, FIRST)
    if isinstance(said, Response):
        return said
    if problems := _problems(said, mandate, context):
        return rules_refused(problems, FIRST)
    on = said["requestedCollectionDate"]
    actual = _working_day(on) if said.get("settlementDateShift") else on
    data = direct_debit_data(
        free_id(context, "directdebit"),
        mandate,
        amount=number(said["paymentAmount"]),
        requested=on.isoformat(),
        actual=actual.isoformat(),
        exported=max((actual - EXPORTED_BEFORE).isoformat(), today(context)),
        reference=said.get("endToEndId"),
        remittance=said.get("remittanceInformation"),
        structured=said.get("structuredRemittanceInformation"),
    )
    kept = add(context, "directdebit", data, mandate=mandate["id"], scheme=mandate[NOTES]["scheme"])
    return single(data["uri"], shown(kept), status=201)


def direct_debit_data(
    id: str,
    mandate: Body,
    *,
    amount: float,
    requested: str,
    actual: str,
    exported: str,
    reference: str | None,
    remittance: str | None,
    structured: Any = None,
    status: str = READY_FOR_EXPORT,
) -> Body:
    """A direct debit as Nuapay shows it."""
    scheme = mandate[NOTES]["scheme"]
    return {
        "id": id,
        "uri": f"{mandate['uri']}/directdebits/{id}",
        "scheduleId": None,
        "endToEndId": reference,
        "paymentAmount": amount,
        "requestedCollectionDate": requested,
        "actualCollectionDate": actual,
        "exportDate": exported,
        "remittanceInformation": remittance,
        "structuredRemittanceInformation": structured,
        "originalEndToEndId": None,
        "representationAttemptNumber": 0,
        "paymentStatus": status,
        "rejectDetails": _NOT_REJECTED,
        "links": [
            {"resourceType": "mandate", "id": mandate["id"], "uri": mandate["uri"]},
            {"resourceType": "scheme", "id": scheme, "uri": f"/schemes/{scheme}"},
        ],
    }


def view_direct_debit(request: Request, context: Context) -> Response:
    body = _direct_debit_of(request, context)
    if body is None:
        return not_found("directdebit", request.params["directDebitId"])
    return single(body["uri"], shown(body))


def revoke_direct_debit(request: Request, context: Context) -> Response:
    """Before it is exported; after that it takes a reversal, which is not imitated."""
    body = _direct_debit_of(request, context)
    if body is None:
        return not_found("directdebit", request.params["directDebitId"])
    said = read(request.payload, REVOCATION, FIRST)
    if isinstance(said, Response):
        return said
    if body["paymentStatus"] != READY_FOR_EXPORT:
        problem = Problem(
            code="4021",
            field="",
            seen=f"direct debit {body['id']} in the state {body['paymentStatus']}",
            expected=READY_FOR_EXPORT,
            cause="provider.invalid_state",
        )
        return rules_refused((problem,), FIRST)
    rejected = {
        "rejectReason": None,
        "rejectDescription": said.get("operationReason"),
        "rejectType": "Revoke",
        "rejectDate": today(context),
    }
    kept = change(context, "directdebit", body, paymentStatus=REVOKED, rejectDetails=rejected)
    return single(body["uri"], shown(kept))


def list_direct_debits(request: Request, context: Context) -> Response:
    """Those of the mandate or the scheme that the path names, or all of the organisation's."""
    scheme, mandate = request.params.get("schemeId"), request.params.get("mandateId")
    if mandate is not None and mandate_of(request, context) is None:
        return not_found("mandate", mandate)
    if scheme is not None and context.resources.get("scheme", scheme) is None:
        return not_found("scheme", scheme)
    left = [
        body
        for body in newest_first(context.resources.all_of("directdebit"))
        if scheme in (None, body[NOTES]["scheme"]) and mandate in (None, body[NOTES]["mandate"])
    ]
    uri = "".join([f"/schemes/{scheme}" if scheme else "", f"/mandates/{mandate}" if mandate else "", "/directdebits"])
    return listed(request, uri, left, _FILTERS, spans=(_COLLECTED,))


def _direct_debit_of(request: Request, context: Context) -> Body | None:
    if mandate_of(request, context) is None:
        return None
    body = context.resources.get("directdebit", request.params["directDebitId"])
    return body if body and body[NOTES]["mandate"] == request.params["mandateId"] else None


def _problems(said: Mapping[str, Any], mandate: Body, context: Context) -> list[Problem]:
    """What keeps the mandate from this direct debit."""
    problems = []
    info, there = mandate["mandateInfo"], [row.body for row in context.resources.all_of("directdebit")]
    if info["status"] != ACTIVE:
        seen = f"mandate {mandate['id']} in the state {info['status']}"
        problems.append(Problem(code="4042", field="", seen=seen, expected=ACTIVE, cause="provider.invalid_state"))
    paid = [body for body in there if body[NOTES]["mandate"] == mandate["id"] and body["paymentStatus"] not in _DEAD]
    if info["mandateType"] == ONCE_OFF and paid:
        seen = f"direct debit {paid[0]['id']} of the same mandate"
        problems.append(Problem(code="3021", field="", seen=seen, cause="provider.invalid_state"))
    reference = said.get("endToEndId")
    if reference and any(body["endToEndId"] == reference for body in there):
        seen = ascii(reference)
        problems.append(Problem(code="4041", field="endToEndId", seen=seen, cause="provider.not_unique"))
    on: date = said["requestedCollectionDate"]
    if on <= context.now.astimezone(UTC).date():
        seen = f"{on}, and today is {today(context)}"
        problems.append(Problem(code="4005", field="requestedCollectionDate", seen=seen))
    elif on != _working_day(on) and not said.get("settlementDateShift"):
        seen = f"{on}, a {on:%A}"
        expected = "a day from Monday to Friday, or settlementDateShift"
        problems.append(Problem(code="4003", field="requestedCollectionDate", seen=seen, expected=expected))
    return problems


def _working_day(on: date) -> date:
    """That day, or the Monday after it. Holidays are working days here."""
    over = on.weekday() - _SATURDAY
    return on if over < 0 else on + timedelta(days=2 - over)


_COLLECTED = Span(
    first="actualcollectiondatefrom",
    last="actualcollectiondateto",
    wrong="7001",
    reversed="7002",
    of=lambda body: body["actualCollectionDate"],
)
_FILTERS = (
    Filter(
        name="endtoendid",
        wrong="7060",
        kind=text(longest=35),
        fits=lambda body, wanted: body["endToEndId"] == wanted,
    ),
    Filter(
        name="paymentstatus",
        wrong="7063",
        kind=choice("ALL", *STATUSES),
        fits=lambda body, wanted: wanted in ("ALL", body["paymentStatus"]),
        repeated=True,
    ),
)

_SCHEME, _MANDATE = "/schemes/{schemeId}/directdebits", "/schemes/{schemeId}/mandates/{mandateId}/directdebits"
_ONE = f"{_MANDATE}/{{directDebitId}}"

ENDPOINTS = (
    look("/directdebits", list_direct_debits, "directdebits_read"),
    look(_SCHEME, list_direct_debits, "directdebits_read"),
    look(_MANDATE, list_direct_debits, "directdebits_read"),
    changing("POST", _MANDATE, create_direct_debit, "directdebits"),
    look(_ONE, view_direct_debit, "directdebits_read"),
    changing("POST", f"{_ONE}/revoke", revoke_direct_debit, "directdebits"),
)
