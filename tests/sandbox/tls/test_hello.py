"""What a ClientHello says of what the door must have ready, read from hellos that the ssl module makes."""

import ssl

from sandbox.tls.hello import asks_for_status, read_hello, takes_rsa_only


def hello() -> bytes:
    """As Python's ssl module sends one: it never asks for an OCSP answer."""
    outgoing = ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise AssertionError("a handshake without an answer")


def with_status(data: bytes) -> bytes:
    """The same with a status_request (RFC 6066 section 8) behind its other extensions, all lengths put right."""
    asked = b"\x00\x05\x00\x05\x01\x00\x00\x00\x00"
    at = 5 + 4 + 2 + 32
    at += 1 + data[at]
    at += 2 + int.from_bytes(data[at : at + 2], "big")
    at += 1 + data[at]
    size = int.from_bytes(data[at : at + 2], "big") + len(asked)
    body = data[9:at] + size.to_bytes(2, "big") + data[at + 2 :] + asked
    message = data[5:6] + len(body).to_bytes(3, "big") + body
    return data[:3] + len(message).to_bytes(2, "big") + message


def test_only_who_asks_for_an_ocsp_answer_waits_for_one() -> None:
    """The extension decides; of half a hello, and of what is none, nobody knows: it may have asked."""
    plain, asking = read_hello(hello()), read_hello(with_status(hello()))
    assert plain is not None and asking is not None, "what was put in left the hello whole"
    assert not asks_for_status(plain) and asks_for_status(asking) and not takes_rsa_only(asking)
    for part in (hello()[:100], b"GET / HTTP/1.1\r\n"):
        assert read_hello(part) is None and asks_for_status(None) and not takes_rsa_only(None)
