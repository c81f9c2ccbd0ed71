"""Asks a control door whether a server answers there."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

ANSWER_SECONDS = 2.0
"""For one question: a server under load answers late, one that hangs must not hold us for long."""


def answer(url: str, seconds: float = ANSWER_SECONDS) -> Any:
    """What a server there says of its health; None when none answers with 200."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=seconds)
    try:
        connection.request("GET", "/health")
        reply = connection.getresponse()
        return json.loads(reply.read()) if reply.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
