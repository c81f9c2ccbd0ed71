"""A JWE in its parts, the provider's keys that open one, and the library's way to do so.

joserfc encrypts and decrypts. Which JWE is opened, and by what key, is left to ``jwe``.
"""

import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

from ca.x509.keys import read_key_der, write_key_der
from sandbox.jose.jws import NEW_RSA_BITS
from sandbox.jose.reading import Header
from sandbox.jose.scheme import OAEP

if TYPE_CHECKING:
    from joserfc.jwa import GCMEncModel, JWEKeyEncryption
    from joserfc.jwe import JWERegistry
    from joserfc.jwk import RSAKey

DIRECT = "dir"
"""The ``alg`` of a reply that is encrypted by a key which both sides have (RFC 7518 section 4.5)."""
CONTENT_KEY_BYTES = 32
IV_BYTES = 12
TAG_BYTES = 16
"""Of AES-256 in Galois/Counter Mode (RFC 7518 section 5.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jwe:
    """A compact JWE in its five parts, decoded, and its header as it is authenticated."""

    header_part: bytes
    """As it came: the additional data of the encryption (RFC 7516 section 5.2), never serialized again."""
    header_bytes: bytes
    header: Header
    encrypted_key: bytes = field(repr=False)
    iv: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)
    tag: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecryptionKey:
    """One version of the provider's private key, to whose public half clients encrypt."""

    version: int
    private_key: rsa.RSAPrivateKey = field(repr=False)
    _imported: "RSAKey | None" = field(default=None, init=False, repr=False, compare=False)
    """As joserfc has it, from the first call on."""

    @property
    def joserfc(self) -> "RSAKey":
        key = self._imported
        if key is None:
            from joserfc.jwk import RSAKey

            key = RSAKey.import_key(self.private_key)
            object.__setattr__(self, "_imported", key)  # frozen for everybody else
        return key


def content_key_of(jwe: Jwe, key: DecryptionKey) -> bytes:
    """The content key; a random one where there is none, by which the content then cannot be decrypted."""
    from joserfc.errors import DecodeError
    from joserfc.jwe import CompactEncryption, Recipient

    instead = secrets.token_bytes(CONTENT_KEY_BYTES)
    recipient: Recipient[RSAKey] = Recipient(CompactEncryption({}), recipient_key=key.joserfc)
    recipient.encrypted_key = jwe.encrypted_key
    try:
        found = _key_encryption().decrypt_cek(recipient)
    except DecodeError:
        return instead
    return found if len(found) == CONTENT_KEY_BYTES else instead


def decrypted_by(content_key: bytes, jwe: Jwe, additional: bytes) -> bytes | None:
    """The payload; None where key, content, tag and *additional* data do not belong together.

    The library's own function for a whole JWE authenticates a header that it has serialized anew.
    """
    from joserfc.errors import DecodeError

    try:
        return _content_encryption().decrypt(jwe.ciphertext, jwe.tag, content_key, jwe.iv, additional)
    except DecodeError:
        return None


# --- the provider's own keys ---


def make_decryption_key() -> bytes:
    """A new private key as PKCS#8 DER, for a store that is itself private. It takes a tenth of a second."""
    from joserfc.jwk import RSAKey

    return write_key_der(_rsa(RSAKey.generate_key(NEW_RSA_BITS).private_key))


def read_decryption_key(der: bytes, *, version: int) -> DecryptionKey:
    """The key that make_decryption_key made."""
    return DecryptionKey(version=version, private_key=_rsa(read_key_der(der)))


def _rsa(key: object) -> rsa.RSAPrivateKey:
    if not isinstance(key, rsa.RSAPrivateKey):
        raise RuntimeError("what is encrypted here is decrypted by RSA keys only")
    return key


# --- the library's implementations ---


@cache
def _key_encryption() -> "JWEKeyEncryption":
    from joserfc.jwa import JWE_ALG_MODELS, JWEKeyEncryption

    found = next(one for one in JWE_ALG_MODELS if one.name == OAEP.name)
    if not isinstance(found, JWEKeyEncryption):
        raise RuntimeError(f"joserfc has another {OAEP.name}")
    return found


@cache
def _content_encryption() -> "GCMEncModel":
    from joserfc.jwa import GCMEncModel

    return GCMEncModel(8 * CONTENT_KEY_BYTES)


@cache
def registry() -> "JWERegistry":
    """With our own algorithms, in place of the table that belongs to the process and that its host may change."""
    from joserfc.jwa import DirectAlgEncryption
    from joserfc.jwe import JWERegistry

    registry = JWERegistry(algorithms=[OAEP.name, DIRECT, OAEP.content])
    registry.algorithms = {
        "alg": {OAEP.name: _key_encryption(), DIRECT: DirectAlgEncryption()},
        "enc": {OAEP.content: _content_encryption()},
        "zip": {},
    }
    return registry
