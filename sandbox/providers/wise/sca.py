"""Strong customer authentication: a call that a user must approve is answered 403 with a one-time token, and taken when
it comes back with that token, signed or with its challenge cleared.

Sources: a recorded exchange with Wise's sandbox (January 2025: 403, then 201, headers and bodies); Wise's description
2026Q3 and the guide "SCA over API" (which calls, the one-time token, challenges); for ``X-Signature``, by which the
holder of a personal token approves, the older API documentation and what public clients send.
"""

from collections.abc import Mapping
from datetime import timedelta

from sandbox.errors import Refused, refuse
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.sealing import StepUp
from sandbox.providers.wise.one_time_tokens import USER_STATE, new_token, of_user, open_token, use
from sandbox.providers.wise.style import microseconds
from sandbox.providers.wise.users import ANY_USER, user_of

GET_STATEMENT = "BALANCE__GET_STATEMENT"
PAY_TRANSFER, PAY_BATCH = "TRANSFER__PAY", "BATCH__PAY"
"""Of the actions only that of a statement is published; these two are our own words."""
ALGORITHM = "RS256"
"""RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3), RSA of 2048 bits or more."""
MOST_KEYS = 5
STATEMENTS_OPEN = timedelta(days=90)
"""The description, of statements: "The additional authentication is only required once every 90 days"."""
APPROVAL, RESULT = "x-2fa-approval", "x-2fa-approval-result"
_APPROVED: Mapping[str, str] = {RESULT: "APPROVED"}


def approve(request: Request, context: Context, action: str) -> Response | Mapping[str, str]:
    """Headers for the reply to a call that is approved or needs no approval; or the 403 that asks for it.

    A client's own token speaks for no user: "If you use mTLS and client credentials [...], SCA does not apply".
    """
    if request.token is None or request.token.kind not in ANY_USER:
        return {}
    user = user_of(request, context)
    if action == GET_STATEMENT and of_user(context, user)["statementsUntil"] > microseconds(context.now):
        return {}
    sent = request.headers.get(APPROVAL, "").strip()
    try:
        token = _open(sent, request, context, user)
    except Refused as refused:
        return _refused(new_token(request, context, user, action), refused)
    try:
        _require_cleared(token, request, context)
    except Refused as refused:  # own: the same token may be tried again until it ends
        return _refused(sent, refused)
    use(context, token)
    if action == GET_STATEMENT:
        until = microseconds(context.now + STATEMENTS_OPEN)
        context.resources.put(USER_STATE.kind, user, {**of_user(context, user), "statementsUntil": until})
    return _APPROVED


def _open(sent: str, request: Request, context: Context, user: str) -> Body:
    """The one-time token, if it can approve this call. Raises Refused with ``sca.required`` or ``sca.token_…``."""
    if not sent:
        more = " (an X-Signature alone)" if "x-signature" in request.headers else ""
        seen = f"a {request.token.kind if request.token else ''} token and no {APPROVAL}{more}"
        raise refuse("sca.required", seen=seen, expected=f"{APPROVAL} with an approved one-time token")
    token = open_token(context, sent)
    for seen, expected, same in (
        (f"a token for user {token['user']}", f"one for user {user}", token["user"] == user),
        (
            f"a token for {token['method']} {token['path']}",
            f"one for {request.method} {request.path}",
            (token["method"], token["path"]) == (request.method, request.path),  # own
        ),
    ):
        if not same:
            raise refuse("sca.token_other_call", seen=seen[:200], expected=expected[:200])
    return token


def _require_cleared(token: Body, request: Request, context: Context) -> None:
    """Nothing, where the token is signed, or its challenge cleared. Raises Refused with ``sca.…``."""
    signature = request.headers.get("x-signature", "").strip()
    if signature:
        from sandbox.jose.texts import signer  # with the first that is signed

        text, keys, now = token["id"], context.keys.of_client(ALGORITHM), context.now
        if signer(text, signature, keys, algorithm=ALGORITHM, now=now) is None:
            from sandbox.jose.explain.texts import explain

            raise explain(text, signature, context.keys.of_client(), algorithm=ALGORITHM, body=request.payload, now=now)
    elif not token["passed"]:
        ways = "X-Signature, or a cleared challenge"
        raise refuse("sca.not_cleared", seen=f"{APPROVAL} alone, its challenge open", expected=ways)


def _refused(token: str, refused: Refused) -> Response:
    """As recorded. Older pages and the errors page have other bodies; clients look at the headers."""
    headers = {APPROVAL: token, RESULT: "REJECTED"}
    return Response(status=403, json={"error": "forbidden"}, headers=headers, reasons=refused.reasons)


STEP_UP = StepUp(algorithm=ALGORITHM, most_keys=MOST_KEYS, approve=approve)
