"""How a provider is declared: its doors, names, certificates, endpoints and envelopes.

Pure: the edge brings a declaration to life; what a handler works with is in ``desk``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ca.issuance.profile import Offer, Upload
from sandbox.errors import Refused
from sandbox.ids import Ids
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import Scheme
from sandbox.jose.verifying import Said
from sandbox.providers.context import Body, Handler, Request, Resources, Response, Row

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
    open: Callable[[Request, Sequence[VerifyingKey], datetime], Said | None]
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
    secret_alone: bool
    """Whether the secret by itself says who calls (an API key), so that no two clients may have the same."""
    demo: tuple[str, ...]
    """Names of the clients that every new state has; the first is for the first try. Their secrets are none: everybody
    may read them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A provider's own guide for the first minute, as a start shows it: below the lines that make a key, a CSR and a
    certificate stand its calls."""

    title: str
    """What it is called, and whose it is."""
    calls: tuple[str, ...]
    """For a shell, as `str.format` takes them: ``{curl}`` is curl with certificate, key and CA, ``{login}`` a client's
    id and secret for it, the name of each door its URL. A line may be broken where there is a line end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TourStep:
    """One thing that a person types."""

    say: str
    """What it is for, a sentence or two."""
    command: str
    """For bash, in an empty folder, after the steps before it: their files and variables are there."""
    refused: bool = False
    """Whether it is shown because it fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A provider's guide from its first step to its last, to be played or copied."""

    title: str
    url: str
    steps: tuple[TourStep, ...]


def no_tours() -> tuple[Tour, ...]:
    """Of a provider that has no guide to tell."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a provider's facts were read, and when."""

    title: str
    url: str
    read: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapters:
    """What a provider's calls are and work on."""

    endpoints: tuple[Endpoint, ...]
    starts_with: Callable[[datetime], Sequence[Row]]
    """The rows that each new client has."""
    kinds: Mapping[str, Callable[[str, Body, datetime], Body]]
    """Kinds of rows that people may put themselves: from the id and what they give, the whole body."""


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
    chapters: Callable[[], Chapters]
    """What its calls do, loaded when it is first asked for: a server that nobody calls for it starts without. Gives
    the same each time."""
    signing: Signing | None
    envelope: Callable[[Trouble], Response]
    """The provider's answer to a refusal: the one table from causes to status and body."""
    headers: Callable[[Mapping[str, str], str], Mapping[str, str]]
    """Headers of every reply, from the call's headers and the trace id."""
    ca_file_name: str
    """What the provider calls the file with its CA certificate."""
    first_calls: tuple[str, ...]
    """A first try for a shell: ``{curl}`` is curl with certificate, key and CA, the rest the variables of ``client
    env``."""
    guide: Guide | None
    """None: a start shows the doors and no calls."""
    advice: Mapping[str, str]
    """What to do about a cause, by its code, where this provider's clients do something else than the table says."""
    sources: tuple[Source, ...]
    tours: Callable[[], tuple[Tour, ...]] = no_tours
    """Its guides, in the order in which they build on each other; loaded when somebody wants to see them."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every call that it offers."""
        return self.chapters().endpoints
