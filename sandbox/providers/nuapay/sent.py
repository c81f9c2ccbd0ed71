"""Credit transfers that were made: one of them, and lists of them.

Source: "Credit Transfers" of Nuapay's descriptions, v1 and v2.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.nuapay.calls import change, look
from sandbox.providers.nuapay.credit_transfer import STATUSES, show_v1, show_v2
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.keeping import NOTES, newest_first
from sandbox.providers.nuapay.lists import PAGE, Filter, Span, cut, listed, page_of
from sandbox.providers.nuapay.problems import ACCOUNTS, Problem, not_found, rules_refused, silently_not_found
from sandbox.providers.nuapay.values import choice, day, iban, several, text

Show = Callable[[Body], Body]

_SPANS = (
    Span(
        first="executiondatefrom",
        last="executiondateto",
        wrong="7001",
        reversed="7002",
        of=lambda body: body["requestedExecutionDate"],
    ),
)
_FILTERS = (
    Filter(
        name="endtoendid",
        wrong="7131",
        kind=text(longest=35),
        fits=lambda body, wanted: body["endToEndId"] == wanted,
    ),
    Filter(
        name="beneficiaryiban",
        wrong="7081",
        kind=iban,
        fits=lambda body, wanted: body["beneficiaryAccount"]["iban"] == wanted,
    ),
    Filter(
        name="beneficiaryname",
        wrong="7100",
        kind=text(longest=70),
        fits=lambda body, part: part.lower() in body["beneficiaryName"].lower(),
    ),
    Filter(
        name="originatoriban",
        wrong="7111",
        kind=iban,
        fits=lambda body, wanted: body["originatorIban"] == wanted,
    ),
    Filter(
        name="paymentstatus",
        wrong="7063",
        kind=choice("ALL", *STATUSES),
        fits=lambda body, wanted: wanted in ("ALL", body["paymentStatus"]),
        repeated=True,
    ),
)
_LIST = table(
    Field(
        name="filter",
        wrong="7131",
        members=(
            Field(name="beneficiaryAccount", wrong="7131", kind=text(longest=34, shortest=3, pattern="[0-9a-zA-Z]*")),
            Field(name="beneficiaryName", wrong="7100", kind=text(longest=70)),
            Field(name="executionDateFrom", wrong="7001", kind=day),
            Field(name="executionDateTo", wrong="7001", kind=day),
            Field(name="paymentStatuses", wrong="7063", kind=several(choice(*STATUSES), most=len(STATUSES))),
        ),
    ),
    PAGE,
)
_FITS: Mapping[str, Callable[[Body, Any], bool]] = {
    "beneficiaryAccount": lambda body, part: any(
        part.upper() in str(body["beneficiaryAccount"][name] or "").upper()
        for name in ("iban", "domesticAccountNumber")
    ),
    "beneficiaryName": lambda body, part: part.lower() in body["beneficiaryName"].lower(),
    "executionDateFrom": lambda body, first: body["requestedExecutionDate"] >= first.isoformat(),
    "executionDateTo": lambda body, last: body["requestedExecutionDate"] <= last.isoformat(),
    "paymentStatuses": lambda body, wanted: body["paymentStatus"] in wanted,
}


def list_credit_transfers(request: Request, context: Context) -> Response:
    return _listed(request, context, show_v1)


def list_credit_transfers_v2(request: Request, context: Context) -> Response:
    return _listed(request, context, show_v2)


def view_credit_transfer(request: Request, context: Context) -> Response:
    return _viewed(request, context, show_v1)


def view_credit_transfer_v2(request: Request, context: Context) -> Response:
    return _viewed(request, context, show_v2)


def list_credit_transfers_of_account(request: Request, context: Context) -> Response:
    return _of_account(request, context, show_v1)


def list_credit_transfers_of_account_v2(request: Request, context: Context) -> Response:
    return _of_account(request, context, show_v2)


def _listed(request: Request, context: Context, show: Show) -> Response:
    """All of them, or those of the beneficiary that the path names."""
    of = request.params.get("beneficiaryId")
    uri = "/credittransfers"
    if of is not None:
        if context.resources.get("beneficiary", of) is None:
            return silently_not_found("beneficiary", of)
        uri = f"/beneficiaries/{of}/credittransfers"
    transfers = newest_first(context.resources.all_of("credittransfer"))
    left = [body for body in transfers if of in (None, body[NOTES]["beneficiary"])]
    return listed(request, uri, left, _FILTERS, spans=_SPANS, show=show)


def _viewed(request: Request, context: Context, show: Show) -> Response:
    wanted, of = request.params["creditTransferId"], request.params.get("beneficiaryId")
    body = context.resources.get("credittransfer", wanted)
    if body is None or of not in (None, body[NOTES]["beneficiary"]):
        return not_found("credittransfer", wanted)
    return single(body["uri"], show(body))


def _of_account(request: Request, context: Context, show: Show) -> Response:
    of = request.params["accountId"]
    if context.resources.get("account", of) is None:
        return not_found("account", of)
    said = read(request.payload, _LIST, ACCOUNTS)
    if isinstance(said, Response):
        return said
    page = page_of(said, ACCOUNTS)
    if isinstance(page, Response):
        return page
    wanted = said.get("filter", {})
    first, last = wanted.get("executionDateFrom"), wanted.get("executionDateTo")
    if first and last and first > last:
        problem = Problem(code="7002", field="filter.executionDateFrom", seen=f"{first} to {last}")
        return rules_refused((problem,), ACCOUNTS)
    transfers = [
        body
        for body in newest_first(context.resources.all_of("credittransfer"))
        if body[NOTES]["account"] == of and all(_FITS[name](body, value) for name, value in wanted.items())
    ]
    return cut(f"/accounts/{of}/credittransfers/list", transfers, *page, show=show)


_OF_BENEFICIARY, _READ = "/beneficiaries/{beneficiaryId}/credittransfers", "credittransfers_read"
_OF_ACCOUNT = "/accounts/{accountId}/credittransfers/list"

ENDPOINTS = (
    look("/credittransfers", list_credit_transfers, _READ),
    look(_OF_BENEFICIARY, list_credit_transfers, _READ),
    look(f"{_OF_BENEFICIARY}/{{creditTransferId}}", view_credit_transfer, _READ),
    change("POST", _OF_ACCOUNT, list_credit_transfers_of_account, _READ),
    look("/v2/credittransfers", list_credit_transfers_v2, _READ),
    look("/v2/credittransfers/{creditTransferId}", view_credit_transfer_v2, _READ),
    look(f"/v2{_OF_BENEFICIARY}", list_credit_transfers_v2, _READ),
    look(f"/v2{_OF_BENEFICIARY}/{{creditTransferId}}", view_credit_transfer_v2, _READ),
    change("POST", f"/v2{_OF_ACCOUNT}", list_credit_transfers_of_account_v2, _READ),
)
