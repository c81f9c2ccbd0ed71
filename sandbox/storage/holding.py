"""Locks by which the processes over one state folder know of each other: which is its server, and who serves it at all.

Each is on an empty file in the folder. It ends with its process, however that ends, and a process that was stopped
(Ctrl-Z) keeps it: a question at the control door would find out neither. Windows has no such locks.
"""

import os
from contextlib import ExitStack
from pathlib import Path

from sandbox.errors import NotThere, StateLocked, StateUnusable
from sandbox.storage.files import POSIX
from sandbox.storage.folder import Folder

if POSIX:
    import fcntl

SERVER, SERVING = "server.lock", "serving.lock"
TRIES = 10
"""To lock the file that is at its path: after the first the folder was removed and made anew in between."""


class Hold:
    """Locks that this process has, until it lets go."""

    def __init__(self, descriptors: tuple[int, ...] = ()) -> None:
        self._descriptors = descriptors

    def let_go(self) -> None:
        descriptors, self._descriptors = self._descriptors, ()
        for one in descriptors:
            os.close(one)


def hold_as_server(folder: Folder) -> Hold:
    """Be the one server of this folder. Raises StateLocked where another is."""
    return _hold(folder, (SERVER, False))


def hold_serving(folder: Folder) -> Hold:
    """Be one of the processes that serve it. Raises StateLocked where it is about to be removed or sealed."""
    return _hold(folder, (SERVING, True))


def hold_alone(folder: Folder) -> Hold:
    """Be the only process that may serve it, or change what servers have in memory. Raises StateLocked, NotThere."""
    return _hold(folder, (SERVER, False), (SERVING, False))


def _hold(folder: Folder, *wanted: tuple[str, bool]) -> Hold:
    if not folder.made:
        raise NotThere(f"there is no sandbox in {folder.path}", next_step="sandbank serve makes one")
    if not POSIX:
        return Hold()
    with ExitStack() as undo:
        descriptors = []
        for name, shared in wanted:
            descriptors.append(_locked(folder.path / name, fcntl.LOCK_SH if shared else fcntl.LOCK_EX))
            undo.callback(os.close, descriptors[-1])
        undo.pop_all()
    return Hold(tuple(descriptors))


def _locked(path: Path, kind: int) -> int:
    for _ in range(TRIES):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateUnusable(
                f"{path} cannot be made: {error.strerror}",
                next_step="check the permissions and the free space of the folder",
            ) from error
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            if _is_at(path, descriptor):
                return descriptor
        except BlockingIOError:
            os.close(descriptor)
            raise StateLocked(
                f"a server runs over {path.parent}, or is about to start",
                next_step="stop it first, with Ctrl-C or SIGTERM (if it was stopped by Ctrl-Z: fg, then Ctrl-C), "
                "or use another --state DIR",
            ) from None
        os.close(descriptor)
    raise StateLocked(f"{path.parent} is being removed and made again", next_step="wait a moment and try again")


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the locked file is still the one at its path, and not in a folder that was moved away."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
