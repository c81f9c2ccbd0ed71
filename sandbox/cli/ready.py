"""The ready file: there while a server answers, and gone with it; what is in it stands in `errands.ready`."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.cli import files
from sandbox.cli.health import answer
from sandbox.errors import Misuse

MAX_BYTES = 16 * 1024 * 1024
"""Some hundred bytes per client; whoever reads more than this has named a wrong file."""


def write(path: Path, ready: Mapping[str, Any]) -> None:
    """Whole or not at all, 0600, for it holds secrets of clients. Raises Surroundings."""
    files.write(path, json.dumps(ready, indent=2).encode("utf-8") + b"\n", private=True)


def clear(path: Path) -> None:
    """Before the start: a file that a dead server left behind must not tell anybody that this one is ready.

    That of a server which still answers stays until ours is ready: perhaps ours will not start beside it.
    Raises Misuse when the file is something else.
    """
    there = read(path)
    if there is None and path.is_file() and path.stat().st_size:
        raise Misuse(f"{path} is not a ready file and is not overwritten", next_step="choose another --ready-file FILE")
    files.may_write(path)
    if there is not None and answer(there["control"]) is None:
        path.unlink(missing_ok=True)


def remove(path: Path, written: Mapping[str, Any]) -> None:
    """At the stop, and only if it is still ours: another server may have been started with the same file."""
    if read(path) == written:
        with contextlib.suppress(OSError):
            path.unlink()


def read(path: Path) -> dict[str, Any] | None:
    """The ready file's content; None when there is none, or nothing that a server wrote."""
    try:
        with path.open("rb") as file:
            said = json.loads(file.read(MAX_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    ours = isinstance(said, dict) and isinstance(said.get("pid"), int) and isinstance(said.get("control"), str)
    return said if ours else None
