"""A JWS that is not where it is looked for: in another header, in the body, or within JSON. Loaded after a refusal."""

import json
import re
from collections.abc import Iterator, Mapping

MAX_BODY = 65_536
"""Characters of a body that are looked at for a JWS within JSON."""
MAX_MEMBERS = 200
"""Members of JSON that are looked at, on all its levels."""
_JWS = re.compile(r"eyJ[A-Za-z0-9_-]{5,}={0,2}\.[A-Za-z0-9_-]*={0,2}\.[A-Za-z0-9_-]+={0,2}\Z")
"""Three parts, the first of which begins like JSON in base64url."""
_NOT_THEIRS = ("authorization", "cookie", "proxy-authorization")
"""Headers whose JWS is a token."""


def elsewhere(headers: Mapping[str, str], body: bytes, *, but: str = "") -> str:
    """Where a JWS stands that was not found, in words; "" for nowhere. *but* is the header that was looked at."""
    for name, value in headers.items():
        if name not in (*_NOT_THEIRS, but.lower()) and _JWS.match(value.strip()):
            return f"a JWS in the header {name[:60]}"
    if _JWS.match(body[:MAX_BODY].decode("latin-1").strip()):
        return f"a JWS in a body of {headers.get('content-type', 'no Content-Type')[:80]}"
    return within_json(body)


def within_json(body: bytes) -> str:
    """The member of a JSON body that holds a JWS, in words; "" where there is none."""
    if len(body) > MAX_BODY or not body.lstrip().startswith((b"{", b"[")):
        return ""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = (path for path, value in _texts(said, "") if _JWS.match(value.strip()))
    path = next(found, "")
    return f"a JWS in the member {path[:80]!r} of a JSON body" if path else ""


def _texts(said: object, path: str) -> Iterator[tuple[str, str]]:
    """The texts of a JSON value with their places, level by level."""
    waiting: list[tuple[str, object]] = [(path, said)]
    for _ in range(MAX_MEMBERS):
        if not waiting:
            return
        where, value = waiting.pop(0)
        if isinstance(value, str):
            yield where, value
        elif isinstance(value, Mapping):
            waiting += [(f"{where}.{name}".lstrip("."), each) for name, each in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{where}[{number}]", each) for number, each in enumerate(value)]
