"""What Wise wants to know about a business and its people: directors, owners, documents, and the window for updates.

Source: Wise's description 2026Q3, "Profiles". Nothing of it changes what a profile may do here: all are verified.
"""

from typing import Any

from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import Field, read, read_object, table
from sandbox.providers.kit.making import Making, hex_id
from sandbox.providers.kit.problems import Problem, Stop, refuse_absent
from sandbox.providers.kit.resource import NOTES, Resource
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import choice, day, read_json, text, whole
from sandbox.providers.wise.profiles import own_profile
from sandbox.providers.wise.style import NAME, STYLE, from_number
from sandbox.providers.wise.users import ANY_USER

FIRST_DIRECTOR = 3_194_027
MOST = 100
"""In one call: more people than any business of a test has."""
_COUNTRY = text(longest=3, pattern="[A-Za-z]{3}", says="three letters such as gbr")
_SHORT = text(longest=255)
_BORN = Field(name="dateOfBirth", kind=day, wrong="NOT_VALID", missing="NotNull")
_LIVES = Field(name="countryOfResidenceIso3Code", kind=_COUNTRY, wrong="NOT_VALID", missing="NotNull")
_PROFILE = f"{NOTES}.profile"


def _of_profile(making: Making) -> Body:
    return {"profile": making.params["profileId"]}


DIRECTOR = Resource(
    kind="director",
    id=from_number(FIRST_DIRECTOR),
    fields=(
        Field(name="firstName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
        Field(name="lastName", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
        _BORN,
        _LIVES,
    ),
    notes=_of_profile,
    index=(_PROFILE,),
)
OWNER = Resource(
    kind="owner",
    id=hex_id(32),
    fields=(
        Field(name="name", kind=NAME, wrong="NOT_VALID", missing="NotNull"),
        _BORN,
        _LIVES,
        Field(name="addressFirstLine", kind=_SHORT, wrong="NOT_VALID"),
        Field(name="postCode", kind=_SHORT, wrong="NOT_VALID"),
        Field(name="ownershipPercentage", kind=whole(0, 100), wrong="NOT_VALID"),
    ),
    notes=_of_profile,
    index=(_PROFILE,),
)


def _business(request: Request, context: ReadContext) -> str:
    profile = own_profile(request, context, request.params["profileId"])
    if profile["type"] != "BUSINESS":
        refuse_absent("profile", request.params["profileId"])
    return str(profile["id"])


def _several(resource: Resource, request: Request) -> list[dict[str, Any]]:
    """The objects of an array, read. Raises Stop with everything that is wrong."""
    try:
        said = read_json(request.payload)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, list):
        raise Stop("malformed", (Problem(seen="no array", expected="a JSON array", says="a JSON array"),))
    if not said:
        return []
    several = Field(name="", members=resource.fields, most=MOST, wrong="NOT_VALID")
    found: list[dict[str, Any]] = read_object({"": said}, table(several))[""]
    return found


def _people(resource: Resource, path: str) -> tuple[Endpoint, ...]:
    """All of them, more of them, or others in their place; each time the answer is all."""

    def shown(profile: str, context: ReadContext) -> Response:
        rows = context.resources.find(resource.kind, (equals(_PROFILE, profile),), oldest_first=True).rows
        return Response(status=200, json=[resource.shown(row.body) for row in rows])

    def list_people(request: Request, context: ReadContext) -> Response:
        return shown(_business(request, context), context)

    def add_people(request: Request, context: Context) -> Response:
        profile = _business(request, context)
        for given in _several(resource, request):
            resource.add(context, Making(given=given, now=context.now, params=request.params, context=context))
        return shown(profile, context)

    def replace_people(request: Request, context: Context) -> Response:
        profile = _business(request, context)
        _several(resource, request)
        context.resources.remove_where(resource.kind, equals(_PROFILE, profile))
        return add_people(request, context)

    return (
        look(path, list_people, STYLE),
        action("POST", path, add_people, STYLE),
        action("PUT", path, replace_people, STYLE),
    )


_DOCUMENTS = (
    "DRIVERS_LICENCE", "IDENTITY_CARD", "GREEN_CARD", "MY_NUMBER", "PASSPORT", "SSN", "EMIRATES_EMPLOYER",
    "EMIRATES_PLACE_OF_BIRTH", "CPF_CNPJ", "FINANCIAL_CAPACITY_BR", "OTHER",
)  # fmt: skip
_DOCUMENT = table(
    Field(name="type", kind=choice(*_DOCUMENTS), wrong="NOT_VALID", missing="NotNull"),
    Field(name="uniqueIdentifier", kind=text(longest=30), wrong="NOT_VALID", secret=True),
)


def take_document(request: Request, context: Context) -> Response:
    """It is looked at and not kept."""
    own_profile(request, context, request.params["profileId"])
    read(request.payload, _DOCUMENT)
    return Response(status=200, json={"errorMessage": None, "success": True})


def update_window(request: Request, context: Context) -> Response:
    """Always open: opening and closing it changes nothing."""
    own_profile(request, context, request.params["profileId"])
    return Response(status=200)


_BELOW = "/v1/profiles/{profileId}"
ENDPOINTS = told(
    *_people(DIRECTOR, f"{_BELOW}/directors"),
    *_people(OWNER, f"{_BELOW}/ubos"),
    action("POST", f"{_BELOW}/verification-documents", take_document, STYLE),
    action("PUT", f"{_BELOW}/verification-documents", take_document, STYLE),
    action("POST", f"{_BELOW}/update-window", update_window, STYLE, body=False),
    action("DELETE", f"{_BELOW}/update-window", update_window, STYLE, body=False),
    source="description 2026Q3",
    simplified="documents are not kept, and nothing is reviewed",
    tokens=ANY_USER,
)
