"""Access tokens. Source: docs.treezor.com, "Authentication", and the official description 25.04.03, ``/oauth/token``.

Id and secret stand in the body, which is a multipart form in the description, and JSON in one of the samples. Of the
claims of a token only ``trz:sca`` is published.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

from sandbox.errors import refuse
from sandbox.oauth.clients import RegisteredClient, Token, digest
from sandbox.oauth.credentials import FORM, JSON, MULTIPART, InBody, read_parameters, unknown_grant
from sandbox.providers.context import Body, Context, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.making import Identity
from sandbox.providers.kit.problems import Problem, refuse_fields
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.rules import Index
from sandbox.providers.kit.values import text
from sandbox.providers.treezor.errors import MISSING, WRONG
from sandbox.providers.treezor.sca import ALGORITHM, SESSION, is_proof, keep_until
from sandbox.providers.treezor.style import STYLE, written
from sandbox.providers.treezor.users import USER

LIFE = timedelta(seconds=3600)
REFRESHED = timedelta(days=30)
"""After the first authentication: "up to a month"."""
SCOPES = ("read_only", "read_write", "read_all", "admin", "legal", "support_user_management")
USUAL_SCOPE = "read_write"
"""Where none is asked for: the sandbox's own choice."""
MEDIA_TYPES = (MULTIPART, FORM, JSON)
PATH = "/oauth/token"
REFRESH = Resource(
    kind="refresh",
    id=Identity(new=lambda context, _: context.ids.hex(64), kind=text(longest=64)),
    index=(Index(name="until"),),
    ordered=False,
)
"""By the SHA-256 of a refresh token: whose it is, and until when it may be renewed."""

Fields = Mapping[str, str]


def token(request: Request, context: Context) -> Response:
    """A token for the partner itself, or for one of its users."""
    fields = read_parameters(request.headers.get("content-type", ""), request.payload, MEDIA_TYPES)
    grant = fields.get("grant_type", "")
    if not grant:
        raise refuse("token.grant_missing", seen="no grant_type in the body", expected=" or ".join(GRANTS))
    if grant not in GRANTS:
        raise unknown_grant(grant, known=GRANTS)
    return GRANTS[grant](request, context, fields)


def client_credentials(request: Request, context: Context, fields: Fields) -> Response:
    given, access = _given(_caller(request), context, "client_credentials", _scope(fields), sca=False)
    context.tokens.give(given)
    return _reply(access)


def password(request: Request, context: Context, fields: Fields) -> Response:
    """For a user, by email and password. With a proof for this call in ``sca`` its session is a strong one."""
    names = [name for name in ("username", "password") if not fields.get(name)]
    if names:
        refuse_fields(*(Problem(code=MISSING, field=name, seen="nothing") for name in names))
    user = next(iter(USER.all(context, email=fields["username"])), None)
    if user is None or user["sandbox"].get("password") != fields["password"]:
        _refuse("username", "no user with that email and password")
    sca = is_proof(context, fields.get("sca"), PATH, {})
    return _for_user(request, context, user["userId"], _scope(fields), sca, context.now + REFRESHED)


def refresh_token(request: Request, context: Context, fields: Fields) -> Response:
    """The same once more. A refresh token is good once, and its successor ends when it would have: our own choice."""
    sent = fields.get("refresh_token", "")
    if not sent:
        refuse_fields(Problem(code=MISSING, field="refresh_token", seen="nothing"))
    kept = context.resources.get(REFRESH.kind, digest(sent))
    if kept is None or kept["until"] <= written(context.now):
        _refuse("refresh_token", "no refresh token that is good now")
    context.resources.remove(REFRESH.kind, digest(sent))
    ends = datetime.fromisoformat(f"{kept['until']}+00:00")
    return _for_user(request, context, kept["userId"], kept["scope"], kept["sca"], ends)


GRANTS: Mapping[str, Callable[[Request, Context, Fields], Response]] = {
    "client_credentials": client_credentials,
    "password": password,
    "refresh_token": refresh_token,
}


def _for_user(request: Request, context: Context, user: int, scope: str, sca: bool, ends: datetime) -> Response:
    given, access = _given(_caller(request), context, "password", scope, sca=sca)
    context.tokens.give(given)
    keep_until(context, SESSION, given.digest, {"userId": user, "sca": sca}, LIFE)
    renewal = context.ids.hex(64)
    kept = {"userId": user, "scope": scope, "sca": sca}
    keep_until(context, REFRESH, digest(renewal), kept, ends - context.now)
    return _reply(access, refresh_token=renewal)


def _given(client: RegisteredClient, context: Context, grant: str, scope: str, *, sca: bool) -> tuple[Token, str]:
    jti, ends = context.ids.uuid(), context.now + LIFE
    claims: Body = {
        "iat": int(context.now.timestamp()),
        "exp": int(ends.timestamp()),
        "jti": jti,
        "client_id": client.id,
        "scope": scope,
        "trz:sca": sca,
    }
    access = context.tokens.signed(claims, ALGORITHM)
    given = Token(
        digest=digest(access),
        provider=client.provider,
        client=client.id,
        kind=grant,
        scope=scope,
        issued_at=context.now,
        expires_at=ends,
        id=jti,
    )
    return given, access


def _reply(access: str, **more: str) -> Response:
    body = {"token_type": "Bearer", "expires_in": int(LIFE.total_seconds()), "access_token": access, **more}
    return Response(status=200, json=body)


def _scope(fields: Fields) -> str:
    asked = fields.get("scope", "").split() or [USUAL_SCOPE]
    if unknown := [one for one in asked if one not in SCOPES]:
        says = f"names among {', '.join(SCOPES)}"
        refuse_fields(Problem(code=WRONG, field="scope", seen=ascii(" ".join(unknown)[:40]), says=says))
    return " ".join(dict.fromkeys(asked))


def _refuse(field: str, seen: str) -> NoReturn:
    refuse_fields(Problem(code="NOT_A_USER", field=field, seen=seen, cause="provider.user_unknown", status=401))


def _caller(request: Request) -> RegisteredClient:
    if request.client is None:
        raise RuntimeError("the token endpoint is declared with a login, so there is a client")
    return request.client


_STYLE = replace(STYLE, login=(InBody(media_types=MEDIA_TYPES),), accepts=(), once=None)
ENDPOINTS: tuple[Endpoint, ...] = (action("POST", PATH, token, _STYLE),)
