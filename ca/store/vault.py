"""How the authority's private keys lie in a store: as they are, or sealed by a key that a passphrase gives.

Where the passphrase is from, and whether a store is sealed, is left to whoever hands a Vault in."""

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ca.store.store import UnitOfWork

SALT_BYTES = 16
# RFC 7914 section 2. N = 2^15 takes 32 MiB and some 80 ms, once per process: a start may not cost more than 150 ms.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
# PKCS#8 begins with 0x30 (a SEQUENCE), so that what was sealed is told from what was not.
MARK = b"sealed1:"
_NONCE = 12  # bytes: NIST SP 800-38D section 5.2.1.1. At random: a store seals some dozens of keys, not 2^32.


class Vault(Protocol):
    """What stands between a private key and the store that keeps it. *name* says which key, and is bound to it."""

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        """PKCS#8 as it goes into the store."""

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        """The PKCS#8 that was sealed under this name."""


class PlainVault:
    """Keys as they are, for a store that is itself private."""

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        return key

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        return kept


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


def is_sealed(kept: bytes) -> bool:
    """Whether these bytes of a store are sealed, by whatever key."""
    return kept.startswith(MARK)
