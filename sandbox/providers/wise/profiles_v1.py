"""Profiles in their first version: ``details``, and an address by calls of its own; and businesses in their second.

Source: a recorded answer of ``GET /v1/profiles``. Public clients still call these paths.
"""

from dataclasses import replace

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field, parse
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.values import text
from sandbox.providers.wise.profiles import (
    BUSINESS,
    PERSON,
    PROFILE,
    change_business,
    create_business,
    given_for,
    own_profile,
    profiles_of,
)
from sandbox.providers.wise.style import NAME, ONCE, STYLE, invalid


def _older(profile: Body) -> Body:
    """As ``GET /v1/profiles`` shows it."""
    if profile["type"] == "PERSONAL":
        names = ("firstName", "lastName", "dateOfBirth", "phoneNumber", "avatar")
        details = {name: profile[name] for name in names}
        details |= {"occupation": None, "occupations": None, "primaryAddress": profile["address"]["id"]}
        details |= {"firstNameInKana": None, "lastNameInKana": None}
    else:
        details = {"name": profile["businessName"], "registrationNumber": profile["registrationNumber"]}
        details |= {"acn": None, "abn": None, "arbn": None}
        details |= {"companyType": profile["companyType"], "companyRole": profile["companyRole"]}
        details |= {"descriptionOfBusiness": profile["secondLevelCategory"]}
        details |= {"primaryAddress": profile["address"]["id"], "webpage": profile["webpage"]}
        details |= {"businessCategory": profile["firstLevelCategory"]}
        details |= {"businessSubCategory": profile["secondLevelCategory"]}
    return {"id": profile["id"], "type": profile["type"].lower(), "details": {**details, "localizedInformation": []}}


def list_older(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=[_older(one) for one in profiles_of(request, context)])


def view_older(request: Request, context: ReadContext) -> Response:
    return Response(status=200, json=_older(own_profile(request, context, request.params["profileId"])))


_LATER = ("address", "contactDetails", "industryCategories", "operationalAddresses")
"""Members that this version has not."""
_PERSON = tuple(one for one in PERSON if one.name not in _LATER)
_BUSINESS = (
    Field(name="name", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
    *(one for one in BUSINESS if one.name not in ("businessName", *_LATER)),
)
_PHONE = Field(name="phoneNumber", kind=text(longest=40), wrong="NOT_VALID")


def create_older(request: Request, context: Context) -> Response:
    """``type`` and ``details``; an address is given afterwards, by a call of its own."""
    return Response(status=200, json=_older(PROFILE.add(context, _older_making(request, context))))


def change_older(request: Request, context: Context) -> Response:
    """The same body with an ``id`` in it. What only later versions know stays."""
    before = own_profile(request, context, str(parse(request.payload).get("id")))
    making = _older_making(request, context)
    if making.given["type"] != before["type"]:
        refuse_fields(invalid("type", f"must be {before['type'].lower()}", seen=making.given["type"].lower()))
    given = {**{name: before[name] for name in _LATER if name in before}, **making.given}
    phone = {key: value for key, value in making.given["contactDetails"].items() if value is not None}
    given["contactDetails"] = {**before["contactDetails"], **phone}
    renewed = PROFILE.renew(context, replace(making, given=given, before=before))
    return Response(status=200, json=_older(renewed))


def _older_making(request: Request, context: Context) -> Making:
    kind = str(parse(request.payload).get("type")).upper()
    fields = {"PERSONAL": (*_PERSON, _PHONE), "BUSINESS": _BUSINESS}.get(kind)
    if fields is None:
        refuse_fields(invalid("type", "must be personal or business", seen=f"{kind!r:.40}"))
    making = given_for(kind, (Field(name="details", members=fields, missing="NotNull"),), request, context)
    details = making.given["details"]
    given = {**making.given, **details, "businessName": details.get("name")}
    given["contactDetails"] = {"phoneNumber": details.get("phoneNumber")}
    return replace(making, given=given)


LEGACY = told(
    action("POST", "/v1/profiles", create_older, STYLE),
    action("PUT", "/v1/profiles", change_older, STYLE),
    action("POST", "/v2/profiles/business-profile", create_business, ONCE),
    action("PUT", "/v2/profiles/{profileId}/business-profile", change_business, STYLE),
    look("/v1/profiles", list_older, STYLE),
    look("/v1/profiles/{profileId}", view_older, STYLE),
    source="recorded",
)
