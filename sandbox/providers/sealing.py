"""What a provider declares of how calls are signed, encrypted and approved, and how the replies to them are sealed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sandbox.providers.context import Context, Request, Response

if TYPE_CHECKING:  # a declaration is read at every start, and most starts verify no signature
    from sandbox.jose.jws import Verified
    from sandbox.jose.keys import VerifyingKey
    from sandbox.jose.scheme import Scheme


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplySeal:
    """How replies to signed calls are signed, each with the algorithm of its call."""

    media_type: str
    """Of a signed reply."""
    header: Callable[[str, int], Mapping[str, object]]
    """The JOSE header of a reply, from the algorithm and the version of the provider's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How a call is sealed, as its headers announce it."""

    name: str
    """The provider's word for it; empty for a call that is neither signed nor encrypted."""
    signed: bool = False
    encrypted: bool = False
    """With both, it is signed first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """How calls are encrypted, and the replies to them."""

    algorithm: str
    """By which content keys are encrypted, to the provider and to the client: a name out of ENCRYPTIONS."""
    methods: tuple[Method, ...]
    """Every way in which a call may be sealed."""
    method: Callable[[Request], Method]
    """Which one a call announces. Raises Refused for one that does so by halves."""
    reply_kid: Callable[[Request], str | None]
    """The id of the client's key to which the reply is encrypted; None: its newest."""
    media_type: str
    """Of an encrypted reply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How calls are signed, and the replies to them."""

    scheme: "Scheme"
    keys: Literal["registered", "certificates"]
    """By what signatures are judged: public keys that the client registered, or its certificates for signing."""
    where: str
    """Where a signature is looked for, in words: "a body of application/jose+json"."""
    open: "Callable[[Request, Sequence[VerifyingKey], datetime], Verified | None]"
    """What a call says; None when it is not signed. Raises Refused, also when it is signed by halves."""
    reply: ReplySeal | None
    """None: replies are not signed."""
    encryption: Encryption | None = None
    """None: nothing is encrypted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepUp:
    """Strong customer authentication: how a user approves a call, where the client is set to ask for it."""

    algorithm: str
    """Of the keys that a client registers for it."""
    most_keys: int
    """Such keys that a client may have."""
    approve: "Callable[[Request, Context, str], Response | Mapping[str, str]]"
    """Judges whether the call, with the action that its endpoint names, was approved: the headers of its reply, or the
    reply that refuses it and asks for the approval. What it notes is kept in both cases."""
