"""A debtor's leave to collect: ``/schemes/{schemeId}/mandates``.

Source: "Mandates" of Nuapay's API description. A new one is PENDING, as in its examples, until it is activated.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import change as changing
from sandbox.providers.nuapay.calls import look
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import read
from sandbox.providers.nuapay.identification import own_account
from sandbox.providers.nuapay.keeping import NOTES, add, change, free_id, newest_first, shown, today
from sandbox.providers.nuapay.mandate_bodies import ACTIVATION, CANCELLATION, MANDATE, RECURRENT
from sandbox.providers.nuapay.problems import FIRST, Problem, fields_refused, not_found, rules_refused
from sandbox.providers.nuapay.schemes import CURRENCY

PENDING, ACTIVE, CANCELLED = "PENDING", "ACTIVE", "CANCELLED"
STATUSES = (
    ACTIVE,
    CANCELLED,
    "COMPLETE",
    PENDING,
    "UNREADABLE",
    "UNSIGNED",
    "SCREENING",
    "SUSPENDED",
    "READY_FOR_EXPORT",
    "EXPORTED",
)
_UNSIGNED = (PENDING, "UNSIGNED")
_ALIVE = (*_UNSIGNED, ACTIVE, "SUSPENDED")
"""From which a mandate may be edited or cancelled. From which states is not published."""
_GENERATED_LENGTH = 16
"""Of a mandate id that the call leaves to Nuapay."""


def create_mandate(request: Request, context: Context) -> Response:
    """With ``x-request-mode: validate`` nothing is made, and a good body is a 204."""
    scheme = context.resources.get("scheme", request.params["schemeId"])
    if scheme is None:
        return not_found("scheme", request.params["schemeId"])
    said = _judged(request, context)
    if isinstance(said, Response):
        return said
    if request.headers.get("x-request-mode", "").lower() == "validate":
        return Response(status=204)
    data = mandate_data(
        free_id(context, "mandate"),
        scheme["id"],
        said,
        mandate_id=said.get("mandateInfo", {}).get("mandateId") or context.ids.base36(_GENERATED_LENGTH).upper(),
        creditor=said.get("creditorAccount") or _usual_creditor(scheme, context),
        status=PENDING,
        created=today(context),
    )
    return single(data["uri"], shown(add(context, "mandate", data, scheme=scheme["id"])), status=201)


def update_mandate(request: Request, context: Context) -> Response:
    """What the body leaves out is taken away, as the description says; id, status and first day stay."""
    mandate = mandate_of(request, context)
    if mandate is None:
        return not_found("mandate", request.params["mandateId"])
    said = _judged(request, context, mandate)
    if isinstance(said, Response):
        return said
    info = mandate["mandateInfo"]
    if info["status"] not in _ALIVE:
        return _wrong_state(mandate, "3009", _ALIVE)
    data = mandate_data(
        mandate["id"],
        mandate[NOTES]["scheme"],
        said,
        mandate_id=said.get("mandateInfo", {}).get("mandateId") or info["mandateId"],
        creditor=said.get("creditorAccount") or mandate["creditorAccount"],
        status=info["status"],
        created=info["creationDate"],
    )
    return single(data["uri"], shown(change(context, "mandate", {**data, NOTES: mandate[NOTES]})))


def activate_mandate(request: Request, context: Context) -> Response:
    mandate = mandate_of(request, context)
    if mandate is None:
        return not_found("mandate", request.params["mandateId"])
    said = read(request.payload, ACTIVATION, FIRST)
    if isinstance(said, Response):
        return said
    if mandate["mandateInfo"]["status"] not in _UNSIGNED:
        return _wrong_state(mandate, "3022", _UNSIGNED)
    signed = {name: _text(value) for name, value in said.items() if name in ("signatureDate", "signatureLocation")}
    info = {**mandate["mandateInfo"], **signed, "status": ACTIVE}
    return single(f"{mandate['uri']}/activate", shown(change(context, "mandate", mandate, mandateInfo=info)))


def cancel_mandate(request: Request, context: Context) -> Response:
    """Its direct debits stay as they are: what becomes of them is not published."""
    mandate = mandate_of(request, context)
    if mandate is None:
        return not_found("mandate", request.params["mandateId"])
    said = read(request.payload, CANCELLATION, FIRST)
    if isinstance(said, Response):
        return said
    if mandate["mandateInfo"]["status"] not in _ALIVE:
        return _wrong_state(mandate, "3010", _ALIVE)
    rejected = {
        "rejectReason": None,
        "rejectDescription": said["operationReason"],
        "rejectType": "CANCELLATION",
        "rejectDate": today(context),
    }
    info = {**mandate["mandateInfo"], "status": CANCELLED}
    kept = change(context, "mandate", mandate, mandateInfo=info, rejectDetails=rejected)
    return single(mandate["uri"], shown(kept))


def view_mandate(request: Request, context: Context) -> Response:
    mandate = mandate_of(request, context)
    if mandate is None:
        return not_found("mandate", request.params["mandateId"])
    return single(mandate["uri"], shown(mandate))


def mandate_of(request: Request, context: Context) -> Body | None:
    """The mandate that a path names, if it is the scheme's that the path names as well."""
    mandate = context.resources.get("mandate", request.params["mandateId"])
    return mandate if mandate and mandate[NOTES]["scheme"] == request.params["schemeId"] else None


def mandate_data(
    id: str, scheme: str, said: Mapping[str, Any], *, mandate_id: str, creditor: Any, status: str, created: str
) -> Body:
    """A mandate as Nuapay shows it."""
    info = said.get("mandateInfo", {})
    return {
        "id": id,
        "uri": f"/schemes/{scheme}/mandates/{id}",
        "debtor": said["debtor"],
        "mandateInfo": {
            "mandateId": mandate_id,
            "contractReference": info.get("contractReference"),
            "signatureLocation": info.get("signatureLocation"),
            "signatureDate": _text(info.get("signatureDate")),
            "mandateType": info.get("mandateType", RECURRENT),
            "status": status,
            "creationDate": created,
            "migratingMandate": info.get("migratingMandate", False),
        },
        "debtorAccount": said["debtorAccount"],
        "creditorAccount": creditor,
    }


def _judged(request: Request, context: Context, itself: Body | None = None) -> Mapping[str, Any] | Response:
    """A mandate's body, if it could be made or be what *itself* becomes."""
    said = read(request.payload, MANDATE, FIRST)
    if isinstance(said, Response):
        return said
    account = said["debtorAccount"]
    if not (account.get("iban") or account.get("domesticAccountNumber")):
        seen = "neither IBAN nor domestic account number"
        return fields_refused((Problem(code="7031", field="debtorAccount.iban", seen=seen),), FIRST)
    problems = []
    creditor = said.get("creditorAccount", {}).get("iban")
    if creditor and own_account(context, {"iban": creditor}) is None:
        seen = "an account of somebody else"
        problems.append(Problem(code="2006", field="creditorAccount.iban", seen=seen, cause="provider.not_found"))
    wanted = said.get("mandateInfo", {}).get("mandateId")
    for row in context.resources.all_of("mandate") if wanted else ():
        if row.body["mandateInfo"]["mandateId"] == wanted and row.id != (itself or {}).get("id"):
            seen = f"the mandate {row.id} of the same mandate id"
            problems.append(Problem(code="3027", field="mandateInfo.mandateId", seen=seen, cause="provider.not_unique"))
    return rules_refused(problems, FIRST) if problems else said


def _usual_creditor(scheme: Body, context: Context) -> Body | None:
    """The oldest account in the scheme's currency: which one Nuapay takes is part of an organisation's set-up."""
    for account in reversed(newest_first(context.resources.all_of("account"))):
        if account["currency"] == CURRENCY[scheme["schemeType"]]:
            return {name: account["identification"][name] for name in ("iban", "bic")}
    return None


def _wrong_state(mandate: Body, code: str, allowed: tuple[str, ...]) -> Response:
    problem = Problem(
        code=code,
        field="",
        seen=f"mandate {mandate['id']} in the state {mandate['mandateInfo']['status']}",
        expected=", ".join(allowed),
        cause="provider.invalid_state",
    )
    return rules_refused((problem,), FIRST)


def _text(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


_ALL, _ONE = "/schemes/{schemeId}/mandates", "/schemes/{schemeId}/mandates/{mandateId}"

ENDPOINTS = (
    changing("POST", _ALL, create_mandate, "mandates"),
    look(_ONE, view_mandate, "mandates_read"),
    changing("PUT", _ONE, update_mandate, "mandates"),
    changing("POST", f"{_ONE}/activate", activate_mandate, "mandates"),
    changing("POST", f"{_ONE}/cancel", cancel_mandate, "mandates"),
)
