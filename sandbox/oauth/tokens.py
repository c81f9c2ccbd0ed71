"""Bearer tokens as facts, and whether one is good at an instant (RFC 6750)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from ca.clock import write_time
from sandbox.errors import refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token that was given out. The token itself is known only by its SHA-256."""

    digest: str
    provider: str
    client: str
    kind: str
    """``client_credentials``, as the grant that it was given for."""
    scope: str
    issued_at: datetime
    expires_at: datetime


def digest(token: str) -> str:
    """The name under which a token is kept. Tokens are random, so a plain hash cannot be turned back."""
    return hashlib.sha256(token.encode()).hexdigest()


def shortened(token: str) -> str:
    """A token as a person may see it: enough to tell two apart, not enough to use."""
    return f"{token[:6]}… ({len(token)} characters)" if len(token) > 12 else f"{len(token)} characters"


def judge(token: Token | None, *, sent: str, now: datetime) -> Token:
    """The token, if it is good at *now*. Raises Refused with ``token.unknown`` or ``token.expired``."""
    if token is None:
        raise refuse("token.unknown", seen=shortened(sent), expected="a token that this sandbox gave out")
    if now >= token.expires_at:
        raise refuse(
            "token.expired",
            seen=f"a token that ended at {write_time(token.expires_at)}",
            expected=f"one that is good at {write_time(now)}",
        )
    return token
