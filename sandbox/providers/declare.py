"""How a provider is declared: its doors, names, certificates, endpoints and envelopes.

Pure: the edge brings a declaration to life.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from ca.profile import Offer
from ca.record import CertificateRecord
from sandbox.errors import Refused
from sandbox.ids import Ids
from sandbox.oauth.tokens import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The partner's registered application, as a handler may see it: without its secret."""

    provider: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A call in a handler's hand, after everything that could be checked before it was checked."""

    method: str
    path: str
    """As requested, percent-encoding and all, without the query."""
    query: bytes
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the values joined by comma (RFC 9110 section 5.3)."""
    body: bytes
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


class Desk(Protocol):
    """The few things that a handler may touch."""

    @property
    def now(self) -> datetime:
        """The instant of this call by the sandbox's clock."""

    @property
    def ids(self) -> Ids: ...

    def give_token(self, token: Token) -> None:
        """Keep a token that this call gives out. Only for endpoints that write."""


Handler = Callable[[Ask, Desk], Reply]


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
    """``read`` runs on the event loop from memory; ``write`` in the worker thread, in one transaction."""
    login: Literal["bearer", "basic", "none"] = "bearer"
    peer: Literal["optional", "required"] = "optional"
    """``required``: refused on a door that asks for no client certificate."""
    errors: str = "api"
    """Which family of envelopes answers its refusals; the provider's own table knows the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listening address of a provider."""

    name: str
    offset: int
    """Port = base + offset."""
    client_certificate: bool
    hosts: tuple[str, ...]
    """The provider's own sandbox host names that lead here; they stand in the server certificate."""


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
    offer: Offer
    """What a CSR must satisfy and what our CA makes of it."""
    certificate_is_client: bool
    """Whether the certificate's client and the credentials' client must be the same on every call."""
    endpoints: tuple[Endpoint, ...]
    envelope: Callable[[Trouble], Reply]
    """The provider's answer to a refusal: the one table from causes to status and body."""
    headers: Callable[[Mapping[str, str], str], Mapping[str, str]]
    """Headers of every reply, from the call's headers and the trace id."""
    ca_file_name: str
    """What the provider calls the file with its CA certificate."""
    sources: tuple[Source, ...]
