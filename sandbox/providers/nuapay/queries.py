"""The query of a call, read once for everybody who asks it."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from sandbox.providers.context import Request


def query_of(request: Request) -> Mapping[str, str]:
    """Of a repeated parameter the last value."""
    return {name: values[-1] for name, values in values_of(request).items()}


def values_of(request: Request) -> Mapping[str, list[str]]:
    """Every value of every parameter; an empty one too."""
    return parse_qs(request.query.decode("latin-1"), keep_blank_values=True)
