"""The examples of the RFCs are read as the RFCs say."""

import pytest

from sandbox.jose.keys import VerifyingKey
from tests.sandbox.jose.making import exchanged, only, opened, refused
from tests.sandbox.jose.vectors import VECTORS, Vector


def key_of(vector: Vector) -> VerifyingKey:
    return VerifyingKey(kid=vector.kid, algorithm=vector.algorithm, public_key=vector.key)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.source)
def test_a_published_jws_verifies_and_a_changed_one_does_not(vector: Vector) -> None:
    """Signature, header and payload of the RFC; and the same with one letter of the payload changed."""
    scheme = only(vector.algorithm, url=False)
    said = opened(vector.jws.encode(), key_of(vector), scheme=scheme)
    assert said.payload == vector.payload
    assert said.header["alg"] == vector.algorithm
    changed = exchanged(vector.jws.encode(), payload=vector.payload.replace(b"o", b"0", 1))
    assert refused(changed, key_of(vector), scheme=scheme).code == "signature.does_not_verify"
