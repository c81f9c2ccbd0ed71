"""Good signatures over other bytes with the same meaning: payload or header written anew, or a part not encoded."""

import hashlib
import re
from base64 import b64encode, urlsafe_b64encode
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from itertools import accumulate, islice

from sandbox.errors import Refused
from sandbox.jose.layouts import LAYOUTS, Document, Layout
from sandbox.jose.parts import Jws, encode
from sandbox.jose.refusing import no
from sandbox.jose.suspect import Suspect

# Payloads of the imitated providers have some hundred bytes. Writing 4 kB indented takes a millisecond; line ends and
# marks are tried on longer ones too.
MAX_REWRITTEN_BYTES = 4096
# Indented JSON grows with the square of its nesting: 2000 brackets in 4 kB are 8 MB, in every layout anew.
MAX_NESTING = 32
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"')
# As many as it takes for every layout with up to two oddities in the payload, and up to one in the header. ES512
# verifies in 0.4 ms: 40 ms and 16 ms.
MAX_PAYLOADS = 103
MAX_HEADERS = 40


def payload_encoded(suspect: Suspect) -> Refused | None:
    """The header says b64: false, and the payload was signed in base64url all the same, as RFC 7515 alone has it."""
    jws = suspect.jws
    if jws.encoded:
        return None
    header_part = jws.signing_input.partition(b".")[0]
    ways = (("base64url", encode), ("base64url with padding", urlsafe_b64encode), ("plain base64", b64encode))
    for words, way in ways:
        if suspect.holds(header_part + b"." + way(jws.payload)):
            seen = f"a signature that holds for the payload in {words}"
            return no("signature.payload_encoded", seen=seen, expected=f"a signature over {jws.form}")
    return None


def payload_written_anew(suspect: Suspect) -> Refused | None:
    """The same JSON with other white space, order or escapes."""
    for words, payload in islice(_versions(suspect.jws.payload), MAX_PAYLOADS):
        if suspect.holds(suspect.jws.input_for(payload=payload)):
            return no(
                "signature.payload_reserialized",
                seen=f"a payload of {len(suspect.jws.payload)} bytes; the signature holds for it {words}",
                expected="the very bytes that were signed",
            )
    return None


def header_written_anew(suspect: Suspect) -> Refused | None:
    """The same header with other white space, order or escapes."""
    for words, header in islice(_versions(suspect.jws.header_bytes), MAX_HEADERS):
        if suspect.holds(suspect.jws.input_for(header=header)):
            return no(
                "signature.header_reserialized",
                seen=f"a header of {len(suspect.jws.header_bytes)} bytes; the signature holds for it {words}",
                expected="the very bytes that were signed",
            )
    return None


def another_input(suspect: Suspect) -> Refused | None:
    """Something near to what is to be signed: what goes wrong when one signs by hand."""
    jws, hash_name = suspect.jws, suspect.algorithm.hash.name
    for words, message in (*(_encoded_inputs(jws) if jws.encoded else _plain_inputs(jws)), *_inputs(jws, hash_name)):
        if suspect.holds(message):
            return no(
                "signature.input_wrong",
                seen=f"a signature that holds for {words}",
                expected=f"a signature over {jws.form}, nothing before or after it",
            )
    return None


def _inputs(jws: Jws, hash_name: str) -> Iterator[tuple[str, bytes]]:
    """In either form."""
    header_part, _, payload_part = jws.signing_input.partition(b".")
    yield "the payload alone", jws.payload
    yield "header and payload as JSON with a dot between them, not in base64url", jws.header_bytes + b"." + jws.payload
    yield "header and payload without the dot", header_part + payload_part
    yield "the hash of what was to be signed (hashed twice)", hashlib.new(hash_name, jws.signing_input).digest()


def _encoded_inputs(jws: Jws) -> Iterator[tuple[str, bytes]]:
    whole = jws.signing_input
    header_part, _, payload_part = whole.partition(b".")
    header, payload = jws.header_bytes, jws.payload
    yield "both parts and a line feed after them (echo without -n)", whole + b"\n"
    yield "both parts with CR and LF after them", whole + b"\r\n"
    yield "the payload's part alone", payload_part
    yield "a payload that is not in base64url (b64: false)", header_part + b"." + payload
    yield "header and payload in base64url with padding", urlsafe_b64encode(header) + b"." + urlsafe_b64encode(payload)
    yield "header and payload in plain base64", b64encode(header) + b"." + b64encode(payload)


def _plain_inputs(jws: Jws) -> Iterator[tuple[str, bytes]]:
    header_part, header, payload = encode(jws.header_bytes), jws.header_bytes, jws.payload
    yield "an empty payload, as in the JWS itself", header_part + b"."
    yield "two dots between header and payload, as in the JWS itself", header_part + b".." + payload
    yield "a header in base64url with padding", urlsafe_b64encode(header) + b"." + payload
    yield "a header in plain base64", b64encode(header) + b"." + payload
    digest = hashlib.sha256(payload)
    yield "the payload's SHA-256 in the place of the payload", header_part + b"." + digest.digest()
    yield "the payload's SHA-256 in hexadecimal in its place", header_part + b"." + digest.hexdigest().encode()


def _versions(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The same JSON in other bytes, with how each differs; the likeliest first, none twice."""
    seen = {data}
    for words, version in _candidates(data):
        if version not in seen:
            seen.add(version)
            yield words, version


def _candidates(data: bytes) -> Iterator[tuple[str, bytes]]:
    yield "with a line feed at the end", data + b"\n"
    yield "with CR and LF at the end", data + b"\r\n"
    yield "without the white space around it", data.strip()
    yield "with LF instead of CRLF", data.replace(b"\r\n", b"\n")
    yield "with CRLF instead of LF", data.replace(b"\n", b"\r\n")
    yield "without the byte order mark before it", data.removeprefix(BOM_UTF8)
    yield "with a byte order mark before it", BOM_UTF8 + data
    if len(data) > MAX_REWRITTEN_BYTES or _nesting(data) > MAX_NESTING:
        return
    try:
        text = data.decode("utf-8")
        if not text.isascii():
            # What Java's getBytes() gives on Windows before Java 18.
            yield "in windows-1252 instead of UTF-8", text.encode("cp1252", "replace")
        document = Document(text)
        for layout in filter(_matters(text), LAYOUTS):
            yield f"as {layout}", document.write(layout)
    except (ValueError, RecursionError):
        return  # not JSON, or nested beyond what Python follows: there are no other ways to write it


def _nesting(data: bytes) -> int:
    """How deep brackets stand within each other, those in texts aside."""
    return max(accumulate((byte in b"[{") - (byte in b"]}") for byte in _TEXT.sub(b"", data)), default=0)


def _matters(text: str) -> Callable[[Layout], bool]:
    """Whether a layout can differ from the one without its escapes."""
    non_ascii = not text.isascii() or "\\u" in text

    def matters(layout: Layout) -> bool:
        return (non_ascii or not layout.ascii) and ("/" in text or not layout.slashes)

    return matters
