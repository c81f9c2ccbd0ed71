"""The providers that are imitated: which is meant where none is named, what a start shows of its guide, their calls.

Whoever offers a choice in a page of help should wait neither for the providers nor for cryptography."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sandbox.providers import USUAL

if TYPE_CHECKING:
    from sandbox.providers.declare import Guide

USUAL_PROVIDER = USUAL
KEY_KINDS = ("rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384")
"""Of the keys that are made for people."""

Call = Mapping[str, Any]


def provider_names() -> tuple[str, ...]:
    """The providers that are imitated."""
    from sandbox.providers import PROVIDERS

    return tuple(provider.name for provider in PROVIDERS)


def guide() -> "Guide | None":
    """What a start shows of the usual provider's own guide."""
    from sandbox.providers import named  # a page of help wants the name alone

    return named(USUAL).guide


def list_calls(provider: str, match: str = "") -> tuple[Call, ...]:
    """The calls whose method and path have that text in them, as JSON types: where each was read, and what
    it leaves out. Raises NotThere.
    """
    from sandbox.oauth.credentials import word_for
    from sandbox.providers import named

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
