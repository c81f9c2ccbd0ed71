"""Recipients: the accounts that money is sent to. How one looks is in `recipient_shapes`.

Sources: Wise's description 2026Q3, "Recipients"; Wise's older API documentation (2020) for the first version;
https://docs.wise.com/guides/developer/errors.
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import at, parse
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_fields, refuse_rules
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice, is_unicode
from sandbox.providers.wise.forms import UNLIMITED, Form, country_of
from sandbox.providers.wise.profiles import GUIDE_ID, own_profile
from sandbox.providers.wise.recipient_shapes import newer, older
from sandbox.providers.wise.requirements import FORMS, forms_of
from sandbox.providers.wise.stand_ins import stand_in
from sandbox.providers.wise.style import CURRENCY, NAME, NUMBER, STYLE, from_number, invalid, microseconds
from sandbox.providers.wise.users import ANY_USER, FIRST_USER, user_of

FIRST_RECIPIENT = 700_614_969
"""The range in which Wise's sandbox had them."""


def _recipient(making: Making) -> Body:
    given = making.given
    form, details = FORMS[given["type"]], dict(given["details"])
    profile = int(given["profile"])
    code = details.get("iban", "")[:2] or details.get("swiftCode", "")[4:6]
    return {
        "id": int(making.id),
        "profile": profile,
        "business": profile if making.notes.get("business", True) else None,
        "user": int(making.notes.get("user", FIRST_USER)),
        "accountHolderName": given["accountHolderName"],
        "currency": given["currency"],
        "country": form.country or code.upper() or None,
        "type": form.type,
        "details": details,
        "active": True,
        "ownedByCustomer": bool(given.get("ownedByCustomer")),
        "createdAt": microseconds(making.now),
    }


RECIPIENT = Resource(
    kind="recipient",
    id=from_number(FIRST_RECIPIENT),
    body=_recipient,
    index=("profile", "user", "currency", "active", "type", "ownedByCustomer"),
    seeds=(
        Seed(name="currency", kind=CURRENCY, default="GBP"),
        Seed(name="type", kind=choice("email"), default="email"),
        Seed(name="accountHolderName", kind=NAME, default="Rita Recipient"),
        Seed(name="email", at="details.email", kind=NAME, default="rita@sandbox.example"),
        Seed(name="profile", kind=NUMBER, default=GUIDE_ID),
    ),
)


# --- what may become one ---

_NOT_ASKED = ("dateOfBirth", "email", "phoneNumber", "town", "city", "postCode", "taxId", "language", "nationality")
"""Details that are kept whether a form asks for them or not."""
_ADDRESS = ("firstLine", "postCode", "city", "state")
_PLAIN = {"IBAN": "iban", "BIC": "bic", "sortCode": "sortCode", "bsbCode": "bsbCode", "ifscCode": "ifscCode"}
"""Codes that are kept without spaces and dashes and in capitals, and the names under which they are kept."""


def _details(form: Form, given: Mapping[str, Any], holder: object) -> tuple[Body, list[Problem]]:
    """The details that a form asks for, and everything that is wrong with them."""
    details: Body = {name: given[name] for name in _NOT_ASKED if _short(given.get(name))}
    if address := _address(given):
        details["address"] = address
    problems: list[Problem] = []
    for asked in form.fields(given):
        value = holder if asked.key == "accountHolderName" else _value(given, asked.key)
        if value in (None, ""):
            if asked.required and asked.insisted:
                problems.append(invalid(asked.key, f"Please specify {asked.name}.", code="NOT_VALID", seen="nothing"))
            continue
        if wrong := asked.wrong(value):
            arguments = (asked.key, value) if isinstance(value, str) else (asked.key,)
            problems.append(invalid(asked.key, wrong, seen=ascii(value)[:40], arguments=arguments))
        elif asked.key != "accountHolderName" and isinstance(value, str):
            _put(details, asked.key, value.upper() if asked.allowed and value.upper() in dict(asked.allowed) else value)
    return details, problems


def _short(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= UNLIMITED and is_unicode(value)


def _address(given: Mapping[str, Any]) -> Body:
    """As the older shape shows one, the country under both of its names."""
    address = given.get("address")
    if not isinstance(address, dict):
        return {}
    country = country_of(given)
    known = {"country": country, "countryCode": country} if _short(country) else {}
    return {**known, **{name: address[name] for name in _ADDRESS if _short(address.get(name))}}


def _value(given: Mapping[str, Any], key: str) -> Any:
    """IBAN and BIC are taken in both spellings, a country too, and a number for a text, as Wise's own parser does."""
    found = country_of(given) if key == "address.country" else at(given, key)
    found = given.get(key.lower()) if found is None and key in ("IBAN", "BIC") else found
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else found


def _put(details: Body, key: str, value: str) -> None:
    if key in _PLAIN:
        key, value = _PLAIN[key], re.sub(r"[\s-]", "", value).upper()
    *above, name = key.split(".")
    for step in above:
        details = details.setdefault(step, {})
    details[name] = value


def _judged(request: Request, context: Context) -> Making:
    """What a body gives for a recipient. Raises Stop with everything that is wrong."""
    said = parse(request.payload)
    kind, currency, given = str(said.get("type")).lower(), said.get("currency"), said.get("details")
    given = given if isinstance(given, dict) else {}
    problems: list[Problem] = []
    details: Body = {}
    form = FORMS.get(kind)
    if form is None:
        problems.append(invalid("type", f"must be one of {', '.join(FORMS)}", seen=f"{said.get('type')!r:.40}"))
    if not isinstance(currency, str) or CURRENCY.read(currency) is None:
        problems.append(invalid("currency", "must be a currency code such as GBP", seen=f"{currency!r:.40}"))
    elif form is not None:
        form = next((one for one in forms_of(currency) if one.type == kind), None)
        if form is None:
            there = ", ".join(one.type for one in forms_of(currency))
            problems.append(invalid("type", f"{kind} is not for {currency}; there are: {there}", seen=kind))
    if form is not None:
        given = given if "legalType" in given or "legalType" not in said else {**given, "legalType": said["legalType"]}
        details, wrong = _details(form, given, said.get("accountHolderName"))
        problems += wrong
    if problems or form is None:
        refuse_fields(*problems)
    profile = _profile_of(request, context, said.get("profile"))
    taken = {"currency": currency, "type": form.type, "details": details, "profile": profile["id"]}
    taken |= {"accountHolderName": said["accountHolderName"], "ownedByCustomer": said.get("ownedByCustomer")}
    notes = {"business": profile["type"] == "BUSINESS", "user": profile["userId"]}
    return Making(given=taken, now=context.now, request=request, context=context, notes=notes)


def _profile_of(request: Request, context: ReadContext, named: object) -> Body:
    """The profile of the body or the query; the caller's first where neither names one."""
    named = named if named is not None else query_value(request, "profileId") or None
    if named is None:
        where = equals("userId", user_of(request, context) or FIRST_USER)
        rows = context.resources.find("profile", (where,), size=1, oldest_first=True).rows
        if not rows:
            refuse_fields(invalid("profile", "must not be null", code="NotNull", seen="a user without a profile"))
        named = rows[0].id
    return own_profile(request, context, str(named))


# --- calls ---


def create_older(request: Request, context: Context) -> Response:
    return Response(status=200, json=older(RECIPIENT.add(context, _judged(request, context))))


def create_newer(request: Request, context: Context) -> Response:
    return Response(status=200, json=newer(RECIPIENT.add(context, _judged(request, context))))


def own_recipient(request: Request, context: ReadContext, id: str) -> Body:
    """The recipient, if it is the caller's. Raises Stop."""
    return _own(context.resources.get(RECIPIENT.kind, id), request, context, id)


def _seen(request: Request, context: ReadContext) -> Body:
    """The one that the path names, to be looked at only: perhaps one that no call has made. Raises Stop."""
    wanted = request.params["accountId"]
    return _own(context.resources.get(RECIPIENT.kind, wanted) or stand_in(context, wanted), request, context, wanted)


def _own(found: Body | None, request: Request, context: ReadContext, id: str) -> Body:
    """Raises Stop where it is not the caller's; the code was seen in a public client, formancehq/payments."""
    if found is None or user_of(request, context) not in ("", str(found["user"])):
        message, seen = "Recipient not found", f"recipient {id[:40]!a}"
        missing = invalid("", message, code="RECIPIENT_MISSING", seen=seen, status=404, cause="provider.not_found")
        refuse_rules(missing)
    return found


def view_older(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=older(_seen(request, context)))


def view_newer(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=newer(_seen(request, context)))


def _deactivated(request: Request, context: Context) -> Body:
    """It stays, and is not active any more; and once is enough. Raises Stop."""
    found = own_recipient(request, context, request.params["accountId"])
    if not found["active"]:
        message, seen = "Recipient is already inactive", "one that was removed"
        refuse_rules(invalid("", message, code="FORBIDDEN", seen=seen, status=403, cause="provider.invalid_state"))
    return RECIPIENT.change(context, found, active=False)


def remove_older(request: Request, context: Context) -> Response:
    """Answered without a body."""
    _deactivated(request, context)
    return Response(status=200)


def remove_newer(request: Request, context: Context) -> Response:
    return Response(status=200, json=newer(_deactivated(request, context)))


_RECORDED = "recorded; description 2026Q3"
LESS = (
    "33 currencies; no bank is looked up: of a code only form and check digits are judged, and of long lists to choose "
    "from a few are shown"
)
LEGACY = told(
    action("POST", "/v1/accounts", create_older, STYLE),
    action("POST", "/v1/refund-accounts", create_older, STYLE),
    look("/v1/accounts/{accountId}", view_older, STYLE),
    action("DELETE", "/v1/accounts/{accountId}", remove_older, STYLE, body=False),
    source=_RECORDED,
    simplified=LESS,
    tokens=ANY_USER,
)
CALVER = told(action("POST", "/v2/accounts", create_newer, STYLE), source=_RECORDED, simplified=LESS, tokens=ANY_USER)
ENDPOINTS = told(
    look("/v2/accounts/{accountId}", view_newer, STYLE),
    action("DELETE", "/v2/accounts/{accountId}", remove_newer, STYLE, body=False),
    source=_RECORDED,
    simplified=LESS,
    tokens=ANY_USER,
)
