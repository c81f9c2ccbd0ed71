"""The papers of a transfer: its receipt, and where a bank transfer that pays for it is sent.

Source: Wise's description 2026Q3, "Transfers" and "Pay-in". Of the receipt nothing but its being a PDF is copied.
"""

from decimal import Decimal

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import look, told
from sandbox.providers.kit.problems import Problem, Stop, refuse_absent
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.wise.bank_accounts import iban
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.style import STYLE, cents
from sandbox.providers.wise.transfers import SENT, about, own_transfer
from sandbox.providers.wise.users import ANY_USER


def receipt(request: Request, context: ReadContext) -> Response:
    """Only of a transfer that is sent: of any other it is not found."""
    from sandbox.providers.wise import pdf  # which only papers need

    transfer = own_transfer(request, context, request.params["transferId"])
    if transfer["status"] != SENT:
        seen, cause = f"a transfer that is {transfer['status']}", "provider.invalid_state"
        raise Stop("absent", (Problem(field="receipt", seen=seen, expected=f"one that is {SENT}", cause=cause),))
    title = "Transfer confirmation"
    body = pdf.write(title, [title, "", *_lines(transfer)], context.now)
    return Response(status=200, body=body, media_type="application/pdf")


def _lines(transfer: Body) -> list[str]:
    fee = cents(transfer[NOTES]["fee"])
    of = about(transfer, fee)
    source, target, value = of["sourceCurrency"], of["targetCurrency"], Decimal(of["source"])
    named = {
        "Transfer number": f"#{transfer['id']}",
        "Created": f"{transfer['created']} UTC",
        "Amount paid": f"{value + fee:,.2f} {source}",
        "Fee": f"{fee:,.2f} {source}",
        "Amount converted": f"{value:,.2f} {source}",
        "Exchange rate": f"1 {source} = {of['rate']} {target}",
        "Paid out to": of["payee"],
        "Account": of["account"],
        "Amount paid out": f"{Decimal(of['target']):,.2f} {target}",
        "Reference": of["reference"],
    }
    words = [f"{name:<20}{text}" for name, text in named.items() if text]
    return [*words, "", "A sandbox made this. No money has moved."]


def deposit_details(request: Request, context: ReadContext) -> Response:
    """One account for all currencies, and a reference that names the transfer: in the sandbox nothing arrives there."""
    profile = own_profile(request, context, request.params["profileId"])
    transfer = own_transfer(request, context, request.params["transferId"])
    if transfer["profile"] != profile["id"]:
        refuse_absent("transfer", request.params["transferId"])
    spaced = iban("BE", "967000000068")
    details = (
        ("recipientName", "Recipient name", "Wise Europe SA", "Who is paid"),
        ("iban", "IBAN", spaced, "International Bank Account Number"),
        ("bic", "Bank code (BIC/SWIFT)", "TRWIBEB1XXX", "Bank Identifier Code"),
        ("reference", "Reference", f"#{transfer['id']}", "It must stand in the payment"),
    )
    shown = [
        {
            "type": kind,
            "label": label,
            "value": text.replace(" ", "") if kind == "iban" else text,
            "rawValue": text.replace(" ", "") if kind == "iban" else text,
            "formattedValue": text,
            "description": says,
        }
        for kind, label, text, says in details
    ]
    account = {"currency": transfer["sourceCurrency"], "bankAccountType": "RECIPIENT", "details": shown}
    return Response(status=200, json={"payinBank": _BANK, "payinBankAccount": account, "wiseInformation": _WISE})


_ADDRESS = {
    "country": "BE",
    "firstLine": "Rue du Trône 100, 3rd floor",
    "postCode": "1050",
    "city": "Brussels",
    "state": None,
    "phone": None,
}
_BANK = {"bankName": "Wise Europe SA/NV", "bankAddress": _ADDRESS}
_WISE = {"localCompanyName": "Wise Europe SA", "localAddress": _ADDRESS}
"""The description's examples."""
ENDPOINTS = told(
    look("/v1/transfers/{transferId}/receipt.pdf", receipt, STYLE),
    look("/v1/profiles/{profileId}/transfers/{transferId}/deposit-details/bank-transfer", deposit_details, STYLE),
    source="description 2026Q3",
    simplified="the page of the PDF is the sandbox's own; one bank account for every currency",
    tokens=ANY_USER,
)
