"""Removing a state, and encrypting or decrypting the private keys in one: wholly or not at all."""

from dataclasses import dataclass, replace
from pathlib import Path

from ca.store import store
from sandbox.errors import Misuse, StateLocked, StateMissing
from sandbox.services.state import State
from sandbox.storage import facts, keys
from sandbox.storage.folder import Folder, read_belonging
from sandbox.storage.keys import sealed
from sandbox.storage.lifetime import remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What would go with the tables of a shared state."""

    database: str
    """Its URL, without a password."""
    machines: int
    """That have a folder which belongs to it, this one among them."""


def shared(state: State) -> Shared:
    """Of a state whose tables are in a database. Raises Misuse for another, StateLocked while a server runs over it."""
    belonging = read_belonging(state.folder)
    if belonging is None:
        there = f"{state.folder.path} holds a state of its own, which is in no database"
        raise Misuse(there, next_step="leave --database-too out")
    with state.store.write() as work:
        work.nobody_else()
        return Shared(database=belonging.url, machines=facts.machines(work))


def drop_tables(state: State) -> None:
    """Remove the tables of a shared state, for all machines; what others keep in that database stays. Their folders
    stay too, without a state. Raises StateLocked while a server runs over it, as far as that can be known."""
    with state.store.write() as work:
        work.nobody_else()
        facts.drop_tables(work)


def leave_database(state: State) -> None:
    """Forget in a shared database that this machine was part of it."""
    if read_belonging(state.folder):
        with state.store.write() as work:
            facts.forget_here(work)


def remove_folder(path: Path) -> None:
    """Remove the folder with all that is in it: a state of its own, or this machine's part of a shared one, whose
    tables stay. Raises StateMissing, StateUnusable.

    Only a folder that holds a store of ours is touched. Whether a server runs over it is for the caller to ask.
    """
    folder = Folder(path=path.absolute())
    if not folder.made:
        raise StateMissing(f"there is no sandbox in {path}", next_step="nothing is left to remove")
    remove(folder.path)


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
            next_step="stop that process, and run the command again",
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
