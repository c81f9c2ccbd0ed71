"""HTTP/1.1 as the benchmark speaks it: requests as bytes for the load generator, and single calls of its own."""

import http.client
import ssl
from collections.abc import Mapping

from scripts.measure.load import Failed, Pass

PATIENCE_SECONDS = 10


def request(method: str, path: str, port: int, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One request; the port is for its Host header."""
    said = {"Host": f"localhost:{port}", "User-Agent": "bench", "Accept": "*/*", **headers}
    if body:
        said["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def call(
    port: int, tls: Pass, method: str, path: str, headers: Mapping[str, str], body: bytes = b"", *, expect: int = 200
) -> bytes:
    """The body of one answer over mutual TLS. Raises Failed for a status that is not the expected one."""
    connection = secure(port, tls)
    try:
        return ask(connection, method, path, headers, body, expect=expect)
    finally:
        connection.close()


def secure(port: int, tls: Pass) -> http.client.HTTPSConnection:
    """A connection over mutual TLS; it is made with its first call."""
    context = ssl.create_default_context(cafile=tls.authority)
    context.load_cert_chain(tls.certificate, tls.key)
    return http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_SECONDS, context=context)


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    expect: int = 200,
) -> bytes:
    """The body of one answer; the connection stays. Raises Failed for a status that is not the expected one."""
    connection.request(method, path, body, dict(headers))
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != expect:
        raise Failed(f"{method} {path} was answered {answer.status}: {said[:200]!r}")
    return said
