"""Users. Source: Treezor's official description 25.04.03, "Users"; of its ninety members the usual ones."""

from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.kit.calls import action, change, create, listing, view
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making, counted
from sandbox.providers.kit.problems import refuse_if
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.rules import unique
from sandbox.providers.kit.values import COUNTRY, choice, day, text, whole
from sandbox.providers.treezor.sca import per_operation
from sandbox.providers.treezor.style import FLAG, ID, READ, STYLE, TAG, WRITE, asks, by, canceled, given, stamps, touch

STATUSES = choice("CANCELED", "PENDING", "VALIDATED")
NAME, ADDRESS = text(longest=255), text(longest=150, pattern="[^\r\n]*", says="at most 150 characters on one line")
EMAIL = text(longest=255, pattern=r"[^@\s]+@[^@\s]+", says="an e-mail address")
PHONE = text(longest=16, pattern=r"\+[0-9]{6,15}", says="a number such as +33612345678")
LAND = text(longest=2, pattern=COUNTRY, says="two capital letters such as FR")
NATURAL, LEGAL = 1, 2
DEMO_USER = "101"


def notes(making: Making) -> Body:
    """The password with which a user's token is asked for. No call of the description sets one: a seed does."""
    return {"password": making.given.get("password")}


USER = Resource(
    kind="user",
    id=counted(102, name="userId"),
    fields=(
        given("userTypeId", whole(1, 4), needed=True),
        Field(name="userStatus", kind=STATUSES, given=False, default="VALIDATED"),
        given("userTag", TAG),
        given("accessTag", TAG, shown=False),
        given("parentUserId", ID),
        given("parentType", choice("shareholder", "employee", "leader")),
        given("specifiedUSPerson", FLAG, needed=True),
        given("controllingPersonType", whole(0, 3), default=0),
        given("employeeType", whole(0, 2), default=0),
        given("entityType", whole(1, 5)),
        given("title", choice("M", "MME", "MLLE")),
        given("firstname", NAME),
        given("lastname", NAME),
        given("birthday", day),
        given("email", EMAIL, needed=True),
        *(given(f"address{number}", ADDRESS) for number in (1, 2, 3)),
        given("postcode", NAME),
        given("city", NAME),
        given("state", NAME),
        given("country", LAND),
        given("phone", PHONE),
        given("mobile", PHONE),
        given("nationality", LAND),
        given("placeOfBirth", ADDRESS),
        given("birthCountry", LAND),
        given("legalName", text(longest=100)),
        given("legalRegistrationNumber", NAME),
        given("legalForm", NAME),
        given("language", text(longest=2, pattern="[a-zA-Z]{2}", says="two letters such as fr")),
        Field(name="kycLevel", kind=whole(0, 6), given=False, default=0),
        Field(name="kycReview", kind=whole(0, 7), given=False, default=0),
        Field(name="isFrozen", given=False, default=0),
        Field(name="password", kind=text(longest=100), given=False, shown=False, secret=True),
        # Which code belongs to which status is not published.
        Field(name="codeStatus", given=False, default="110009"),
        Field(name="informationStatus", given=False),
        *stamps(),
    ),
    notes=notes,
    rules=(
        # "Must be valid and unique".
        unique("email", "user", "EMAIL_TAKEN"),
        per_operation("PUT"),
    ),
    index=(
        "userTypeId",
        "userStatus",
        "userTag",
        "email",
        "parentUserId",
        "userId",
        "createdDate",
    ),
    touch=touch,
    seeds=(
        Seed(name="userTypeId", default=NATURAL),
        Seed(name="specifiedUSPerson", default=0),
        Seed(name="email", default=lambda row, _: f"user{row}@example.com"),
        Seed(name="firstname", default="Alex"),
        Seed(name="lastname", default="Oak"),
        Seed(name="country", default="FR"),
        Seed(name="userStatus", default="VALIDATED"),
        Seed(name="kycLevel", default=0),
        Seed(name="kycReview", default=0),
        Seed(name="password"),
    ),
    rows={DEMO_USER: {"email": "alex.oak@example.com", "password": "demo", "kycLevel": 2, "kycReview": 2}},
)


def cancel_user(request: Request, context: Context) -> Response:
    """``DELETE``: the status is CANCELED from now on."""
    user = USER.existing(context, request.params["userId"])
    refuse_if(user["userStatus"] == "CANCELED", canceled("userId", f"user {user['userId']}"))
    return STYLE.shown(USER, USER.change(context, user, userStatus="CANCELED"))


ENDPOINTS = (
    create(USER, "/v1/users", STYLE, scopes=WRITE),
    listing(
        USER,
        "/v1/users",
        STYLE,
        asks(
            by("userId"),
            by("userTypeId", whole(1, 4)),
            by("userStatus", STATUSES),
            by("userTag", TAG),
            by("email", EMAIL),
            by("parentUserId"),
        ),
        scopes=READ,
    ),
    view(USER, "/v1/users/{userId}", STYLE, scopes=READ),
    change(USER, "/v1/users/{userId}", STYLE, partly=True, scopes=WRITE),
    action("DELETE", "/v1/users/{userId}", cancel_user, STYLE, scopes=WRITE, body=False),
)
