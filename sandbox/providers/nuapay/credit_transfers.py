"""Money sent to a beneficiary: credit transfers, made and shown, in both versions of the calls.

Source: "Credit Transfers" of Nuapay's descriptions, v1 and v2. In v1 too little money is a 422; in v2 it is one of the
"asynchronous error codes", which a later GET shows.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from sandbox.providers.context import Body, Context, Handler, Request, Response
from sandbox.providers.kit.calls import action, listing, view
from sandbox.providers.kit.fields import Values, read
from sandbox.providers.kit.lists import Filter, Listing, Span
from sandbox.providers.kit.making import Making, today
from sandbox.providers.kit.problems import Problem, refuse_fields, refuse_rules
from sandbox.providers.kit.values import choice, iban, several, text
from sandbox.providers.nuapay import style
from sandbox.providers.nuapay.accounts import balance_of
from sandbox.providers.nuapay.beneficiaries import BENEFICIARY, known_beneficiary
from sandbox.providers.nuapay.credit_transfer import INITIATED, STATUSES, TRANSFER, V1, V2, Version, scheme_of, show_v2
from sandbox.providers.nuapay.identification import own_account
from sandbox.providers.nuapay.style import CORE, DETAILS, QUERY_PAGES, REFERENCE, WITH_STATE, core
from sandbox.providers.nuapay.transactions import Posting, post

_REFERENCE = text(longest=35, pattern=REFERENCE)


def _below_beneficiary(version: Version, request: Request, context: Context) -> Response:
    beneficiary = BENEFICIARY.existing(context, request.params["beneficiaryId"])
    given = read(request.payload, version.body)
    transfer = _send(version, given, beneficiary, *_judge(version, given, context), context)
    return style.single(transfer["uri"], _shown(version, transfer), status=201)


def _with_beneficiary(version: Version, request: Request, context: Context) -> Response:
    """The beneficiary is made only where there is none of that name and account, and only if the transfer is."""
    given = read(request.payload, version.body_with_beneficiary)
    making = Making(given=given, now=context.now, context=context)
    unnamed, without_country = BENEFICIARY.rules
    if problems := [*unnamed.check(making)]:
        refuse_fields(*problems)
    judged = _judge(version, given, context)
    if problems := [*without_country.check(making)]:
        refuse_rules(*problems)
    beneficiary = known_beneficiary(given, context.resources) or BENEFICIARY.add(context, making)
    data = _shown(version, _send(version, given, beneficiary, *judged, context))
    return style.single(data["uri"], data, status=201)


def _judge(version: Version, given: Values, context: Context) -> tuple[Body, Problem | None]:
    """The account that pays, and what will make the transfer fail after it is answered. Raises Stop."""
    field, named = "originatorIban", {"iban": given.get("originatorIban")}
    if "originatorAccount" in given:
        field, named = "originatorAccount.iban", given["originatorAccount"]
    if not (named.get("iban") or named.get("domesticAccountNumber")):
        refuse_fields(Problem(code="7172" if version is V2 else "7091", field=field, seen="nothing"))
    account = own_account(context.resources, named)
    problems = [*_reference_problems(given)]
    if account is None or account["status"] != "ACTIVE":
        seen = "an account of somebody else" if account is None else f"an account that is {account['status']}"
        refuse_rules(*problems, Problem(code="5007", field=field, seen=seen, cause="provider.not_found"))
    if account["currency"] != given["paymentCurrency"]:
        seen = f"{given['paymentCurrency']} from an account in {account['currency']}"
        problems.append(Problem(code="5017", field="paymentCurrency", seen=seen))
    late = [] if problems else [*_late_problems(given, account, context)]
    if problems or (late and not version.answers_first):
        refuse_rules(*problems, *late)
    return account, late[0] if late else None


def _reference_problems(given: Values) -> Iterable[Problem]:
    reference = given.get("endToEndId")
    if reference is not None and _REFERENCE.read(reference) is None:
        yield Problem(code="5008", field="endToEndId", seen=ascii(reference[:40]), expected=REFERENCE)


def _late_problems(given: Values, account: Body, context: Context) -> Iterable[Problem]:
    """What v2 finds out only after it has answered."""
    on: date | None = given.get("requestedExecutionDate")
    if on and on.isoformat() < today(context.now):
        seen = f"{on}, and today is {today(context.now)}"
        yield Problem(code="7125", field="requestedExecutionDate", seen=seen)
    amount: Decimal = given["paymentAmount"]
    if balance_of(account) < amount:
        yield too_little(account, amount, "paymentAmount")


def too_little(account: Body, wanted: Decimal, field: str) -> Problem:
    """The account does not hold what the call takes."""
    put = f"sandbank resource put account {account['id']} --set balance=1000000 --provider nuapay --client demo"
    return Problem(
        code="5016",
        field=field,
        seen=f"{balance_of(account)} {account['currency']} on account {account['id']}",
        expected=f"{wanted} {account['currency']}",
        cause="provider.no_funds",
        next=f"{put} does; or take less",
    )


def _send(
    version: Version, given: Values, beneficiary: Body, account: Body, failing: Problem | None, context: Context
) -> Body:
    """Keep the transfer and take its money, unless it is one that fails."""
    wanted = given.get("type", version.usual_type)
    scheme, booking = scheme_of(given["paymentCurrency"], wanted)
    notes = {"account": account, "beneficiary": beneficiary, "scheme": scheme, "failing": failing}
    given = {"requestedExecutionDate": date.fromisoformat(today(context.now)), **given, "type": wanted}
    kept = TRANSFER.add(context, Making(given=given, now=context.now, context=context, notes=notes))
    if not failing:
        posting = Posting(
            type=booking,
            name=beneficiary["beneficiary"]["name"],
            account=beneficiary["beneficiaryAccount"],
            remittance=given.get("remittanceInformation"),
            end_to_end=given.get("endToEndId"),
        )
        post(context, account, -given["paymentAmount"], posting)
    return kept


def _shown(version: Version, transfer: Body) -> Body:
    """As it is at the moment of the call: v2 knows nothing yet."""
    if not version.answers_first:
        return TRANSFER.shown(transfer)
    nothing_yet = {"paymentStatus": INITIATED, "actualExecutionDate": None, "rejectDetails": style.reject_details()}
    return {**show_v2(transfer), **nothing_yet, "uri": f"/credittransfers/{transfer['id']}"}


def _call(name: str, make: Any, version: Version) -> Handler:
    """The handler under a name of its own, which the journal shows."""
    handler = partial(make, version)
    handler.__name__ = name  # type: ignore[attr-defined]
    return handler


# --- the calls that look ---

_DATE = "requestedExecutionDate"
_ASKS = Listing(
    filters=(
        Filter(name="endtoendid", wrong="7131", kind=text(longest=35), key="endToEndId"),
        Filter(name="beneficiaryiban", wrong="7081", kind=iban, key="beneficiaryAccount.iban"),
        Filter(name="beneficiaryname", wrong="7100", kind=text(longest=70), key="beneficiaryName", how="has"),
        Filter(name="originatoriban", wrong="7111", kind=iban, key="originatorIban"),
        style.statuses("paymentstatus", STATUSES),
        Span(first="executiondatefrom", last="executiondateto", key=_DATE, wrong="7001", reversed="7002"),
    ),
    paging=QUERY_PAGES,
)
_NUMBER = text(longest=34, shortest=3, pattern="[0-9a-zA-Z]*")
_ASKS_OF_ACCOUNT = Listing(
    filters=(
        Filter(name="beneficiaryAccount", wrong="7131", kind=_NUMBER, how="has"),
        Filter(name="beneficiaryName", wrong="7100", kind=text(longest=70), how="has"),
        Span(first="executionDateFrom", last="executionDateTo", key=_DATE, wrong="7001", reversed="7002"),
        Filter(
            name="paymentStatuses",
            wrong="7063",
            kind=several(choice(*STATUSES), most=len(STATUSES)),
            key="paymentStatus",
        ),
    ),
    paging=style.BODY_PAGES,
    inside=style.BODY,
    wrong="7131",
)
_BELOW, _ALONE = "/beneficiaries/{beneficiaryId}/credittransfers", "/credittransfers"
_OF_ACCOUNT = "/accounts/{accountId}/credittransfers/list"
_QUIET, _STATE = core(style.silent(style.FIRST)), core(WITH_STATE)
_READ, _WRITE = ("credittransfers_read",), ("credittransfers",)

ENDPOINTS = tuple(
    endpoint
    for at, version, name, show in (("", V1, "", None), ("/v2", V2, "_v2", show_v2))
    for endpoint in (
        action(
            "POST",
            f"{at}{_BELOW}",
            _call(f"create_credit_transfer{name}", _below_beneficiary, version),
            version.style,
            scopes=_WRITE,
            signing="required",
        ),
        action(
            "POST",
            f"{at}{_ALONE}",
            _call(f"create_credit_transfer_and_beneficiary{name}", _with_beneficiary, version),
            core(DETAILS),
            scopes=_WRITE,
            signing="required",
        ),
        listing(TRANSFER, f"{at}{_ALONE}", CORE, _ASKS, scopes=_READ, uri=_ALONE, show=show),
        listing(TRANSFER, f"{at}{_BELOW}", _QUIET, _ASKS, scopes=_READ, uri=_BELOW, show=show),
        view(TRANSFER, f"{at}{_BELOW}/{{creditTransferId}}", CORE, scopes=_READ, show=show),
        # v1 has no call for one alone.
        *([view(TRANSFER, f"{at}{_ALONE}/{{creditTransferId}}", CORE, scopes=_READ, show=show)] if at else []),
        listing(TRANSFER, f"{at}{_OF_ACCOUNT}", _STATE, _ASKS_OF_ACCOUNT, scopes=_READ, uri=_OF_ACCOUNT, show=show),
    )
)
