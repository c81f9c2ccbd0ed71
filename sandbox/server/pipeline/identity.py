"""Who is it, and may they: the peer's certificate, the credentials, and whether the two are the same client."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import parse_qs

from ca.records import CertificateRecord, Trusted, judge_peer
from sandbox.errors import Refusal, Refused, refuse
from sandbox.oauth import clients, credentials
from sandbox.oauth.clients import ClientRecord, RegisteredClient, Token, in_force
from sandbox.providers.context import Context, Handler, Request, Response
from sandbox.providers.declare import Endpoint, Provider
from sandbox.providers.doors import Door
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.message import RequestHead
from sandbox.server.rates import CallRates
from sandbox.server.secrets import SecretVerifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Whom a call says that it comes from, as far as the endpoint asks for it."""

    way: str = ""
    """bearer, basic, key, body or headers."""
    record: ClientRecord | None = None
    token: Token | None = None
    environment: str = ""
    """That its secret names, where the provider has several."""

    @property
    def client(self) -> RegisteredClient | None:
        """The same as a handler may see it."""
        return self.record.seen if self.record else None


def logged_in(caller: ClientRecord | None) -> ClientRecord:
    if caller is None:
        raise RuntimeError("an endpoint without a login has no client whose rows or keys it could ask for")
    return caller


def fingerprint_of(call: RequestHead) -> str:
    """The SHA-256 of the connection's client certificate; empty where there is none."""
    handshake = call.peer.handshake
    return handshake.fingerprint_sha256 if handshake else ""


def judge_certificate(
    call: RequestHead, door: Door, endpoint: Endpoint, record: CertificateRecord | None, now: datetime
) -> None:
    """Whether the peer may call with its certificate, of which *record* is known; asked anew on every call.

    Raises Refused with ``certificate.*`` or, on a door that asks for none, ``binding.certificate_missing``.
    """
    if door.client_certificate == "none":
        if endpoint.peer == "required":
            raise refuse(
                "binding.certificate_missing",
                seen=f"a call on the {door.name} door, which asks for no certificate",
                expected="a call on a door that does",
            )
        return
    if not fingerprint_of(call):
        raise refuse("certificate.missing", seen="the client sent no certificate", expected="a certificate of a client")
    verdict = judge_peer(fingerprint_of(call), record, now, purpose=door.purpose)
    if not isinstance(verdict, Trusted):
        raise Refused(verdict)


async def judge_login(
    call: RequestHead,
    body: bytes,
    endpoint: Endpoint,
    provider: Provider,
    register: ReadCache,
    proofs: SecretVerifier,
    now: datetime,
) -> Login:
    """The client by its credentials. Waits only where a secret takes its time.

    Raises Refused with ``token.*``, or with ``login.*`` where a slip was found for which it was not good.
    """
    if not endpoint.login:
        return Login()
    try:
        return await _login(call, body, endpoint, provider, register, proofs, now)
    except Refused as refused:
        from sandbox.server.pipeline import mistakes  # only after a failure

        raise await mistakes.explained(refused, call, body, endpoint.login, provider, register, proofs) from None


async def _login(
    call: RequestHead,
    body: bytes,
    endpoint: Endpoint,
    provider: Provider,
    register: ReadCache,
    proofs: SecretVerifier,
    now: datetime,
) -> Login:
    authorization = call.headers.get("authorization")
    way = credentials.way_of(endpoint.login, call.headers)
    if way == "nobody":
        return Login()
    if way == "query":
        return _by_query(provider, call, register)
    if way == "bearer":
        return _by_token(authorization, provider, register, now)
    if way == "key":
        return Login(
            way="key", record=await _by_key(call, provider, credentials.api_key(authorization), register, proofs)
        )
    if isinstance(way, credentials.InBody):
        client_id, secret = credentials.in_body(call.headers.get("content-type", ""), body, way)
    elif isinstance(way, credentials.InHeaders):
        client_id, secret = credentials.in_headers(call.headers, way)
    else:
        client_id, secret = credentials.basic(authorization)
    record = await _by_secret(provider, client_id, secret, register, proofs)
    environment = provider.registration.environment_of(secret)
    return Login(way=credentials.word_for(way), record=record, environment=environment)


def judge_token_use(door: Door, endpoint: Endpoint, token: Token | None, params: Mapping[str, str]) -> None:
    """Whether the token is good for this endpoint and what its path names.

    Raises Refused with ``token.kind_wrong``, ``token.scope_missing`` or ``token.other_resource``.
    """
    if token is None:
        return
    own = token.kind == "client_credentials" and door.client_certificate != "none"
    if endpoint.tokens and token.kind not in endpoint.tokens and not own:
        raise refuse(
            "token.kind_wrong",
            seen=f"a token of the kind {token.kind} on the {door.name} door",
            expected=" or ".join(endpoint.tokens),
        )
    if endpoint.scopes and not set(endpoint.scopes) & set(token.scope.split()):
        raise refuse(
            "token.scope_missing",
            seen=f"a token with {token.scope or 'no scope'}",
            expected=" or ".join(endpoint.scopes),
        )
    if token.resource and token.resource not in params.values():
        seen = f"a token for the resource {token.resource}, used on {endpoint.path}"
        raise refuse("token.other_resource", seen=seen, expected="a call whose path names that resource")


def judge_binding(provider: Provider, certificate: CertificateRecord | None, login: Login, register: ReadCache) -> None:
    """Certificate and credentials must be of one client, where the provider says so; or the certificate of the client
    that asked for the token on the other's behalf.

    Raises Refused with ``binding.other_client``.
    """
    client = login.record
    if not (provider.certificate_is_client and certificate and client):
        return
    callers = {client.id, login.token.requested_by if login.token else ""}
    if certificate.holder not in callers:
        holder = register.client(provider.name, certificate.holder)
        whose = holder.name if holder else certificate.holder
        raise refuse(
            "binding.other_client",
            seen=f"the certificate {certificate.name!r} of client {whose}, credentials of client {client.name}",
            expected="both of the same client",
        )


def judge_host(call: RequestHead, door: Door, client: ClientRecord | None) -> None:
    """At the host of a client only that client may call. Raises Refused with ``binding.other_client``."""
    named = door.client_at(call.headers.get("host", ""))
    if client and named is not None and named != client.name.lower():
        raise refuse(
            "binding.other_client",
            seen=f"the host of client {named[:64]}, credentials of client {client.name}",
            expected="the client's own host",
            next_step=f"call the host that begins with {client.name}, or localhost, where any client may call",
        )


def judge_rate(provider: Provider, login: Login, rates: CallRates, now: datetime) -> None:
    """A client may call only so often. Raises Refused with ``provider.too_many_calls``."""
    client = login.record
    limit = client and in_force(client.rate_limit, provider.rate, counts=provider.rate_counts)
    if not (client and limit):
        return
    if wait := rates.admit((provider.name, client.id, login.environment), limit, now):
        reason = Refusal(
            code="provider.too_many_calls",
            seen=f"one call more than {limit}, as this process counts them",
            expected=f"at most {limit}; there is room again in {wait} s",
            next=f"wait {wait} s, and spread the calls; or save the wait: sandbank clock move +{wait}s; "
            f"or lift the limit: sandbank client set {shlex.quote(client.name)} --rate-limit off",
        )
        raise Refused(reason, wait=wait)


def judge_mtls(door: Door, client: ClientRecord | None) -> None:
    """A client that was registered to call with its certificate only may not call where none is asked for.

    Raises Refused with ``binding.mtls_required``.
    """
    if client and client.require_mtls and door.client_certificate == "none":
        raise refuse(
            "binding.mtls_required",
            seen=f"a call of {client.name} on the {door.name} door, which asks for no certificate",
            expected="a call on a door that does",
        )


def asks_approval(endpoint: Endpoint, client: ClientRecord | None) -> bool:
    """Whether a user must approve the call: strong customer authentication, to which the client is set."""
    return bool(endpoint.step_up and client and client.sca)


def approval(
    provider: Provider, endpoint: Endpoint, request: Request, context: Context, passed: Callable[[str, str], None]
) -> Response | Mapping[str, str]:
    """The provider's judgement of the approval, of which *passed* is told: headers for the reply, or the refusal."""
    if provider.step_up is None:
        raise RuntimeError("an endpoint whose calls are approved, of a provider that declares no approval")
    said = provider.step_up.approve(request, context, endpoint.step_up)
    if not isinstance(said, Response):
        passed("sca", "approved" if said else "this call needs no approval")
    return said


def approved_first(provider: Provider, endpoint: Endpoint, passed: Callable[[str, str], None]) -> Handler:
    """The handler of an endpoint that writes, behind the judgement of the approval: in one transaction, so that an
    approval is used up by the call that it was for, and by no other."""
    handler = endpoint.handler

    def approved(request: Request, context: Context) -> Response:
        said = approval(provider, endpoint, request, context, passed)
        if isinstance(said, Response):
            return said
        reply = handler(request, context)
        return replace(reply, headers={**reply.headers, **said})

    return approved


def judge_media_type(endpoint: Endpoint, request: Request) -> None:
    """Whether the endpoint takes bodies of this kind. Raises Refused with ``body.media_type``."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if endpoint.accepts and sent not in endpoint.accepts:
        seen = f"Content-Type {sent[:80] or '(none)'}"
        raise refuse("body.media_type", seen=seen, expected=" or ".join(endpoint.accepts))


def _by_query(provider: Provider, call: RequestHead, register: ReadCache) -> Login:
    """Only the client that is named: nothing proves that it calls itself."""
    named = parse_qs(call.query.decode("latin-1")).get("client_id", [""])[-1]
    client = register.client(provider.name, named)
    if client is None:
        seen = f"client_id {clients.shortened(named)}" if named else "no client_id in the query"
        raise refuse("token.client_unknown", seen=seen, expected="the id of a client")
    return Login(way="query", record=client)


def challenge(provider: Provider, endpoint: Endpoint | None, code: str) -> str:
    """What a 401 asks for (RFC 9110 section 11.6.1), by the endpoint's ways of logging in."""
    realm = f'realm="{provider.name}"'
    error = ', error="invalid_token"' if code in _BAD_TOKEN else ""  # RFC 6750 section 3.1
    asked = {"bearer": f"Bearer {realm}{error}", "basic": f"Basic {realm}"}
    schemes = _schemes(endpoint) if endpoint else ()
    return ", ".join(asked[scheme] for scheme in dict.fromkeys(schemes or ("bearer",)))


_BAD_TOKEN = ("token.unknown", "token.expired", "token.revoked")


def _schemes(endpoint: Endpoint) -> tuple[str, ...]:
    """The authentication schemes in which the endpoint's ways of logging in come."""
    return tuple(
        "bearer" if way == "bearer" else "basic" for way in endpoint.login if way in ("bearer", "basic", "key")
    )


def _by_token(authorization: str | None, provider: Provider, register: ReadCache, now: datetime) -> Login:
    sent = credentials.bearer(authorization)
    token = clients.judge(register.token(clients.digest(sent)), sent=sent, now=now)
    client = register.client(provider.name, token.client) if token.provider == provider.name else None
    if client is None:
        raise refuse("token.unknown", seen=clients.shortened(sent), expected=f"a token of {provider.title}'s")
    return Login(way="bearer", record=client, token=token)


async def _by_key(
    call: RequestHead, provider: Provider, sent: str, register: ReadCache, proofs: SecretVerifier
) -> ClientRecord:
    line = (provider.name, None, call.caller)  # whose key it would be, nobody knows
    client = await proofs.owner(register.clients_by_secret(provider.name), sent, line=line)
    if client is not None:
        return client
    raise refuse("token.key_unknown", seen=clients.shortened(sent), expected="the API key of a client")


async def _by_secret(
    provider: Provider, client_id: str, secret: str, register: ReadCache, proofs: SecretVerifier
) -> ClientRecord:
    client = register.client_spelled(provider.name, client_id)
    # All unknown ids are in one line: else they could have as many as somebody invents, before those of the clients.
    line = (provider.name, client.id if client else None)
    forms = provider.registration.forms_of(secret)
    for form in forms:
        if client and await proofs.is_of(client.secret, form, line=line):
            return client
    if not (client and client.secret.way.slow):
        # Every no costs the same, so that its time does not tell which ids there are, nor whose secret was chosen.
        for form in forms:
            await proofs.is_of(proofs.nobody(f"{provider.name} {client_id}"), form, line=line)
    if client is None:
        raise refuse(
            "token.client_unknown", seen=f"client id {clients.shortened(client_id)}", expected="the id of a client"
        )
    env = f"sandbank client env {client.name} prints the client's id and secret"
    new = f"sandbank client secret {client.name} makes a new one and shows it once"
    raise refuse(
        "token.secret_wrong",
        seen=f"a secret of {len(secret)} characters that is not the client's",
        expected=f"the secret of client {client.name}",
        next_step=env if client.secret.readable else new,
    )
