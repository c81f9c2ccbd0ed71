"""The providers that are imitated, one folder each; what is asked for here is `known`'s, loaded when it is asked for.

A page of help wants to know no more than the usual one, and need not wait for the rest.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.providers.known import DOMAINS, PROVIDERS, hinted, named

USUAL = "wise"
"""The one that commands mean where none is named: the first of PROVIDERS."""

__all__ = ["DOMAINS", "PROVIDERS", "USUAL", "hinted", "named"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'sandbox.providers' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("sandbox.providers.known"), name)
