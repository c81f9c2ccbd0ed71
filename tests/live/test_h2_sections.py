"""RFC 9113 and RFC 7541, section by section, by frames that are written by hand: what h2spec asks of a server, which no
package registry has. Each case is a connection of its own at one door without TLS."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from struct import pack, unpack

import hpack
import pytest

from tests.live.stage import Stage, stage

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION = range(10)
END_STREAM, END_HEADERS, PADDED, ACK, WITH_PRIORITY = 1, 4, 8, 1, 32
PROTOCOL, FLOW, CLOSED, SIZE, REFUSED, COMPRESSION = 1, 3, 5, 6, 7, 9
GET = [(":method", "GET"), (":scheme", "http"), (":path", "/x"), (":authority", "x")]
POST = [(":method", "POST"), *GET[1:]]
Header = tuple[str, str]


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return pack(">I", len(payload))[1:] + bytes([kind, flags]) + pack(">I", stream) + payload


def block(headers: list[Header]) -> bytes:
    """Without the dynamic table, and as they are written."""
    encoder = hpack.Encoder()
    return bytes(encoder.encode([hpack.NeverIndexedHeaderTuple(*pair) for pair in headers], huffman=False))


def head(stream: int, headers: list[Header] | None = None, flags: int = END_HEADERS | END_STREAM) -> bytes:
    return frame(HEADERS, flags, stream, block(GET if headers is None else headers))


def setting(number: int, value: int) -> bytes:
    return pack(">HI", number, value)


def opened(stream: int = 1) -> bytes:
    """A call whose body is to come."""
    return head(stream, POST, END_HEADERS)


@dataclass
class Heard:
    """What the server said until it had said enough."""

    goaway: int | None = None
    reset: dict[int, int] = field(default_factory=dict)
    closed: bool = False
    pongs: list[bytes] = field(default_factory=list)
    status: dict[int, bytes] = field(default_factory=dict)
    data: dict[int, list[int]] = field(default_factory=dict)
    """The lengths of DATA frames."""
    ended: set[int] = field(default_factory=set)
    acks: int = 0


class Wire:
    def __init__(self, door: Stage) -> None:
        self.socket = door.connect()
        self.heard = Heard()
        self._waiting = b""
        self._decoder = hpack.Decoder()

    def say(self, *frames: bytes, first: bytes = b"") -> None:
        self.socket.sendall(PREFACE + (first or frame(SETTINGS, 0, 0)) + frame(SETTINGS, ACK, 0) + b"".join(frames))

    def until(self, enough: Callable[[Heard], object]) -> Heard:
        """Read until then; or to the end of the connection."""
        while not (enough(self.heard) or self.heard.closed):
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            self.heard.closed = not data
            self._waiting += data
            while len(self._waiting) >= 9:
                length = int.from_bytes(self._waiting[:3], "big")
                if len(self._waiting) < 9 + length:
                    break
                self._take(*self._waiting[3:5], unpack(">I", self._waiting[5:9])[0], self._waiting[9 : 9 + length])
                self._waiting = self._waiting[9 + length :]
        return self.heard

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        heard = self.heard
        if kind == GOAWAY:
            heard.goaway = unpack(">I", payload[4:8])[0]
        elif kind == RST:
            heard.reset[stream] = unpack(">I", payload)[0]
        elif kind == PING and flags & ACK:
            heard.pongs.append(payload)
        elif kind == SETTINGS:
            heard.acks += flags & ACK
        elif kind == HEADERS:
            heard.status[stream] = bytes(dict(self._decoder.decode(payload, raw=True))[b":status"])
        elif kind == DATA:
            heard.data.setdefault(stream, []).append(len(payload))
        if kind in (HEADERS, DATA) and flags & END_STREAM:
            heard.ended.add(stream)


@pytest.fixture(scope="module")
def door() -> Iterator[Stage]:
    with stage() as one:
        yield one


@pytest.fixture
def wire(door: Stage) -> Iterator[Wire]:
    one = Wire(door)
    yield one
    one.socket.close()


LONG = 16_384
TABLE_IS_OVER = b"\xff\xff\xff\x0f"  # an index that no table has
CONNECTION_ERRORS: dict[str, tuple[tuple[int, ...], tuple[bytes, ...]]] = {
    "4.2 HEADERS over the largest frame": ((SIZE,), (head(1, [*GET, ("x", "a" * LONG)]),)),
    "4.3 a block that cannot be read": ((COMPRESSION,), (frame(HEADERS, 5, 1, b"\x40\x85" + b"\xff" * 5),)),
    "4.3 PRIORITY within a block": ((PROTOCOL,), (head(1, flags=0), frame(PRIORITY, 0, 1, b"\0\0\0\0\xff"))),
    "4.3 HEADERS of another stream within a block": ((PROTOCOL,), (head(1, flags=0), head(3))),
    "5.1 DATA on an idle stream": ((PROTOCOL, CLOSED), (frame(DATA, 1, 1, b"x"),)),
    "5.1 RST_STREAM on an idle stream": ((PROTOCOL,), (frame(RST, 0, 1, pack(">I", 8)),)),
    "5.1 WINDOW_UPDATE on an idle stream": ((PROTOCOL,), (frame(WINDOW, 0, 1, pack(">I", 9)),)),
    "5.1 CONTINUATION on an idle stream": ((PROTOCOL,), (frame(CONTINUATION, 4, 1, block(GET)),)),
    "5.1 CONTINUATION after the end": ((PROTOCOL, CLOSED), (head(1), frame(CONTINUATION, 4, 1, block(GET)))),
    "5.1.1 an even stream": ((PROTOCOL,), (head(2),)),
    "5.1.1 a stream below the last": ((PROTOCOL, CLOSED), (opened(5), opened(3))),
    "5.4.1 a wrong PING": ((SIZE,), (frame(PING, 0, 0, b"x" * 6),)),
    "5.5 an unknown frame within a block": ((PROTOCOL,), (head(1, flags=0), frame(66, 0, 0, b"x" * 8))),
    "6.1 DATA on stream 0": ((PROTOCOL,), (frame(DATA, 1, 0, b"x"),)),
    "6.1 DATA with more padding than frame": ((PROTOCOL,), (opened(), frame(DATA, PADDED | 1, 1, b"\x06abc"))),
    "6.2 HEADERS on stream 0": ((PROTOCOL,), (head(0),)),
    "6.2 HEADERS with more padding than frame": ((PROTOCOL,), (frame(HEADERS, PADDED | 5, 1, b"\xff" + block(GET)),)),
    "6.3 PRIORITY on stream 0": ((PROTOCOL,), (frame(PRIORITY, 0, 0, b"\0\0\0\0\xff"),)),
    "6.3 PRIORITY of another length": ((SIZE,), (opened(), frame(PRIORITY, 0, 1, b"\0\0\0\1"))),
    "6.4 RST_STREAM on stream 0": ((PROTOCOL,), (frame(RST, 0, 0, pack(">I", 8)),)),
    "6.4 RST_STREAM of another length": ((SIZE,), (opened(), frame(RST, 0, 1, b"\0\0\0"))),
    "6.5 an acknowledgement with a payload": ((SIZE, PROTOCOL), (frame(SETTINGS, ACK, 0, b"\0"),)),
    "6.5 SETTINGS on a stream": ((PROTOCOL,), (frame(SETTINGS, 0, 1, setting(3, 100)),)),
    "6.5 SETTINGS of another length": ((SIZE,), (frame(SETTINGS, 0, 0, b"\0\3\0"),)),
    "6.5.2 ENABLE_PUSH of 2": ((PROTOCOL,), (frame(SETTINGS, 0, 0, setting(2, 2)),)),
    "6.5.2 a window over the largest": ((FLOW,), (frame(SETTINGS, 0, 0, setting(4, 1 << 31)),)),
    "6.5.2 a frame size below the least": ((PROTOCOL,), (frame(SETTINGS, 0, 0, setting(5, LONG - 1)),)),
    "6.5.2 a frame size over the largest": ((PROTOCOL,), (frame(SETTINGS, 0, 0, setting(5, 1 << 24)),)),
    "6.7 PING on a stream": ((PROTOCOL,), (frame(PING, 0, 1, bytes(8)),)),
    "6.7 PING of another length": ((SIZE,), (frame(PING, 0, 0, bytes(7)),)),
    "6.8 GOAWAY on a stream": ((PROTOCOL,), (frame(GOAWAY, 0, 1, bytes(8)),)),
    "6.9 a window of the connection by nothing": ((PROTOCOL,), (frame(WINDOW, 0, 0, bytes(4)),)),
    "6.9 WINDOW_UPDATE of another length": ((SIZE,), (frame(WINDOW, 0, 0, b"\0\0\1"),)),
    "6.9.1 a window of the connection over the largest": (
        (FLOW,),
        (frame(WINDOW, 0, 0, pack(">I", (1 << 31) - 1)),) * 2,
    ),
    "6.10 CONTINUATION and then DATA": ((PROTOCOL,), (head(1, flags=0), frame(CONTINUATION, 0, 1), frame(DATA, 1, 1))),
    "6.10 CONTINUATION on stream 0": ((PROTOCOL,), (head(1, flags=0), frame(CONTINUATION, 4, 0, block(GET)))),
    "6.10 CONTINUATION after END_HEADERS": ((PROTOCOL,), (opened(), frame(CONTINUATION, 4, 1, block(GET)))),
    "6.10 CONTINUATION after the last one": (
        (PROTOCOL,),
        (
            frame(HEADERS, 0, 1, block(POST)),
            frame(CONTINUATION, 4, 1, block([("x", "y")])),
            frame(CONTINUATION, 4, 1, block([("x", "y")])),
        ),
    ),
    "8.4 PUSH_PROMISE of a client": ((PROTOCOL,), (frame(PUSH, 4, 1, pack(">I", 2) + block(GET)),)),
    "hpack 2.3.3 an index that no table has": ((COMPRESSION,), (frame(HEADERS, 5, 1, TABLE_IS_OVER),)),
    "hpack 4.2 a larger table at the end of a block": ((COMPRESSION,), (frame(HEADERS, 5, 1, block(GET) + b"\x20"),)),
    "hpack 5.2 padding of Huffman over 7 bits": ((COMPRESSION,), (frame(HEADERS, 5, 1, b"\0\1x\x82\xff\xff"),)),
    "hpack 5.2 padding of Huffman with zeros": ((COMPRESSION,), (frame(HEADERS, 5, 1, b"\0\1x\x81\0"),)),
    "hpack 5.2 EOS in Huffman": ((COMPRESSION,), (frame(HEADERS, 5, 1, b"\0\1x\x84\xff\xff\xff\xff"),)),
    "hpack 6.1 the index 0": ((COMPRESSION,), (frame(HEADERS, 5, 1, b"\x80"),)),
    "hpack 6.3 a table over the limit": ((COMPRESSION,), (frame(HEADERS, 5, 1, b"\x3f\xe2\x1f" + block(GET)),)),
}


@pytest.mark.parametrize("case", CONNECTION_ERRORS)
def test_an_error_of_the_connection(wire: Wire, case: str) -> None:
    """A GOAWAY with a code of the section's, once, and then the end."""
    codes, frames = CONNECTION_ERRORS[case]
    wire.say(*frames)
    heard = wire.until(lambda heard: heard.closed)
    assert heard.goaway in codes, heard


TRAILERS = [("x-trailer", "1")]
STREAM_ERRORS: dict[str, tuple[tuple[int, ...], tuple[bytes, ...]]] = {
    "4.2 DATA over the largest frame": ((SIZE,), (opened(), frame(DATA, 1, 1, bytes(LONG + 1)))),
    "5.1 DATA after the end": ((CLOSED,), (head(1), frame(DATA, 1, 1, b"x"))),
    "5.1 HEADERS after the end": ((CLOSED,), (head(1), head(1))),
    "5.1 DATA after a reset": ((CLOSED,), (opened(), frame(RST, 0, 1, pack(">I", 8)), frame(DATA, 1, 1, b"x"))),
    "5.1 HEADERS after a reset": ((CLOSED,), (opened(), frame(RST, 0, 1, pack(">I", 8)), head(1))),
    "6.9 a window of a stream by nothing": ((PROTOCOL,), (opened(), frame(WINDOW, 0, 1, bytes(4)))),
    "6.9.1 a window of a stream over the largest": (
        (FLOW,),
        (opened(), *(frame(WINDOW, 0, 1, pack(">I", (1 << 31) - 1)),) * 2),
    ),
    "8.1 a second HEADERS without an end": ((PROTOCOL,), (opened(), head(1, TRAILERS, END_HEADERS))),
    "8.2.1 upper case": ((PROTOCOL,), (head(1, [*GET, ("X-Test", "ok")]),)),
    "8.2.2 Connection": ((PROTOCOL,), (head(1, [*GET, ("connection", "keep-alive")]),)),
    "8.2.2 Keep-Alive": ((PROTOCOL,), (head(1, [*GET, ("keep-alive", "1")]),)),
    "8.2.2 Transfer-Encoding": ((PROTOCOL,), (head(1, [*GET, ("transfer-encoding", "chunked")]),)),
    "8.2.2 Upgrade": ((PROTOCOL,), (head(1, [*GET, ("upgrade", "h2c")]),)),
    "8.2.2 TE that is not trailers": ((PROTOCOL,), (head(1, [*GET, ("te", "trailers, deflate")]),)),
    "8.3 an unknown pseudo-header": ((PROTOCOL,), (head(1, [*GET, (":test", "ok")]),)),
    "8.3 one of responses": ((PROTOCOL,), (head(1, [*GET, (":status", "200")]),)),
    "8.3 one in trailers": ((PROTOCOL,), (opened(), head(1, [(":method", "GET")]))),
    "8.3 one after a header": ((PROTOCOL,), (head(1, [*GET[:3], ("x-test", "ok"), GET[3]]),)),
    "8.3.1 an empty :path": ((PROTOCOL,), (head(1, [*GET[:2], (":path", ""), GET[3]]),)),
    **{
        f"8.3.1 no {name}": ((PROTOCOL,), (head(1, [pair for pair in GET if pair[0] != name]),))
        for name in (":method", ":scheme", ":path")
    },
    **{f"8.3.1 {pair[0]} twice": ((PROTOCOL,), (head(1, [pair, *GET]),)) for pair in GET[:3]},
    "8.1.1 a body shorter than its Content-Length": (
        (PROTOCOL,),
        (head(1, [*POST, ("content-length", "2")], END_HEADERS), frame(DATA, 1, 1, b"x")),
    ),
    "8.1.1 a body longer than its Content-Length, in pieces": (
        (PROTOCOL,),
        (
            head(1, [*POST, ("content-length", "3")], END_HEADERS),
            frame(DATA, 0, 1, b"xx"),
            frame(DATA, 1, 1, b"xx"),
        ),
    ),
    "5.1.2 more streams than may be": ((PROTOCOL, REFUSED), tuple(opened(2 * n + 1) for n in range(101))),
    "5.3.1 HEADERS that depend on themselves": (
        (PROTOCOL,),
        (frame(HEADERS, WITH_PRIORITY | 5, 1, pack(">IB", 1, 16) + block(GET)),),
    ),
    "5.3.1 PRIORITY that depends on itself": ((PROTOCOL,), (opened(), frame(PRIORITY, 0, 1, pack(">IB", 1, 16)))),
}


@pytest.mark.parametrize("case", STREAM_ERRORS)
def test_an_error_of_a_stream(wire: Wire, case: str) -> None:
    """A reset of the stream, or a GOAWAY, with a code of the section's."""
    codes, frames = STREAM_ERRORS[case]
    wire.say(*frames)
    heard = wire.until(lambda heard: heard.reset or heard.goaway)
    assert {*heard.reset.values(), heard.goaway} & {*codes}, heard


OWN = ["8.2.1", "8.2.2", "8.3", "8.3.1"]


@pytest.mark.parametrize(
    "case", [case for case in STREAM_ERRORS if case.split()[0] in OWN and "trailers" not in case[6:]]
)
def test_a_malformed_head_ends_its_stream_only(wire: Wire, case: str) -> None:
    """What we judge ourselves: it is answered 400, and a call after it on the same connection 200 (section 8.1.1)."""
    _, frames = STREAM_ERRORS[case]
    wire.say(*frames, head(3))
    heard = wire.until(lambda heard: 3 in heard.ended and heard.reset)
    assert (heard.status, heard.reset, heard.goaway) == ({1: b"400", 3: b"200"}, {1: PROTOCOL}, None)


IGNORED: dict[str, tuple[bytes, ...]] = {
    "4.1 an unknown frame": (frame(66, 0, 0, bytes(8)),),
    "4.1 undefined flags": (frame(PING, 0x16, 0, bytes(8)),),
    "4.1 the reserved bit": (frame(PING, 0, 1 << 31, bytes(8)),),
    "5.5 an unknown extension": (frame(22, 0, 0, bytes(8)),),
    "6.3 PRIORITY of an idle stream": (frame(PRIORITY, 0, 7, pack(">IB", 0, 16)),),
    "6.5.2 an unknown setting": (frame(SETTINGS, 0, 0, setting(0xFF, 1)),),
    "6.7 an acknowledgement of no PING": (frame(PING, ACK, 0, b"invalid!"),),
    "7 an unknown error in RST_STREAM": (opened(), frame(RST, 0, 1, pack(">I", 0xFF))),
}


@pytest.mark.parametrize("case", IGNORED)
def test_what_is_ignored(wire: Wire, case: str) -> None:
    """A PING and a call after it are answered."""
    wire.say(*IGNORED[case], frame(PING, 0, 0, b"afterall"), head(9))
    heard = wire.until(lambda heard: 9 in heard.ended)
    assert (heard.pongs[-1], heard.status[9], heard.goaway, heard.reset) == (b"afterall", b"200", None, {})


def test_calls_as_they_may_come(wire: Wire) -> None:
    """3.4, 4.2, 6.1, 6.2, 6.10: a body of the largest frame, padding, a head in pieces, trailers, hpack's table."""
    indexed = hpack.Encoder()
    heads = [indexed.encode(GET), indexed.encode(GET)]
    wire.say(
        opened(1),
        frame(DATA, 1, 1, bytes(LONG)),
        opened(3),
        frame(DATA, PADDED | 1, 3, b"\x03abc\0\0\0"),
        frame(HEADERS, END_STREAM, 5, block(GET)[:3]),
        *(frame(CONTINUATION, 0, 5, bytes([one])) for one in block(GET)[3:]),
        frame(CONTINUATION, END_HEADERS, 5),
        opened(7),
        frame(DATA, 0, 7, b"x"),
        head(7, TRAILERS),
        frame(HEADERS, PADDED | WITH_PRIORITY | 5, 9, b"\x02" + pack(">IB", 0, 5) + block(GET) + b"\0\0"),
        *(frame(HEADERS, 5, stream, bytes(each)) for stream, each in zip((11, 13), heads, strict=True)),
    )
    calls = {1, 3, 5, 7, 9, 11, 13}
    heard = wire.until(lambda heard: heard.ended == calls)
    assert heard.status == dict.fromkeys(calls, b"200") and not heard.reset and heard.goaway is None
    assert (sum(heard.data[1]), sum(heard.data[3])) == (LONG, 3)


def test_windows_are_kept_to(wire: Wire) -> None:
    """6.5.3, 6.9.1, 6.9.2: the last of two values counts; what a window does not let pass waits, also below zero."""
    five = [*GET[:2], (":path", "/bytes/5"), GET[3]]
    first = frame(SETTINGS, 0, 0, setting(4, 100) + setting(4, 3))
    wire.say(head(1, five), frame(PING, 0, 0, b"waiting!"), first=first)
    heard = wire.until(lambda heard: heard.data.get(1) and heard.pongs)
    assert (heard.data, heard.acks) == ({1: [3]}, 1)
    wire.socket.sendall(frame(SETTINGS, 0, 0, setting(4, 2)) + frame(PING, 0, 0, b"below 0!"))
    wire.until(lambda heard: len(heard.pongs) == 2)
    wire.socket.sendall(frame(WINDOW, 0, 1, pack(">I", 1)) + frame(PING, 0, 0, b"at zero!"))
    wire.until(lambda heard: len(heard.pongs) == 3)
    assert heard.data == {1: [3]}
    wire.socket.sendall(frame(WINDOW, 0, 1, pack(">I", 1)))
    wire.until(lambda heard: sum(heard.data[1]) == 4)
    wire.socket.sendall(frame(SETTINGS, 0, 0, setting(4, 3)))
    heard = wire.until(lambda heard: 1 in heard.ended)
    assert sum(heard.data[1]) == 5 and heard.goaway is None


@pytest.mark.parametrize(
    "said", [b"INVALID CONNECTION PREFACE\r\n\r\n", PREFACE[:14] + b"\r\nXX\r\n\r\n"], ids=["other", "half"]
)
def test_what_is_no_preface(wire: Wire, said: bytes) -> None:
    """3.4: the connection ends."""
    wire.socket.sendall(said + frame(SETTINGS, 0, 0))
    assert wire.until(lambda heard: heard.closed).closed


@pytest.mark.parametrize("error", [0, 0xFF], ids=["no error", "unknown error"])
def test_a_goaway_ends_the_connection(wire: Wire, error: int) -> None:
    """5.4.1, 6.8, 7: whichever its error."""
    wire.say(frame(GOAWAY, 0, 0, pack(">II", 0, error)))
    wire.socket.shutdown(socket.SHUT_WR)
    assert wire.until(lambda heard: heard.closed).goaway in (None, 0)
