"""Who is it, and may they: the peer's certificate, the credentials, and whether the two are the same client."""

from dataclasses import dataclass
from datetime import datetime

from ca.record import CertificateRecord
from ca.trust import Trusted, judge_peer
from sandbox.edge.call import Call
from sandbox.edge.register import Register
from sandbox.errors import Reason, Refused, refuse
from sandbox.oauth import credentials, tokens
from sandbox.oauth.clients import ClientRecord
from sandbox.oauth.tokens import Token
from sandbox.providers.declare import Client, Door, Endpoint, Provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Whom a call says that it comes from, as far as the endpoint asks for it."""

    record: ClientRecord | None = None
    token: Token | None = None

    @property
    def client(self) -> Client | None:
        """The same as a handler may see it."""
        return _seen(self.record) if self.record else None


def fingerprint_of(call: Call) -> str:
    """The SHA-256 of the connection's client certificate; empty where there is none."""
    handshake = call.peer.handshake
    return handshake.fingerprint_sha256 if handshake else ""


def judge_certificate(
    call: Call, door: Door, endpoint: Endpoint, record: CertificateRecord | None, now: datetime
) -> None:
    """Whether the peer may call with its certificate, of which *record* is known; asked anew on every call.

    Raises Refused with ``certificate.*`` or, on a door that asks for none, ``binding.certificate_missing``.
    """
    if not door.client_certificate:
        if endpoint.peer == "required":
            raise refuse(
                "binding.certificate_missing",
                seen=f"a call on the {door.name} door, which asks for no certificate",
                expected="a call on a door that does",
            )
        return
    verdict = judge_peer(fingerprint_of(call), record, now)
    if not isinstance(verdict, Trusted):
        raise Refused(Reason.from_refusal(verdict))


def judge_login(call: Call, endpoint: Endpoint, provider: Provider, register: Register, now: datetime) -> Login:
    """The client by its credentials. Raises Refused with ``token.*``."""
    authorization = call.headers.get("authorization")
    if endpoint.login == "bearer":
        sent = credentials.bearer(authorization)
        token = tokens.judge(register.token(tokens.digest(sent)), sent=sent, now=now)
        client = register.client(provider.name, token.client) if token.provider == provider.name else None
        if client is None:
            raise refuse("token.unknown", seen=tokens.shortened(sent), expected=f"a token of {provider.title}'s")
        return Login(record=client, token=token)
    if endpoint.login == "basic":
        client_id, secret = credentials.basic(authorization)
        return Login(record=_by_secret(provider, client_id, secret, register))
    return Login()


def judge_binding(provider: Provider, certificate: CertificateRecord | None, client: ClientRecord | None) -> None:
    """Certificate and credentials must be of one client, where the provider says so.

    Raises Refused with ``binding.other_client``.
    """
    if provider.certificate_is_client and certificate and client and certificate.holder != client.id:
        raise refuse(
            "binding.other_client",
            seen=f"a certificate of client {certificate.holder}, credentials of client {client.id}",
            expected="both of the same client",
        )


def _by_secret(provider: Provider, client_id: str, secret: str, register: Register) -> ClientRecord:
    client = register.client(provider.name, client_id)
    if client is None:
        # Compared all the same, so that an unknown id does not answer faster than a wrong secret.
        credentials.same_secret(secret, client_id)
        raise refuse(
            "token.client_unknown", seen=f"client id {tokens.shortened(client_id)}", expected="the id of a client"
        )
    if not credentials.same_secret(secret, client.secret):
        raise refuse(
            "token.secret_wrong",
            seen=f"a secret of {len(secret)} characters that is not the client's",
            expected=f"the secret of client {client.name}",
            next_step=f"sandbank client env {client.name} prints the client's id and secret",
        )
    return client


def _seen(client: ClientRecord) -> Client:
    return Client(provider=client.provider, id=client.id, name=client.name)
