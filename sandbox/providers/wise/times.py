"""How Wise writes an instant."""

from datetime import UTC, datetime


def milliseconds(at: datetime) -> str:
    """``2025-04-11T03:43:28.148Z``, as in the samples of the token page."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
