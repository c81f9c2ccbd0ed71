"""Files that a person names: read with a limit, written whole; what is in them is others' business."""

import os
import sys
import tempfile
from pathlib import Path

from sandbox.cli.output import note
from sandbox.errors import Misuse, NotThere, SandbankError, Surroundings

STANDARD_INPUT = "-"
KEPT = (b"PRIVATE KEY", b"CERTIFICATE REQUEST")
"""What is never overwritten: it cannot be made again, and `--out` beside three similar names is easily mistyped."""
LOOKED_AT = 65_536
"""Bytes of a file that is there already; PEM shows what it is on its first line, after remarks at most."""


def read(name: str, *, limit: int, missing: str) -> bytes:
    """At most *limit* bytes and one more, by which the judge sees that it was too long. Raises SandbankError."""
    try:
        if name == STANDARD_INPUT:
            return _standard_input(limit + 1)
        if Path(name).is_dir():
            raise Misuse(f"{name} is a folder, not a file", next_step="name the file in it")
        with Path(name).open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise _unreadable(name, error, missing) from error


def _standard_input(limit: int) -> bytes:
    if sys.stdin is None:
        raise Misuse("there is no standard input to read from", next_step="name a file")
    if sys.stdin.isatty():
        note("reading from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read(limit)


def _unreadable(name: str, error: OSError, missing: str) -> SandbankError:
    if isinstance(error, FileNotFoundError):
        return NotThere(f"there is no file {name}", next_step=missing)
    return Surroundings(
        f"{name} cannot be read: {error.strerror or error}", next_step=f"check the rights: ls -l {name}"
    )


def may_write(path: Path) -> None:
    """Look before the work is done whether its result can go to *path*. Raises Misuse, Surroundings."""
    try:
        if path.is_dir():
            raise Misuse(f"{path} is a folder, not a file", next_step="name a file in it")
        if path.exists() and not os.access(path, os.W_OK):
            raise Surroundings(f"{path} may not be written", next_step="choose another place")
        if not path.parent.is_dir():
            raise Misuse(f"there is no folder {path.parent}", next_step="make it, or choose another place")
        if path.is_file():
            _not_precious(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _not_precious(path: Path) -> None:
    with path.open("rb") as file:
        there = file.read(LOOKED_AT)
    if any(mark in there for mark in KEPT):
        raise Misuse(f"{path} holds a key or a CSR and is not overwritten", next_step="choose another place")


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Whole or not at all, over what was there. *private*: for its owner's eyes only. Raises Surroundings."""
    try:
        if path.exists() and not path.is_file():  # a device or a pipe stays what it is
            path.write_bytes(data)
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            if not private:
                Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _umask() -> int:
    """The rights that this person takes away from new files. It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> Surroundings:
    return Surroundings(f"{path} cannot be written: {error.strerror or error}", next_step="choose another place")
