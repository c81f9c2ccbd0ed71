"""Wise's token endpoint, ``POST /oauth/token``; the page on which a user consents, ``/oauth/authorize``; and the
playground, with which the mutual-TLS guide ends.

Sources: https://docs.wise.com/guides/developer/auth-and-security/client-credentials-token and .../user-tokens; Wise's
description 2026Q3. The client's id and secret (HTTP Basic) have been checked before the token handler is called. The
page is the sandbox's own: Wise's is not published, what it redirects to is.
"""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from sandbox.errors import Refusal, refuse
from sandbox.oauth.clients import RegisteredClient, Token, digest
from sandbox.oauth.credentials import FORM, MULTIPART, no_grant, read_parameters, unknown_grant
from sandbox.providers.context import Body, Context, ReadContext, Request, Response, Where
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import look, told
from sandbox.providers.kit.making import Identity
from sandbox.providers.kit.resource import Resource, Seed
from sandbox.providers.kit.values import text, url
from sandbox.providers.wise.errors import milliseconds
from sandbox.providers.wise.style import STYLE, id_of, microseconds
from sandbox.providers.wise.users import CLIENT, GRANT, USER_TOKEN, by_email, has_code

LIFE = timedelta(seconds=43_199)
"""Twelve hours less a second, in every sample of the page."""
REFRESH_LIFE = timedelta(seconds=628_639_555)
"""Some twenty years, as in the sample."""
CODE_LIFE = timedelta(minutes=30)
SCOPE = "transfers"
JWE_FROM = datetime(2027, 1, 7, tzinfo=UTC)
"""From then on Wise gives encrypted tokens only."""
_JWE_HEADER = b'{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT","kid":"sandbank"}'
_JWE_PARTS = (256, 12, 180, 16)
"""Bytes of the encrypted key of RSA-2048, the nonce, what is said, and the tag: 700 characters in all."""
GRANTS = (CLIENT, "authorization_code", "refresh_token", "registration_code")

REDIRECT = Resource(
    kind="redirect",
    id=Identity(new=lambda context, _: "1", kind=text(longest=40, shortest=1, pattern="[0-9a-zA-Z_-]+")),
    body=lambda making: {"id": making.id, "url": making.given["url"]},
    ordered=False,
    seeds=(Seed(name="url", kind=url, default="https://localhost/callback"),),
)
"""An address to which users may be sent back, as a partner registers it."""
SEEDED_REDIRECT = "redirect_uri"
"""The same from the ``redirect_uris`` of a client in a seed file."""


# --- tokens ---


def token(request: Request, context: Context) -> Response:
    """One of four grants."""
    if request.client is None:
        raise RuntimeError("the token endpoint is declared with login='basic', so there is a client")
    content_type = request.headers.get("content-type", "")
    # The collection of requests that Wise publishes sends the form as multipart.
    form = read_parameters(content_type, request.payload, (FORM, MULTIPART))
    if form.get("client_id", request.client.id) != request.client.id:
        # Own: whom the form names is not published; RFC 6749 section 2.3 allows one way of saying who asks.
        seen = "a client_id in the form that is not that of the Basic credentials"
        raise refuse("login.id_differs", seen=seen, expected="the credentials alone, or the same id in both")
    grant = form.get("grant_type", "")
    if not grant:
        raise no_grant(content_type, request.payload, request.query, expected=" or ".join(GRANTS))
    if grant == CLIENT:
        return Response(status=200, json=_given(request.client, CLIENT, context)[1])
    if grant not in GRANTS:
        raise unknown_grant(grant, known=GRANTS)
    user = _BY_GRANT[grant](form, request.client, context)
    return _for_user(request.client, user, context)


def _given(client: RegisteredClient, kind: str, context: Context) -> tuple[Token, Body]:
    """A new token, and what is said of it."""
    access = new_token(client.token_format, context)
    given = Token(
        digest=digest(access),
        provider=client.provider,
        client=client.id,
        kind=kind,
        scope=SCOPE,
        issued_at=context.now,
        expires_at=context.now + LIFE,
    )
    context.tokens.give(given)
    body = {
        "access_token": access,
        "token_type": "bearer",
        "expires_in": int(LIFE.total_seconds()),
        "expires_at": milliseconds(given.expires_at),
        "scope": SCOPE,
    }
    return given, body


def new_token(form: str, context: Context) -> str:
    """A UUID, or five parts as of a JWE (RFC 7516 section 7.1). They hold nothing: clients must not look inside."""
    if form == "uuid" or (not form and context.now < JWE_FROM):
        return context.ids.uuid()
    parts = (_JWE_HEADER, *(bytes.fromhex(context.ids.hex(2 * size)) for size in _JWE_PARTS))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def _for_user(client: RegisteredClient, user: str, context: Context) -> Response:
    given, body = _given(client, USER_TOKEN, context)
    refresh, ends = context.ids.uuid(), context.now + REFRESH_LIFE
    _keep(context, given.digest, {"what": "access", "user": user, "until": microseconds(given.expires_at)})
    kept = {"what": "refresh", "user": user, "until": microseconds(ends), "access": given.digest}
    _keep(context, digest(refresh), kept)
    more = {
        "refresh_token": refresh,
        "refresh_token_expires_in": int(REFRESH_LIFE.total_seconds()),
        "refresh_token_expires_at": milliseconds(ends),
        "created_at": microseconds(context.now),
    }
    return Response(status=200, json={**body, **more})


def _keep(context: Context, name: str, body: Body) -> None:
    context.resources.remove_where(GRANT.kind, Where(key="until", how="until", values=(microseconds(context.now),)))
    context.resources.put(GRANT.kind, name, {"id": name, **body})


def _used(form: Mapping[str, str], field: str, what: str, context: Context) -> Body:
    """What a code or a refresh token stands for; it is used up. Raises Refused."""
    sent = form.get(field, "")
    kept = context.resources.get(GRANT.kind, digest(sent))
    if kept is None or kept["what"] != what or kept["until"] <= microseconds(context.now):
        over = kept is not None and kept["what"] == what
        seen = f"a {field} that is over" if over else f"a {field} that is not known here, or was used"
        raise _bad(seen if sent else f"no {field}", f"a {field} that is good")
    context.resources.remove(GRANT.kind, digest(sent))
    return kept


def _bad(seen: str, expected: str) -> Exception:
    return refuse("token.grant_refused", seen=seen, expected=expected)


def _refreshed(form: Mapping[str, str], client: RegisteredClient, context: Context) -> str:
    """The access token before is refused from now on."""
    kept = _used(form, "refresh_token", "refresh", context)
    for one in context.tokens.of(client.id):
        if one.digest == kept["access"] and one.revoked_at is None:
            context.tokens.revoke(one)
    return str(kept["user"])


def _authorized(form: Mapping[str, str], client: RegisteredClient, context: Context) -> str:
    kept = _used(form, "code", "code", context)
    if form.get("redirect_uri") != kept["redirect_uri"]:
        raise _bad("another redirect_uri than the code was given for", kept["redirect_uri"])
    return str(kept["user"])


def _registered(form: Mapping[str, str], client: RegisteredClient, context: Context) -> str:
    email = form.get("email", "")
    found = by_email(context, email) if email.isprintable() else None
    if found is None or not has_code(found.body, form.get("registration_code", "")):
        raise _bad("an e-mail address and a registration_code that do not belong together", "those of one sign-up")
    return found.id


_BY_GRANT = {"refresh_token": _refreshed, "authorization_code": _authorized, "registration_code": _registered}


# --- consent ---

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sandbank: allow access</title>
<style>body{{font:16px/1.5 system-ui;max-width:36rem;margin:4rem auto;padding:0 1rem}}button{{font:inherit}}</style>
<h1>Allow {client} to use a profile?</h1>
<p>This page stands in for the provider's own. No real account is touched.</p>
<form method="post">{profiles}
<p><button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Deny</button></p></form></html>
"""
_CHOICE = '<p><label><input type="radio" name="profile" value="{id}"{checked}> {name}</label></p>'
_WRONG = "<!doctype html><title>Sandbank</title><h1>This address cannot be used</h1><p>{why}</p>"
_HTML = "text/html; charset=utf-8"


def consent_page(request: Request, context: ReadContext) -> Response:
    """The profiles to choose from, and two buttons."""
    from html import escape  # for people, who are few

    query = _query(request)
    if wrong := _wrong_redirect(query, context):
        return wrong
    rows = context.resources.find("profile", oldest_first=True).rows
    choices = [
        _CHOICE.format(id=row.id, name=escape(row.body["fullName"]), checked=" checked" if at == 0 else "")
        for at, row in enumerate(rows)
    ]
    client = escape(request.client.name if request.client else "the client")
    page = _PAGE.format(client=client, profiles="\n".join(choices))
    return Response(status=200, body=page.encode(), media_type=_HTML, headers=_SAFE)


_SAFE = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
"""No script, and in no other page's frame (RFC 9700 section 4.16)."""


def consent(request: Request, context: Context) -> Response:
    """Back to the partner: with a code, which is good once, or with an error."""
    query = _query(request)
    if wrong := _wrong_redirect(query, context):
        return wrong
    form = dict(parse_qsl(request.payload.decode("latin-1")))
    profile = context.resources.get("profile", id_of(form.get("profile", "")))
    state = {"state": query["state"]} if "state" in query else {}
    if form.get("answer") != "allow" or profile is None:
        back = {"error": "access_denied", "error_description": "The user denied access", **state}
        return _redirect(query["redirect_uri"], back)
    code = context.ids.base36(40)
    until = microseconds(context.now + CODE_LIFE)
    kept = {"what": "code", "user": profile["userId"], "until": until, "redirect_uri": query["redirect_uri"]}
    _keep(context, digest(code), kept)
    return _redirect(query["redirect_uri"], {"code": code, "profileId": str(profile["id"]), **state})


def _redirect(to: str, back: Mapping[str, str]) -> Response:
    joint = "&" if urlsplit(to).query else "?"
    return Response(status=302, headers={"location": f"{to}{joint}{urlencode(back)}"})


def _query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query.decode("latin-1"), keep_blank_values=True))


def _wrong_redirect(query: Mapping[str, str], context: ReadContext) -> Response | None:
    """Nobody is sent to an address that the client has not registered, to the letter (RFC 9700 section 2.1)."""
    rows = (*context.resources.all_of(REDIRECT.kind), *context.resources.all_of(SEEDED_REDIRECT))
    there = [str(row.body.get("url") or row.body["uri"]) for row in rows]
    asked = query.get("redirect_uri", "")
    if asked in there:
        return None
    from html import escape

    why = "It is not among those that the client has registered, or there is none."
    put = "sandbank resource put redirect 1 --set url=https://acme.example/callback --client demo registers one"
    page = _WRONG.format(why=escape(f"{why} {put}"))
    seen = f"redirect_uri {asked[:80]!a}" if asked else "no redirect_uri"
    reason = Refusal(
        code="provider.invalid_body", seen=seen, expected=" or ".join(there) or "a registered one", next=put
    )
    return Response(status=400, body=page.encode(), media_type=_HTML, reasons=(reason,), headers=_SAFE)


def playground(request: Request, context: ReadContext) -> Response:
    if request.client is None or request.certificate is None or request.token is None:
        raise RuntimeError("the playground is declared with peer='required' and a bearer login")
    return Response(
        status=200,
        json={
            "client": {"id": request.client.id, "name": request.client.name},
            "certificate": {
                "serial": request.certificate.serial,
                "fingerprint_sha256": request.certificate.fingerprint_sha256,
                "subject": request.certificate.subject,
                "not_after": milliseconds(request.certificate.not_after),
            },
            "token": {
                "kind": request.token.kind,
                "scope": request.token.scope,
                "expires_at": milliseconds(request.token.expires_at),
            },
        },
    )


_AUTHORIZE = "/oauth/authorize"
ENDPOINTS = told(
    Endpoint(method="POST", path="/oauth/token", handler=token, work="write", login=("basic",), errors="oauth"),
    source="client-credentials page; user-tokens page; description 2026Q3",
    simplified="one scope, transfers",
)
LEGACY = told(
    Endpoint(method="GET", path=_AUTHORIZE, handler=consent_page, work="read", login=("query",)),
    Endpoint(method="POST", path=_AUTHORIZE, handler=consent, work="write", login=("query",), accepts=(FORM,)),
    source="accessing-accounts page",
    simplified="the page itself is the sandbox's own; nobody logs in",
)
PLAYGROUND = told(
    replace(look("/v1/authenticated/playground", playground, STYLE), peer="required"),
    source="mutual-TLS guide",
    simplified="the body of the answer is the sandbox's own",
)
