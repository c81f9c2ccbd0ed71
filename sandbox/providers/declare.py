"""How a provider is declared: its doors, names, certificates, endpoints and envelopes.

Pure: the edge brings a declaration to life.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from ca.profile import Offer, Upload
from ca.record import CertificateRecord
from sandbox.errors import Reason, Refused
from sandbox.ids import Ids
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import Scheme
from sandbox.jose.verifying import Said
from sandbox.oauth.clients import Client
from sandbox.oauth.tokens import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A call in a handler's hand, after everything that could be checked before it was checked."""

    method: str
    path: str
    """As requested, percent-encoding and all, without the query."""
    query: bytes
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the values joined by comma (RFC 9110 section 5.3)."""
    said: bytes
    """The body: of a signed call the payload that the signature vouches for, to the byte."""
    signed_with: str
    """The algorithm of the call's signature; empty for a call that is not signed."""
    params: Mapping[str, str]
    client: Client | None
    token: Token | None
    certificate: CertificateRecord | None
    """The client certificate of the connection, when it is ours and good; None on a door that asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back. ``json`` is written compact; a reply without it has no body."""

    status: int
    json: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    """Why the provider's own rules refuse the call, where the reply says so in its own words."""


Body = dict[str, Any]
"""A resource as its provider spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource of one client: a profile, a transfer, a balance."""

    kind: str
    id: str
    body: Body


class Resources(Protocol):
    """The rows of the call's client. What a handler writes is kept with the call, or not at all."""

    def get(self, kind: str, id: str) -> Body | None: ...

    def put(self, kind: str, id: str, body: Body) -> None: ...

    def remove(self, kind: str, id: str) -> None:
        """Let go of a row; one that is not there is not missed."""

    def all_of(self, kind: str) -> Sequence[Row]: ...


class NoRows:
    """The rows of a client that has none: with them a declaration says what it says of everybody."""

    def get(self, kind: str, id: str) -> Body | None:
        return None

    def put(self, kind: str, id: str, body: Body) -> None:
        raise RuntimeError("nobody's rows cannot be written")

    def remove(self, kind: str, id: str) -> None:
        raise RuntimeError("nobody's rows cannot be removed")

    def all_of(self, kind: str) -> Sequence[Row]:
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A public key that a client hands in, as it was written; whether it is one is judged when it is registered."""

    kid: str | None
    algorithm: str
    material: str
    """Base64 of the DER SubjectPublicKeyInfo, or PEM."""
    active_from: datetime | None = None
    expires_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyKey:
    """The public half of a key that signs the provider's replies."""

    id: str
    version: int
    spki: str


class Keys(Protocol):
    """Signature keys: the client's, and the provider's own."""

    def register(self, key: NewKey) -> None:
        """Keep a key of the call's client. Raises Refused with ``signature.key_…`` or ``provider.not_unique``."""

    def of_replies(self, algorithm: str, version: int | None) -> ReplyKey | None:
        """The provider's key of that algorithm, the newest without a version; None when there is no such version."""


class Certificates(Protocol):
    """The certificates of the call's client."""

    def sign(self, purpose: str, csr: bytes, *, name: str, id: str) -> CertificateRecord:
        """The certificate for a CSR. Raises Refused with every broken rule."""

    def upload(self, purpose: str, pem: bytes, *, name: str, id: str) -> CertificateRecord:
        """Take a certificate that the client brings. Raises Refused with every broken rule."""

    def revoke(self, id: str) -> CertificateRecord:
        """From now on it is refused. Raises Refused with ``certificate.not_found`` or ``…already_revoked``."""

    def all(self) -> Sequence[CertificateRecord]:
        """Every one that the client ever had, oldest first."""


class Tokens(Protocol):
    """Tokens that calls give out and take back. Only for endpoints that write."""

    def give(self, token: Token) -> None:
        """Keep a token that this call gives out."""

    def of(self, client: str) -> Sequence[Token]:
        """All that were given for a client, oldest first."""

    def revoke(self, token: Token) -> Token:
        """Refuse it from now on; the token as it then is."""

    def signed(self, claims: Body, algorithm: str) -> str:
        """A JWT (RFC 7519) with these claims in their order, signed with the provider's own key."""


class Desk(Protocol):
    """The few things that a handler may touch."""

    @property
    def now(self) -> datetime:
        """The instant of this call by the sandbox's clock."""

    @property
    def ids(self) -> Ids: ...

    @property
    def resources(self) -> Resources: ...

    @property
    def keys(self) -> Keys: ...

    @property
    def certificates(self) -> Certificates: ...

    @property
    def tokens(self) -> Tokens: ...

    def client(self, id: str) -> Client | None:
        """A client of the same provider by its id, for those who may act for another."""


Handler = Callable[[Ask, Desk], Reply]

Login = Literal["bearer", "basic", "key"]
"""``bearer``: a token (RFC 6750). ``basic``: id and secret (RFC 7617). ``key``: the secret alone, as the user of Basic
with an empty password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A call that was refused, as a provider's envelope may speak of it."""

    refused: Refused
    endpoint: "Endpoint | None"
    path: str
    token: str
    """The bearer token that was sent, for providers that echo it; empty when none was."""
    now: datetime
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call that the provider offers."""

    method: str
    path: str
    """Starlette's notation: ``/v3/profiles/{profileId}/…``."""
    handler: Handler
    work: Literal["read", "write"]
    """``read`` runs on the event loop from memory; ``write`` in the writing thread, kept whole or not at all."""
    login: tuple[Login, ...] = ("bearer",)
    """The ways in which the caller may say who it is; none: nobody is asked."""
    scopes: tuple[str, ...] = ()
    """A token must have one of these; none: any token will do. Whoever comes without a token needs no scope."""
    peer: Literal["optional", "required"] = "optional"
    """``required``: refused on a door that asks for no client certificate."""
    signing: Literal["none", "optional", "required"] = "none"
    """Whether the call may or must be signed; only for endpoints that write, since a signature takes its time."""
    accepts: tuple[str, ...] = ()
    """Media types of the body that are taken; none: the handler looks for itself."""
    errors: str = "api"
    """Which family of envelopes answers its refusals; the provider's own table knows the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listening address of a provider."""

    name: str
    offset: int
    """Port = base + offset."""
    client_certificate: Literal["none", "handshake", "call"]
    """``none``: the door asks for none. Otherwise it asks, and a certificate that is missing or not good is refused in
    the ``handshake``, with a TLS alert, or on each ``call``, in HTTP, and then every handshake gets through."""
    hosts: tuple[str, ...]
    """The provider's own sandbox host names that lead here; they stand in the server certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySeal:
    """How replies to signed calls are signed, each with the algorithm of its call."""

    media_type: str
    """Of a signed reply."""
    header: Callable[[str, int], Mapping[str, object]]
    """The JOSE header of a reply, from the algorithm and the version of the provider's key."""


SIGNATURE = "signature"
"""The purpose of certificates by whose keys signed calls are judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How calls are signed, and the replies to them."""

    scheme: Scheme
    keys: Literal["registered", "certificates"]
    """By what signatures are judged: public keys that the client registered, or its certificates for signing."""
    where: str
    """Where a signature is looked for, in words: "a body of application/jose+json"."""
    open: Callable[[Ask, Sequence[VerifyingKey], datetime], Said | None]
    """What a call says; None when it is not signed. Raises Refused, also when it is signed by halves."""
    reply: ReplySeal | None
    """None: replies are not signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a client is given when it is registered, and what the provider calls it."""

    id: Callable[[Ids], str]
    secret: Callable[[Ids], str]
    id_name: str
    secret_name: str
    demo: tuple[str, ...]
    """Names of the clients that every new state has; the first is for the first try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a provider's facts were read, and when."""

    title: str
    url: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider's contents page. What differs between providers is a field here, never an ``if`` elsewhere."""

    name: str
    title: str
    domains: tuple[str, ...]
    """Sandbox domains that the server CA may sign for; a domain covers its sub-domains (RFC 5280 section 4.2.1.10)."""
    doors: tuple[Door, ...]
    registration: Registration
    certificates: Callable[[Resources], Sequence[Offer | Upload]]
    """What is signed or taken for a client with these rows, one for each purpose; the first is the usual one."""
    certificate_is_client: bool
    """Whether the certificate's client and the credentials' client must be the same on every call."""
    endpoints: tuple[Endpoint, ...]
    signing: Signing | None
    starts_with: Callable[[datetime], Sequence[Row]]
    """The rows that each new client has."""
    kinds: Mapping[str, Callable[[str, Body, datetime], Body]]
    """Kinds of rows that people may put themselves: from the id and what they give, the whole body."""
    envelope: Callable[[Trouble], Reply]
    """The provider's answer to a refusal: the one table from causes to status and body."""
    headers: Callable[[Mapping[str, str], str], Mapping[str, str]]
    """Headers of every reply, from the call's headers and the trace id."""
    ca_file_name: str
    """What the provider calls the file with its CA certificate."""
    first_calls: tuple[str, ...]
    """A first try for a shell: ``{curl}`` is curl with certificate, key and CA, the rest the variables of ``client
    env``."""
    advice: Mapping[str, str]
    """What to do about a cause, by its code, where this provider's clients do something else than the table says."""
    sources: tuple[Source, ...]
