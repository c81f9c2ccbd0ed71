"""The opponent, a program of its own: Hypercorn as its documentation serves an app, in one process, with its own TLS.

Called with port, certificate, key, the CA to trust, and the file whose content is every answer's body."""

import asyncio
import ssl
import sys
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config


def answering(body: bytes) -> Any:
    """The ten-line app."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def main() -> None:
    port, certificate, key, authority, body = sys.argv[1:]
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.certfile, config.keyfile, config.ca_certs = certificate, key, authority
    config.verify_mode = ssl.CERT_REQUIRED
    # The issuing CA is an anchor here as it is on our doors: both sides verify one signature per client.
    config.verify_flags = ssl.VerifyFlags.VERIFY_X509_TRUSTED_FIRST | ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    config.errorlog = None
    config.keep_alive_max_requests = sys.maxsize  # else it closes after 1000 calls, and the handshake would be measured
    asyncio.run(serve(answering(Path(body).read_bytes()), config))


if __name__ == "__main__":
    main()
