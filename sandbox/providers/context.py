"""What a provider's handler is given and gives back: a call, what it may touch, and a reply.

Pure: the server hands the implementation in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ca.records import CertificateRecord
from sandbox.errors import Refusal
from sandbox.ids import Ids
from sandbox.oauth.clients import RegisteredClient, Token

if TYPE_CHECKING:
    from sandbox.jose.keys import VerifyingKey
    from sandbox.webhooks.event import Delivery, Subscription


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A call in a handler's hand, after everything that could be checked before it was checked."""

    method: str
    path: str
    """As requested, percent-encoding and all, without the query."""
    query: bytes
    headers: Mapping[str, str]
    """Names in lower case; of a repeated header the values joined by comma (RFC 9110 section 5.3)."""
    payload: bytes
    """The body: of a signed call the payload that the signature vouches for, to the byte."""
    params: Mapping[str, str]
    client: RegisteredClient | None
    token: Token | None
    certificate: CertificateRecord | None
    """The client certificate of the connection, when it is ours and good; None on a door that asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What goes back: JSON, or a body of any other media type, or no body at all."""

    status: int
    json: object = None
    """Written compact. A Decimal is written digit by digit, so that 5000.10 stays 5000.10."""
    headers: Mapping[str, str] = field(default_factory=dict)
    reasons: tuple[Refusal, ...] = ()
    """Why the provider's own rules refuse the call, where the reply says so in its own words."""
    body: bytes | None = None
    """The bytes themselves, in place of ``json``. Never signed."""
    media_type: str = ""
    """Empty: ``application/json``."""


Body = dict[str, Any]
"""A resource as its provider spells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource of one client: a profile, a transfer, a balance."""

    kind: str
    id: str
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A condition on one indexed value of a row. A row with several values under that name needs one that fits."""

    key: str
    how: Literal["in", "from", "until", "has"]
    """``in``: one of the values. ``from``, ``until``: not before, not after the one value. ``has``: contains it."""
    values: tuple[str, ...]

    def fits(self, kept: Sequence[str]) -> bool:
        """The same judgement as the store's, for rows that are not in one."""
        match self.how:
            case "in":
                return any(value in self.values for value in kept)
            case "from":
                return any(value >= self.values[0] for value in kept)
            case "until":
                return any(value <= self.values[0] for value in kept)
            case "has":
                return any(self.values[0] in value for value in kept)


class AddressUncalled(Exception):
    """The address of a subscription is to be called before the call goes on. That takes its time, so it is done outside
    the call's transaction, and then the call is begun again."""

    def __init__(self, to: "Subscription") -> None:
        super().__init__(to.url)
        self.to = to


class ManyRows(Exception):
    """A kind has too many rows to be looked through on the event loop. The call is looked up in a thread instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of the rows that fit."""

    rows: tuple[Row, ...]
    total: int
    """How many fit in all."""


class ReadRows(Protocol):
    """The rows of the call's client, to look at."""

    def get(self, kind: str, id: str) -> Body | None: ...

    def all_of(self, kind: str) -> Sequence[Row]:
        """Every row, by id. For kinds of which a client has few; a list asks ``find``."""

    def find(
        self,
        kind: str,
        where: Sequence[Where] = (),
        *,
        start: int = 0,
        size: int | None = None,
        oldest_first: bool = False,
    ) -> Found:
        """The rows that fit all conditions, the newest first, cut to one page. The store looks at its index only."""

    def stream(self, kind: str, where: Sequence[Where] = ()) -> Iterator[Row]:
        """All rows that fit, the newest first, one after the other as they are at one moment: for those of which there
        may be too many for the memory."""


class Resources(ReadRows, Protocol):
    """The rows of the call's client. What a handler writes is kept with the call, or not at all."""

    def put(self, kind: str, id: str, body: Body) -> None:
        """Keep a row, with the index values that its kind declares."""

    def add(self, kind: str, id: str, body: Body) -> None:
        """Keep a row of whose id the caller knows that no row has it: it is not looked for."""

    def remove(self, kind: str, id: str) -> None:
        """Remove a row. One that does not exist is no error."""

    def remove_where(self, kind: str, where: Where) -> None:
        """Remove every row that fits."""


class NoRows:
    """The rows of nobody: with them a declaration says what is true for every client."""

    def get(self, kind: str, id: str) -> Body | None:
        return None

    def all_of(self, kind: str) -> Sequence[Row]:
        return ()

    def find(
        self,
        kind: str,
        where: Sequence[Where] = (),
        *,
        start: int = 0,
        size: int | None = None,
        oldest_first: bool = False,
    ) -> Found:
        return Found(rows=(), total=0)

    def stream(self, kind: str, where: Sequence[Where] = ()) -> Iterator[Row]:
        return iter(())


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

    def of_client(self, algorithm: str = "") -> "Sequence[VerifyingKey]":
        """The client's keys that were registered for one algorithm, or all, ended and deleted ones too."""

    def of_replies(self, algorithm: str, version: int | None) -> ReplyKey | None:
        """The provider's key of that algorithm, the newest without a version; None when there is no such version."""


class ReadCertificates(Protocol):
    """The certificates of the call's client, to look at."""

    def all(self) -> Sequence[CertificateRecord]:
        """Every one that the client ever had, oldest first."""


class Certificates(ReadCertificates, Protocol):
    """The certificates of the call's client."""

    def sign(self, purpose: str, csr: bytes, *, name: str, id: str) -> CertificateRecord:
        """The certificate for a CSR. Raises Refused with every broken rule."""

    def upload(self, purpose: str, pem: bytes, *, name: str, id: str) -> CertificateRecord:
        """Take a certificate that the client brings. Raises Refused with every broken rule."""

    def revoke(self, id: str) -> CertificateRecord:
        """From now on it is refused. Raises Refused with ``certificate.not_found`` or ``…already_revoked``."""


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


class Webhooks(Protocol):
    """What the client is told of. Only for endpoints that write."""

    def send(self, event: str, payload: "Callable[[Subscription], Body]", about: str = "") -> None:
        """Tell each subscription that wants to hear of it; what is queued is sent when the call is kept, or never."""

    def test(self, subscription: str) -> Sequence[str]:
        """Try a subscription out: the ids of what is queued."""

    def called(self, to: "Subscription") -> Refusal | None:
        """Why the address of a subscription that is to be made did not take a test; None where it did, or where the
        client is not set to that. To be asked when all else about the call is judged. Raises AddressUncalled."""


class ReadContext(Protocol):
    """What the handler of a read endpoint may touch: it can look, and has nothing to write with."""

    @property
    def now(self) -> datetime:
        """The instant of this call by the sandbox's clock."""

    @property
    def resources(self) -> ReadRows: ...

    @property
    def certificates(self) -> ReadCertificates: ...

    @property
    def deliveries(self) -> "Sequence[Delivery]":
        """What the client was sent by webhook, or is to be sent, with every attempt: at most the newest thousand, the
        oldest first."""


class Context(ReadContext, Protocol):
    """What the handler of a write endpoint may touch. All of it is kept with the call, or not at all."""

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

    @property
    def webhooks(self) -> Webhooks: ...

    def client(self, id: str) -> RegisteredClient | None:
        """A client of the same provider by its id, for those who may act for another."""


Handler = Callable[[Request, Context], Response]
ReadHandler = Callable[[Request, ReadContext], Response]
"""Good for a write endpoint as well: it uses less than it is given."""
