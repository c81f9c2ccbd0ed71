"""Addresses of profiles, the form that asks for one, and the countries and states to choose from.

A profile has one address, and to add one is to change it. Sources: Wise's description 2026Q3, "Addresses"; its older
API documentation (2020, "Countries and States").
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field, parse, read, table
from sandbox.providers.kit.lists import query_value
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.kit.values import text
from sandbox.providers.wise.forms import FormField
from sandbox.providers.wise.places import COUNTRIES, ISO3, STATES
from sandbox.providers.wise.profiles import FIRST_ADDRESS, PROFILE, own_profile, profiles_of
from sandbox.providers.wise.style import NUMBER_OR_TEXT, STYLE, id_of, invalid
from sandbox.providers.wise.users import ANY_USER

LONGEST_POST_CODE, MOST_OCCUPATIONS = 30, 10
"""Published, and our own."""
OCCUPATION_ASKED = ("CA", "IN", "JP", "ID", "IL", "MX")
"""And in one state of the United States."""
_LINE = text(longest=255, shortest=1)
_COUNTRY = text(longest=2, pattern="[A-Za-z]{2}", says="a country code such as GB")
_OCCUPATION = (Field(name="code", kind=_LINE, wrong="NOT_VALID", missing="NotNull"),)
_DETAILS = (
    Field(name="country", kind=_COUNTRY, wrong="NOT_VALID", missing="NotNull"),
    Field(name="firstLine", kind=_LINE, wrong="NOT_VALID", missing="NotNull"),
    Field(name="postCode", kind=text(longest=LONGEST_POST_CODE), wrong="NOT_VALID", missing="NotNull"),
    Field(name="city", kind=_LINE, wrong="NOT_VALID", missing="NotNull"),
    Field(name="state", kind=text(longest=5), wrong="NOT_VALID"),
    Field(name="occupations", members=_OCCUPATION, most=MOST_OCCUPATIONS, wrong="NOT_VALID"),
)
_ADDRESS = table(
    Field(name="profile", kind=NUMBER_OR_TEXT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="details", members=_DETAILS, wrong="NOT_VALID", missing="NotNull"),
)


def _shown(profile: Body) -> Body:
    address = profile["address"]
    state = {"state": address["stateCode"]} if address["stateCode"] else {}
    occupations = profile.get(NOTES, {}).get("occupations")
    details = {
        "country": address["countryIso2Code"],
        **state,
        "city": address["city"],
        "postCode": address["postCode"],
        "firstLine": address["addressFirstLine"],
        **({"occupations": occupations} if occupations else {}),
    }
    return {"id": address["id"], "profile": profile["id"], "details": details}


def add_address(request: Request, context: Context) -> Response:
    """Created or updated: the answer is the same."""
    given = read(request.payload, _ADDRESS)
    profile = own_profile(request, context, str(given["profile"]))
    details = given["details"]
    country = details["country"].upper()
    _judge(country, details.get("state"))
    address = {
        **profile["address"],
        "addressFirstLine": details["firstLine"],
        "city": details["city"],
        "countryIso2Code": country,
        "countryIso3Code": ISO3[country],
        "postCode": details["postCode"],
        "stateCode": details.get("state"),
    }
    occupations = [{"code": one["code"], "format": "FREE_FORM"} for one in details.get("occupations", ())]
    notes = {**profile.get(NOTES, {}), "occupations": occupations}
    changed = PROFILE.change(context, profile, address=address, **{NOTES: notes})
    return Response(status=200, json=_shown(changed))


def _judge(country: str, state: str | None) -> None:
    """Raises Stop for a country or a state that there is not."""
    if country not in ISO3:
        refuse_fields(invalid("details.country", "is not a country", seen=ascii(country)))
    states = dict(STATES.get(country, ()))
    if states and state is None:
        refuse_fields(invalid("details.state", "must not be null", code="NotNull", seen="nothing"))
    if states and state not in states:
        says = f"must be a state of {country} such as {next(iter(states))}"
        refuse_fields(invalid("details.state", says, seen=ascii(state)))


def list_addresses(request: Request, context: ReadContext) -> Response:
    """Of one profile, or of all that are the caller's. Some clients call the parameter ``profileId``."""
    named = query_value(request, "profile") or query_value(request, "profileId")
    profiles = [own_profile(request, context, named)] if named else profiles_of(request, context)
    return Response(status=200, json=[_shown(profile) for profile in profiles])


def view_address(request: Request, context: ReadContext) -> Response:
    """An address has the number of its profile, counted from another beginning."""
    number = id_of(request.params["addressId"])
    of = int(number or 0) - FIRST_ADDRESS
    if of <= 0 or context.resources.get(PROFILE.kind, str(of)) is None:
        refuse_absent("address", request.params["addressId"])
    return Response(status=200, json=_shown(own_profile(request, context, str(of))))


# --- the form ---

_FIELDS = (
    FormField("country", "Country", refresh=True, allowed=COUNTRIES),
    FormField("city", "City", None, 1, 255),
    FormField("postCode", "Postal code", None, 1, LONGEST_POST_CODE),
    FormField("firstLine", "Address", None, 1, 255),
)


def _form(details: Mapping[str, Any]) -> Response:
    country, state = str(details.get("country")).upper(), details.get("state")
    fields = list(_FIELDS)
    if country in STATES:
        fields.append(FormField("state", "State", refresh=country == "US", allowed=STATES[country]))
    if country in OCCUPATION_ASKED or (country, state) == ("US", "NM"):
        fields.append(FormField("occupations", "Occupation", None, 1, 255))
    return Response(status=200, json=[{"type": "address", "fields": [one.form() for one in fields]}])


def view_form(request: Request, context: ReadContext) -> Response:
    return _form({})


def fill_form(request: Request, context: Context) -> Response:
    details = parse(request.payload).get("details")
    return _form(details if isinstance(details, dict) else {})


# --- what there is to choose from ---


def _values(pairs: tuple[tuple[str, str], ...]) -> Response:
    return Response(status=200, json={"values": [{"code": code, "name": name} for code, name in pairs]})


def list_countries(request: Request, context: ReadContext) -> Response:
    return _values(COUNTRIES)


def list_states(request: Request, context: ReadContext) -> Response:
    country = request.params["countryCode"].upper()
    if country not in STATES:
        refuse_absent("country", request.params["countryCode"])
    return _values(STATES[country])


ENDPOINTS = told(
    action("POST", "/v1/addresses", add_address, STYLE),
    look("/v1/addresses", list_addresses, STYLE),
    look("/v1/addresses/{addressId}", view_address, STYLE),
    look("/v1/address-requirements", view_form, STYLE),
    action("POST", "/v1/address-requirements", fill_form, STYLE),
    source="description 2026Q3",
    simplified="a profile has one address; occupations are kept and not insisted on",
    tokens=ANY_USER,
)
LEGACY = told(
    replace(look("/v1/countries", list_countries, STYLE), login=("bearer", "nobody")),
    replace(look("/v1/countries/{countryCode}/states", list_states, STYLE), login=("bearer", "nobody")),
    source="older API documentation (2020)",
    simplified="all countries of ISO 3166-1 where people live",
)
