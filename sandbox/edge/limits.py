"""How long and how much a connection may take; what happens then is in connection.py."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The patience of a listener. Every value has its reason beside it."""

    handshake_seconds: float = 10.0
    """A handshake is two or three messages; a debugger in the client may hold it a moment, a dead peer for ever."""
    head_seconds: float = 10.0
    """From the first byte of a call's head to its empty line. People type into `openssl s_client`, but not for long."""
    idle_seconds: float = 75.0
    """Between two calls. Longer than the 60 s that connection pools of Java and Go commonly keep an idle connection."""
    head_bytes: int = 65536
    """A signed call carries a JWS and two certificates in its headers; 64 KiB is far above that and far below harm."""
    closing_seconds: float = 0.5
    """For calls at work when the listener stops, and for the peer's close after ours: a stop stays under a second."""
