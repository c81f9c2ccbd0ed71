"""Who is it, and may they: the peer's certificate, the credentials, and whether the two are the same client."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ca.records import CertificateRecord
from ca.trust import Trusted, judge_peer
from sandbox.errors import Reason, Refused, refuse
from sandbox.oauth import clients, credentials
from sandbox.oauth.clients import ClientRecord, RegisteredClient, Token
from sandbox.providers.declare import Door, Endpoint, Provider
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.message import RequestHead
from sandbox.server.secrets import SecretVerifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Whom a call says that it comes from, as far as the endpoint asks for it."""

    way: str = ""
    """bearer, basic or key, as the endpoint names it."""
    record: ClientRecord | None = None
    token: Token | None = None

    @property
    def client(self) -> RegisteredClient | None:
        """The same as a handler may see it."""
        return self.record.seen if self.record else None


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
    verdict = judge_peer(fingerprint_of(call), record, now)
    if not isinstance(verdict, Trusted):
        raise Refused(Reason.from_refusal(verdict))


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
        return await _login(call, endpoint, provider, register, proofs, now)
    except Refused as refused:
        from sandbox.server.pipeline import mistakes  # only after a failure

        raise await mistakes.explained(refused, call, body, provider, register, proofs) from None


async def _login(
    call: RequestHead,
    endpoint: Endpoint,
    provider: Provider,
    register: ReadCache,
    proofs: SecretVerifier,
    now: datetime,
) -> Login:
    authorization = call.headers.get("authorization")
    scheme = credentials.scheme_of(authorization, among=_schemes(endpoint))
    if scheme == "bearer":
        return _by_token(authorization, provider, register, now)
    if "basic" in endpoint.login:
        client_id, secret = credentials.basic(authorization)
        return Login(way="basic", record=await _by_secret(provider, client_id, secret, register, proofs))
    return Login(way="key", record=await _by_key(provider, credentials.api_key(authorization), register, proofs))


def judge_token_use(endpoint: Endpoint, token: Token | None, params: Mapping[str, str]) -> None:
    """Whether the token is good for this endpoint and what its path names.

    Raises Refused with ``token.scope_missing`` or ``token.other_resource``.
    """
    if token is None:
        return
    if endpoint.scopes and not set(endpoint.scopes) & set(token.scope.split()):
        raise refuse(
            "token.scope_missing",
            seen=f"a token with {token.scope or 'no scope'}",
            expected=" or ".join(endpoint.scopes),
        )
    if token.resource and token.resource not in params.values():
        seen = f"a token for the resource {token.resource}, used on {endpoint.path}"
        raise refuse("token.other_resource", seen=seen, expected="a call whose path names that resource")


def judge_binding(provider: Provider, certificate: CertificateRecord | None, login: Login) -> None:
    """Certificate and credentials must be of one client, where the provider says so; or the certificate of the client
    that asked for the token on the other's behalf.

    Raises Refused with ``binding.other_client``.
    """
    client = login.record
    if not (provider.certificate_is_client and certificate and client):
        return
    callers = {client.id, login.token.requested_by if login.token else ""}
    if certificate.holder not in callers:
        raise refuse(
            "binding.other_client",
            seen=f"a certificate of client {certificate.holder}, credentials of client {client.id}",
            expected="both of the same client",
        )


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


def challenge(provider: Provider, endpoint: Endpoint | None, code: str) -> str:
    """What a 401 asks for (RFC 9110 section 11.6.1), by the endpoint's ways of logging in."""
    realm = f'realm="{provider.name}"'
    error = ', error="invalid_token"' if code in _BAD_TOKEN else ""  # RFC 6750 section 3.1
    asked = {"bearer": f"Bearer {realm}{error}", "basic": f"Basic {realm}"}
    schemes = _schemes(endpoint) if endpoint and endpoint.login else ("bearer",)
    return ", ".join(asked[scheme] for scheme in dict.fromkeys(schemes))


_BAD_TOKEN = ("token.unknown", "token.expired", "token.revoked")


def _schemes(endpoint: Endpoint) -> tuple[str, ...]:
    """The authentication schemes in which the endpoint's ways of logging in come."""
    return tuple("bearer" if way == "bearer" else "basic" for way in endpoint.login)


def _by_token(authorization: str | None, provider: Provider, register: ReadCache, now: datetime) -> Login:
    sent = credentials.bearer(authorization)
    token = clients.judge(register.token(clients.digest(sent)), sent=sent, now=now)
    client = register.client(provider.name, token.client) if token.provider == provider.name else None
    if client is None:
        raise refuse("token.unknown", seen=clients.shortened(sent), expected=f"a token of {provider.title}'s")
    return Login(way="bearer", record=client, token=token)


async def _by_key(provider: Provider, sent: str, register: ReadCache, proofs: SecretVerifier) -> ClientRecord:
    # One line for all: whose key it would be, nobody knows.
    client = await proofs.owner(register.clients_by_secret(provider.name), sent, line=(provider.name, None))
    if client is not None:
        return client
    raise refuse("token.key_unknown", seen=clients.shortened(sent), expected="the API key of a client")


async def _by_secret(
    provider: Provider, client_id: str, secret: str, register: ReadCache, proofs: SecretVerifier
) -> ClientRecord:
    client = register.client_spelled(provider.name, client_id)
    # All unknown ids are in one line: else they could have as many as somebody invents, before those of the clients.
    line = (provider.name, client.id if client else None)
    if client and await proofs.is_of(client.secret, secret, line=line):
        return client
    if not (client and client.secret.way.slow):
        # Every no costs the same, so that its time does not tell which ids there are, nor whose secret was chosen.
        await proofs.is_of(proofs.nobody(f"{provider.name} {client_id}"), secret, line=line)
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
