"""Good signatures over other bytes with the same meaning: JSON that was serialized again, or a part not encoded.

``Layout`` is one way to write JSON; the likeliest layouts are tried on payload and header until the signature holds.
"""

import hashlib
import json
import re
from base64 import b64encode, urlsafe_b64encode
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice, product

from sandbox.errors import Refused
from sandbox.jose import no
from sandbox.jose.explain.signatures import Suspect
from sandbox.jose.reading import Jws, encode

# Payloads of the imitated providers have some hundred bytes. Writing 4 kB indented takes a millisecond; line ends and
# marks are tried on longer ones too.
MAX_REWRITTEN_BYTES = 4096
# Indented JSON grows with the square of its nesting: 2000 brackets in 4 kB are 8 MB, in every layout anew.
MAX_NESTING = 32
_BEFORE = (("a line feed", b"\n"), ("CR and LF", b"\r\n"), ("a space", b" "))
_AFTER = (
    ("", b""),
    (" and a line feed after it", b"\n"),
    (" and CR and LF after it", b"\r\n"),
    (" and a space after it", b" "),
)
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"')
# As many as it takes for every layout with up to two oddities in the payload, and up to one in the header. ES512
# verifies in 0.4 ms: 40 ms and 16 ms.
MAX_PAYLOADS = 103 + 12
MAX_HEADERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way to write JSON: white space, line ends, order of the names, and which characters are escaped."""

    words: str
    """What a person would call it."""
    separators: tuple[str, str]
    indent: int | str | None = None
    crlf: bool = False
    tail: str = ""
    sorted: bool = False
    ascii: bool = False
    slashes: bool = False
    """Whether a solidus is escaped, as PHP does."""

    def __str__(self) -> str:
        ends = {"\n": "a line feed at the end", "\r\n": "a carriage return and line feed at the end"}
        extras = (
            "with CRLF line ends" if self.crlf else "",
            "names sorted" if self.sorted else "",
            r"non-ASCII characters as \u escapes" if self.ascii else "",
            r"each / as \/" if self.slashes else "",
            ends.get(self.tail, ""),
        )
        return ", ".join(filter(None, (self.words, *extras)))


_Shape = tuple[str, tuple[str, str], int | str | None]
_COMPACT: _Shape = ("compact", (",", ":"), None)
_SPACED: _Shape = ('with spaces after "," and ":"', (", ", ": "), None)
_INDENTED: tuple[_Shape, ...] = (
    ("indented by 2", (",", ": "), 2),
    ("indented by 4", (",", ": "), 4),
    ("indented by tabs", (",", ": "), "\t"),
    ("on several lines, not indented", (",", ": "), 0),
)


def _layouts() -> Iterator[Layout]:
    """Each shape with each end and each choice of order and escapes."""
    for (words, separators, indent), crlf, tail in product(
        (_COMPACT, _SPACED, *_INDENTED), (False, True), ("", "\n", "\r\n")
    ):
        # Line ends are all of one kind.
        if (crlf and (indent is None or tail == "\n")) or (tail == "\r\n" and not crlf and indent is not None):
            continue
        for order, ascii_, slashes in product((False, True), repeat=3):
            yield Layout(
                words=words,
                separators=separators,
                indent=indent,
                crlf=crlf,
                tail=tail,
                sorted=order,
                ascii=ascii_,
                slashes=slashes,
            )


def _oddities(layout: Layout) -> int:
    return layout.crlf + bool(layout.tail) + layout.sorted + layout.ascii + layout.slashes


LAYOUTS: tuple[Layout, ...] = tuple(sorted(_layouts(), key=_oddities))
"""The likeliest first: those with one thing out of the ordinary before those with two."""

# A number is kept as it is written (10.00 is not 10.0): it travels through the JSON library as a text of this form.
_NUMBER = re.compile(r'"number@(\d{1,9})@"')


class Document:
    """A JSON text that can be written in other layouts. It judges nothing: of a name that comes twice, one is lost."""

    def __init__(self, text: str) -> None:
        """Raises ValueError or RecursionError for what is not JSON, or nested without end."""
        self._numbers: list[str] = []
        self._value: object = json.loads(text, parse_int=self._keep, parse_float=self._keep)

    def _keep(self, literal: str) -> str:
        self._numbers.append(literal)
        return f"number@{len(self._numbers) - 1}@"

    def write(self, layout: Layout) -> bytes:
        text = write(self._value, layout)
        return _NUMBER.sub(self._number, text).encode("utf-8", "surrogatepass")

    def _number(self, found: re.Match[str]) -> str:
        # A text of this form that was in the payload stays what it is, unless it names one of our numbers: then the
        # layout is missed, and the explanation with it.
        number = int(found.group(1))
        return self._numbers[number] if number < len(self._numbers) else found.group()


def write(value: object, layout: Layout) -> str:
    """A JSON value as text."""
    text = json.dumps(
        value,
        separators=layout.separators,
        indent=layout.indent,
        sort_keys=layout.sorted,
        ensure_ascii=layout.ascii,
    )
    if layout.slashes:
        text = text.replace("/", "\\/")
    if layout.crlf:
        text = text.replace("\n", "\r\n")
    return text + layout.tail


def layout_of(value: object, data: bytes) -> Layout | None:
    """The layout that *data* is in, if it is one of ours."""
    return next((layout for layout in LAYOUTS if write(value, layout).encode("utf-8", "surrogatepass") == data), None)


def payload_encoded(suspect: Suspect) -> Refused | None:
    """The header says b64: false, but the payload was signed in base64url, as RFC 7515 without RFC 7797 asks for."""
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


def payload_reserialized(suspect: Suspect) -> Refused | None:
    """The same JSON with other white space, order or escapes."""
    for words, payload in islice(_versions(suspect.jws.payload), MAX_PAYLOADS):
        if suspect.holds(suspect.jws.input_for(payload=payload)):
            return no(
                "signature.payload_reserialized",
                seen=f"a payload of {len(suspect.jws.payload)} bytes; the signature holds for it {words}",
                expected="the very bytes that were signed",
            )
    return None


def header_reserialized(suspect: Suspect) -> Refused | None:
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
    """Something close to the signing input: the usual mistakes of those who sign by hand."""
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
    for words, before in _BEFORE:
        for after_words, after in _AFTER:
            yield f"with {words} before it{after_words}", before + data.strip() + after
    yield "with a space at the end", data + b" "
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
