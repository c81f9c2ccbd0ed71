"""A state folder comes and goes whole. What stops us on the way leaves nothing, and what SIGKILL leaves is swept."""

import atexit
import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.errors import StateUnusable
from sandbox.storage.files import POSIX
from sandbox.storage.folder import Folder, no_rights

if POSIX:
    import fcntl

MAKING, GONE = ".sandbank-making-", ".gone-"
"""With these begin, and go on, the names of folders beside a state while it is made or removed."""
TEMPORARY = "sandbank-"
"""And with this that of a folder for the length of one program."""
AT_WORK = "at-work.lock"


def make(folder: Folder, fill: Callable[[Folder], None]) -> None:
    """Make the state in a temporary folder beside its place, let *fill* found it, and rename it into place.

    So a state is never half made, whatever stops us. Two makers at once: one wins, the other uses what it made.
    Raises StateUnusable.
    """
    target = folder.path
    if target.exists() and not target.is_dir():
        raise StateUnusable(f"{target} is a file, not a folder", next_step="choose another with --state DIR")
    if target.is_dir() and any(target.iterdir()):
        raise StateUnusable(
            f"{target} holds other things and no Sandbank state", next_step="choose an empty or new --state DIR"
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target)
        with _at_work(target.parent / f"{MAKING}{secrets.token_hex(4)}") as making:
            # Whatever the folder holds (keys, a journal) must not be committed by the project that it lies in.
            (making / ".gitignore").write_text("*\n", encoding="utf-8")
            fill(Folder(path=making))
            _rename(making, target)
    except OSError as error:
        raise no_rights(target, error) from error


@contextmanager
def _at_work(folder: Path) -> Iterator[Path]:
    """A new folder whose lock says that somebody is at work in it. It is gone at the end, however that comes; but for
    SIGKILL, after which `sweep` finds it."""
    descriptor = -1
    try:
        folder.mkdir(mode=0o700)
        descriptor = _lock(folder)
        yield folder
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def _lock(folder: Path) -> int:
    unlocked = folder / f"{AT_WORK}.new"
    descriptor = os.open(unlocked, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if POSIX:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    unlocked.rename(folder / AT_WORK)  # never there without its lock
    return descriptor


class TemporaryFolder:
    """A folder that goes with the process that made it, and not with a child which that has forked. Those of processes
    that were killed go when another one is made."""

    def __init__(self) -> None:
        """Raises StateUnusable."""
        try:
            self.path = Path(tempfile.mkdtemp(prefix=TEMPORARY))
            self._descriptor = _lock(self.path)
        except OSError as error:
            raise no_rights(Path(tempfile.gettempdir()), error) from error
        self._process = os.getpid()
        atexit.register(self.remove)  # of a sandbox that nobody stops
        _sweep(self.path.parent, f"{TEMPORARY}*")

    def remove(self) -> None:
        """Remove it with all that is in it; nothing in a forked child, or a second time."""
        atexit.unregister(self.remove)
        if os.getpid() == self._process and self._descriptor >= 0:
            shutil.rmtree(self.path, ignore_errors=True)
            os.close(self._descriptor)
            self._descriptor = -1


def _rename(making: Path, target: Path) -> None:
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    try:
        making.rename(target)
    except OSError:
        if not Folder(path=target).made:
            raise
    else:
        (target / AT_WORK).unlink(missing_ok=True)


def sweep(target: Path) -> None:
    """Remove what was left beside a state by whoever was killed while it was made or removed: private keys are in it.

    Only folders in which nobody is at work; what cannot be removed stays."""
    for pattern in (f"{MAKING}*", f"{glob.escape(target.name)}{GONE}*"):
        _sweep(target.parent, pattern)


def _sweep(around: Path, pattern: str) -> None:
    for left in around.glob(pattern) if POSIX else ():
        if _abandoned(left / AT_WORK):
            shutil.rmtree(left, ignore_errors=True)


def _abandoned(mark: Path) -> bool:
    """Whether the file is there and its lock free: else somebody is at work, or it is no folder of ours."""
    try:
        descriptor = os.open(mark, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def remove(path: Path) -> None:
    """Move the folder away in one step, so that nobody finds half a state, and remove it there. Raises StateUnusable.

    Where it is moved to has a name of its own: what an earlier removal could not remove may still be there."""
    sweep(path)
    gone = path.with_name(f"{path.name}{GONE}{secrets.token_hex(4)}")
    try:
        with _at_work(gone):
            path.rename(gone / path.name)
            shutil.rmtree(gone / path.name)
    except OSError as error:
        if path.exists():
            raise StateUnusable(
                f"{path} cannot be removed: {error.strerror}; all of it is still there",
                next_step="stop what uses it, and check the permissions of it and of the folder around it",
            ) from error
        raise StateUnusable(
            f"{path} is no longer a state, but its files are still in {gone}, its keys too: {error.strerror}",
            next_step="check the permissions of that folder, and remove it by hand",
        ) from error
