"""Whose turn it is to write, among the threads and processes that share one SQLite file.

SQLite gives its lock to whoever asks at the right moment. A process that writes all the time asks at once when it has
let go, and one that waits asks now and then: it could wait for ever. So who waits stands in a turnstile, one at a time,
until it has the lock; who wants it again must pass there first.
"""

import os
import threading
from pathlib import Path
from time import monotonic, sleep

POSIX = os.name == "posix"
"""On Windows SQLite's own waiting must do, and no server has several processes."""
if POSIX:
    import fcntl

LOOK_SECONDS = 0.0005
"""Between two looks whether the turnstile is free. The kernel could wake us, but not at a given time at the latest."""


class Turnstile:
    """A lock on an empty file beside the store's; the file stays, and nothing is ever in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = threading.Lock()
        self._file: int | None = None

    def enter(self, until: float) -> bool:
        """Whether we stand in it, at the latest at this monotonic time. Raises OSError where there can be no file."""
        if not self._thread.acquire(timeout=max(0.0, until - monotonic())):
            return False
        try:
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
