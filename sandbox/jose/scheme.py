"""How a provider has its calls signed, as data; the rules that every JWS obeys are in ``header`` and ``compact``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """What a provider asks of the JWS that a client sends."""

    algorithms: tuple[str, ...]
    """Names out of ALGORITHMS."""
    required: tuple[str, ...] = ()
    """Header members that must be there, beside ``alg`` (always) and ``url`` (if it is checked)."""
    allowed: frozenset[str] | None = None
    """The only header members that may be there. None: any, as unknown ones are ignored (RFC 7515 section 4)."""
    critical: frozenset[str] = frozenset()
    """Names that may stand in ``crit`` because the provider understands them."""
    url: bool = True
    """Whether the header's ``url`` must be there and be the path of the call."""
