"""A reply is sealed in one way only."""

import base64

import pytest

from sandbox.jose.algorithms import ALGORITHMS
from sandbox.jose.signing import seal_compact
from tests.sandbox.jose.making import EVERY, PAYLOAD, shelf


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@EVERY
def test_the_header_stands_in_the_order_given(algorithm: str) -> None:
    """Compact JSON, base64url without padding, and a signature as long as the algorithm says."""
    key = shelf(algorithm)
    first, second, third = seal_compact(PAYLOAD, key=key, header={"version": 1, "alg": algorithm}).split(".")
    assert decoded(first) == b'{"version":1,"alg":"%s"}' % algorithm.encode()
    assert decoded(second) == PAYLOAD
    assert len(decoded(third)) == ALGORITHMS[algorithm].length(key.public_key)


@pytest.mark.parametrize("header", [{}, {"alg": "ES384"}, {"alg": "none"}])
def test_the_header_may_not_say_another_algorithm(header: dict[str, str]) -> None:
    """That would be a fault of ours, so it is not a refusal."""
    with pytest.raises(RuntimeError):
        seal_compact(PAYLOAD, key=shelf("ES256"), header=header)


def test_an_algorithm_signs_with_its_own_kind_of_key_only() -> None:
    """A fault of ours as well."""
    with pytest.raises(RuntimeError, match="RSA"):
        ALGORITHMS["PS256"].sign(shelf("ES256").private_key, b"")
    with pytest.raises(RuntimeError, match="P-256"):
        ALGORITHMS["ES256"].sign(shelf("PS256").private_key, b"")


def test_a_key_of_the_other_kind_verifies_nothing() -> None:
    """The answer is no, not an error."""
    assert not ALGORITHMS["ES256"].verifies(shelf("PS256").public_key, b"", bytes(64))
    assert not ALGORITHMS["PS256"].verifies(shelf("ES256").public_key, b"", bytes(256))
