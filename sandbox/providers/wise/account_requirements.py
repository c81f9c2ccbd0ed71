"""The calls that say what is asked about a recipient, and those that check one value of it.

Sources: recorded answers for EUR; Wise's description 2026Q3, "Recipients"; its older API documentation (2020,
"Requirements" and "Validate Recipient Fields") for the calls without a quote and for the validators.
"""

from collections.abc import Mapping
from dataclasses import replace

from sandbox.providers.context import Context, ReadContext, Request, Response
from sandbox.providers.declare import Login
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.lists import query_value, query_values
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.wise.quotes import own_quote
from sandbox.providers.wise.rates import price
from sandbox.providers.wise.recipients import LESS
from sandbox.providers.wise.requirements import FORMS, forms_for
from sandbox.providers.wise.style import CURRENCY, STYLE, invalid
from sandbox.providers.wise.users import ANY_USER, CLIENT


def _forms(request: Request, currency: str, filled: object) -> Response:
    address = query_value(request, "addressRequired").lower() == "true"
    details = filled if isinstance(filled, dict) else {}
    validators = f"https://{request.headers.get('host', 'localhost')}/v1/validators/"
    return Response(status=200, json=forms_for(currency, details, validators, address=address))


def view_requirements(request: Request, context: ReadContext) -> Response:
    return _forms(request, own_quote(request, context, request.params)["targetCurrency"], {})


def fill_requirements(request: Request, context: Context) -> Response:
    """The forms again, for somebody who has filled in so much."""
    quote = own_quote(request, context, request.params)
    return _forms(request, quote["targetCurrency"], parse(request.payload).get("details"))


def view_of_currencies(request: Request, context: ReadContext) -> Response:
    """Without a quote: ``source``, ``target`` and an amount in the query."""
    return _forms(request, _target(request, context), {})


def fill_of_currencies(request: Request, context: Context) -> Response:
    return _forms(request, _target(request, context), parse(request.payload).get("details"))


def _target(request: Request, context: ReadContext) -> str:
    """The currency of the recipient. Some clients spell the parameters as a quote's members. Raises Stop."""
    rows = context if request.client else None
    asked = {
        name: query_value(request, name) or query_value(request, f"{name}Currency") for name in ("source", "target")
    }
    for name, written in asked.items():
        good = CURRENCY.read(written) is not None and price(rows, written, written) is not None
        if not good and (written or name == "target"):
            message = "That wasn't a valid ISO-4217 currency code (like GBP, USD or EUR)."
            refuse_fields(invalid(name, message, code="CurrencyCode", seen=ascii(written[:40])))
    return asked["target"]


# --- validators ---

_VALIDATORS: Mapping[str, tuple[str, str]] = {
    "sort-code": ("sort_code", "sortCode"),
    "sort-code-account-number": ("sort_code", "accountNumber"),
    "iban": ("iban", "IBAN"),
    "bic": ("iban", "BIC"),
    "abartn": ("aba", "abartn"),
    "aba-account-number": ("aba", "accountNumber"),
    "ifsc-code": ("indian", "ifscCode"),
    "indian-account-number": ("indian", "accountNumber"),
    "bsb-code": ("australian", "bsbCode"),
    "australian-account-number": ("australian", "accountNumber"),
    "canadian-institution-number": ("canadian", "institutionNumber"),
    "canadian-transit-number": ("canadian", "transitNumber"),
    "canadian-account-number": ("canadian", "accountNumber"),
    "brazil-branch-code": ("brazil", "branchCode"),
    "brazil-account-number": ("brazil", "accountNumber"),
    "brazil-cpf": ("brazil", "cpf"),
    "hungarian-account-number": ("hungarian", "accountNumber"),
    "polish-account-number": ("polish", "accountNumber"),
    "new-zealand-account-number": ("newzealand", "accountNumber"),
    "emirates-bic": ("iban", "BIC"),
    "thailand-account-number": ("thailand", "accountNumber"),
}
"""By the last part of the path: the form, and the field of it that is judged. The parameter has the field's name."""


def validate(request: Request, context: ReadContext) -> Response:
    """One value as ``POST /v1/accounts`` would judge it."""
    known = _VALIDATORS.get(request.params["validator"])
    if known is None:
        refuse_absent("validator", request.params["validator"])
    form, key = known
    asked = next(one for one in FORMS[form].asked if one.key == key)
    name = key.lower() if key.isupper() else key
    found = query_values(request)
    value = (found.get(name) or found.get(key) or [""])[-1]
    if not value or asked.wrong(value):
        message = f"{name} has not passed validation."
        seen = ascii(value[:40])
        refuse_fields(invalid(name, message, code="VALIDATION_NOT_SUCCESSFUL", seen=seen, arguments=(value,)))
    return Response(status=200, json={"validation": "success"})


_QUOTE = "/v1/quotes/{quoteId}/account-requirements"
_ALONE = "/v1/account-requirements"
_OLDER = "older API documentation (2020)"
_ANYBODY: tuple[Login, ...] = ("bearer", "nobody")
"""Public clients ask without a token: nothing in the answers is anybody's."""
ENDPOINTS = (
    *told(
        look(_QUOTE, view_requirements, STYLE),
        action("POST", _QUOTE, fill_requirements, STYLE),
        source="recorded; description 2026Q3",
        simplified=LESS,
        tokens=ANY_USER,
    ),
    *told(
        replace(look(_ALONE, view_of_currencies, STYLE), login=_ANYBODY),
        replace(action("POST", _ALONE, fill_of_currencies, STYLE), login=_ANYBODY),
        source=f"description 2026Q3; {_OLDER}",
        simplified=LESS,
        tokens=(CLIENT, *ANY_USER),
    ),
)
LEGACY = told(
    replace(look("/v1/validators/{validator}", validate, STYLE), login=_ANYBODY),
    source=_OLDER,
    simplified="form and check digits; no bank is asked",
)
