"""The multi-currency account, which was called borderless: all balances of a profile together.

Sources: Wise's description 2026Q3, "Multi-currency account"; Wise's Postman collection of that name; the deprecated API
documents for ``/v1/borderless-accounts``.
"""

from decimal import Decimal

from sandbox.providers.context import Body, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.kit.rules import equals
from sandbox.providers.wise.account_details import bank_details
from sandbox.providers.wise.balances import ACCOUNT_OF, ACCOUNT_RECIPIENT_OF, CURRENCIES, account_of
from sandbox.providers.wise.bank_accounts import DETAILS
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.rates import price
from sandbox.providers.wise.style import STYLE, amount, invalid, read_time
from sandbox.providers.wise.users import ANY_USER


def _balances(profile: Body, context: ReadContext) -> list[Body]:
    found = context.resources.find("balance", (equals("profile", profile["id"]),), oldest_first=True).rows
    return [row.body for row in found if row.body["type"] == "STANDARD"]


def _account(profile: Body, balances: list[Body]) -> Body:
    """As the description of 2026Q3 has it. It is there as soon as there is one balance."""
    opened, changed = min(one["created"] for one in balances), max(one["modified"] for one in balances)
    return {
        "id": profile["id"] + ACCOUNT_OF,
        "profileId": profile["id"],
        "recipientId": profile["id"] + ACCOUNT_RECIPIENT_OF,
        "creationTime": milliseconds(read_time(opened)),
        "modificationTime": milliseconds(read_time(changed)),
        "active": True,
        "eligible": True,
    }


def _older(profile: Body, context: ReadContext) -> Body:
    """With the balances in it, each with its id, which Wise's Postman collection reads."""
    balances = _balances(profile, context)
    return {**_account(profile, balances), "balances": [_balance(one, profile, context) for one in balances]}


def _balance(balance: Body, profile: Body, context: ReadContext) -> Body:
    currency = balance["currency"]
    return {
        "id": balance["id"],
        "balanceType": "AVAILABLE",
        "currency": currency,
        "amount": amount(balance["amount"], currency),
        "reservedAmount": amount(0, currency),
        "bankDetails": bank_details(profile, currency, context),
    }


def list_accounts(request: Request, context: ReadContext) -> Response:
    """One or none; the ``profileId`` of the query is required."""
    named = query_value(request, "profileId")
    if not named:
        refuse_fields(invalid("query.profileId", "must not be null", code="NotNull", seen="no profileId in the query"))
    profile = own_profile(request, context, named)
    return Response(status=200, json=[_older(profile, context)] if _balances(profile, context) else [])


def view_older(request: Request, context: ReadContext) -> Response:
    profile = account_of(request, context)
    if not _balances(profile, context):
        refuse_absent("account", request.params["accountId"])
    return Response(status=200, json=_older(profile, context))


def view_account(request: Request, context: ReadContext) -> Response:
    """404 until the profile has a balance."""
    profile = own_profile(request, context, request.params["profileId"])
    balances = _balances(profile, context)
    if not balances:
        refuse_absent("account", request.params["profileId"])
    return Response(status=200, json=_account(profile, balances))


def list_currencies(request: Request, context: ReadContext) -> Response:
    shown = [
        {"code": one, "hasBankDetails": one in DETAILS, "payInAllowed": True, "sampleBankDetails": None}
        for one in CURRENCIES
    ]
    return Response(status=200, json=shown)


def available_currencies(request: Request, context: ReadContext) -> Response:
    own_profile(request, context, request.params["profileId"])
    return Response(status=200, json=list(CURRENCIES))


def payin_currencies(request: Request, context: ReadContext) -> Response:
    """Those with account details."""
    own_profile(request, context, request.params["profileId"])
    return Response(status=200, json=[one for one in CURRENCIES if one in DETAILS])


def eligibility(request: Request, context: ReadContext) -> Response:
    """Everybody is eligible; only an American who names no state is not."""
    named, country, state = (query_value(request, name) for name in ("profileId", "country", "state"))
    if not named and not country:
        refuse_fields(invalid("query.profileId", "must be given, or country", code="NotNull", seen="neither"))
    if named:
        own_profile(request, context, named)
    code = "invalid.state" if not named and country.upper() == "US" and not state else "eligible"
    good = code == "eligible"
    kind, reason = ("FULL", None) if good else ("INELIGIBLE", "a state must be given for the US")
    body = {"eligible": good, "eligibilityCode": code, "accountType": kind, "ineligibilityReason": reason}
    return Response(status=200, json=body)


def total_funds(request: Request, context: ReadContext) -> Response:
    """All balances in one currency, at today's rates. Nobody has an overdraft."""
    profile, currency = own_profile(request, context, request.params["profileId"]), request.params["currency"]
    if price(context, currency, currency) is None:
        refuse_fields(invalid("currency", "must be a currency code such as GBP", seen=ascii(currency[:40])))
    found = context.resources.find("balance", (equals("profile", profile["id"]),)).rows
    rates = [(row.body, price(context, row.body["currency"], currency)) for row in found]
    whole = amount(sum(Decimal(one["amount"]) * of.rate for one, of in rates if of), currency)
    none = amount(0, currency)
    overdraft = {"limit": none, "used": none, "available": none, "availableByCurrency": []}
    body = {"totalWorth": whole, "totalAvailable": whole, "totalCash": whole, "overdraft": overdraft}
    return Response(status=200, json=body)


def capacity(request: Request, context: ReadContext) -> Response:
    """No profile of the sandbox is in a country with a limit."""
    own_profile(request, context, request.params["profileId"])
    return Response(status=200, json={"hasLimit": False, "depositLimit": None})


def verification(request: Request, context: ReadContext) -> Response:
    """For each currency that is asked for: every profile of the sandbox is verified."""
    own_profile(request, context, request.params["profileId"])
    asked = [one for one in query_value(request, "currencies").split(",") if one]
    routes = [{"currency": one, "maximum_entitled_amount": None, "current_status": "verified"} for one in asked]
    return Response(status=200, json={"routes": routes})


_CONFIGURATION = "/v2/borderless-accounts-configuration/profiles/{profileId}"
ENDPOINTS = told(
    look("/v4/profiles/{profileId}/multi-currency-account", view_account, STYLE),
    look("/v4/multi-currency-account/eligibility", eligibility, STYLE),
    look(f"{_CONFIGURATION}/available-currencies", available_currencies, STYLE),
    look(f"{_CONFIGURATION}/payin-currencies", payin_currencies, STYLE),
    look("/v1/profiles/{profileId}/total-funds/{currency}", total_funds, STYLE),
    look("/v1/profiles/{profileId}/balance-capacity", capacity, STYLE),
    source="description 2026Q3",
    simplified="everybody is eligible; 33 currencies; no overdraft, and no limit to what is held",
    tokens=ANY_USER,
)
LEGACY = told(
    look("/v1/borderless-accounts", list_accounts, STYLE),
    look("/v2/borderless-accounts", list_accounts, STYLE),
    look("/v1/borderless-accounts/balance-currencies", list_currencies, STYLE),
    look("/v1/borderless-accounts/{accountId}", view_older, STYLE),
    look("/v2/borderless-accounts/eligibility", eligibility, STYLE),
    action(
        "POST",
        "/v3/profiles/{profileId}/verification-status/multi-currency-account",
        verification,
        STYLE,
        body=False,
    ),
    source="Wise's Postman collection; the deprecated API documents",
    simplified="everybody is eligible and verified; the body of the verification's answer is the sandbox's own",
    tokens=ANY_USER,
)
