"""JSON as it is kept: compact, in Unicode, without the work that Python's ``json`` does anew for each text.

``json.dumps`` makes an encoder for each value, and ``json.loads`` looks for white space around each text. Most rows are
short, and both cost more than the text itself.
"""

import json
from collections.abc import Callable, Sequence
from json import encoder
from typing import Any

_LIKE_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _made() -> Callable[[Any], str]:
    """The encoder of CPython's, made once; it is not documented. A Python without it does it in the documented way."""
    make = getattr(encoder, "c_make_encoder", None)
    if make is None:
        return _LIKE_JSON.encode
    quoted: Callable[[str], str] = getattr(encoder, "encode_basestring")  # noqa: B009 - typeshed does not know it
    # No marks against a circle: what is kept was read as JSON or is a literal, and a circle ends in RecursionError.
    chunks = make(None, _LIKE_JSON.default, quoted, None, ":", ",", False, False, True)
    return lambda value: "".join(chunks(value, 0))


write: Callable[[Any], str] = _made()
"""A value as compact JSON."""
_decode = json.JSONDecoder().raw_decode


def read(text: str) -> Any:
    """The value of a text that `write` has written."""
    return _decode(text)[0]


def read_all(texts: Sequence[str]) -> list[Any]:
    """The values of several, read as one text: the names of members, which are the same in most, are made once."""
    values: list[Any] = _decode(f"[{','.join(texts)}]")[0]
    return values
