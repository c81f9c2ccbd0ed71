"""Removing a state: the folder, and where several machines share it in a database, its tables there."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.errands.state import State
from sandbox.errors import Misuse, NotThere, StateUnusable
from sandbox.storage import facts, schema
from sandbox.storage.folder import Folder, read_belonging


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
        there = f"{state.folder.path} holds a state of its own, and no database has a part of it"
        raise Misuse(there, next_step="leave --database-too out")
    with state.store.write() as work:
        work.nobody_else()
        return Shared(database=belonging.url, machines=facts.machines(work))


def drop_tables(state: State) -> None:
    """Remove the tables of a shared state, for all machines; what others keep in that database stays. Their folders
    stay too, and belong to nothing. Raises StateLocked while a server runs over it, as far as that can be known."""
    with state.store.write() as work:
        work.nobody_else()
        schema.drop(work)


def leave_database(state: State) -> None:
    """Forget in a shared database that this machine was part of it."""
    if read_belonging(state.folder):
        with state.store.write() as work:
            facts.forget_here(work)


def remove_folder(path: Path) -> None:
    """Remove the folder with all that is in it: a state of its own, or this machine's part of a shared one, whose
    tables stay. Raises NotThere, StateUnusable.

    Only a folder that holds a store of ours is touched. Whether a server runs over it is for the caller to ask.
    """
    folder = Folder(path=path.absolute())
    if not folder.made:
        raise NotThere(f"there is no sandbox in {path}", next_step="nothing to do")
    try:
        gone = _moved_away(folder.path)
    except OSError as error:
        raise StateUnusable(
            f"{path} cannot be removed: {error.strerror}; all of it is still there",
            next_step="stop what uses it, and check its rights and those of the folder that it is in",
        ) from error
    try:
        shutil.rmtree(gone)
    except OSError as error:
        raise StateUnusable(
            f"{path} is no state any more, but its files are still in {gone}, its keys too: {error.strerror}",
            next_step="check the rights of that folder, and remove it by hand",
        ) from error


def _moved_away(path: Path) -> Path:
    """In one step, so that nobody finds half a state; under a name of its own, for what an earlier removal could not
    remove may still be there."""
    gone = Path(tempfile.mkdtemp(prefix=f"{path.name}.gone-", dir=path.parent))
    try:
        path.rename(gone / path.name)
    except OSError:
        gone.rmdir()
        raise
    return gone
