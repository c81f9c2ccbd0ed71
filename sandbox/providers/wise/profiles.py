"""Profiles: the persons and businesses for whom a user sends money; and whose they are.

Sources: Wise's description 2026Q3, "Profiles"; a recorded answer of the older ``GET /v1/profiles``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_absent
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice, day, several, text
from sandbox.providers.wise.places import ISO2, ISO3
from sandbox.providers.wise.style import NAME, NUMBER, ONCE, STYLE, from_number, id_of, refuse_foreign
from sandbox.providers.wise.users import FIRST_USER, user_of

GUIDE_ID = "12345"
"""Profile and transfer of the JWS guide's example."""
PERSONAL_ID = "12344"
FIRST_PROFILE, FIRST_ADDRESS = 28_577_318, 49_612_126
"""The range in which Wise's sandbox had them."""
_SHORT = text(longest=255)
_ADDRESS = (
    Field(name="addressFirstLine", kind=_SHORT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="city", kind=_SHORT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="countryIso3Code", kind=text(longest=3, pattern="[A-Za-z]{3}"), wrong="NOT_VALID"),
    Field(name="countryIso2Code", kind=text(longest=2, pattern="[A-Za-z]{2}"), wrong="NOT_VALID"),
    Field(name="postCode", kind=_SHORT, wrong="NOT_VALID"),
    Field(name="stateCode", kind=_SHORT, wrong="NOT_VALID"),
)
_CONTACT = (
    Field(name="email", kind=text(longest=255, pattern=".+@.+"), wrong="NOT_VALID"),
    Field(name="phoneNumber", kind=text(longest=40), wrong="NOT_VALID"),
)
_PERSON_BESIDES = ("firstNameInKana", "lastNameInKana", "nationality", "externalCustomerId")
"""Repeated in the answer that makes a profile, and shown nowhere else."""
MOST_OPERATIONAL = 10
"""Own choice: the description names no limit."""
PERSON = (
    Field(name="firstName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
    Field(name="lastName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
    Field(name="preferredName", kind=NAME, wrong="NOT_VALID"),
    Field(name="dateOfBirth", kind=day, wrong="NOT_VALID", missing="NotNull"),
    Field(name="address", members=_ADDRESS, missing="NotNull"),
    Field(name="contactDetails", members=_CONTACT),
    *(Field(name=name, kind=_SHORT, wrong="NOT_VALID") for name in _PERSON_BESIDES),
)
BUSINESS = (
    Field(name="businessName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
    Field(name="registrationNumber", kind=_SHORT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="companyType", kind=text(longest=40, pattern="[A-Z_]+"), wrong="NOT_VALID", missing="NotNull"),
    Field(name="companyRole", kind=choice("OWNER", "DIRECTOR", "OTHER"), wrong="NOT_VALID"),
    Field(name="businessFreeFormDescription", kind=_SHORT, wrong="NOT_VALID"),
    Field(name="webpage", kind=_SHORT, wrong="NOT_VALID"),
    Field(name="address", members=_ADDRESS, missing="NotNull"),
    Field(name="contactDetails", members=_CONTACT),
    Field(name="actorEmail", kind=text(longest=255, pattern=".+@.+"), wrong="NOT_VALID"),
    Field(name="industryCategories", kind=several(_SHORT, most=20), wrong="NOT_VALID"),
    Field(name="operationalAddresses", members=_ADDRESS, most=MOST_OPERATIONAL, wrong="NOT_VALID"),
)


def _profile(making: Making) -> Body:
    """As ``GET /v2/profiles`` shows it: the members of its type."""
    given, before = making.given, making.before or {}
    person = given.get("type", before.get("type")) == "PERSONAL"
    created = before.get("createdAt") or f"{making.now:%Y-%m-%dT%H:%M:%S}"
    email = (given.get("contactDetails") or {}).get("email") or given.get("actorEmail") or "demo@sandbox.example"
    phone = (given.get("contactDetails") or {}).get("phoneNumber") or "+442071234567"
    common: Body = {
        "type": "PERSONAL" if person else "BUSINESS",
        "id": int(making.id),
        "publicId": f"00000000-0000-4000-a000-{int(making.id):012d}"[:36],
        "userId": int(before.get("userId") or given.get("userId") or FIRST_USER),
        "address": _address(given.get("address") or {}, int(making.id)),
        "email": email,
        "createdAt": created,
        "updatedAt": f"{making.now:%Y-%m-%dT%H:%M:%S}",
        "currentState": "VISIBLE",
        "contactDetails": {"email": email, "phoneNumber": phone},
    }
    return {**common, **(_personal(given, phone) if person else _business(given, int(making.id)))}


def _personal(given: Mapping[str, Any], phone: str) -> Body:
    first, last = given.get("firstName", "Sam"), given.get("lastName", "Sandbox")
    return {
        "avatar": None,
        "firstName": first,
        "lastName": last,
        "preferredName": given.get("preferredName", first),
        "dateOfBirth": str(given.get("dateOfBirth", "1990-01-31")),
        "phoneNumber": phone,
        "secondaryAddresses": [],
        "fullName": f"{first} {last}",
    }


def _business(given: Mapping[str, Any], number: int) -> Body:
    return {
        "businessName": given.get("businessName", "Sandbox Ltd"),
        "registrationNumber": given.get("registrationNumber", "12144939"),
        "descriptionOfBusiness": "IT_DEVELOPMENT",
        "webpage": given.get("webpage", "https://sandbox.example"),
        "companyType": given.get("companyType", "LIMITED"),
        "companyRole": given.get("companyRole", "OWNER"),
        "businessFreeFormDescription": given.get("businessFreeFormDescription", "Software"),
        "firstLevelCategory": "CONSULTING_IT_BUSINESS_SERVICES",
        "secondLevelCategory": "IT_DEVELOPMENT",
        "industryCategories": given.get("industryCategories", ["SOFTWARE_DEVELOPMENT_PUBLISHING"]),
        "operationalAddresses": [_address(one, number) for one in given.get("operationalAddresses", ())],
        "fullName": given.get("businessName", "Sandbox Ltd"),
    }


_SOMEWHERE = {
    "addressFirstLine": "1 Sandbox Street",
    "city": "London",
    "countryIso2Code": "GB",
    "countryIso3Code": "gbr",
    "postCode": "E1 6JJ",
    "stateCode": None,
}
"""Of a profile that was given no address."""


def _address(given: Body, profile: int) -> Body:
    """With both codes of its country, of which a call gives one or both."""
    address = {name: given.get(name) for name in _SOMEWHERE} if given else _SOMEWHERE
    two, three = address["countryIso2Code"] or "", address["countryIso3Code"] or ""
    two = two.upper() or ISO2.get(three.lower(), "GB")
    three = three.lower() or ISO3.get(two, "gbr")
    return {"id": FIRST_ADDRESS + profile, **address, "countryIso2Code": two, "countryIso3Code": three}


PROFILE = Resource(
    kind="profile",
    id=from_number(FIRST_PROFILE),
    body=_profile,
    index=("userId",),
    seeds=(
        Seed(name="type", kind=choice("BUSINESS", "PERSONAL"), default="BUSINESS"),
        Seed(name="businessName", kind=NAME, default="Sandbox Ltd"),
        Seed(name="firstName", kind=NAME, default="Sam"),
        Seed(name="lastName", kind=NAME, default="Sandbox"),
        Seed(name="userId", kind=NUMBER, default=str(FIRST_USER)),
    ),
    rows={PERSONAL_ID: {"type": "PERSONAL"}, GUIDE_ID: {}},
)


def own_profile(request: Request, context: ReadContext, id: str) -> Body:
    """The profile, if it is the caller's: its client's and, where a user's token was sent, that user's."""
    profile = context.resources.get("profile", id_of(id))
    user = user_of(request, context)
    if profile is None or user not in ("", str(profile["userId"])):
        refuse_foreign(id, context.now)
    return profile


def profiles_of(request: Request, context: ReadContext) -> list[Body]:
    """All that are the caller's."""
    user = user_of(request, context)
    where = (equals("userId", user),) if user else ()
    return [row.body for row in context.resources.find("profile", where, oldest_first=True).rows]


def list_profiles(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=[PROFILE.shown(one) for one in profiles_of(request, context)])


def view_profile(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=PROFILE.shown(own_profile(request, context, request.params["profileId"])))


def given_for(
    kind: str, fields: tuple[Field, ...], request: Request, context: Context, *, partly: bool = False
) -> Making:
    """What a call gives for a profile of that kind, which is then the caller's. Raises Stop."""
    making = making_of(Resource(kind="profile", id=PROFILE.id, fields=fields), request, context, partly=partly)
    given: dict[str, Any] = {**making.given, "type": kind, "userId": user_of(request, context) or FIRST_USER}
    return Making(given=given, now=context.now, params=request.params, request=request, context=context)


def create_personal(request: Request, context: Context) -> Response:
    """Answered in a shape of its own, with ``details``."""
    making = given_for("PERSONAL", PERSON, request, context)
    made = PROFILE.add(context, making)
    names = ("firstName", "lastName", "preferredName", "address", "dateOfBirth", "contactDetails")
    besides = {"firstNameInKana": None, "lastNameInKana": None}
    besides |= {name: making.given[name] for name in _PERSON_BESIDES if name in making.given}
    details = {**{name: made[name] for name in names}, **besides, "localizedInformation": []}
    return Response(status=200, json={"id": made["id"], "type": made["type"], "details": details})


def create_business(request: Request, context: Context) -> Response:
    made = PROFILE.add(context, given_for("BUSINESS", BUSINESS, request, context))
    return Response(status=200, json=PROFILE.shown(made))


_COUNTRY = ("countryIso2Code", "countryIso3Code")


def _renewed(kind: str, fields: tuple[Field, ...], request: Request, context: Context) -> Response:
    """What a body leaves out stays: the description requires nothing."""
    before = own_profile(request, context, request.params["profileId"])
    if before["type"] != kind:
        refuse_absent("profile", request.params["profileId"])
    making = given_for(kind, fields, request, context, partly=True)
    said: dict[str, Any] = {"contactDetails": {"email": making.given.get("actorEmail")}, **making.given}
    given = {**before, **making.given}
    for name in ("address", "contactDetails"):
        new = {key: value for key, value in said.get(name, {}).items() if value is not None}
        # An address in another country does not keep the other code of the last one.
        old = {key: value for key, value in before[name].items() if not (key in _COUNTRY and new.keys() & {*_COUNTRY})}
        given[name] = {**old, **new}
    making = replace(making, given=given, before=before)
    return Response(status=200, json=PROFILE.shown(PROFILE.renew(context, making)))


def change_personal(request: Request, context: Context) -> Response:
    return _renewed("PERSONAL", PERSON, request, context)


def change_business(request: Request, context: Context) -> Response:
    return _renewed("BUSINESS", BUSINESS, request, context)


def simulate_user(request: Request, context: ReadContext) -> Response:
    """As of the profiles: every user is verified."""
    return Response(status=200)


def simulate_verification(request: Request, context: Context) -> Response:
    """Every profile of the sandbox is verified already."""
    own_profile(request, context, request.params["profileId"])
    return Response(status=200)


_DESCRIPTION = "description 2026Q3"
ENDPOINTS = told(
    look("/v2/profiles", list_profiles, STYLE),
    look("/v2/profiles/{profileId}", view_profile, STYLE),
    action("POST", "/v2/profiles/personal-profile", create_personal, ONCE),
    action("POST", "/v3/profiles/business-profile", create_business, ONCE),
    action("PUT", "/v2/profiles/{profileId}/personal-profile", change_personal, STYLE),
    action("PUT", "/v3/profiles/{profileId}/business-profile", change_business, STYLE),
    action("POST", "/v1/simulation/profiles/{profileId}/verifications", simulate_verification, STYLE, body=False),
    action("POST", "/v1/simulation/verify-profile", simulate_user, STYLE, body=False),
    source=_DESCRIPTION,
    simplified="older categories and occupations are not kept; every profile is verified",
)
