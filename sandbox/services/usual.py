"""The provider that is meant where none is named, and what a start shows of its guide."""

from typing import TYPE_CHECKING

from sandbox.providers.usual import USUAL

if TYPE_CHECKING:
    from sandbox.providers.declare import Guide

USUAL_PROVIDER = USUAL
KEY_KINDS = ("rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384")
"""Of the keys that are made for people. Whoever imports this to offer a choice should not wait for cryptography."""


def provider_names() -> tuple[str, ...]:
    """The providers that are imitated."""
    from sandbox.providers import PROVIDERS

    return tuple(provider.name for provider in PROVIDERS)


def guide() -> "Guide | None":
    """What a start shows of the usual provider's own guide."""
    from sandbox.providers import named  # a page of help wants the name alone

    return named(USUAL).guide
