"""Third-party transfers: sent for a customer of the client's, who is named as their originator.

Sources: Wise's description 2026Q3, "Third-party transfers"; Wise's Postman collection for the first version, whose
``originalTransactionId`` is the later ``originalTransferId``.
"""

from dataclasses import replace
from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field, parse, read_object, table, written
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_absent
from sandbox.providers.kit.resource import NOTES
from sandbox.providers.kit.values import choice, day, text
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.sending import make_once
from sandbox.providers.wise.style import NAME, STYLE, read_time
from sandbox.providers.wise.transfers import QUOTE_ID, TRANSFER, own_transfer, shown
from sandbox.providers.wise.users import ANY_USER

LONGEST_ID = 250
"""The description."""
_SHORT = text(longest=255)
_REST = tuple(one for one in TRANSFER.fields if one.name in ("targetAccount", "sourceAccount", "details"))
_ADDRESS = (
    Field(name="firstLine", kind=_SHORT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="city", kind=_SHORT, wrong="NOT_VALID", missing="NotNull"),
    Field(name="stateCode", kind=_SHORT, wrong="NOT_VALID"),
    Field(name="countryCode", kind=text(longest=2, pattern="[A-Z]{2}"), wrong="NOT_VALID", missing="NotNull"),
    Field(name="postCode", kind=_SHORT, wrong="NOT_VALID"),
)
_ANYBODY = (
    Field(name="legalEntityType", kind=choice("PRIVATE", "BUSINESS"), wrong="NOT_VALID", missing="NotNull"),
    Field(name="reference", kind=text(longest=255, shortest=1), wrong="NOT_VALID", missing="NotNull"),
    Field(name="address", members=_ADDRESS, wrong="NOT_VALID", missing="NotNull"),
    Field(name="accountDetails", kind=_SHORT, wrong="NOT_VALID"),
)
_PERSON = (
    Field(name="fullName", kind=NAME, wrong="NOT_VALID"),
    Field(name="givenName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
    Field(name="familyName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
    Field(name="patronymicName", kind=NAME, wrong="NOT_VALID"),
)
_FIRM = (Field(name="fullName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),)
_BY_TYPE = {
    "PRIVATE": (
        Field(name="name", members=_PERSON, wrong="NOT_VALID", missing="NotNull"),
        Field(name="dateOfBirth", kind=day, wrong="NOT_VALID", missing="NotNull"),
        Field(name="nationality", kind=text(longest=2, pattern="[A-Z]{2}"), wrong="NOT_VALID"),
    ),
    "BUSINESS": (
        Field(name="name", members=_FIRM, wrong="NOT_VALID", missing="NotNull"),
        Field(name="businessRegistrationCode", kind=_SHORT, wrong="NOT_VALID", missing="NotNull"),
        Field(name="businessRegistrationDate", kind=day, wrong="NOT_VALID"),
    ),
}
"""What else is asked of an originator, by its legal type."""
_SPARED = ("city", "businessRegistrationCode", "givenName", "familyName", "fullName")
"""Not required in the description of 2026Q3, as they are in that of /v2."""


def _by_date(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(
        replace(one, missing="" if one.name in _SPARED else one.missing, members=_by_date(one.members))
        for one in fields
    )


def _create(request: Request, context: Context, own_id: str, *, dated: bool = False) -> Body:
    """Once for each id of the caller's own."""
    profile = own_profile(request, context, request.params["profileId"])
    said = parse(request.payload)
    originator = said.get("originator")
    kind = originator.get("legalEntityType") if isinstance(originator, dict) else None
    of = (*_ANYBODY, *_BY_TYPE.get(kind if isinstance(kind, str) else "", ()))
    of = _by_date(of) if dated else of
    fields = (
        Field(name=own_id, kind=text(longest=LONGEST_ID, shortest=1), wrong="NOT_VALID", missing="NotNull"),
        Field(name="quote", kind=QUOTE_ID, wrong="NOT_VALID", missing="NotNull"),
        *_REST,
        Field(name="originator", members=of, wrong="NOT_VALID", missing="NotNull"),
    )
    given = read_object(said, table(*fields))
    third: dict[str, Any] = {"originalTransferId": given[own_id], "quote": given["quote"]}
    third["originator"] = written(given["originator"], table(*of))
    if isinstance(middle := said["originator"]["name"].get("middleNames"), list):
        third["originator"]["name"]["middleNames"] = [one for one in middle if isinstance(one, str)]
    making = Making(given=given, now=context.now, request=request, context=context)
    key = f"original {profile['id']} {given[own_id]}"
    return make_once(making, key, given["quote"], profile=profile["id"], third=third)


def create(request: Request, context: Context) -> Response:
    """201, and where it is found."""
    made = _create(request, context, "originalTransferId", dated=True)
    location = f"/public/v2/profiles/{made['profile']}/third-party-transfers/{made['id']}"
    return Response(status=201, json=_shown(made, context), headers={"location": location})


def create_second(request: Request, context: Context) -> Response:
    return Response(status=200, json=_shown(_create(request, context, "originalTransferId"), context))


def create_first(request: Request, context: Context) -> Response:
    return Response(status=200, json=_shown(_create(request, context, "originalTransactionId"), context))


def view(request: Request, context: ReadContext) -> Response:
    profile = own_profile(request, context, request.params["profileId"])
    transfer = own_transfer(request, context, request.params["transferId"])
    if transfer["profile"] != profile["id"] or not transfer[NOTES]["third"]:
        refuse_absent("transfer", request.params["transferId"])
    return Response(status=200, json=_shown(transfer, context))


def _shown(transfer: Body, context: ReadContext) -> Body:
    body, third = shown(transfer, context.now), transfer[NOTES]["third"]
    same = ("user", "targetAccount", "sourceAccount", "status", "rate", "details", "hasActiveIssues")
    worth = ("sourceCurrency", "sourceValue", "targetCurrency", "targetValue")
    return {
        "id": body["id"],
        "originalTransferId": third["originalTransferId"],
        **{name: body[name] for name in same},
        "quote": body["quoteUuid"],
        **{name: body[name] for name in worth},
        "originator": third["originator"],
        "created": milliseconds(read_time(body["created"])),
    }


_PATH = "/v2/profiles/{profileId}/third-party-transfers"
_SIMPLIFIED = "what some routes ask of an originator besides is not asked"
_ONE = f"{_PATH}/{{transferId}}"
_SAID = "description 2026Q3"
ENDPOINTS = told(look(_ONE, view, STYLE), source=_SAID, simplified=_SIMPLIFIED, tokens=ANY_USER)
DATED = told(action("POST", _PATH, create, STYLE), source=_SAID, simplified=_SIMPLIFIED, tokens=ANY_USER)
LEGACY: tuple[Endpoint, ...] = told(
    action("POST", _PATH, create_second, STYLE),
    action("POST", _PATH.replace("v2", "v1"), create_first, STYLE),
    look(_ONE.replace("v2", "v1"), view, STYLE),
    source="Wise's OpenAPI description of /v2; Wise's Postman collection for /v1",
    simplified=_SIMPLIFIED,
    tokens=ANY_USER,
)
