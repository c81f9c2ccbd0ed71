"""Recipients: the accounts that money is sent to. How one looks is in `recipient_shapes`.

Sources: Wise's description 2026Q3, "Recipients"; https://docs.wise.com/guides/developer/errors.
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Where
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import at, parse
from sandbox.providers.kit.lists import Filter, Listing, query_value
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import Problem, refuse_absent, refuse_fields
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice, flag
from sandbox.providers.wise.profiles import GUIDE_ID, own_profile
from sandbox.providers.wise.quotes import own_quote
from sandbox.providers.wise.recipient_shapes import newer, older
from sandbox.providers.wise.requirements import BY_CURRENCY, FORMS, MAIL, Form, forms_for
from sandbox.providers.wise.style import CURRENCY, NAME, NUMBER, STYLE, from_number, invalid
from sandbox.providers.wise.users import ANY_USER, FIRST_USER, user_of

FIRST_RECIPIENT = 700_614_969
"""The range in which Wise's sandbox had them."""
USUAL_SIZE, LARGEST_SIZE = 20, 200


def _recipient(making: Making) -> Body:
    given = making.given
    form, details = FORMS[given["type"]], dict(given["details"])
    profile = int(given["profile"])
    return {
        "id": int(making.id),
        "profile": profile,
        "business": profile if making.notes.get("business", True) else None,
        "user": int(making.notes.get("user", FIRST_USER)),
        "accountHolderName": given["accountHolderName"],
        "currency": given["currency"],
        "country": form.country or (details["iban"][:2] if "iban" in details else None),
        "type": form.type,
        "details": details,
        "active": True,
        "ownedByCustomer": bool(given.get("ownedByCustomer")),
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


def _details(form: Form, given: Mapping[str, Any], holder: object) -> tuple[Body, list[Problem]]:
    """The details that a form asks for, and everything that is wrong with them."""
    details: Body = {}
    problems: list[Problem] = []
    for asked in form.fields(given):
        value = holder if asked.key == "accountHolderName" else _value(given, asked.key)
        if value in (None, ""):
            if asked.required and asked.key not in ("legalType",):
                problems.append(invalid(asked.key, f"Please specify {asked.name}.", code="NOT_VALID", seen="nothing"))
            continue
        if wrong := asked.wrong(value):
            arguments = (asked.key, value) if isinstance(value, str) else (asked.key,)
            problems.append(invalid(asked.key, wrong, seen=ascii(value)[:40], arguments=arguments))
        elif asked.key != "accountHolderName" and isinstance(value, str):
            _put(details, asked.key, value)
    extra = {name: given[name] for name in ("dateOfBirth", "email") if isinstance(given.get(name), str)}
    return {**extra, **details}, problems


def _value(given: Mapping[str, Any], key: str) -> Any:
    """IBAN and BIC are taken in both spellings."""
    found = at(given, key)
    return given.get(key.lower()) if found is None and key in ("IBAN", "BIC") else found


def _put(details: Body, key: str, value: str) -> None:
    if key in ("IBAN", "BIC", "sortCode"):
        key, value = key if key == "sortCode" else key.lower(), re.sub(r"[\s-]", "", value).upper()
    *above, name = key.split(".")
    for step in above:
        details = details.setdefault(step, {})
    details[name] = value


def _judged(request: Request, context: Context) -> Making:
    """What a body gives for a recipient. Raises Stop with everything that is wrong."""
    said = parse(request.payload)
    form = FORMS.get(str(said.get("type")))
    currency, given = said.get("currency"), said.get("details")
    problems = []
    if form is None:
        problems.append(invalid("type", f"must be one of {', '.join(FORMS)}", seen=f"{said.get('type')!r:.40}"))
    if not isinstance(currency, str) or CURRENCY.read(currency) is None:
        problems.append(invalid("currency", "must be a currency code such as GBP", seen=f"{currency!r:.40}"))
    elif form is not None and form not in BY_CURRENCY.get(currency, (MAIL,)):
        problems.append(invalid("type", f"{form.type} is not for {currency}", seen=form.type))
    details: Body = {}
    if form is not None:
        details, wrong = _details(form, given if isinstance(given, dict) else {}, said.get("accountHolderName"))
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
    found = RECIPIENT.existing(context, id)
    if user_of(request, context) not in ("", str(found["user"])):
        refuse_absent("recipient", id)
    return found


def view_older(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=older(own_recipient(request, context, request.params["accountId"])))


def view_newer(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=newer(own_recipient(request, context, request.params["accountId"])))


def deactivate(request: Request, context: Context) -> Response:
    """It stays, and is not active any more."""
    found = own_recipient(request, context, request.params["accountId"])
    return Response(status=200, json=newer(RECIPIENT.change(context, found, active=False)))


_ASKS = Listing(
    filters=(
        Filter(name="creatorId", kind=NUMBER, wrong="NOT_VALID", key="user"),
        Filter(name="profileId", kind=NUMBER, wrong="NOT_VALID", key="profile"),
        Filter(name="profile", kind=NUMBER, wrong="NOT_VALID"),
        Filter(name="currency", kind=CURRENCY, wrong="NOT_VALID", repeated=True),
        Filter(name="active", kind=flag, wrong="NOT_VALID"),
        Filter(name="type", kind=choice(*FORMS), wrong="NOT_VALID"),
        Filter(name="ownedByCustomer", kind=flag, wrong="NOT_VALID"),
    ),
    oldest_first=True,
)


def _found(request: Request, context: ReadContext) -> list[Body]:
    """Those that the query asks for, of the caller's; inactive ones only where it names them."""
    where: list[Where] = list(_ASKS.asked(request, RECIPIENT.indexes).where)
    if user := user_of(request, context):
        where.append(equals("user", user))
    if "active" not in (one.key for one in where):
        where.append(equals("active", True))
    for profile in (one.values[0] for one in where if one.key == "profile"):
        own_profile(request, context, profile)
    return [row.body for row in context.resources.find("recipient", where, oldest_first=True).rows]


def list_older(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=[older(body) for body in _found(request, context)])


def list_newer(request: Request, context: ReadContext) -> Response:
    """A page from ``seekPosition``, an id, on; the next one begins behind its last."""
    first, size = (_whole(request, name, usual) for name, usual in (("seekPosition", 0), ("size", USUAL_SIZE)))
    size = max(1, min(size, LARGEST_SIZE))
    page = [body for body in _found(request, context) if body["id"] >= first][:size]
    return Response(
        status=200,
        json={
            "content": [newer(body) for body in page],
            "seekPositionForNext": page[-1]["id"] + 1 if page else first,
            "seekPositionForCurrent": page[0]["id"] if page else first,
            "sort": {"empty": True, "sorted": False, "unsorted": True},
            "size": size,
        },
    )


def _whole(request: Request, name: str, usual: int) -> int:
    text = query_value(request, name)
    if text and (not text.isdecimal() or len(text) > 18):
        refuse_fields(invalid(name, "must be a whole number", seen=ascii(text[:40])))
    return int(text) if text else usual


def view_requirements(request: Request, context: ReadContext) -> Response:
    quote = own_quote(request, context, request.params)
    return Response(status=200, json=forms_for(quote["targetCurrency"], {}))


def fill_requirements(request: Request, context: Context) -> Response:
    """The forms again, for somebody who has filled in so much."""
    quote, said = own_quote(request, context, request.params), parse(request.payload)
    details = said.get("details")
    return Response(status=200, json=forms_for(quote["targetCurrency"], details if isinstance(details, dict) else {}))


def requirements_of_currencies(request: Request, context: ReadContext) -> Response:
    """The older call, without a quote: ``source``, ``target`` and an amount in the query."""
    target = query_value(request, "target")
    if CURRENCY.read(target) is None:
        refuse_fields(invalid("target", "must be a currency code such as GBP", seen=ascii(target[:40])))
    return Response(status=200, json=forms_for(target, {}))


_FORMS = "/v1/quotes/{quoteId}/account-requirements"
_RECORDED = "recorded; description 2026Q3"
_LESS = "recipients in GBP, EUR and USD, and by e-mail; of UK sort codes the first digits are checked"
LEGACY = told(
    action("POST", "/v1/accounts", create_older, STYLE),
    look("/v1/accounts", list_older, STYLE),
    look("/v1/accounts/{accountId}", view_older, STYLE),
    action("DELETE", "/v1/accounts/{accountId}", deactivate, STYLE, body=False),
    source=_RECORDED,
    simplified=_LESS,
    tokens=ANY_USER,
)
CALVER = told(action("POST", "/v2/accounts", create_newer, STYLE), source=_RECORDED, simplified=_LESS, tokens=ANY_USER)
ENDPOINTS = told(
    look("/v2/accounts", list_newer, STYLE),
    look("/v2/accounts/{accountId}", view_newer, STYLE),
    action("DELETE", "/v2/accounts/{accountId}", deactivate, STYLE, body=False),
    look(_FORMS, view_requirements, STYLE),
    action("POST", _FORMS, fill_requirements, STYLE),
    look("/v1/account-requirements", requirements_of_currencies, STYLE),
    source=_RECORDED,
    simplified=_LESS,
    tokens=ANY_USER,
)
