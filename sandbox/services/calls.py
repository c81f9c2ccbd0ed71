"""What is imitated of a provider: its calls, where each was read, and what it leaves out."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.oauth.credentials import word_for
from sandbox.providers import named

Call = Mapping[str, Any]


def list_calls(provider: str, match: str = "") -> tuple[Call, ...]:
    """The calls whose method and path have that text in them, as JSON types. Raises NotThere."""
    return tuple(
        {
            "method": one.method,
            "path": one.path,
            "also": list(one.also),
            "login": [word_for(way) for way in one.login],
            "tokens": list(one.tokens),
            "signing": one.signing,
            "encryption": one.encryption,
            "copied_from": one.source,
            "simplified": one.simplified,
        }
        for one in named(provider).endpoints
        if match.lower() in f"{one.method} {one.path}".lower()
    )


def markdown(calls: Sequence[Call]) -> list[str]:
    """The table of a provider's README. Calls of which the same is to be said stand in one row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for one in calls:
        rows.setdefault((one["copied_from"], one["simplified"]), []).append(f"`{one['method']} {one['path']}`")
    lines = [f"| {', '.join(names)} | {source} | {less or '-'} |" for (source, less), names in rows.items()]
    return ["| calls | copied from | simplified |", "|---|---|---|", *lines]
