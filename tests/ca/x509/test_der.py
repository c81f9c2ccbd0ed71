import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from ca.x509 import der
from tests.ca.chain import other_ca
from tests.ca.making import NOW


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_what_was_put_together_comes_apart(size: int) -> None:
    """With the length in one octet, in two, and in more."""
    inside = der.wrap(der.OCTET_STRING, b"x" * size)
    whole = der.wrap(der.SEQUENCE, inside, der.wrap(der.BIT_STRING, b"\0y"))
    assert der.parts(whole) == [inside, b"\x03\x02\0y"]
    assert der.contents(inside) == b"x" * size


def test_a_certificate_is_put_together_as_the_library_wrote_it() -> None:
    """Taken apart two levels deep and put together again: not a bit is lost or another."""
    whole = other_ca(NOW).certificate.public_bytes(Encoding.DER)
    body, algorithm, signature = der.parts(whole)
    assert body == other_ca(NOW).certificate.tbs_certificate_bytes
    again = der.wrap(der.SEQUENCE, *der.parts(body))
    assert der.wrap(der.SEQUENCE, again, algorithm, signature) == whole


@pytest.mark.parametrize(
    ("given", "length"),
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
def test_the_outer_length_is_read_from_the_first_bytes(given: bytes, length: int | None) -> None:
    """X.690 section 8.1.3, short and long form; the indefinite form is no DER, and four octets are enough."""
    assert der.outer_length(given) == length


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (b"", []),
        (b"\x02\x01\x05\x30\x00", [(0x02, b"\x05"), (0x30, b"")]),
        (b"\x02\x01\x05\x30\x01", [(0x02, b"\x05")]),
        (b"\x02\x81\x01\x05\xff", [(0x02, b"\x05")]),
    ],
)
def test_elements_in_a_row_are_told_apart(given: bytes, found: list[tuple[int, bytes]]) -> None:
    """Tag and contents of each, up to where the bytes end or are no DER."""
    assert list(der.elements(given)) == found
