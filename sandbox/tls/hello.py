"""What a ClientHello asks for, as far as it decides which door it is for and what that shows: which certificate, and an
OCSP answer about it.

RFC 8446 section 4.1.2; server names: RFC 6066 section 3."""

from collections.abc import Iterator
from typing import NamedTuple

_STATUS_REQUEST, _SIGNATURE_ALGORITHMS, _SUPPORTED_VERSIONS = 5, 13, 43  # the extensions, by number
_ECDSA = frozenset({0x0403, 0x0503, 0x0603})  # ecdsa_secp256r1_sha256 and its sisters (RFC 8446 section 4.2.3)
_ECDHE_ECDSA = frozenset({0xC02B, 0xC02C, 0xCCA9})  # of TLS 1.2, those that a door accepts
_TLS_1_3 = b"\x03\x04"
MAX_HELLO_BYTES = 16_384 + 5
"""One TLS record (RFC 8446 section 5.1): a longer ClientHello is no client's that we know."""
_RECORD, _CLIENT_HELLO, _SERVER_NAME, _HOST_NAME = 0x16, 0x01, 0, 0


class Hello(NamedTuple):
    """The offer of a client, read once."""

    suites: list[int]
    extensions: dict[int, bytes]
    """By number."""


def takes_rsa_only(hello: Hello | None) -> bool:
    """Whether the client can only be shown a certificate with an RSA key. False for what is no whole hello."""
    if hello is None:
        return False
    algorithms = set(_numbers(hello.extensions.get(_SIGNATURE_ALGORITHMS, b"")[2:]))
    if algorithms and not algorithms & _ECDSA:
        return True
    newest = _TLS_1_3 in list(_pairs(hello.extensions.get(_SUPPORTED_VERSIONS, b"")[1:]))
    return not newest and not set(hello.suites) & _ECDHE_ECDSA


def asks_for_status(hello: Hello | None) -> bool:
    """Whether the client asks for an OCSP answer (RFC 6066 section 8). True for what is no whole hello: it may."""
    return hello is None or _STATUS_REQUEST in hello.extensions


def read_hello(data: bytes) -> Hello | None:
    """The hello in one record; None for what is no whole one."""
    try:
        return _read(data)
    except (IndexError, ValueError):
        return None


def _read(data: bytes) -> Hello:
    if data[0] != 0x16 or data[5] != 0x01:
        raise ValueError("no ClientHello")
    at = 5 + 4 + 2 + 32  # record, handshake, version, random
    at += 1 + data[at]
    size = int.from_bytes(data[at : at + 2], "big")
    suites = list(_numbers(data[at + 2 : at + 2 + size]))
    at += 2 + size
    at += 1 + data[at]
    end = at + 2 + int.from_bytes(data[at : at + 2], "big")
    if end > len(data):
        raise ValueError("not whole")
    at += 2
    extensions: dict[int, bytes] = {}
    while at + 4 <= end:
        kind, size = int.from_bytes(data[at : at + 2], "big"), int.from_bytes(data[at + 2 : at + 4], "big")
        extensions[kind] = data[at + 4 : at + 4 + size]
        at += 4 + size
    return Hello(suites, extensions)


def _pairs(data: bytes) -> Iterator[bytes]:
    return (data[at : at + 2] for at in range(0, len(data) - 1, 2))


def _numbers(data: bytes) -> Iterator[int]:
    return (int.from_bytes(pair, "big") for pair in _pairs(data))


def server_name(hello: bytes) -> str | None:
    """The host name of a ClientHello in lower case, "" where it has none; None while more of it has to come."""
    if not hello:
        return None
    if hello[0] != _RECORD:
        return ""
    message = bytearray()
    at = 0
    while at + 5 <= len(hello):
        end = at + 5 + int.from_bytes(hello[at + 3 : at + 5])
        message += hello[at + 5 : end]
        at = end
    if len(message) < 4:
        return None
    length = int.from_bytes(message[1:4])
    if len(message) < 4 + length:
        return None
    return _in_hello(bytes(message[4 : 4 + length])) if message[0] == _CLIENT_HELLO else ""


def _in_hello(body: bytes) -> str:
    """RFC 8446 section 4.1.2: version, random, session id, cipher suites, compression methods, extensions."""
    rest = body[2 + 32 :]
    for octets in (1, 2, 1):
        rest = _after(rest, octets)
    extensions = rest[2 : 2 + int.from_bytes(rest[:2])]
    while len(extensions) >= 4:
        kind, data = int.from_bytes(extensions[:2]), extensions[4 : 4 + int.from_bytes(extensions[2:4])]
        if kind == _SERVER_NAME:
            return _host_name(data[2:])
        extensions = extensions[4 + int.from_bytes(extensions[2:4]) :]
    return ""


def _after(data: bytes, octets: int) -> bytes:
    """What stands behind a vector with so many octets of length."""
    return data[octets + int.from_bytes(data[:octets]) :]


def _host_name(names: bytes) -> str:
    if len(names) < 3 or names[0] != _HOST_NAME:
        return ""
    return names[3 : 3 + int.from_bytes(names[1:3])].decode("ascii", "replace").lower()
