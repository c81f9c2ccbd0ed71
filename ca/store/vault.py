"""Sealing private keys by a key that a passphrase gives, for a store whose keys are not kept as they are.

Where the passphrase is from, and whether a store is sealed, is left to whoever hands a Vault in."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ca.store.store import MARK

SALT_BYTES = 16
# RFC 7914 section 2. N = 2^15 takes 32 MiB and some 80 ms, once per process: a start may not cost more than 150 ms.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
_NONCE = 12  # bytes: NIST SP 800-38D section 5.2.1.1. At random: a store seals some dozens of keys, not 2^32.


class Sealer:
    """Seals and opens with one key: AES-256-GCM, the name as its associated data."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    @classmethod
    def of(cls, passphrase: str, salt: bytes) -> "Sealer":
        """The one of a passphrase; this is what takes its time."""
        scrypt = Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
        return cls(scrypt.derive(passphrase.encode("utf-8", "surrogateescape")))

    def seal(self, name: str, plain: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return MARK + nonce + self._cipher.encrypt(nonce, plain, name.encode("utf-8"))

    def open(self, name: str, sealed: bytes) -> bytes | None:
        """What was sealed; None when it was not by this key, not under this name, or was changed since."""
        nonce, text = sealed[len(MARK) :][:_NONCE], sealed[len(MARK) + _NONCE :]
        try:
            return self._cipher.decrypt(nonce, text, name.encode("utf-8"))
        except (InvalidTag, ValueError):  # ValueError: too short to be anything
            return None
