"""What is wrong with the head of a call, in words without a value: values may be credentials."""

import re
from collections.abc import Callable, Iterable, Set

from h2.errors import ErrorCodes
from h2.events import RequestReceived, TrailersReceived
from h2.exceptions import ProtocolError
from h2.utilities import HeaderValidationFlags, validate_headers

from ca.errors import visible

Broken = Callable[[str, str, str, int], None]
"""Reports a cause, what was seen, what was expected, and the status that we answer ourselves (0 for none)."""

_QUOTED = re.compile(r"\s*b['\"]")  # where a sentence of h2's begins to quote bytes
_HEADER_LINE = re.compile(r"bytearray\(b['\"]([!-9;-~]{1,60}):(.*)['\"]\)\Z", re.DOTALL)  # a line that h11 quotes
_ODD_CHARACTERS = {
    r"\r": "a carriage return",
    r"\n": "a line feed",
    r"\t": "a tab",
    r"\x00": "a zero byte",
}


def ambiguous(names: Set[bytes], http_version: bytes) -> str:
    """What makes the end of a call with headers of these names ambiguous, so that the next call may be somebody else's
    (RFC 9112 section 6.1)."""
    if b"transfer-encoding" not in names:
        return ""
    if b"content-length" in names:
        return "Content-Length and Transfer-Encoding in one call, which is how calls are smuggled past a proxy"
    return "Transfer-Encoding in a call of HTTP/1.0, which does not have it" if http_version < b"1.1" else ""


def of_header(error: str) -> str:
    """Which header it is about and what is in it that may not be, without its value."""
    found = _HEADER_LINE.search(error)
    if found is None:
        return ""
    value = found.group(2)
    odd = [words for mark, words in _ODD_CHARACTERS.items() if mark in value] or ["a character that it may not have"]
    return f": {found.group(1).lower()}, with {' and '.join(odd)} in it"


_NEEDED = (b":method", b":scheme", b":path")  # RFC 9113 section 8.3.1
_GOOD = [(b":method", b"GET"), (b":path", b"/"), (b":scheme", b"https"), (b":authority", b"x")]


def unquoted(error: Exception) -> str:
    """A sentence of h2's without the bytes that it quotes."""
    return _QUOTED.split(str(error), 1)[0]


def of_compression(error: ProtocolError) -> bool:
    """Whether a block of headers could not be read, which RFC 9113 section 4.3 gives an error of its own. h2 calls it
    PROTOCOL_ERROR, as every other."""
    usual = error.error_code == ErrorCodes.PROTOCOL_ERROR  # a block that is too large has another already
    return usual and type(error.__cause__).__module__.startswith("hpack")


def flaw_of(event: RequestReceived | TrailersReceived) -> str:
    """What is wrong with the headers of a call, with the name of the first that is; "" for nothing."""
    trailer = isinstance(event, TrailersReceived)
    flags = HeaderValidationFlags(is_client=False, is_trailer=trailer, is_response_header=False, is_push_promise=False)
    headers = list(event.headers)

    def judge(some: Iterable[tuple[bytes, bytes]]) -> str:
        try:
            list(validate_headers(some, flags))
        except ProtocolError as error:
            return unquoted(error)  # h2 quotes values in its sentences, which may be credentials
        return ""

    if not (whole := judge(headers)):
        return ""
    beside = [] if trailer else _GOOD
    for name, value in headers:
        if not name.startswith(b":") and (flaw := judge([*beside, (name, value)])):
            return f"{flaw} ({_shown(name)})"
    pseudo = [name for name, _ in headers if name.startswith(b":")]
    odd = [name for name in pseudo if pseudo.count(name) > 1] + [name for name in _NEEDED if name not in pseudo]
    return f"{whole} ({_shown(odd[0])})" if odd and not trailer else whole


def _shown(name: bytes) -> str:
    return visible(name.decode("ascii", "backslashreplace"), 60)
