"""Money sent to a beneficiary: credit transfers, made and shown, in both versions of the calls.

Source: "Credit Transfers" of Nuapay's descriptions, v1 and v2. In v1 too little money is a 422; in v2 it is one of the
"asynchronous error codes", which a later GET shows.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date
from decimal import Decimal
from functools import partial
from typing import Any

from sandbox.providers.context import Body, Context, Handler, Request, Response
from sandbox.providers.kit.calls import action, listing, view
from sandbox.providers.kit.fields import Values, read
from sandbox.providers.kit.lists import Filter, Listing, Span
from sandbox.providers.kit.making import Making, today
from sandbox.providers.kit.problems import Problem, refuse_fields, refuse_rules
from sandbox.providers.kit.resource import NOTES, Below, Resource, Seed
from sandbox.providers.kit.rules import Index, folded
from sandbox.providers.kit.values import choice, iban, money, several, text
from sandbox.providers.nuapay import style
from sandbox.providers.nuapay.accounts import ACCOUNT, EURO, balance_of
from sandbox.providers.nuapay.beneficiaries import BENEFICIARY, KNOWN, known_beneficiary
from sandbox.providers.nuapay.codes import SENTENCES
from sandbox.providers.nuapay.credit_transfer_bodies import STANDARD, TYPES, V1, V2, Version
from sandbox.providers.nuapay.identification import own_account
from sandbox.providers.nuapay.style import CORE, DETAILS, HIGHEST, ID, QUERY_PAGES, REFERENCE, WITH_STATE, ZERO, core
from sandbox.providers.nuapay.transactions import Posting, post

INITIATED, READY_FOR_EXPORT, FAILED = "INITIATED", "READY_FOR_EXPORT", "FAILED"
_STATUSES = "READY_FOR_EXPORT REJECTED RECALLED EXPORTED ACCEPTED PENDING PENDING_SETTLEMENT INITIATED FAILED"
STATUSES = tuple(_STATUSES.split())
_SCHEMES = {
    ("EUR", True): ("SCT", "OUTGOING_CREDIT_TRANSFER"),
    ("EUR", False): ("SCT_INSTANT", "INSTANT_CREDIT_TRANSFER_OUT"),
    ("GBP", True): ("BACS", "OUTGOING_CREDIT_TRANSFER"),
    ("GBP", False): ("FPS", "OUTGOING_FPS_CREDIT_TRANSFER"),
}
"""By currency and whether the type is STANDARD: the payment scheme, and the transaction type of its booking."""
_REFERENCE = text(longest=35, pattern=REFERENCE)


# --- how one looks ---


def _body(making: Making) -> Body:
    given, account, beneficiary = making.given, making.notes["account"], making.notes["beneficiary"]
    failing: Problem | None = making.notes["failing"]
    why = (failing.code, SENTENCES[failing.code], "Failure", making.today) if failing else ()
    of, uri, on = beneficiary["id"], beneficiary["uri"], given["requestedExecutionDate"].isoformat()
    return {
        "id": making.id,
        "uri": f"{uri}/credittransfers/{making.id}",
        "originatorIban": account["identification"]["iban"],
        "originatorAccount": account["identification"],
        "requestedExecutionDate": on,
        "actualExecutionDate": None if failing else on,
        "paymentAmount": float(given["paymentAmount"]),
        "paymentCurrency": given["paymentCurrency"],
        "endToEndId": given.get("endToEndId"),
        "remittanceInformation": given.get("remittanceInformation"),
        "structuredRemittanceInformation": given.get("structuredRemittanceInformation"),
        "paymentStatus": given.get("paymentStatus", FAILED if failing else READY_FOR_EXPORT),
        "settlementDateShift": given.get("settlementDateShift", False),
        "type": given["type"],
        "paymentScheme": making.notes["scheme"],
        "ultimateCreditor": _as_json(given.get("ultimateCreditor")),
        "ultimateDebtor": _as_json(given.get("ultimateDebtor")),
        "beneficiaryName": beneficiary["beneficiary"]["name"],
        "beneficiaryAccount": beneficiary["beneficiaryAccount"],
        "rejectDetails": style.reject_details(*why),
        "originalBeneficiaryAccount": None,
        "links": [{"resourceType": "beneficiary", "id": of, "uri": uri}],
    }


def _seeded(making: Making) -> Body:
    """A credit transfer of the past: putting one moves no money."""
    if making.context:
        return _body(making)
    source = ACCOUNT.complete(making.given["account"], {}, making.now)
    target = BENEFICIARY.complete(making.given["beneficiary"], {}, making.now)
    scheme, _ = _SCHEMES[source["currency"], True]
    notes = {"account": source, "beneficiary": target, "scheme": scheme, "failing": None}
    on = {"paymentCurrency": source["currency"], "requestedExecutionDate": making.now.astimezone(UTC).date()}
    given = {**making.given, **on}
    return _body(Making(id=making.id, given=given, now=making.now, notes=notes))


def _notes(making: Making) -> Body:
    of = making.notes or {name: {"id": making.given[name]} for name in ("account", "beneficiary")}
    return {name: of[name]["id"] for name in ("account", "beneficiary")}


TRANSFER = Resource(
    kind="credittransfer",
    id=ID,
    body=_seeded,
    notes=_notes,
    below=(
        Below(param="beneficiaryId", resource=BENEFICIARY, key=f"{NOTES}.beneficiary"),
        Below(param="accountId", resource=ACCOUNT, key=f"{NOTES}.account"),
    ),
    index=(
        f"{NOTES}.beneficiary",
        f"{NOTES}.account",
        "endToEndId",
        "originatorIban",
        "paymentStatus",
        "requestedExecutionDate",
        "beneficiaryAccount.iban",
        Index(name="beneficiaryName", write=folded),
        Index(
            name="beneficiaryAccount",
            of=lambda body: [body["beneficiaryAccount"][name] for name in ("iban", "domesticAccountNumber")],
            write=folded,
        ),
    ),
    seeds=(
        Seed(name="account", kind=ID.kind, default=EURO),
        Seed(name="beneficiary", kind=ID.kind, default=KNOWN),
        Seed(name="paymentStatus", kind=choice(*STATUSES), default="ACCEPTED"),
        Seed(name="paymentAmount", kind=money(ZERO, HIGHEST), default="100"),
        Seed(name="type", kind=choice(*TYPES), default=TYPES[0]),
        Seed(name="endToEndId", kind=text(longest=35, shortest=1), default=lambda own, _: own[:35]),
    ),
)


def _as_json(party: Any) -> Any:
    """An ultimate party with its date of birth as text."""
    if isinstance(party, Mapping):
        return {name: _as_json(value) for name, value in party.items()}
    return party.isoformat() if hasattr(party, "isoformat") else party


def show_v2(body: Body) -> Body:
    """v2 has no ``originatorIban``, and no BIC in the account that pays."""
    account = {name: value for name, value in body["originatorAccount"].items() if name != "bic"}
    left = {name: value for name, value in TRANSFER.shown(body).items() if name != "originatorIban"}
    return {**left, "originatorAccount": account}


# --- the calls that make one ---


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
    scheme, booking = _SCHEMES[given["paymentCurrency"], wanted == STANDARD]
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
