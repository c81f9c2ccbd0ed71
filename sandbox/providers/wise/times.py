"""How Wise writes an instant."""

from datetime import UTC, datetime
from functools import lru_cache


# A token's end and a certificate's are written with every reply of the playground, and stay the same.
@lru_cache(maxsize=1_000)
def milliseconds(at: datetime) -> str:
    """``2025-04-11T03:43:28.148Z``, as in the samples of the token page."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
