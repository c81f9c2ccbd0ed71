import pytest

from ca.x509.der import elements, outer_length


@pytest.mark.parametrize(
    ("der", "length"),
    [
        (b"", None),
        (b"\x31\x00", None),
        (b"\x30\x05", 7),
        (b"\x30\x82\x01\x00", 260),
        (b"\x30\x80", None),
        (b"\x30\x84\x01", None),
        (b"\x30\x85\x00\x00\x00\x00\x01", None),
    ],
)
def test_the_outer_length_is_read_from_the_first_bytes(der: bytes, length: int | None) -> None:
    """X.690 section 8.1.3, short and long form; the indefinite form is no DER, and four octets are enough."""
    assert outer_length(der) == length


@pytest.mark.parametrize(
    ("der", "found"),
    [
        (b"", []),
        (b"\x02\x01\x05\x30\x00", [(0x02, b"\x05"), (0x30, b"")]),
        (b"\x02\x01\x05\x30\x01", [(0x02, b"\x05")]),
        (b"\x02\x81\x01\x05\xff", [(0x02, b"\x05")]),
    ],
)
def test_elements_in_a_row_are_told_apart(der: bytes, found: list[tuple[int, bytes]]) -> None:
    """Tag and contents of each, up to where the bytes end or are no DER."""
    assert list(elements(der)) == found
