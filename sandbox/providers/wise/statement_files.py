"""A statement as JSON, CSV and PDF, on the paths of a balance and of the borderless account.

Sources: Wise's description 2026Q3, "Balance statements"; statements of 2021 to 2026 in the tests of public clients: the
members that the description does not have, and the columns of the CSV. Of the PDF nothing but its being one is copied.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO, TextIOWrapper
from typing import Any
from uuid import UUID, uuid5

from sandbox.providers.context import Body, ReadContext, ReadHandler, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import look, told
from sandbox.providers.wise.account_details import numbers
from sandbox.providers.wise.balances import account_of, existing
from sandbox.providers.wise.bank_accounts import DETAILS
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.sca import GET_STATEMENT
from sandbox.providers.wise.statements import Statement, StatementLine, asked, money, of_currency, written
from sandbox.providers.wise.style import STYLE, cents, read_time
from sandbox.providers.wise.users import ANY_USER

ISSUER = {
    "name": "TransferWise Ltd.",
    "firstLine": "56 Shoreditch High Street",
    "city": "London",
    "postCode": "E1 6JJ",
    "stateCode": "",
    "country": "United Kingdom",
}
"""The description's."""
_COUNTRIES = {"GB": "United Kingdom", "US": "United States", "DE": "Germany", "EE": "Estonia", "SG": "Singapore"}
"""Of others the code is shown."""
_REQUESTS = UUID("7a0d4c1e-0f2b-4c64-9a57-3d8f52d5b1c6")
"""The name space of the ids of requests: a read has no other source of ids."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
COLUMNS = (
    "TransferWise ID",
    "Date",
    "Date Time",
    "Amount",
    "Currency",
    "Description",
    "Payment Reference",
    "Running Balance",
    "Exchange From",
    "Exchange To",
    "Exchange Rate",
    "Payer Name",
    "Payee Name",
    "Payee Account Number",
    "Merchant",
    "Card Last Four Digits",
    "Card Holder Full Name",
    "Attachment",
    "Note",
    "Total fees",
    "Exchange To Amount",
    "Transaction Type",
    "Transaction Details Type",
)


# --- JSON ---


def _json(of: Statement, context: ReadContext) -> Response:
    currency, profile = of.currency, of.profile["id"]
    start, end = (_short(at) for at in (of.asked.start, of.asked.end))
    interval = {"intervalStart": start, "intervalEnd": end}
    own = {"profileId": profile, "currency": currency, "balanceId": of.balance["id"], "balanceName": of.balance["name"]}
    number = uuid5(_REQUESTS, f"{of.balance['id']} {start} {end} {of.asked.kind} {milliseconds(context.now)}")
    query = {**interval, "type": of.asked.kind, "addStamp": False, "currency": currency, "profileId": profile}
    titles = {"summaryTitle": "Fees Summary", "fromTitle": "From", "toTitle": "To", "feesTitle": "Fees"}
    head = {"accountHolder": _holder(of.profile), "issuer": ISSUER, "bankDetails": _bank_details(of, context)}
    # Line by line: the encoder would hold the event loop up for as long as it needs for all of them, and a list of all
    # would take several times the memory of the text.
    file, opening = BytesIO(), of.closing
    file.write(_bytes(_encode(head)[:-1] + ',"transactions":['))
    for count, line in enumerate(of.lines()):
        file.write(_bytes(f"{',' if count else ''}{_encode(_transaction(line, currency))}"))
        opening = line.before
    tail = {
        "startOfStatementBalance": money(opening, currency),
        "endOfStatementBalance": money(of.closing, currency),
        "endOfStatementUnrealisedGainLoss": None,
        "balanceAssetConfiguration": None,
        "query": {**query, "timezone": "Z", "accountId": of.balance["id"]},
        "request": {"id": str(number), "creationTime": milliseconds(context.now), **own, **interval},
        "feeSummary": {**titles, "feeSummaryItems": []},
        "locale": {"code": of.asked.locale},
    }
    file.write(_bytes(f"],{_encode(tail)[1:]}"))
    return Response(status=200, body=file.getvalue(), media_type="application/json")


def _bytes(text: str) -> bytes:
    """Half a surrogate pair, which JSON can spell and UTF-8 cannot, goes out escaped."""
    return text.encode("utf-8", "backslashreplace")


def _short(at: datetime) -> str:
    """Without the fraction of a second where there is none, as it was seen."""
    return milliseconds(at).replace(".000Z", "Z")


def _holder(profile: Body) -> Body:
    address = profile["address"]
    code = address["countryIso2Code"] or ""
    where = {name: address[name] for name in ("addressFirstLine", "city", "postCode", "stateCode")}
    where["countryName"] = _COUNTRIES.get(code.upper(), code)
    personal = ("firstName", "lastName")
    names = personal if profile["type"] == "PERSONAL" else ("businessName", "registrationNumber", "companyType")
    return {"type": profile["type"], "address": where, **{name: profile[name] for name in names}}


def _bank_details(of: Statement, context: ReadContext) -> list[Body] | None:
    found = numbers(of.profile, of.currency, context)
    if found is None:
        return None
    kind, issued = DETAILS[of.currency], found[1]
    name, *street = kind.address.split("\n")
    address = {"firstLine": name, "secondLine": ", ".join(street)}
    titles = {**dict(kind.local), "SWIFT_CODE": "Swift/BIC"}
    accounts = [one for one in ("IBAN", "ACCOUNT_NUMBER") if one in issued]
    codes = [one for one in ("BANK_CODE", "ROUTING_NUMBER", "SWIFT_CODE") if one in issued]
    return [
        {
            "address": address,
            "accountNumbers": [{"accountType": titles[one], "accountNumber": issued[one]} for one in accounts],
            "bankCodes": [{"scheme": titles[one], "value": issued[one]} for one in codes],
            "deprecated": False,
        }
    ]


def _transaction(line: StatementLine, currency: str) -> Body:
    return {
        "type": line.type,
        "date": line.at,
        "amount": money(line.value, currency),
        "totalFees": money(line.fee, currency),
        "details": line.details,
        "exchangeDetails": line.exchange,
        "runningBalance": money(line.after, currency),
        "referenceNumber": line.reference,
        "attachment": None,
        "activityAssetAttributions": [],
    }


# --- CSV ---


def _csv(of: Statement, context: ReadContext) -> Response:
    import csv  # which only these calls need, and the first call of all need not wait for

    file = BytesIO()
    text = TextIOWrapper(file, "utf-8", "backslashreplace", newline="")
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(_row(line, of.currency) for line in of.lines())
    text.flush()
    return Response(status=200, body=file.getvalue(), media_type="text/csv")


def _row(line: StatementLine, currency: str) -> dict[str, Any]:
    at, details = read_time(line.at.removesuffix("Z")), line.details
    row: dict[str, Any] = {
        "TransferWise ID": line.reference,
        "Date": f"{at:%d-%m-%Y}",
        "Date Time": f"{at:%d-%m-%Y %H:%M:%S}.{at.microsecond // 1000:03d}",
        "Amount": line.value,
        "Currency": currency,
        "Description": details["description"],
        "Payment Reference": details.get("paymentReference", ""),
        "Running Balance": line.after,
        "Total fees": line.fee,
        "Transaction Type": line.type,
        "Transaction Details Type": details["type"],
    }
    if payee := details.get("recipient"):
        row |= {"Payee Name": payee["name"], "Payee Account Number": payee["bankAccount"]}
    row["Payer Name"] = details.get("senderName", "")
    if exchange := line.exchange or (details if "sourceAmount" in details else None):
        given = exchange.get("fromAmount") or exchange["sourceAmount"]
        got = exchange.get("toAmount") or exchange["targetAmount"]
        row |= {"Exchange From": given["currency"], "Exchange To": got["currency"], "Exchange Rate": exchange["rate"]}
        row["Exchange To Amount"] = cents(got["value"])
    return row


# --- PDF ---


def _pdf(of: Statement, context: ReadContext) -> Response:
    from sandbox.providers.wise import pdf  # as above

    title = f"{of.currency} statement"
    body = pdf.write(title, _page(of, title), context.now)
    return Response(status=200, body=body, media_type="application/pdf")


def _page(of: Statement, title: str) -> Iterator[str]:
    yield from (title, f"{of.asked.start:%d %B %Y} - {of.asked.end:%d %B %Y} [UTC]", "", of.profile["fullName"])
    yield from (f"Account {of.balance['id']}", "A sandbox made this. No money has moved.", "")
    yield f"{of.currency} at the end {of.closing:>67,.2f}"
    yield f"{'Description':<48}{'Amount':>16}{'Balance':>16}"
    opening = of.closing
    for line in of.lines():
        words = line.details["description"]
        yield f"{words[:46]:<48}{line.value:>16,.2f}{line.after:>16,.2f}"
        yield f"  {line.at[:10]}  Transaction: {line.reference}"
        opening = line.before
    yield f"{of.currency} at the start {opening:>65,.2f}"


# --- calls ---

Writer = Callable[[Statement, ReadContext], Response]
_WRITERS: tuple[tuple[str, Writer], ...] = ((".json", _json), (".csv", _csv), (".pdf", _pdf))


def _of_balance(write: Writer) -> ReadHandler:
    def statement_of_balance(request: Request, context: ReadContext) -> Response:
        balance = existing(request, context)
        profile = own_profile(request, context, request.params["profileId"])
        of = asked(request, balance["currency"])
        return written(profile, balance, of, context, lambda found: write(found, context))

    return statement_of_balance


def _of_account(write: Writer) -> ReadHandler:
    """The balance of a borderless account is named by its currency; public clients also write the balance's id in place
    of the account's."""

    def statement_of_account(request: Request, context: ReadContext) -> Response:
        profile = own_profile(request, context, request.params["profileId"])
        balance = context.resources.get("balance", request.params["accountId"])
        if balance is None or balance["profile"] != profile["id"]:
            profile = account_of(request, context)
            balance = of_currency(request, profile, context)
        of = asked(request, balance["currency"])
        return written(profile, balance, of, context, lambda found: write(found, context))

    return statement_of_account


def _of_oldest(write: Writer) -> ReadHandler:
    """As before there were profiles in the path: the account's number says whose it is."""

    def statement_of_oldest(request: Request, context: ReadContext) -> Response:
        profile = account_of(request, context)
        balance = of_currency(request, profile, context)
        of = asked(request, balance["currency"])
        return written(profile, balance, of, context, lambda found: write(found, context))

    return statement_of_oldest


def _look(path: str, handler: ReadHandler) -> Endpoint:
    """Beside the event loop: there may be a hundred thousand lines."""
    return look(path, handler, STYLE, aside=True)


_BALANCE = "/v1/profiles/{profileId}/balance-statements/{balanceId}/statement"
_ACCOUNT = "/v3/profiles/{profileId}/borderless-accounts/{accountId}/statement"
_OLDEST = "/v1/borderless-accounts/{accountId}/statement"
ENDPOINTS = told(
    *(_look(f"{_BALANCE}{ending}", _of_balance(write)) for ending, write in _WRITERS),
    source="description 2026Q3; statements in the tests of public clients",
    simplified="the page of the PDF is the sandbox's own",
    tokens=ANY_USER,
    step_up=GET_STATEMENT,
)
LEGACY = told(
    _look(_BALANCE, _of_balance(_json)),
    *(_look(f"{_ACCOUNT}{ending}", _of_account(write)) for ending, write in _WRITERS),
    *(_look(f"{_OLDEST}{ending}", _of_oldest(write)) for ending, write in _WRITERS),
    source="Wise's Postman collection; the deprecated API documents",
    simplified="as the statement of a balance",
    tokens=ANY_USER,
    step_up=GET_STATEMENT,
)
