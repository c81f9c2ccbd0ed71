"""Encrypting the private keys of a state that is there, and decrypting them again: all of them or none."""

from dataclasses import replace

from ca import store
from sandbox.errands.state import State
from sandbox.errors import StateLocked
from sandbox.storage import keys
from sandbox.storage.vault import sealed


def encrypt_state(state: State) -> bool:
    """Seal every private key by the passphrase of this process; False when they were sealed by it already.

    Raises PassphraseMissing, PassphraseWrong (sealed by another), and StateLocked, also where a server runs over a
    shared database: it has the keys as they were.
    """
    done = _rewrite(state, to_sealed=True)
    # Also where it was done before: whoever was killed between the two finds old pages swept up the next time.
    if not state.store.scrub():
        raise StateLocked(
            "the keys are encrypted, but another process reads the store, and old pages are still in its log",
            next_step="end it, and give the command once more",
        )
    return done


def decrypt_state(state: State) -> bool:
    """Keep every private key as it is again; False when they were not sealed."""
    return _rewrite(state, to_sealed=False)


def in_plain(state: State) -> bool:
    """Whether there is a passphrase and the keys are all the same not encrypted: the state was made without one."""
    if not state.vault.has_passphrase:
        return False
    with state.store.read() as work:
        return not sealed(work)


def _rewrite(state: State, *, to_sealed: bool) -> bool:
    vault = state.vault
    with state.store.write() as work:
        work.nobody_else()
        if sealed(work) == to_sealed:
            if to_sealed:
                vault.verify(work)
            return False
        authorities = [(name, vault.open(work, name, kept)) for name, kept in store.authority_keys(work)]
        replies = [(row, vault.open(work, row.name, row.kept)) for row in keys.all_reply_keys(work)]
        vault.begin(work) if to_sealed else vault.end(work)
        for name, key in authorities:
            store.write_authority_key(work, name, vault.seal(work, name, key))
        for row, key in replies:
            keys.write_reply_key(work, replace(row, kept=vault.seal(work, row.name, key)))
    return True
