"""The outermost layers of DER: tags and lengths (X.690 section 8.1), for what can be said where parsing fails.

What the contents mean is left to `sniff` and `csr`, and to the library that parses them."""

from collections.abc import Iterator

SEQUENCE = 0x30
INTEGER = 0x02
# Four octets of length are four gigabytes: whatever says more is no file of ours.
MAX_LENGTH_OCTETS = 4


def outer_length(der: bytes) -> int | None:
    """How long the outermost SEQUENCE says the whole is (X.690 section 8.1.3), or None when it is none."""
    header = _header(der)
    return None if header is None or der[0] != SEQUENCE else sum(header)


def elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and contents of each element in a row; ends early where the bytes are no DER."""
    while (header := _header(der)) is not None:
        begins, length = header
        if begins + length > len(der):
            return
        yield der[0], der[begins : begins + length]
        der = der[begins + length :]


def _header(der: bytes) -> tuple[int, int] | None:
    """The sizes of the header and of the contents, by the short form of a length or the long one."""
    if len(der) < 2:
        return None
    if der[1] < 0x80:
        return 2, der[1]
    size = der[1] & 0x7F
    if not 1 <= size <= MAX_LENGTH_OCTETS or len(der) < 2 + size:
        return None  # 0x80 is the indefinite form, which DER does not have
    return 2 + size, int.from_bytes(der[2 : 2 + size], "big")
