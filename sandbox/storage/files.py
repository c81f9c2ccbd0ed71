"""What a SQLite file needs: a fair lock for writers, words for its complaints, and scrubbing."""

import os
import sqlite3
import threading
from pathlib import Path
from time import monotonic, sleep

from sandbox.errors import SandbankError, StateLocked, StateRemoved, StateUnusable
from sandbox.storage.work import closed, not_text

_OTHER_STATE = "check the permissions and the free space of the state folder, or use another with --state DIR"


class Complaints:
    """SQLite's complaints about the machine become ours; what a constraint says stays the caller's.

    A class and not a generator, as the store's `Reading` and `Part`: they are entered on every call, on the event loop.
    """

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is not None and (ours := meaning(error, self._path)) is not None:
            raise ours from error


class Opening(Complaints):
    """The same where files are opened: what the system says of them is about the store too."""

    __slots__ = ()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            there = f"the store {self._path} cannot be opened: {error.strerror or error}"
            raise StateUnusable(there, next_step=_OTHER_STATE) from error
        super().__exit__(kind, error, trace)


def held(path: Path) -> StateLocked:
    """Another process holds the store for longer than we wait."""
    step = "wait a moment and try again; `fuser` on that file names the process"
    return StateLocked(f"the store {path} is held by another process", next_step=step)


def meaning(error: BaseException, path: Path) -> SandbankError | None:
    """What the error means for the person who runs us; None if it is not about the machine or their words."""
    if isinstance(error, UnicodeEncodeError):
        return not_text()
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return None
    if isinstance(error, sqlite3.OperationalError):
        if "locked" in str(error) or "busy" in str(error):
            return held(path)
        return StateUnusable(f"the store {path} cannot be used: {error}", next_step=_OTHER_STATE)
    if isinstance(error, sqlite3.DatabaseError):
        step = "restore it from a copy, or start with another --state DIR"
        return StateUnusable(f"{path} is not a readable store: {error}", next_step=step)
    return None


class InPlace:
    """Whether a file that is open is the one at its path still: what SQLite writes into another is lost, silently."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = os.fspath(path)
        self._known: tuple[int, int] | None = None

    def opened(self) -> None:
        """It has just been opened: from the first time on it is known."""
        if self._known is None:
            with Opening(self._path):
                self._known = self._seen()
        self.require()

    def require(self) -> None:
        """Two microseconds. Raises StateRemoved."""
        if self._known is not None and self._seen() != self._known:
            raise StateRemoved(
                f"the state {self._path.parent} was removed, moved or replaced while it was in use (its "
                f"{self._path.name} is another file, or gone); what is changed now would be lost",
                next_step="put it back where it was; or stop the server and start it again",
            )

    def _seen(self) -> tuple[int, int] | None:
        try:
            at = os.stat(self._name)  # noqa: PTH116 - before every call, and pathlib's takes three times as long
        except OSError:
            return None
        return at.st_dev, at.st_ino


POSIX = os.name == "posix"
"""On Windows SQLite's own waiting must do, and no server has several processes."""
if POSIX:
    import fcntl

LOOK_SECONDS = 0.0005
"""Between two looks whether the fair lock is free. The kernel could wake us, but cannot limit the wait."""


class FairLock:
    """A lock on an empty file beside the store's; the file stays, and nothing is ever in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._file: int | None = None
        self._closed = False

    def enter(self, until: float) -> bool:
        """Whether we stand in it, at the latest at this monotonic time.

        Raises OSError where there can be no file, and Misuse after `close`.
        """
        if not self._thread.acquire(timeout=max(0.0, until - monotonic())):
            return False
        try:
            if self._closed:
                raise closed()
            entered = self._locked(until) if POSIX else True
        except BaseException:
            self._thread.release()
            raise
        if not entered:
            self._thread.release()
        return entered

    def leave(self) -> None:
        """Let the next one in."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._thread.release()

    def close(self) -> None:
        with self._thread:  # not under the feet of one who stands in it
            self._closed = True
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _locked(self, until: float) -> bool:
        if self._file is None:
            # Read-only: so that a folder which can no longer be written says so as the store does.
            self._file = os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if monotonic() > until:
                    return False
                sleep(LOOK_SECONDS)


class FileLead:
    """A lock on an empty file beside the store's. The kernel lets go of it when its holder ends."""

    sure = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def held(self) -> bool:
        """Whether it is ours. Raises OSError where there can be no file."""
        if self._file is not None or not POSIX:
            return True
        file = os.open(self._path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
