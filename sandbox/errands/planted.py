"""What a start knows of the secrets in its seed, and after it nobody: the store has their hashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.oauth.secrets import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The secret of one client of the seed."""

    secret: str = field(repr=False)
    made: bool
    """It was made for a client that the seed adds; else the seed gives it."""
    kept: Kept
    """As it is kept; another means that the client has another secret by now."""


Known = Mapping[tuple[str, str], Planted]
"""Such secrets, by provider and client id."""
