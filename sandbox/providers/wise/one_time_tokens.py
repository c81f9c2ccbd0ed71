"""One-time tokens and the challenge that clears one: a code by SMS, WhatsApp or voice, which nobody has to receive.

Sources: Wise's description 2026Q3 (``/one-time-token/…``) and the guide "SCA over API". How a wrong code, a wrong token
and a blocked user are refused is not published: status and bodies of these are our own.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.errors import Refusal, Refused, refuse
from sandbox.oauth.clients import shortened
from sandbox.providers.context import Body, Context, Handler, ReadContext, Request, Response, Where
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action, look, told
from sandbox.providers.kit.fields import parse
from sandbox.providers.kit.problems import refuse_fields
from sandbox.providers.kit.resource import Resource
from sandbox.providers.wise.phone_numbers import phone_of
from sandbox.providers.wise.style import STYLE, from_number, invalid, microseconds, read_time
from sandbox.providers.wise.users import ANY_USER, user_of

LIFE = timedelta(seconds=3600)
"""In every sample."""
REMEMBERED = timedelta(days=1)
"""After its end: whoever comes too late is told so, and not that there is no such token."""
CODE = "111111"
"""Since we won't be sending real SMS on sandbox, the OTP Code will always be 111111."""
MOST_WRONG = 5
BLOCKED = timedelta(minutes=15)
WAYS = ("SMS", "WHATSAPP", "VOICE")
"""The first is the challenge, the others are its alternatives, as in the guide."""
NEVER = ""
"""A time that has passed: it sorts before all others."""

TOKEN = Resource(kind="oneTimeToken", plural="oneTimeTokens", id=from_number(1), ordered=False, index=("until",))
"""One for each call that a user was asked to approve, by its UUID."""
USER_STATE = Resource(kind="approval", id=from_number(1), ordered=False)
"""What is known of a user's approvals: wrong codes in a row, until when blocked, until when statements are open."""


# --- rows ---


def new_token(request: Request, context: Context, user: str, action: str) -> str:
    """A token for this very call."""
    old = microseconds(context.now - REMEMBERED)
    context.resources.remove_where(TOKEN.kind, Where(key="until", how="until", values=(old,)))
    made = context.ids.uuid()
    until = microseconds(context.now + LIFE)
    call = {"user": user, "method": request.method, "path": request.path, "action": action}
    body = {"id": made, **call, "until": until, "used": NEVER, "passed": False, "sent": []}
    context.resources.put(TOKEN.kind, made, body)
    return made


def open_token(context: ReadContext, sent: str) -> Body:
    """The token, if it can still approve a call. Raises Refused with ``sca.token_…``."""
    token = context.resources.get(TOKEN.kind, sent)
    if token is None:
        raise refuse("sca.token_unknown", seen=shortened(sent), expected="a one-time token that this client was given")
    if token["used"]:
        raise refuse("sca.token_used", seen=f"a token used at {token['used']}", expected="a token not used yet")
    if token["until"] <= microseconds(context.now):
        seen = f"a token that ended at {token['until']}"
        raise refuse("sca.token_expired", seen=seen, expected=f"one that is good at {microseconds(context.now)}")
    return token


def use(context: Context, token: Body) -> None:
    """From now on it approves nothing more."""
    context.resources.put(TOKEN.kind, token["id"], {**token, "used": microseconds(context.now)})


def of_user(context: ReadContext, user: str) -> Body:
    """What is known of the user's approvals."""
    new = {"id": user, "wrong": 0, "blockedUntil": NEVER, "statementsUntil": NEVER}
    return context.resources.get(USER_STATE.kind, user) or new


# --- calls ---


def one_time_token_status(request: Request, context: ReadContext) -> Response:
    """What is left to do for a token, and for what it was given."""
    token = _named(request, context)
    if isinstance(token, Response):
        return token
    more = {"actionType": token["action"], "userId": int(token["user"])}
    return Response(status=200, json=_properties(token, context, **more))


def _trigger(way: str) -> Handler:
    def trigger_code(request: Request, context: Context) -> Response:
        """Nothing is sent; the number to which it would be is shown, all but its end."""
        token = _named(request, context)
        if isinstance(token, Response):
            return token
        if refused := _blocked(token, context):
            return refused
        sent = [*token["sent"], way] if way not in token["sent"] else token["sent"]
        context.resources.put(TOKEN.kind, token["id"], {**token, "sent": sent})
        return Response(status=200, json={"obfuscatedPhoneNo": _obfuscated(phone_of(context, token["user"]))})

    return trigger_code


def _verify(way: str) -> Handler:
    def verify_code(request: Request, context: Context) -> Response:
        """The right code clears the challenge; too many wrong ones block the user for a while."""
        token = _named(request, context)
        if isinstance(token, Response):
            return token
        if refused := _blocked(token, context):
            return refused
        code = parse(request.payload).get("otpCode")
        if code is None:
            refuse_fields(invalid("otpCode", "must not be null", code="NotNull", seen="nothing"))
        if not isinstance(code, str):
            refuse_fields(invalid("otpCode", "must be a text of 6 digits", seen=f"{code!r:.40}"))
        if way not in token["sent"]:
            seen, expected = f"a code by {way}, which was not triggered", ", ".join(token["sent"]) or "a trigger first"
            return _not_taken(refuse("sca.code_not_sent", seen=seen, expected=expected), 422)
        if code != CODE:
            return _wrong(token, context)
        _note(context, token["user"], wrong=0)
        cleared = {**token, "passed": True}
        context.resources.put(TOKEN.kind, token["id"], cleared)
        return Response(status=200, json=_properties(cleared, context))

    return verify_code


def _named(request: Request, context: ReadContext) -> Body | Response:
    """The open token that the call names, if it is the caller's."""
    sent = request.headers.get("one-time-token", "").strip()
    if not sent:
        return _not_taken(refuse("sca.token_missing", seen="no One-Time-Token", expected="a one-time token"), 400)
    try:
        token = open_token(context, sent)
    except Refused as refused:
        return _not_taken(refused, 404)
    user = user_of(request, context)
    if token["user"] != user:
        other = refuse(
            "sca.token_other_call", seen=f"a token for user {token['user']}", expected=f"one for user {user}"
        )
        return _not_taken(other, 404)
    return token


def _blocked(token: Body, context: ReadContext) -> Response | None:
    until = of_user(context, token["user"])["blockedUntil"]
    if until <= microseconds(context.now):
        return None
    wait = int((read_time(until) - context.now).total_seconds()) + 1
    refused = refuse("sca.blocked", seen=f"{MOST_WRONG} wrong codes", expected=f"none before {until}, in {wait} s")
    return _not_taken(refused, 403)


def _wrong(token: Body, context: Context) -> Response:
    wrong = int(of_user(context, token["user"])["wrong"]) + 1
    if wrong < MOST_WRONG:
        _note(context, token["user"], wrong=wrong)
    else:
        _note(context, token["user"], wrong=0, blockedUntil=microseconds(context.now + BLOCKED))
    seen = f"wrong code number {wrong} in a row"
    return _not_taken(refuse("sca.code_wrong", seen=seen, expected=f"the code; {MOST_WRONG} wrong ones block"), 422)


def _note(context: Context, user: str, **changes: Any) -> None:
    context.resources.put(USER_STATE.kind, user, {**of_user(context, user), **changes})


# --- what is said ---


def _properties(token: Body, context: ReadContext, **more: object) -> Mapping[str, object]:
    """A challenge that is cleared is no longer in the list: "an empty list means that the token can be used"."""
    left = int((read_time(token["until"]) - context.now).total_seconds())
    challenges = [] if token["passed"] else [_challenge(int(token["user"]))]
    said = {"oneTimeToken": token["id"], "challenges": challenges, "validity": left, **more}
    return {"oneTimeTokenProperties": said}


def _challenge(user: int) -> Mapping[str, object]:
    first, *others = ({"type": way, "viewData": {"attributes": {"userId": user}}} for way in WAYS)
    return {"primaryChallenge": first, "alternatives": others, "required": True, "passed": False}


def _obfuscated(phone: str) -> str:
    """``*********8888``, as in the sample."""
    return "*" * max(len(phone) - 4, 0) + phone[-4:]


_WORDS = {
    "sca.token_missing": ("NotNull", "must not be null", "One-Time-Token"),
    "sca.code_not_sent": ("otp.not-triggered", "The challenge has not been triggered", "otpCode"),
    "sca.code_wrong": ("otp.invalid", "The OTP code is not valid", "otpCode"),
    "sca.blocked": ("otp.blocked", "Too many wrong OTP codes. Try again later", "otpCode"),
}
_NOT_FOUND = ("NOT_FOUND", "One time token not found", "One-Time-Token")


def _not_taken(refused: Refused, status: int) -> Response:
    reason: Refusal = refused.reasons[0]
    code, message, path = _WORDS.get(reason.code, _NOT_FOUND)
    error = {"code": code, "message": message, "path": path, "arguments": []}
    return Response(status=status, json={"errors": [error]}, reasons=refused.reasons)


_STATUS = "/v1/one-time-token/status"


def _codes(way: str) -> tuple[Endpoint, ...]:
    path = f"/v1/one-time-token/{way.lower()}"
    return (
        action("POST", f"{path}/trigger", _trigger(way), STYLE, body=False),
        action("POST", f"{path}/verify", _verify(way), STYLE),
    )


ENDPOINTS = told(
    look(_STATUS, one_time_token_status, STYLE),
    *(one for way in WAYS for one in _codes(way)),
    source="description 2026Q3; SCA over API guide",
    simplified="one challenge, by a code, which is 111111; no PIN, device fingerprint or face map; the "
    "refusals are the sandbox's own",
    tokens=ANY_USER,
)
LEGACY = told(
    look("/v1/identity/one-time-token/status", one_time_token_status, STYLE),
    source="SCA over API guide, as it was in 2023",
    simplified="as the status of /v1",
    tokens=ANY_USER,
)
