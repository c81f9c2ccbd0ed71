"""How a provider is declared: its doors, names, certificates, endpoints and envelopes.

Pure: the server brings a declaration to life; what a handler works with is in ``context``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from sandbox.errors import Refused
from sandbox.ids import Ids
from sandbox.oauth.clients import RateLimit
from sandbox.providers.context import Body, Handler, ReadHandler, ReadRows, Response, Row
from sandbox.providers.doors import Door

if TYPE_CHECKING:  # a declaration is read at every start, and most starts issue nothing and verify no signature
    from ca.issuance.profile import Offer, Upload
    from sandbox.oauth.credentials import Way
    from sandbox.providers.sealing import Signing, StepUp
    from sandbox.webhooks.sending import Sending

Login: TypeAlias = "Way"
"""A credential reader: ``bearer``, ``basic``, ``key``, ``nobody``, ``query``, `InBody` or `InHeaders`."""
SIGNATURE = "signature"
"""The purpose of certificates by whose keys signed calls are judged."""
STATE_REMOVED = "The state of this sandbox was removed under the running server: put it back, or start the server again"
"""The message for ``provider.state_removed``, which no provider has: there is no journal that could tell it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A call that was refused, as a provider's envelope may speak of it."""

    refused: Refused
    endpoint: "Endpoint | None"
    path: str
    token: str
    """The bearer token that was sent, where the provider echoes it for this cause; else empty."""
    now: datetime
    trace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One call that the provider offers."""

    method: str
    path: str
    """Starlette's notation: ``/v3/profiles/{profileId}/…``."""
    handler: Handler | ReadHandler
    work: Literal["read", "write"]
    """``read``: on the event loop, or in a thread where many rows are looked through, with a ReadContext, which cannot
    write. ``write``: in the writing thread with a
    Context, kept whole or not at all."""
    aside: bool = False
    """Of a read: that it may be long, and so runs in a thread beside the event loop."""
    login: "tuple[Login, ...]" = ("bearer",)
    """The ways in which the caller may say who it is, tried in this order; none: nobody is asked. Who uses none of them
    is told no by the last."""
    scopes: tuple[str, ...] = ()
    """A token must have one of these; none: any token will do. Whoever comes without a token needs no scope."""
    peer: Literal["optional", "required"] = "optional"
    """``required``: refused on a door that asks for no client certificate."""
    signing: Literal["none", "optional", "required"] = "none"
    """Whether the call may or must be signed; only for endpoints that write, since a signature takes its time."""
    encryption: Literal["none", "optional", "required", "direct"] = "none"
    """Whether the body of the call, and with it the reply, may or must be encrypted; only for endpoints that write.
    ``direct``: both must, and the reply is encrypted by the content key of the call."""
    accepts: tuple[str, ...] = ()
    """Media types of the body that are taken; none: the handler looks for itself."""
    doors: tuple[str, ...] = ()
    """The doors at which it answers, by their names; none: at all of the provider's."""
    errors: str = "api"
    """Which family of envelopes answers its refusals; the provider's own table knows the word."""
    step_up: str = ""
    """The action that a user approves by strong customer authentication, where the client is set to it; empty: none."""
    also: tuple[str, ...] = ()
    """Other paths that lead to the same call, such as those of another version of the provider's API."""
    tokens: tuple[str, ...] = ()
    """The kinds of tokens that it takes; none: every kind. On a door that asks for a certificate the client's own
    token is always good."""
    source: str = ""
    """Where the provider's facts about the call were read."""
    simplified: str = ""
    """What the call leaves out or does in a simpler way than the provider; empty: nothing that is known."""

    @property
    def sealed(self) -> bool:
        """Whether it can come signed or encrypted: then the client's keys are asked for."""
        return self.signing != "none" or self.encryption != "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What a client is given when it is registered, and what the provider calls it."""

    id: Callable[[Ids], str]
    secret: Callable[[Ids], str]
    id_name: str
    secret_name: str
    secret_alone: bool
    """Whether the secret alone identifies the client (an API key); then no two clients may have the same."""
    token_formats: tuple[str, ...] = ()
    """In which forms a client's tokens can be given, where there is more than one."""
    personal_tokens: bool = False
    """Whether people make tokens for themselves, without the token endpoint."""
    demo: tuple[str, ...]
    """Names of the clients that every new state has; the first is for the first try. Their secrets are not secret:
    everybody may read them."""
    demo_require_mtls: bool = False
    """Whether those clients may call only where the door asks for a certificate."""
    environments: tuple[str, ...] = ()
    """The words with which a client's secrets begin, before a hyphen, where each names an environment; behind it they
    are the same. The first is that of a secret without such a word. Calls find theirs as ``params["environment"]``."""

    def environment_of(self, secret: str) -> str:
        """Which of them a secret names."""
        word, hyphen, _ = secret.partition("-")
        return word if hyphen and word in self.environments else next(iter(self.environments), "")

    def forms_of(self, secret: str) -> tuple[str, ...]:
        """The same secret for each environment, and first as it was sent."""
        word, hyphen, rest = secret.partition("-")
        if not hyphen or word not in self.environments:
            return (secret,)
        return (secret, *(f"{other}-{rest}" for other in self.environments if other != word))


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


def no_endpoints() -> tuple[Endpoint, ...]:
    """Where no call comes before the others."""
    return ()


def no_tours() -> tuple[Tour, ...]:
    """Of a provider that has no guide to tell."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a provider's facts were read, and when."""

    title: str
    url: str
    read: str


class RowKind(Protocol):
    """What the store, the seed file and ``resource put`` have to know of one kind of rows."""

    @property
    def puttable(self) -> bool:
        """Whether people may put rows of this kind themselves."""

    @property
    def takes(self) -> Sequence[str] | None:
        """The names of what people give for one; None: nobody can put one."""

    def complete(self, id: str, given: Body, now: datetime) -> Body:
        """The whole row from the little that people give. Raises Misuse."""

    def faults(self, id: str, given: Body, now: datetime) -> Sequence[str]:
        """Everything that is wrong with what people give, in words."""

    def offered(self, id: str, body: Body, now: datetime) -> Mapping[str, str]:
        """The fields that people may give, as they would write them: what they are in *body*, else what they are when
        they are not given; empty where there is neither."""

    def starts(self, now: datetime) -> Sequence[Row]:
        """The rows of this kind that each new client has."""

    def position(self, body: Body) -> int | None:
        """Where a row stands in lists: the highest is the newest. None: lists of this kind are by id."""

    def has_index(self, name: str) -> bool:
        """Whether rows of this kind can be found by that index value."""

    def keys(self, body: Body) -> Sequence[tuple[str, str]] | None:
        """The index values of a row, names and values; None for a kind without an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapters:
    """What a provider's calls are and work on."""

    endpoints: tuple[Endpoint, ...]
    kinds: Mapping[str, RowKind]
    """Every kind of rows, by its name. A kind that is not here has no index, and nobody can put one."""
    known: tuple[tuple[str, str], ...] = ()
    """Methods and paths of calls that the provider has and the sandbox does not imitate."""
    signing: "Signing | None" = None
    """How calls are signed; None: they are not."""
    step_up: "StepUp | None" = None
    """How users approve calls; None: they do not, or not by a client's setting."""

    def starts_with(self, now: datetime) -> Sequence[Row]:
        """The rows that each new client has."""
        return [row for kind in self.kinds.values() for row in kind.starts(now)]

    @property
    def puttable(self) -> tuple[str, ...]:
        """The kinds of which people may put rows."""
        return tuple(name for name, kind in self.kinds.items() if kind.puttable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider's contents page. What differs between providers is a field here, never an ``if`` elsewhere."""

    name: str
    title: str
    domains: tuple[str, ...]
    """Sandbox domains that the server CA may sign for; a domain covers its sub-domains (RFC 5280 section 4.2.1.10)."""
    doors: tuple[Door, ...]
    registration: Registration
    certificates: "Callable[[ReadRows], Sequence[Offer | Upload]]"
    """What is signed or taken for a client with these rows, one for each purpose; the first is the usual one."""
    certificate_is_client: bool
    """Whether the certificate's client and the credentials' client must be the same on every call."""
    chapters: Callable[[], Chapters]
    """What its calls do, loaded when it is first asked for: a server that nobody calls for it starts without. Gives
    the same each time."""
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
    echoed: frozenset[str] = frozenset()
    """Causes whose envelope repeats the token that was sent; of all others it is not told the token."""
    slashes: Literal["as_declared", "either"] = "as_declared"
    """``either``: a path may be called with and without a slash at its end."""
    rate: RateLimit | None = None
    """How often one client may call, as the provider publishes it; None: it publishes nothing. A client's own setting
    goes before it."""
    rate_counts: bool = True
    """Whether that counts from the start. Otherwise, for a provider that publishes it of its live service only, it
    counts for the clients that are set to it."""
    sends: "Callable[[], Sending] | None" = None
    """What it tells its clients by webhook, and how, loaded when something is told; None: nothing."""
    early: Callable[[], tuple[Endpoint, ...]] = no_endpoints
    """Of its endpoints those that most clients call first, which can be loaded without all other chapters: whoever
    waits for a start waits for these alone."""
    tours: Callable[[], tuple[Tour, ...]] = no_tours
    """Its guides, in the order in which they build on each other; loaded when somebody wants to see them."""

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every call that it offers."""
        return self.chapters().endpoints

    @property
    def sending(self) -> "Sending | None":
        """How it sends webhooks; None: not at all."""
        return self.sends() if self.sends else None

    @property
    def signing(self) -> "Signing | None":
        """How its calls are signed; None: they are not."""
        return self.chapters().signing

    @property
    def step_up(self) -> "StepUp | None":
        """How users approve its calls, where a client is set to it; None: they do not."""
        return self.chapters().step_up
