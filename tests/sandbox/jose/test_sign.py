"""A reply is sealed in one way only."""

import base64

import pytest

from sandbox.jose.jws import SigningKey, seal_compact
from sandbox.jose.scheme import ALGORITHMS
from tests.sandbox.jose.making import EVERY, PAYLOAD, public, shelf


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
    for algorithm, other, wanted in (("PS256", "ES256", "RSA"), ("ES256", "PS256", "EC"), ("ES256", "ES512", "P-256")):
        key = SigningKey(algorithm=algorithm, private_key=shelf(other).private_key)
        with pytest.raises(RuntimeError, match=f"with {algorithm}: .*'{wanted}'"):
            seal_compact(PAYLOAD, key=key, header={"alg": algorithm})


def test_a_key_of_the_other_kind_verifies_nothing() -> None:
    """The answer is no, not an error."""
    assert not public("PS256").verifies(b"", bytes(64), algorithm=ALGORITHMS["ES256"])
    assert not public("ES256").verifies(b"", bytes(256), algorithm=ALGORITHMS["PS256"])
