"""How a provider has its calls signed, as data; the rules that every JWS obeys are in ``header`` and ``critical``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """What a provider asks of the JWS that a client sends."""

    algorithms: tuple[str, ...]
    """Names out of ALGORITHMS."""
    required: tuple[str, ...] = ()
    """Header members that must be there, beside ``alg`` (always) and those that the fields below ask for."""
    allowed: frozenset[str] | None = None
    """The only header members that may be there. None: any, as unknown ones are ignored (RFC 7515 section 4)."""
    critical: frozenset[str] = frozenset()
    """Names that may stand in ``crit`` because the provider understands them."""
    critical_exactly: frozenset[str] | None = None
    """All the names that ``crit`` must have, and no others, in any order. None: there need be no ``crit``."""
    url: bool = True
    """Whether the header's ``url`` must be there and be the path of the call."""
    unencoded: bool = False
    """Whether the JWS is detached and its payload signed as it is (RFC 7797): ``b64`` must be there and false."""
    issuer: bool = False
    """Whether ``iss`` must be there and name the holder of the key: its keys then come from certificates."""
    issued_at: bool = False
    """Whether ``iat`` must be there and be a whole number of milliseconds that is not in the future."""

    def __post_init__(self) -> None:
        if self.unencoded and self.url:
            raise RuntimeError("a detached JWS is opened without the path of its call: declare url=False")
