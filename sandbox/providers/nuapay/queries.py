"""The query of a call, read once for everybody who asks it."""

from collections.abc import Mapping
from urllib.parse import parse_qs

from sandbox.providers.desk import Ask


def query_of(ask: Ask) -> Mapping[str, str]:
    """Of a repeated parameter the last value."""
    return {name: values[-1] for name, values in values_of(ask).items()}


def values_of(ask: Ask) -> Mapping[str, list[str]]:
    """Every value of every parameter; an empty one too."""
    return parse_qs(ask.query.decode("latin-1"), keep_blank_values=True)
