"""Tokens: asked for with the API key, for the organisation itself or for a merchant below it, and revoked again.

Source: the official description of certificates and tokens (gatekeeper 3.3.0). What a token says is a function of what
is kept of it, so that the reply to its revocation can show it once more, and the token itself is never kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from sandbox.oauth.clients import RegisteredClient, Token, digest
from sandbox.providers.context import Body, Context, Handler, Request, Response
from sandbox.providers.declare import Endpoint
from sandbox.providers.kit.calls import action
from sandbox.providers.kit.fields import Field, read, table
from sandbox.providers.kit.making import milliseconds
from sandbox.providers.kit.problems import Problem, refuse_absent, refuse_if
from sandbox.providers.kit.resource import Resource
from sandbox.providers.kit.values import choice, several, text, whole
from sandbox.providers.nuapay.style import CORE, DETAILS, ID, single

ALGORITHM = "RS256"
AUDIENCE = ("gk", "webhooks", "pi", "rms", "instant")
SHORTEST, LONGEST = 10, 31_556_926
"""Seconds of ``expiresIn``; without it a token lives as briefly as it can."""
APPLICATION_LIFE = timedelta(days=1)
"""Of a token for one resource: its request names none, the description's example lives for a day."""
MERCHANT, PARTNER = "CR", "BN"
"""Access types: of a creditor, and of whoever acts for one."""
CHILD = "organisation"
"""Rows of this kind name the merchants below an organisation, by their ids."""
PRODUCTS: Mapping[str, tuple[str, ...]] = {
    "open_banking_pis": ("openbanking_pisp_read", "banks_read"),
    # Only the first is published, in an example. The others are the scopes that each product's calls ask for.
    "open_banking_ais": ("openbanking_aisp_read", "banks_read"),
    "direct_debits": ("directdebits", "mandates", "schemes_read"),
    "credit_transfers": ("credittransfers", "beneficiaries", "accounts_read"),
    "accounts_validation_and_enrichment": ("account_validate",),
}
MOST_SCOPES = 100
"""More than there are."""

_SCOPE = text(longest=64, shortest=1, pattern=r"[a-z0-9_]+")
_ORDINARY = table(
    Field(name="scopes", wrong="7131", missing="7132", kind=several(_SCOPE, most=MOST_SCOPES)),
    Field(name="expiresIn", wrong="7131", kind=whole(SHORTEST, LONGEST)),
)
_APPLICATION = table(
    Field(name="products", wrong="7131", missing="7132", kind=several(choice(*PRODUCTS), most=len(PRODUCTS))),
    Field(name="resourceId", wrong="7131", missing="7132", kind=text(longest=255, shortest=1)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a request asks for."""

    scopes: tuple[str, ...]
    life: timedelta
    resource: str = ""


MERCHANTS = Resource(kind=CHILD, id=ID, ordered=False, seeds=())
"""A row puts the organisation with that id below the one whose row it is."""


def request_token(request: Request, context: Context) -> Response:
    """``POST /tokens``, and for a merchant below: ``POST /organisations/{encodedOrganisationId}/tokens``."""
    given = read(request.payload, _ORDINARY)
    life = timedelta(seconds=given.get("expiresIn", SHORTEST))
    return _give(request, context, Wanted(scopes=tuple(given["scopes"]), life=life))


def request_application_token(request: Request, context: Context) -> Response:
    """``POST /applications/tokens``: a token that is good for one resource only; likewise for a merchant below."""
    given = read(request.payload, _APPLICATION)
    scopes = dict.fromkeys(scope for product in given["products"] for scope in PRODUCTS[product])
    return _give(request, context, Wanted(scopes=tuple(scopes), life=APPLICATION_LIFE, resource=given["resourceId"]))


def revoke_token(request: Request, context: Context) -> Response:
    """``POST /tokens/{tokenId}/revoke``: refused from now on. A second time is a 422, which is the sandbox's choice."""
    subject = _subject(request, context)
    wanted = request.params["tokenId"]
    token = next((one for one in context.tokens.of(subject.id) if one.id == wanted), None)
    if token is None:
        refuse_absent("token", wanted)
    seen = f"token {token.id}, revoked already"
    problem = Problem(code="7131", field="tokenId", seen=seen, cause="provider.invalid_state")
    refuse_if(token.revoked_at is not None, problem)
    revoked = context.tokens.revoke(token)
    return single(request.path, _data(revoked, subject, request.path, _written(revoked, context)))


def revoke_tokens(request: Request, context: Context) -> Response:
    """``POST /tokens/revoke``: all of the organisation's tokens; how many there were."""
    subject = _subject(request, context)
    active = [token for token in context.tokens.of(subject.id) if token.revoked_at is None]
    for token in active:
        context.tokens.revoke(token)
    return single(request.path, {"uri": request.path, "revokedTokensCount": len(active), "links": []})


def _give(request: Request, context: Context, wanted: Wanted) -> Response:
    subject, caller = _subject(request, context), _caller(request)
    token = Token(
        digest="",
        provider=subject.provider,
        client=subject.id,
        kind="application" if wanted.resource else "ordinary",
        scope=" ".join(wanted.scopes),
        issued_at=context.now,
        expires_at=context.now + wanted.life,
        id=context.ids.uuid(),
        requested_by=caller.id,
        resource=wanted.resource,
    )
    written = _written(token, context)
    context.tokens.give(replace(token, digest=digest(written)))
    uri = f"{request.path.removesuffix('/applications/tokens').removesuffix('/tokens')}/tokens/{token.id}"
    return single(uri, _data(token, subject, uri, written), status=201)


def _caller(request: Request) -> RegisteredClient:
    if request.client is None:
        raise RuntimeError("these endpoints are declared with a login, so there is a client")
    return request.client


def _subject(request: Request, context: Context) -> RegisteredClient:
    """Whose tokens they are: the caller's own, or a merchant's that the path names and that is below the caller."""
    caller, wanted = _caller(request), request.params.get("encodedOrganisationId")
    if wanted is None:
        return caller
    found = context.client(wanted) if context.resources.get(CHILD, wanted) else None
    return found or refuse_absent(CHILD, wanted)


def _written(token: Token, context: Context) -> str:
    return context.tokens.signed(claims_of(token), ALGORITHM)


def claims_of(token: Token) -> Body:
    """The same claims each time, so that the same token comes out of them (RFC 8017 section 8.2 signs without chance).

    The example has two hundred ``authorities``, names of Nuapay's own rights, which mean nothing here: none.
    """
    return {
        "ip_filtering": False,
        "aud": list(AUDIENCE),
        "originator_org_id": token.client,
        "user_id": token.requested_by,
        "user_name": "system",
        "org_id": "",
        "scope": token.scope.split(),
        "exp": int(token.expires_at.timestamp()),
        "authorities": [],
        "jti": token.id,
        "client_id": "origix_gk_user",
    }


def _data(token: Token, subject: RegisteredClient, uri: str, written: str) -> Body:
    """A token as Nuapay shows it. IP addresses are not asked for; certificates where the organisation requires them."""
    own = token.requested_by == token.client
    shown: Body = {
        "id": token.id,
        "uri": uri,
        "accessToken": written,
        "tokenType": "BEARER",
        "accessType": MERCHANT,
        "requestingAccessType": MERCHANT if own else PARTNER,
        **({} if own else {"parentId": token.requested_by}),
        "expiryTime": milliseconds(token.expires_at),
        "scopes": token.scope.split(),
        "ipFiltering": False,
        "mtlsFilter": subject.require_mtls,
        "requestedOrganisation": token.client,
        "requestingOrganisation": token.requested_by,
        "status": "REVOKED" if token.revoked_at else "ACTIVE",
        "createdTimestamp": milliseconds(token.issued_at),
    }
    if token.resource:
        shown |= {"resourceId": token.resource, "applicationToken": True}
    if token.revoked_at:
        return {**shown, "revokedTimestamp": milliseconds(token.revoked_at), "links": []}
    revoke = {"id": token.id, "resourceType": "revoketoken", "uri": f"/tokens/{token.id}/revoke"}
    return {**shown, "links": [revoke]}


_BELOW = "/organisations/{encodedOrganisationId}"
_STYLE = replace(CORE, errors=DETAILS, once=None)


def _call(path: str, handler: Handler, *scopes: str, body: bool = False) -> Endpoint:
    return action("POST", path, handler, _STYLE, scopes=scopes, body=body)


ENDPOINTS = (
    _call("/tokens", request_token, "admin", "bankadmin", body=True),
    _call(f"{_BELOW}/tokens", request_token, "bankadmin", body=True),
    _call("/applications/tokens", request_application_token, "application_tokens", body=True),
    _call(f"{_BELOW}/applications/tokens", request_application_token, "application_tokens", body=True),
    _call("/tokens/revoke", revoke_tokens, "admin", "bankadmin"),
    _call(f"{_BELOW}/tokens/revoke", revoke_tokens, "bankadmin"),
    _call("/tokens/{tokenId}/revoke", revoke_token, "admin", "bankadmin"),
    _call(f"{_BELOW}/tokens/{{tokenId}}/revoke", revoke_token, "bankadmin"),
)
