"""How much a server's memory grows while connections stay and certificates are revoked: what a trust leaves behind."""

import http.client
import time
from contextlib import ExitStack

from ca.authority import CLIENT_CA
from scripts.measure import http as calls
from scripts.measure.figures import Sample
from scripts.measure.home import PLAYGROUND, PROVIDER
from scripts.measure.stage import Stage

HELD = 100
"""Connections that are open before the first revocation and stay."""
REVOCATIONS = 20
SETTLE_SECONDS = 1.0
"""Before memory is read: what a server prepares in the second after its start (its SETTLE_SECONDS) is no growth."""


def growth(stage: Stage) -> Sample:
    """Megabytes, at most at any time: with the connections held, and one more after each revocation, which stays too.

    The handshake after a revocation needs a new trust, and whoever fetches the CRL a new one; a call at the end shows
    that all connections are still open.
    """
    server = stage.running["ours"]
    with ExitStack() as stack:
        _held(stage, stack)
        time.sleep(SETTLE_SECONDS)
        before = server.resident_bytes()
        held = [_held(stage, stack) for _ in range(HELD)]
        seen = [server.resident_bytes()]
        for serial in stage.spare:
            _plain(stage.home.control, "POST", f"/api/{PROVIDER}/certificates/{serial}/revoke")
            _plain(stage.home.authority, "GET", f"/crl/{CLIENT_CA}{PROVIDER}.crl")
            held.append(_held(stage, stack))
            seen.append(server.resident_bytes())
        for connection in held:
            _call(stage, connection)
        seen.append(server.resident_bytes())
    detail = {"connections_mb": (seen[0] - before) / 1e6, "end_mb": (seen[-1] - before) / 1e6}
    return Sample(value=(max(seen) - before) / 1e6, detail=detail)


def _held(stage: Stage, stack: ExitStack) -> http.client.HTTPSConnection:
    connection = calls.secure(stage.home.mtls, stage.home.client.tls)
    stack.callback(connection.close)
    _call(stage, connection)
    return connection


def _call(stage: Stage, connection: http.client.HTTPConnection) -> None:
    calls.ask(connection, "GET", PLAYGROUND, stage.home.bearer)


def _plain(port: int, method: str, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=calls.PATIENCE_SECONDS)
    try:
        calls.ask(connection, method, path, {})
    finally:
        connection.close()
