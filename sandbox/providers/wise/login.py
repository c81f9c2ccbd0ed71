"""Wise's token endpoint, ``POST /oauth/token``.

Source: https://docs.wise.com/guides/developer/auth-and-security/client-credentials-token. The client's id and secret
(HTTP Basic) have been checked before a handler is called.
"""

import re
from datetime import timedelta

from sandbox.errors import refuse
from sandbox.oauth.clients import Token, digest
from sandbox.oauth.credentials import no_grant, read_form
from sandbox.providers.context import Context, Request, Response
from sandbox.providers.wise.times import milliseconds

LIFE = timedelta(seconds=43_199)
"""Twelve hours less a second, in every sample of the page."""
SCOPE = "transfers"
_GRANT = re.compile(r"(?:[a-z_]{1,40}|urn:ietf:params:oauth:grant-type:[a-z0-9-]{1,30})\Z")


def token(request: Request, context: Context) -> Response:
    """A client credentials token. Its form is a UUID, as Wise's sandbox gave until June 2026."""
    if request.client is None:
        raise RuntimeError("the token endpoint is declared with login='basic', so there is a client")
    content_type = request.headers.get("content-type", "")
    form = read_form(content_type, request.payload)
    if form.get("client_id", request.client.id) != request.client.id:
        # Own: whom the form names is not published; RFC 6749 section 2.3 allows one way of saying who asks.
        seen = "a client_id in the form that is not that of the Basic credentials"
        raise refuse("token.form_malformed", seen=seen, expected="the credentials alone, or the same id in both")
    grant = form.get("grant_type", "")
    if not grant:
        raise no_grant(content_type, request.payload, request.query, expected="client_credentials")
    if grant != "client_credentials":
        raise refuse("token.grant_unknown", seen=_shown(grant), expected="client_credentials")
    access_token = context.ids.uuid()
    given = Token(
        digest=digest(access_token),
        provider=request.client.provider,
        client=request.client.id,
        kind=grant,
        scope=SCOPE,
        issued_at=context.now,
        expires_at=context.now + LIFE,
    )
    context.tokens.give(given)
    return Response(
        status=200,
        json={
            "access_token": access_token,
            "token_type": "bearer",
            "expires_in": int(LIFE.total_seconds()),
            "expires_at": milliseconds(given.expires_at),
            "scope": SCOPE,
        },
    )


def _shown(grant: str) -> str:
    """A grant type as the journal may have it: what has not the form of one may be a secret in the wrong field."""
    return grant if _GRANT.match(grant) else f"{len(grant)} characters that are no grant type"
