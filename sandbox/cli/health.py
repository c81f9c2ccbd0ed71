"""Asks a control door whether a server answers there."""

import contextlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.errors import StateLocked

if TYPE_CHECKING:
    from sandbox.errands.state import State

ANSWER_SECONDS = 2.0
"""For one question: a server under load answers late, one that hangs must not hold us for long."""
MAX_BYTES = 65_536
"""Ours answers with fifty; what else may listen there can go on for ever."""


def answer(url: str, seconds: float = ANSWER_SECONDS, *, authority: str = "") -> Any:
    """What a server there says of its health; None when none answers with 200 and JSON.

    With *authority* also None when it is the server of another state, which has taken the port since.
    """
    import http.client  # brings ssl and the mail parser with it, which a page of help does without

    try:
        where = urlsplit(url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=seconds)
        with contextlib.closing(connection):
            connection.request("GET", "/health")
            reply = connection.getresponse()
            said = json.loads(reply.read(MAX_BYTES)) if reply.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    another = authority and (not isinstance(said, dict) or said.get("authority") != authority)
    return None if another else said


def refuse_if_served(state: "State") -> None:
    """Raises StateLocked when a server answers for this very state: two would tell different ports of it."""
    from sandbox.errands.ready import last_served

    served = last_served(state)
    if served.url and answer(served.url, authority=served.authority) is not None:
        there = f"a server answers on {served.url} over {state.folder.path}"
        raise StateLocked(there, next_step="stop it first, with Ctrl-C or SIGTERM, or use another --state DIR")
