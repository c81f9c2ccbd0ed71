"""A JWE that does not decrypt: each slip is found, and nobody learns at which step the decryption failed."""

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwa import GCMEncModel

from sandbox.errors import Refused
from sandbox.jose import content
from sandbox.jose.explain import undecrypted
from sandbox.jose.jwe import open_jwe
from sandbox.jose.jws import SigningKey
from tests.sandbox.jose.encrypting import HEADER, OAEP, PAYLOAD, SHA1, SHA256, by_hand, opened, own, refused, to_own
from tests.sandbox.jose.making import part, shelf

SLIPS = {
    "the mask of SHA-1": (lambda: by_hand(pad=padding.OAEP(padding.MGF1(SHA1), SHA256, None)), "padding_wrong"),
    "SHA-1": (lambda: by_hand(pad=padding.OAEP(padding.MGF1(SHA1), SHA1, None)), "padding_wrong"),
    "PKCS #1 v1.5": (lambda: by_hand(pad=padding.PKCS1v15()), "padding_wrong"),
    "a key of before": (lambda: by_hand(to=to_own(2)), "old_key"),
    "no additional data": (lambda: by_hand(aad=lambda _: b""), "header_not_authenticated"),
    "the header as JSON": (lambda: by_hand(aad=lambda header: header), "header_not_authenticated"),
    "a key of the client's": (lambda: by_hand({**HEADER, "kid": "mine"}, to=to_own(9)), "own_key"),
    "a key of nobody's": (lambda: by_hand(to=to_own(9)), "does_not_decrypt"),
}


@pytest.mark.parametrize("name", SLIPS)
def test_a_slip(name):
    """What explains the whole of it is told. The same made without the slip opens."""
    make, cause = SLIPS[name]
    reason = refused(make(), 2, 1)
    assert reason.code == f"encryption.{cause}" and reason.seen and reason.expected
    assert opened(by_hand(), 2, 1).payload == PAYLOAD


def test_a_kid_of_the_clients_own_is_no_fault_by_itself():
    """It is only told of what does not decrypt."""
    assert opened(by_hand({**HEADER, "kid": "mine"})).payload == PAYLOAD


def test_the_version_is_told():
    """Of the key that was used, and of the one that counts."""
    reason = refused(by_hand(to=to_own(2)), 2, 1)
    assert "version 2" in reason.seen and "version 1" in reason.expected


def failures() -> dict[str, bytes]:
    """One JWE for each step at which a decryption can fail."""
    good = by_hand()
    parts = good.split(b".")
    return {
        "no OAEP": b".".join([parts[0], part(os.urandom(255) + b"\0")[:342], *parts[2:]]),
        "a number above the modulus": b".".join([parts[0], part(b"\xff" * 256), *parts[2:]]),
        "a content key of 16 bytes": b".".join([parts[0], part(to_own().encrypt(bytes(16), OAEP)), *parts[2:]]),
        "another content key": b".".join([parts[0], part(to_own().encrypt(b"x" * 32, OAEP)), *parts[2:]]),
        "another tag": b".".join([*parts[:4], part(bytes(16))]),
    }


def test_every_failure_is_answered_alike(monkeypatch):
    """RFC 7516 section 11.5: one cause, in the same words, after as many private operations and decryptions."""
    counted: list[str] = []
    decrypt, unwrapped, first = GCMEncModel.decrypt, undecrypted._unwrapped, content._key_encryption().decrypt_cek

    def watched(self, *parts):
        counted.append("content")
        assert len(parts[2]) == 32
        return decrypt(self, *parts)

    def watched_key(*given):
        counted.append("key")
        return unwrapped(*given)

    def watched_first(recipient):
        counted.append("first")
        return first(recipient)

    monkeypatch.setattr(GCMEncModel, "decrypt", watched)
    monkeypatch.setattr(undecrypted, "_unwrapped", watched_key)
    monkeypatch.setattr(content._key_encryption(), "decrypt_cek", watched_first)
    seen = set()
    for body in failures().values():
        counted.clear()
        seen.add((refused(body, 2, 1), tuple(counted)))
    ((reason, steps),) = seen
    assert reason.code == "encryption.does_not_decrypt"
    assert (steps.count("first"), steps.count("key"), steps.count("content")) == (1, 4, 7)


def test_the_key_by_which_the_provider_signs():
    """Fetched from the same call with the other scope; asked for after a failure only, and none of an EC key."""
    asked: list[str] = []

    def signers() -> list[SigningKey]:
        asked.append("now")
        return [shelf("ES256"), shelf("PS256")]

    public = shelf("PS256").public_key
    assert isinstance(public, rsa.RSAPublicKey)
    with pytest.raises(Refused) as caught:
        open_jwe(by_hand(to=public), keys=[own()], signers=signers)
    assert caught.value.code == "encryption.signing_key" and "PS256" in caught.value.reasons[0].seen
    with pytest.raises(Refused) as caught:
        open_jwe(by_hand(to=to_own(9)), keys=[own()], signers=signers)
    assert caught.value.code == "encryption.does_not_decrypt" and len(asked) == 2
    assert open_jwe(by_hand(), keys=[own()], signers=signers).payload == PAYLOAD and len(asked) == 2


def test_only_so_many_older_keys_are_tried():
    """A private operation takes a millisecond, and others wait."""
    versions = (5, 4, 3, 2, 1)
    assert refused(by_hand(to=to_own(4)), *versions).code == "encryption.old_key"
    assert undecrypted.OLDER_KEYS == 3
    assert refused(by_hand(to=to_own(5)), *versions).code == "encryption.does_not_decrypt"


def test_a_key_of_another_size_than_the_older_ones():
    """Its length is judged by the newest; an older one of another size is no reason for a fault of ours."""
    small = content.DecryptionKey(version=1, private_key=rsa.generate_private_key(65537, 3072))
    with pytest.raises(Refused) as caught:
        open_jwe(by_hand(to=to_own(9)), keys=(small, own()))
    assert caught.value.code == "encryption.does_not_decrypt"
