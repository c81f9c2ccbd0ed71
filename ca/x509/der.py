"""Just enough of DER (X.690) to take a value apart and to put one together.

What the parts mean is left to the callers."""

from collections.abc import Iterator

INTEGER = 0x02
BIT_STRING = 0x03
OCTET_STRING = 0x04
SEQUENCE = 0x30
CONTEXT_0 = 0xA0
NULL = bytes.fromhex("0500")


def contents(element: bytes) -> bytes:
    """What is inside an element of DER, without its tag and length."""
    return element[_header(element, 0) :]


def bits(element: bytes) -> bytes:
    """The octets of a BIT STRING, such as a key or a signature, of which no bit is unused."""
    return contents(element)[1:]


def parts(element: bytes) -> list[bytes]:
    """The elements inside a constructed element, each with its tag and length."""
    found, at = [], _header(element, 0)
    while at < len(element):
        end = _header(element, at) + _length(element, at)
        found.append(element[at:end])
        at = end
    return found


def wrap(tag: int, *inside: bytes) -> bytes:
    """An element with this tag around others, or around plain bytes."""
    body = b"".join(inside)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(size))) + size + body


def _header(data: bytes, at: int) -> int:
    """Where the contents of the element begin that begins at `at`."""
    return at + 2 + (data[at + 1] & 0x7F if data[at + 1] & 0x80 else 0)


def _length(data: bytes, at: int) -> int:
    first = data[at + 1]
    return int.from_bytes(data[at + 2 : at + 2 + (first & 0x7F)], "big") if first & 0x80 else first


SEQUENCE_TAG = 0x30
INTEGER_TAG = 0x02
# Four octets of length are four gigabytes: whatever says more is no file of ours.
MAX_LENGTH_OCTETS = 4
_MAX_HEADER = 2 + MAX_LENGTH_OCTETS


def outer_length(der: bytes) -> int | None:
    """How long the outermost SEQUENCE says the whole is (X.690 section 8.1.3), or None when it is none."""
    header = _sizes(der)
    return None if header is None or der[0] != SEQUENCE_TAG else sum(header)


def elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and contents of each element in a row; ends early where the bytes are no DER."""
    at = 0
    while (header := _sizes(der[at : at + _MAX_HEADER])) is not None:
        begins, length = at + header[0], header[1]
        if begins + length > len(der):
            return
        yield der[at], der[begins : begins + length]
        at = begins + length


def _sizes(der: bytes) -> tuple[int, int] | None:
    """The sizes of the header and of the contents, by the short form of a length or the long one."""
    if len(der) < 2:
        return None
    if der[1] < 0x80:
        return 2, der[1]
    size = der[1] & 0x7F
    if not 1 <= size <= MAX_LENGTH_OCTETS or len(der) < 2 + size:
        return None  # 0x80 is the indefinite form, which DER does not have
    return 2 + size, int.from_bytes(der[2 : 2 + size], "big")
