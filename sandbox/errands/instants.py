"""Instants as people write them, in options, bodies and seed files; how we write them ourselves is ca.clock's."""

from datetime import UTC, datetime

from sandbox.errors import Misuse

FORM = "a time such as 2026-05-11T09:30:00Z (ISO 8601; UTC without a zone)"


def read_instant(text: str) -> datetime:
    """The instant of an ISO 8601 text, in UTC. Raises Misuse."""
    try:
        return in_utc(datetime.fromisoformat(text))
    except ValueError:
        raise Misuse(f"{text[:40]!r} is not {FORM}") from None


def in_utc(at: datetime) -> datetime:
    """The same instant in UTC; without a zone it is meant so. Raises Misuse."""
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:  # within hours of the years 1 and 9999
        raise Misuse(f"{at.isoformat()} is not {FORM}") from None
