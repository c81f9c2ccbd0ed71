"""What SQLite complains of, in words of ours for whoever runs us: of the machine, of the file, of another process."""

import sqlite3
from pathlib import Path

from sandbox.errors import SandbankError, StateLocked, StateUnusable

_OTHER_STATE = "check the rights and the free space of the state folder, or use another with --state DIR"


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


def held(path: Path) -> StateLocked:
    """Another has the store, and our patience is at its end."""
    step = "wait a moment and try again; `fuser` on that file names the process"
    return StateLocked(f"the store {path} is held by another process", next_step=step)


def meaning(error: BaseException, path: Path) -> SandbankError | None:
    """What the complaint means for whoever runs us; None for what is not about the machine."""
    if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
        return None
    if isinstance(error, sqlite3.OperationalError):
        if "locked" in str(error) or "busy" in str(error):
            return held(path)
        return StateUnusable(f"the store {path} cannot be used: {error}", next_step=_OTHER_STATE)
    if isinstance(error, sqlite3.DatabaseError):
        step = "restore it from a copy, or start anew with another --state DIR"
        return StateUnusable(f"{path} is not a store that can be read: {error}", next_step=step)
    if isinstance(error, OSError):
        return StateUnusable(f"the store {path} cannot be made: {error.strerror}", next_step=_OTHER_STATE)
    return None
