"""Users: who has signed up with a partner's application, and for which of them a token speaks.

Sources: Wise's description 2026Q3, "Users"; https://docs.wise.com/guides/developer/auth-and-security/user-tokens.
"""

from sandbox.oauth.clients import digest
from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Row
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field, parse
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_absent, refuse_fields
from sandbox.providers.kit.resource import NOTES, Resource, Seed
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import INT32, text
from sandbox.providers.wise.style import NAME, STYLE, from_number, invalid

FIRST_USER = 12_970_746
"""The range in which Wise's sandbox had them."""
SHORTEST_CODE, LONGEST_CODE = 32, INT32
CLIENT, USER_TOKEN, PERSONAL = "client_credentials", "user", "personal"
ANY_USER = (USER_TOKEN, PERSONAL)
"""What the description asks for at most calls."""
_EMAIL = text(longest=255, pattern=".+@.+", says="an e-mail address")


def _user(making: Making) -> Body:
    given = making.given
    details = None if making.request else {"firstName": given["firstName"], "lastName": given["lastName"]}
    name = None if making.request else f"{given['firstName']} {given['lastName']}"
    return {"id": int(making.id), "name": name, "email": given["email"], "active": True, "details": details}


USER = Resource(
    kind="user",
    id=from_number(FIRST_USER),
    fields=(
        Field(name="email", kind=_EMAIL, wrong="NOT_VALID", missing="NotNull"),
        Field(name="registrationCode", kind=text(longest=4096), wrong="NOT_VALID", missing="NotNull", secret=True),
    ),
    body=_user,
    notes=lambda making: {"code": digest(str(making.given.get("registrationCode", "")))},
    index=("email",),
    seeds=(
        Seed(name="email", kind=_EMAIL, default=lambda number, now: f"user-{number}@sandbox.example"),
        Seed(name="firstName", kind=NAME, default="Sam"),
        Seed(name="lastName", kind=NAME, default="Sandbox"),
    ),
    rows={str(FIRST_USER): {"email": "demo@sandbox.example"}},
)
GRANT = Resource(kind="grant", id=from_number(1), ordered=False, index=("until",))
"""What a user allowed: an access token, a refresh token or a code, by its digest."""


def user_of(request: Request, context: ReadContext) -> str:
    """The user for whom the token speaks; empty: the client itself, for all of its users."""
    token = request.token
    if token is None or token.kind == CLIENT:
        return ""
    grant = context.resources.get("grant", token.digest) if token.kind == USER_TOKEN else None
    return str(grant["user"]) if grant else str(FIRST_USER)


def _caller(request: Request, context: ReadContext) -> Body:
    return USER.existing(context, user_of(request, context) or str(FIRST_USER))


def _told(user: Body, context: ReadContext) -> Response:
    """A user has the name and the details of their personal profile."""
    rows = context.resources.find("profile", (equals("userId", user["id"]),), oldest_first=True).rows
    person = next((row.body for row in rows if row.body["type"] == "PERSONAL"), None)
    named = {"name": person["fullName"], "details": _details(person)} if person else {}
    return Response(status=200, json={**USER.shown(user), **named})


def _details(person: Body) -> Body:
    address = person["address"]
    return {
        **{name: person[name] for name in ("firstName", "lastName", "phoneNumber", "dateOfBirth")},
        "occupation": None,
        "avatar": person["avatar"],
        "primaryAddress": address["id"],
        "address": {
            "countryCode": address["countryIso2Code"],
            "firstLine": address["addressFirstLine"],
            "postCode": address["postCode"],
            "city": address["city"],
            "state": address["stateCode"],
            "occupation": None,
        },
    }


def me(request: Request, context: ReadContext) -> Response:
    return _told(_caller(request, context), context)


def _own(request: Request, context: ReadContext) -> Body:
    user = USER.existing(context, request.params["userId"])
    if user_of(request, context) not in ("", str(user["id"])):
        refuse_absent("user", request.params["userId"])
    return user


def view_user(request: Request, context: ReadContext) -> Response:
    return _told(_own(request, context), context)


def view_contact(request: Request, context: ReadContext) -> Response:
    """Where a user is written to: their own address until another is set."""
    user = _own(request, context)
    return Response(status=200, json={"email": user.get(NOTES, {}).get("contact") or user["email"]})


def change_contact(request: Request, context: Context) -> Response:
    user = _own(request, context)
    email = _email(request)
    USER.change(context, user, **{NOTES: {**user.get(NOTES, {}), "contact": email}})
    return Response(status=200, json={"email": email})


def _email(request: Request) -> str:
    """The e-mail address of a body. Raises Stop."""
    email: str | None = _EMAIL.read(sent := parse(request.payload).get("email"))
    if email is None:
        refuse_fields(invalid("email", f"must be {_EMAIL.says}", seen=ascii(sent)[:40]))
    return email


def by_email(context: ReadContext, email: str) -> Row | None:
    found = context.resources.find("user", (equals("email", email),), size=1).rows
    return found[0] if found else None


def exists(request: Request, context: Context) -> Response:
    return Response(status=200, json={"exists": by_email(context, _email(request)) is not None})


def sign_up(request: Request, context: Context) -> Response:
    """A new user, who has a token for the e-mail address and the code."""
    making = making_of(USER, request, context)
    code, email = making.given["registrationCode"], making.given["email"]
    if len(code) < SHORTEST_CODE:
        says = f"size must be between {SHORTEST_CODE} and {LONGEST_CODE}"
        arguments = (str(LONGEST_CODE), str(SHORTEST_CODE))
        seen = f"{len(code)} characters"
        refuse_fields(invalid("registrationCode", says, code="Size", seen=seen, arguments=arguments))
    if by_email(context, email):
        message = "You're already a member. Please login"
        like = ("email", "class com.transferwise.fx.api.ApiRegisterCommand", email)
        refuse_fields(invalid("email", message, code="NOT_UNIQUE", seen="a user's", status=409, arguments=like))
    return Response(status=200, json=USER.shown(USER.add(context, making)))


def has_code(user: Body, code: str) -> bool:
    return str(user.get(NOTES, {}).get("code")) == digest(code)


ENDPOINTS = (
    *told(
        look("/v1/me", me, STYLE),
        look("/v1/users/{userId}", view_user, STYLE),
        look("/v1/users/{userId}/contact-email", view_contact, STYLE),
        action("PUT", "/v1/users/{userId}/contact-email", change_contact, STYLE),
        source="description 2026Q3",
        tokens=ANY_USER,
    ),
    *told(
        action("POST", "/v1/users/exists", exists, STYLE),
        action("POST", "/v1/user/signup/registration_code", sign_up, STYLE),
        source="description 2026Q3",
        tokens=(CLIENT,),
    ),
)
