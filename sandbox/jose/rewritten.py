"""Good signatures over other bytes with the same meaning: payload or header written anew, or a part not encoded."""

import hashlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from itertools import islice

from sandbox.errors import Refused
from sandbox.jose.compact import Compact, encode
from sandbox.jose.layouts import LAYOUTS, Document, Layout
from sandbox.jose.refusing import no
from sandbox.jose.suspect import Suspect

# Payloads of the imitated providers have some hundred bytes. Writing 4 kB indented takes a millisecond.
MAX_REWRITTEN_BYTES = 4096
# As many as it takes for every layout with up to two oddities in the payload, and up to one in the header. ES512
# verifies in 0.4 ms: 40 ms and 16 ms.
MAX_PAYLOADS = 100
MAX_HEADERS = 40


def payload_written_anew(suspect: Suspect) -> Refused | None:
    """The same JSON with other white space, order or escapes."""
    header_part = suspect.compact.signing_input.partition(b".")[0]
    for words, payload in islice(_versions(suspect.compact.payload), MAX_PAYLOADS):
        if suspect.holds(header_part + b"." + encode(payload)):
            return no(
                "signature.payload_reserialized",
                seen=f"a payload of {len(suspect.compact.payload)} bytes; the signature holds for it {words}",
                expected="the very bytes that were signed",
            )
    return None


def header_written_anew(suspect: Suspect) -> Refused | None:
    """The same header with other white space, order or escapes."""
    payload_part = suspect.compact.signing_input.partition(b".")[2]
    for words, header in islice(_versions(suspect.compact.header_bytes), MAX_HEADERS):
        if suspect.holds(encode(header) + b"." + payload_part):
            return no(
                "signature.header_reserialized",
                seen=f"a header of {len(suspect.compact.header_bytes)} bytes; the signature holds for it {words}",
                expected="the very bytes that were signed",
            )
    return None


def another_input(suspect: Suspect) -> Refused | None:
    """Something near to BASE64URL(header).BASE64URL(payload): what goes wrong when one signs by hand."""
    for words, message in _inputs(suspect.compact, suspect.algorithm.hash.name):
        if suspect.holds(message):
            return no(
                "signature.input_wrong",
                seen=f"a signature that holds for {words}",
                expected="a signature over BASE64URL(header).BASE64URL(payload), nothing before or after it",
            )
    return None


def _inputs(compact: Compact, hash_name: str) -> Iterator[tuple[str, bytes]]:
    whole = compact.signing_input
    header_part, _, payload_part = whole.partition(b".")
    header, payload = compact.header_bytes, compact.payload
    yield "both parts and a line feed after them (echo without -n)", whole + b"\n"
    yield "both parts with CR and LF after them", whole + b"\r\n"
    yield "the payload alone", payload
    yield "the payload's part alone", payload_part
    yield "header and payload as JSON with a dot between them, not in base64url", header + b"." + payload
    yield "a payload that is not in base64url (b64: false)", header_part + b"." + payload
    yield "header and payload in base64url with padding", urlsafe_b64encode(header) + b"." + urlsafe_b64encode(payload)
    yield "header and payload in plain base64", b64encode(header) + b"." + b64encode(payload)
    yield "header and payload without the dot", header_part + payload_part
    yield "the hash of the two parts (hashed twice)", hashlib.new(hash_name, whole).digest()


def _versions(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The same JSON in other bytes, with how each differs; the likeliest first, none twice."""
    seen = {data}
    for words, version in _candidates(data):
        if version not in seen:
            seen.add(version)
            yield words, version


def _candidates(data: bytes) -> Iterator[tuple[str, bytes]]:
    if len(data) > MAX_REWRITTEN_BYTES:
        return
    yield "with a line feed at the end", data + b"\n"
    yield "with CR and LF at the end", data + b"\r\n"
    yield "without the white space around it", data.strip()
    yield "with LF instead of CRLF", data.replace(b"\r\n", b"\n")
    yield "with CRLF instead of LF", data.replace(b"\n", b"\r\n")
    try:
        text = data.decode("utf-8")
        document = Document(text)
        for layout in filter(_matters(text), LAYOUTS):
            yield f"as {layout}", document.write(layout)
    except (ValueError, RecursionError):
        return  # not JSON, or nested beyond what Python follows: there are no other ways to write it


def _matters(text: str) -> Callable[[Layout], bool]:
    """Whether a layout can differ from the one without its escapes."""
    non_ascii = not text.isascii() or "\\u" in text

    def matters(layout: Layout) -> bool:
        return (non_ascii or not layout.ascii) and ("/" in text or not layout.slashes)

    return matters
