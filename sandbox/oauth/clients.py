"""Registered clients, how often they may call, and the tokens given to them. Keeping them is left to storage, counting
their calls to the server."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from ca.clock import write_time
from sandbox.errors import refuse
from sandbox.oauth.secrets import Kept

OFF, PUBLISHED = "off", "published"
"""Settings in words: as often as it likes; what the provider publishes, where that does not count from the start."""
MOST_CALLS = 100_000
"""In one span. Each call is remembered as long as it counts: more would be memory for a limit that nobody meets."""
LIMIT_FORM = "N/second, N/minute or N/hour (such as 300/minute), or off"
_SPANS = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_WRITTEN = re.compile(rf"([1-9][0-9]{{0,5}})/({'|'.join(_SPANS)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredClient:
    """The partner's registered application, as a handler may see it: without its secret."""

    provider: str
    id: str
    name: str
    token_format: str = ""
    """What its tokens look like, by the provider's name for it; empty: the usual."""
    require_mtls: bool = False
    """Whether its calls are taken only where the door asks for a certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """A client as it is stored: its secret as a hash, unless it is a demo client. Its id is the CN of its certificates
    where the provider says so."""

    provider: str
    id: str
    name: str
    secret: Kept = field(repr=False)
    created_at: datetime
    require_jws: bool = False
    """Whether calls that can be signed must be."""
    require_mtls: bool = False
    """Whether it may call only where the door asks for a certificate."""
    token_format: str = ""
    """Of the tokens that it is given; empty: the usual one."""
    rate_limit: str = ""
    """How often it may call: ``300/minute``, ``off``, ``published``; empty: as is usual with the provider."""
    sca: bool = False
    """Whether the calls that its users must approve are taken only when they have: strong customer authentication."""
    check_callbacks: bool = False
    """Whether the address of a new subscription is called before the subscription is kept."""

    @property
    def seen(self) -> RegisteredClient:
        """The same as a handler may see it."""
        return RegisteredClient(
            provider=self.provider,
            id=self.id,
            name=self.name,
            token_format=self.token_format,
            require_mtls=self.require_mtls,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token that was given out. The token itself is known only by its SHA-256."""

    digest: str
    provider: str
    client: str
    kind: str
    """``client_credentials``, as the grant that it was given for."""
    scope: str
    """Names separated by blanks (RFC 6749 section 3.3)."""
    issued_at: datetime
    expires_at: datetime
    id: str = ""
    """Under which the provider's calls name it; empty where they do not."""
    requested_by: str = ""
    """The client that asked for it, where it may be another than the one that it speaks for."""
    resource: str = ""
    """The one resource that it is good for; empty: all of the client's."""
    revoked_at: datetime | None = None


def digest(token: str) -> str:
    """The name under which a token is kept. Tokens are random, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def shortened(token: str) -> str:
    """A token as a person may see it: enough to tell two apart, not enough to use."""
    return f"{token[:6]}… ({len(token)} characters)" if len(token) > 12 else f"{len(token)} characters"


def judge(token: Token | None, *, sent: str, now: datetime) -> Token:
    """The token, if it is good at *now*. Raises Refused: ``token.unknown``, ``token.revoked`` or ``token.expired``."""
    if token is None:
        raise refuse("token.unknown", seen=shortened(sent), expected="a token that this sandbox gave out")
    if token.revoked_at is not None and token.revoked_at <= now:
        seen = f"a token that was revoked at {write_time(token.revoked_at)}"
        raise refuse("token.revoked", seen=seen, expected="a token that is still good")
    if now >= token.expires_at:
        raise refuse(
            "token.expired",
            seen=f"a token that ended at {write_time(token.expires_at)}",
            expected=f"one that is good at {write_time(now)}",
        )
    return token


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often one client may call."""

    calls: int
    per: timedelta

    def __str__(self) -> str:
        for name, span in _SPANS.items():
            if self.per == span:
                return f"{self.calls}/{name}"
        return f"{self.calls} in {self.per.total_seconds():.0f} seconds"


@lru_cache(maxsize=256)  # asked for on every call
def read_limit(written: str) -> RateLimit | None:
    """The limit that is written as ``300/minute``; None where it is none of the form."""
    found = _WRITTEN.fullmatch(written)
    if found is None or int(found[1]) > MOST_CALLS:
        return None
    return RateLimit(calls=int(found[1]), per=_SPANS[found[2]])


def in_force(setting: str, published: RateLimit | None, *, counts: bool) -> RateLimit | None:
    """The limit of a client with that setting; None: there is none. *counts*: what is published counts where nothing is
    set."""
    if not setting:
        return published if counts else None
    if setting == OFF:
        return None
    if setting == PUBLISHED:
        return published
    return read_limit(setting)
