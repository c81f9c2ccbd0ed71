"""Money sent to a beneficiary: the calls that make a credit transfer. How one is looked at is in ``sent``.

Source: "Credit Transfers" of Nuapay's descriptions, v1 and v2. In v1 too little money is a 422; in v2 it is one of the
"asynchronous error codes", which a later GET shows.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.beneficiaries import keep_beneficiary, known_beneficiary, unnamed, without_country
from sandbox.providers.nuapay.calls import change
from sandbox.providers.nuapay.codes import SENTENCES
from sandbox.providers.nuapay.credit_transfer import INITIATED, show_v1, show_v2, transfer_data
from sandbox.providers.nuapay.credit_transfer_bodies import STANDARD, V1, V2, Version
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import read
from sandbox.providers.nuapay.identification import own_account
from sandbox.providers.nuapay.keeping import add, free_id, today
from sandbox.providers.nuapay.postings import Posting, balance_of, post
from sandbox.providers.nuapay.problems import (
    DETAILS,
    Manner,
    Problem,
    fields_refused,
    not_found,
    rules_refused,
    too_little,
)
from sandbox.providers.nuapay.values import REFERENCE, text

_SCHEMES = {
    ("EUR", True): ("SCT", "OUTGOING_CREDIT_TRANSFER"),
    ("EUR", False): ("SCT_INSTANT", "INSTANT_CREDIT_TRANSFER_OUT"),
    ("GBP", True): ("BACS", "OUTGOING_CREDIT_TRANSFER"),
    ("GBP", False): ("FPS", "OUTGOING_FPS_CREDIT_TRANSFER"),
}
"""By currency and whether the type is STANDARD: the payment scheme, and the transaction type of its booking."""
_REFERENCE = text(longest=35, pattern=REFERENCE)


def create_credit_transfer(request: Request, context: Context) -> Response:
    return _below_beneficiary(V1, request, context)


def create_credit_transfer_v2(request: Request, context: Context) -> Response:
    return _below_beneficiary(V2, request, context)


def create_credit_transfer_and_beneficiary(request: Request, context: Context) -> Response:
    return _with_beneficiary(V1, request, context)


def create_credit_transfer_and_beneficiary_v2(request: Request, context: Context) -> Response:
    return _with_beneficiary(V2, request, context)


def _below_beneficiary(version: Version, request: Request, context: Context) -> Response:
    beneficiary = context.resources.get("beneficiary", request.params["beneficiaryId"])
    if beneficiary is None:
        return not_found("beneficiary", request.params["beneficiaryId"])
    said = read(request.payload, version.body, version.manner)
    if isinstance(said, Response):
        return said
    judged = _judge(version, said, version.manner, context)
    if isinstance(judged, Response):
        return judged
    transfer = _send(version, said, beneficiary, *judged, context)
    return single(transfer["uri"], _shown(version, transfer), status=201)


def _with_beneficiary(version: Version, request: Request, context: Context) -> Response:
    """The beneficiary is made only where there is none of that name and account, and only if the transfer is."""
    said = read(request.payload, version.body_with_beneficiary, DETAILS)
    if isinstance(said, Response):
        return said
    if problems := unnamed(said):
        return fields_refused(problems, DETAILS)
    judged = _judge(version, said, DETAILS, context)
    if isinstance(judged, Response):
        return judged
    if problems := without_country(said):
        return rules_refused(problems, DETAILS)
    beneficiary = known_beneficiary(said, context) or keep_beneficiary(said, context)
    data = _shown(version, _send(version, said, beneficiary, *judged, context))
    return single(data["uri"], data, status=201)


def _judge(
    version: Version, said: Mapping[str, Any], manner: Manner, context: Context
) -> tuple[Body, Problem | None] | Response:
    """The account that pays, and what will make the transfer fail after it is answered; or the refusal."""
    field, named = "originatorIban", {"iban": said.get("originatorIban")}
    if "originatorAccount" in said:
        field, named = "originatorAccount.iban", said["originatorAccount"]
    if not (named.get("iban") or named.get("domesticAccountNumber")):
        missing = Problem(code="7172" if version is V2 else "7091", field=field, seen="nothing")
        return fields_refused((missing,), manner)
    account = own_account(context, named)
    problems = _reference_problems(said)
    if account is None or account["status"] != "ACTIVE":
        seen = "an account of somebody else" if account is None else f"an account that is {account['status']}"
        problems.append(Problem(code="5007", field=field, seen=seen, cause="provider.not_found"))
        return rules_refused(problems, manner)
    if account["currency"] != said["paymentCurrency"]:
        seen = f"{said['paymentCurrency']} from an account in {account['currency']}"
        problems.append(Problem(code="5017", field="paymentCurrency", seen=seen))
    late = [] if problems else _late_problems(said, account, context)
    if problems or (late and not version.answers_first):
        return rules_refused([*problems, *late], manner)
    return account, late[0] if late else None


def _reference_problems(said: Mapping[str, Any]) -> list[Problem]:
    reference = said.get("endToEndId")
    if reference is None or _REFERENCE(reference) is not None:
        return []
    return [Problem(code="5008", field="endToEndId", seen=ascii(reference[:40]), expected=REFERENCE)]


def _late_problems(said: Mapping[str, Any], account: Body, context: Context) -> list[Problem]:
    """What v2 finds out only after it has answered."""
    problems = []
    on: date | None = said.get("requestedExecutionDate")
    if on and on.isoformat() < today(context):
        seen = f"{on}, and today is {today(context)}"
        problems.append(Problem(code="7125", field="requestedExecutionDate", seen=seen))
    amount: Decimal = said["paymentAmount"]
    if balance_of(account) < amount:
        held, wanted = (f"{money} {account['currency']}" for money in (balance_of(account), amount))
        problems.append(too_little(account["id"], held, wanted, "paymentAmount"))
    return problems


def _send(
    version: Version,
    said: Mapping[str, Any],
    beneficiary: Body,
    account: Body,
    failing: Problem | None,
    context: Context,
) -> Body:
    """Keep the transfer and take its money, unless it is one that fails."""
    wanted = said.get("type", version.usual_type)
    scheme, booking = _SCHEMES[said["paymentCurrency"], wanted == STANDARD]
    data = transfer_data(
        free_id(context, "credittransfer"),
        {"requestedExecutionDate": date.fromisoformat(today(context)), **said, "type": wanted},
        account=account,
        beneficiary=beneficiary,
        scheme=scheme,
        failed=(failing.code, SENTENCES[failing.code], today(context)) if failing else None,
    )
    kept = add(context, "credittransfer", data, account=account["id"], beneficiary=beneficiary["id"])
    if not failing:
        posting = Posting(
            type=booking,
            name=beneficiary["beneficiary"]["name"],
            account=beneficiary["beneficiaryAccount"],
            remittance=said.get("remittanceInformation"),
            end_to_end=said.get("endToEndId"),
        )
        post(context, account, -said["paymentAmount"], posting)
    return kept


def _shown(version: Version, transfer: Body) -> Body:
    """As it is at the moment of the call: v2 knows nothing yet."""
    if not version.answers_first:
        return show_v1(transfer)
    nothing_yet = {"paymentStatus": INITIATED, "actualExecutionDate": None, "rejectDetails": dict.fromkeys(_REJECT)}
    return {**show_v2(transfer), **nothing_yet, "uri": f"/credittransfers/{transfer['id']}"}


_REJECT = ("rejectReason", "rejectDescription", "rejectType", "rejectDate")

_BELOW, _ALONE = "/beneficiaries/{beneficiaryId}/credittransfers", "/credittransfers"
_SCOPE = "credittransfers"

ENDPOINTS = (
    change("POST", _BELOW, create_credit_transfer, _SCOPE, signing="required"),
    change("POST", _ALONE, create_credit_transfer_and_beneficiary, _SCOPE, signing="required"),
    change("POST", f"/v2{_BELOW}", create_credit_transfer_v2, _SCOPE, signing="required"),
    change("POST", f"/v2{_ALONE}", create_credit_transfer_and_beneficiary_v2, _SCOPE, signing="required"),
)
