"""The vault of a store: whether its private keys are sealed, and the passphrase of this process that opens them.

How a key is sealed is `ca.vault`'s business; which keys there are, the tables'."""

import os

from ca.store import Work
from ca.vault import SALT_BYTES, Sealer, is_sealed
from sandbox.errors import PassphraseMissing, PassphraseWrong, StateUnusable
from sandbox.storage import facts

SALT, CHECK = "vault.salt", "vault.check"
"""The facts of a sealed store: what the key is derived with, and something sealed by which the right one is known."""


def sealed(work: Work) -> bool:
    """Whether this store's keys are sealed."""
    return bool(facts.get(work, SALT))


class StoreVault:
    """Seals where the store is sealed. The key is derived when first needed, and once: commands that need none are
    neither slowed down nor asked for the passphrase.

    The store is asked every time, for another process may have sealed it since.
    """

    def __init__(self, passphrase: str) -> None:
        self._passphrase = passphrase
        self._sealers: dict[str, Sealer] = {}

    @property
    def has_passphrase(self) -> bool:
        return bool(self._passphrase)

    def seal(self, work: Work, name: str, key: bytes) -> bytes:
        """The key as this store keeps keys. Raises PassphraseMissing, PassphraseWrong."""
        return self._sealer(work).seal(name, key) if sealed(work) else key

    def open(self, work: Work, name: str, kept: bytes) -> bytes:
        """Raises PassphraseMissing, PassphraseWrong, and StateUnusable for what was changed since it was sealed."""
        if not is_sealed(kept):
            return kept
        if (key := self._sealer(work).open(name, kept)) is None:
            raise StateUnusable(
                f"the private key {name} in the store was changed since it was sealed",
                next_step="restore the state from a copy, or start anew with another --state DIR",
            )
        return key

    def verify(self, work: Work) -> None:
        """Nothing, where the passphrase is that of this sealed store. Raises PassphraseMissing, PassphraseWrong."""
        self._sealer(work)

    def begin(self, work: Work) -> None:
        """From here on this store's keys are sealed, by the passphrase of this process. Raises PassphraseMissing."""
        salt = os.urandom(SALT_BYTES).hex()
        sealer = self._derived(salt)
        facts.put(work, SALT, salt)
        facts.put(work, CHECK, sealer.seal(CHECK, b"").hex())
        self._sealers[salt] = sealer

    def end(self, work: Work) -> None:
        """From here on they are not. Raises PassphraseMissing, PassphraseWrong."""
        self.verify(work)
        facts.put(work, SALT, "")
        facts.put(work, CHECK, "")

    def _sealer(self, work: Work) -> Sealer:
        salt, check = facts.get(work, SALT) or "", facts.get(work, CHECK) or ""
        if (known := self._sealers.get(salt)) is not None:
            return known
        sealer = self._derived(salt)
        # Before anything is sealed with it: a store half of whose keys have another passphrase opens for nobody.
        if sealer.open(CHECK, bytes.fromhex(check)) is None:
            raise PassphraseWrong(
                "the passphrase in SANDBANK_PASSPHRASE is not that of this state",
                next_step="set the one with which the state was made or encrypted; without it, sandbank state reset",
            )
        self._sealers[salt] = sealer
        return sealer

    def _derived(self, salt: str) -> Sealer:
        if not self._passphrase:
            raise PassphraseMissing(
                "the private keys of this state are encrypted, or are to be, and there is no passphrase",
                next_step="set it in the environment, as SANDBANK_PASSPHRASE",
            )
        return Sealer.of(self._passphrase, bytes.fromhex(salt))
