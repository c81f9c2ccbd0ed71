"""The ready file: there while a server answers, and gone with it; and asking a control door whether one answers."""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.cli import output
from sandbox.errors import Misuse

ANSWER_SECONDS = 2.0
"""For one question: a server under load answers late, one that hangs must not hold us for long."""
MAX_ANSWER_BYTES = 65_536
"""Ours answers with fifty; what else may listen there can go on for ever."""


def answer(url: str, seconds: float = ANSWER_SECONDS, *, authority: str = "", path: str = "/health") -> Any:
    """What a server there says of its health, or of another *path*; None when none answers with 200 and JSON.

    With *authority* also None when it is the server of another state, which has taken the port since.
    """
    import http.client  # brings ssl and the mail parser with it, which a page of help does without

    try:
        where = urlsplit(url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=seconds)
        with contextlib.closing(connection):
            connection.request("GET", path)
            reply = connection.getresponse()
            said = json.loads(reply.read(MAX_ANSWER_BYTES)) if reply.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    another = authority and (not isinstance(said, dict) or said.get("authority") != authority)
    return None if another else said


MAX_BYTES = 16 * 1024 * 1024
"""Some hundred bytes per client; whoever reads more than this has named a wrong file."""


def write(path: Path, ready: Mapping[str, Any]) -> None:
    """Whole or not at all, 0600, for it holds secrets of clients. Raises Surroundings."""
    output.write(path, json.dumps(ready, indent=2).encode("utf-8") + b"\n", private=True)


def clear(path: Path) -> None:
    """Before the start: a file that a dead server left behind must not tell anybody that this one is ready.

    That of a server which still answers stays until ours is ready: perhaps ours will not start beside it.
    Raises Misuse when the file is something else.
    """
    there = read(path)
    if there is None and path.is_file() and path.stat().st_size:
        raise Misuse(f"{path} is not a ready file and is not overwritten", next_step="choose another --ready-file FILE")
    output.may_write(path)
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
