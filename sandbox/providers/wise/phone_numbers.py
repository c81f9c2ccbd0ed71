"""A user's phone number, to which the codes for one-time tokens would be sent; the partner's application keeps it.

Sources: Wise's description 2026Q3, "Phone number", to create and delete one; the user-security page of the older API
reference, to list and update. Not published, and so our own: what a number looks like, and how a second one is refused.
"""

from sandbox.errors import Refusal
from sandbox.providers.context import Body, Context, ReadContext, Request, Response
from sandbox.providers.kit.calls import action, look, making_of, told
from sandbox.providers.kit.fields import Field
from sandbox.providers.kit.making import Making
from sandbox.providers.kit.problems import refuse_absent
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import equals
from sandbox.providers.kit.values import text
from sandbox.providers.wise.style import STYLE, from_number
from sandbox.providers.wise.users import CLIENT, USER

USUAL = "+442071234567"
"""Of a user whose profiles have none."""
_PHONE = text(longest=16, pattern=r"\+[1-9][0-9]{6,14}", says="a phone number such as +6588888888")
"""As E.164 has them."""


def _number(making: Making) -> Body:
    client = making.request.client.id if making.request and making.request.client else ""
    said = {"phoneNumber": making.given["phoneNumber"], "type": "PRIMARY", "verified": True, "clientId": client}
    return {"id": int(making.id), **said, "userId": making.params["userId"]}


PHONE_NUMBER = Resource(
    kind="phoneNumber",
    id=from_number(1_230_944),
    fields=(Field(name="phoneNumber", kind=_PHONE, wrong="NOT_VALID", missing="NotNull"),),
    body=_number,
    index=("userId", "phoneNumber"),
    show=lambda body: {name: value for name, value in body.items() if name != "userId"},
)


def phone_of(context: ReadContext, user: str) -> str:
    """The number that was registered for the user, or else that of a profile."""
    mine = (equals("userId", user),)
    if registered := context.resources.find(PHONE_NUMBER.kind, mine, size=1).rows:
        return str(registered[0].body["phoneNumber"])
    profiles = context.resources.find("profile", mine, oldest_first=True).rows
    return str(next(filter(None, (row.body["contactDetails"].get("phoneNumber") for row in profiles)), USUAL))


def list_phone_numbers(request: Request, context: ReadContext) -> Response:
    user = USER.existing(context, request.params["userId"])
    rows = context.resources.find(PHONE_NUMBER.kind, (equals("userId", user["id"]),), oldest_first=True).rows
    return Response(status=200, json=[PHONE_NUMBER.shown(row.body) for row in rows])


def create_phone_number(request: Request, context: Context) -> Response:
    """The first of a user: "We only allow one phone number per customer"."""
    user = USER.existing(context, request.params["userId"])
    making = making_of(PHONE_NUMBER, request, context)
    if context.resources.find(PHONE_NUMBER.kind, (equals("userId", user["id"]),), size=1).rows:
        return _repeated("The user already has a phone number", f"a second number of user {user['id']}")
    return _anothers(making, context) or _told(PHONE_NUMBER.add(context, making))


def update_phone_number(request: Request, context: Context) -> Response:
    before = _existing(request, context)
    making = making_of(PHONE_NUMBER, request, context)
    changed = {"phoneNumber": making.given["phoneNumber"]}
    return _anothers(making, context) or _told(PHONE_NUMBER.change(context, before, **changed))


def delete_phone_number(request: Request, context: Context) -> Response:
    context.resources.remove(PHONE_NUMBER.kind, str(_existing(request, context)["id"]))
    return Response(status=204)


def _existing(request: Request, context: ReadContext) -> Body:
    """That number, of that user."""
    found = PHONE_NUMBER.existing(context, request.params["phoneNumberId"])
    if found["userId"] != request.params["userId"]:
        refuse_absent(PHONE_NUMBER.kind, request.params["phoneNumberId"])
    return found


def _anothers(making: Making, context: ReadContext) -> Response | None:
    """The 422 for a number that another user has; the message is the published one."""
    same = (equals("phoneNumber", making.given["phoneNumber"]),)
    for row in context.resources.find(PHONE_NUMBER.kind, same).rows:
        if row.body["userId"] != making.params["userId"]:
            email = str(USER.existing(context, row.body["userId"])["email"])
            linked = f"It's linked to an account with the email ****@{email.rpartition('@')[2]}"
            return _repeated(linked, "a number of another user")
    return None


def _repeated(message: str, seen: str) -> Response:
    reason = Refusal(code="provider.not_unique", seen=seen, expected="one number for each user, and no other's")
    error = {"code": "phone.number.repeated", "message": message}
    return Response(status=422, json={"errors": [error]}, reasons=(reason,))


def _told(body: Body) -> Response:
    return Response(status=200, json=PHONE_NUMBER.shown(body))


_OF_USER = "/v1/application/users/{userId}/phone-numbers"
_ONE = f"{_OF_USER}/{{phoneNumberId}}"
ENDPOINTS = told(
    action("POST", _OF_USER, create_phone_number, STYLE),
    action("DELETE", _ONE, delete_phone_number, STYLE, body=False),
    source="description 2026Q3",
    simplified="every client may; a user without one has the number of a profile",
    tokens=(CLIENT,),
)
LEGACY = told(
    look(_OF_USER, list_phone_numbers, STYLE),
    action("PUT", _ONE, update_phone_number, STYLE),
    source="user-security page of the older API reference",
    simplified="every client may",
    tokens=(CLIENT,),
)
