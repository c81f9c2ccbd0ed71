"""JSON as it is kept: compact, in Unicode, without the work that Python's ``json`` does anew for each text.

``json.dumps`` makes an encoder for each value, and ``json.loads`` looks for white space around each text. Most rows are
short, and both cost more than the text itself.
"""

import json
from collections.abc import Sequence
from typing import Any

write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as compact JSON."""
_decode = json.JSONDecoder().raw_decode


def read(text: str) -> Any:
    """The value of a text that `write` has written."""
    return _decode(text)[0]


def read_all(texts: Sequence[str]) -> list[Any]:
    """The values of several, read as one text: the names of members, which are the same in most, are made once."""
    values: list[Any] = _decode(f"[{','.join(texts)}]")[0]
    return values
