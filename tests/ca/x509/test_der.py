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
