"""Tokens: asked for with the API key, for the organisation itself or for a merchant below it, and revoked again.

Source: the official description of certificates and tokens (gatekeeper 3.3.0). What a token says is a function of what
is kept of it, so that the reply to its revocation can show it once more, and the token itself is never kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sandbox.errors import Misuse
from sandbox.oauth.clients import RegisteredClient, Token, digest
from sandbox.providers.context import Body, Context, Handler, Request, Response
from sandbox.providers.declare import Endpoint, Login
from sandbox.providers.nuapay.calls import CORE
from sandbox.providers.nuapay.claims import ALGORITHM, claims_of
from sandbox.providers.nuapay.envelope import single
from sandbox.providers.nuapay.fields import Field, read, table
from sandbox.providers.nuapay.keeping import milliseconds
from sandbox.providers.nuapay.problems import DETAILS, Problem, not_found, rules_refused
from sandbox.providers.nuapay.values import choice, several, text, whole

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


def merchant(id: str, given: Body, now: datetime) -> Body:
    """A row that puts the organisation with that id below the one whose row it is."""
    if given:
        raise Misuse(f"an {CHILD} has no fields: its id is the other client's")
    return {"id": id}


def request_token(request: Request, context: Context) -> Response:
    """``POST /tokens``, and for a merchant below: ``POST /organisations/{encodedOrganisationId}/tokens``."""
    said = read(request.payload, _ORDINARY, DETAILS)
    if isinstance(said, Response):
        return said
    life = timedelta(seconds=said.get("expiresIn", SHORTEST))
    return _give(request, context, Wanted(scopes=tuple(said["scopes"]), life=life))


def request_application_token(request: Request, context: Context) -> Response:
    """``POST /applications/tokens``: a token that is good for one resource only; likewise for a merchant below."""
    said = read(request.payload, _APPLICATION, DETAILS)
    if isinstance(said, Response):
        return said
    scopes = dict.fromkeys(scope for product in said["products"] for scope in PRODUCTS[product])
    return _give(request, context, Wanted(scopes=tuple(scopes), life=APPLICATION_LIFE, resource=said["resourceId"]))


def revoke_token(request: Request, context: Context) -> Response:
    """``POST /tokens/{tokenId}/revoke``: refused from now on. A second time is a 422, which is the sandbox's choice."""
    subject = _subject(request, context)
    if isinstance(subject, Response):
        return subject
    wanted = request.params["tokenId"]
    token = next((one for one in context.tokens.of(subject.id) if one.id == wanted), None)
    if token is None:
        return not_found("token", wanted)
    if token.revoked_at is not None:
        seen = f"token {token.id}, revoked already"
        problem = Problem(code="7131", field="tokenId", seen=seen, cause="provider.invalid_state")
        return rules_refused((problem,), DETAILS)
    revoked = context.tokens.revoke(token)
    return single(request.path, _data(revoked, request.path, _written(revoked, context)))


def revoke_tokens(request: Request, context: Context) -> Response:
    """``POST /tokens/revoke``: all of the organisation's tokens; how many there were."""
    subject = _subject(request, context)
    if isinstance(subject, Response):
        return subject
    active = [token for token in context.tokens.of(subject.id) if token.revoked_at is None]
    for token in active:
        context.tokens.revoke(token)
    return single(request.path, {"uri": request.path, "revokedTokensCount": len(active), "links": []})


def _give(request: Request, context: Context, wanted: Wanted) -> Response:
    subject, caller = _subject(request, context), _caller(request)
    if isinstance(subject, Response):
        return subject
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
    return single(uri, _data(token, uri, written), status=201)


def _caller(request: Request) -> RegisteredClient:
    if request.client is None:
        raise RuntimeError("these endpoints are declared with a login, so there is a client")
    return request.client


def _subject(request: Request, context: Context) -> RegisteredClient | Response:
    """Whose tokens they are: the caller's own, or a merchant's that the path names and that is below the caller."""
    caller, wanted = _caller(request), request.params.get("encodedOrganisationId")
    if wanted is None:
        return caller
    found = context.client(wanted) if context.resources.get(CHILD, wanted) else None
    return found or not_found(CHILD, wanted)


def _written(token: Token, context: Context) -> str:
    return context.tokens.signed(claims_of(token), ALGORITHM)


def _data(token: Token, uri: str, written: str) -> Body:
    """A token as Nuapay shows it. Neither IP addresses nor certificates are asked for beyond what the door does."""
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
        "mtlsFilter": False,
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


_LOGIN: tuple[Login, ...] = ("key", "bearer")
_BELOW = "/organisations/{encodedOrganisationId}"


def _call(path: str, handler: Handler, *scopes: str, body: bool = False) -> Endpoint:
    return Endpoint(
        method="POST",
        path=path,
        handler=handler,
        work="write",
        login=_LOGIN,
        scopes=scopes,
        signing="optional",
        accepts=("application/json",) if body else (),
        errors=CORE,
    )


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
