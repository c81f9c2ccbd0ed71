"""Peers that mean no good: floods of frames, answers that nobody takes, calls that end in two places."""

import socket
import struct
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest

from sandbox.server.http import frames as room
from sandbox.server.http.frames import MOST_CONTROL
from sandbox.server.http.http2 import UNSENT_BYTES
from sandbox.server.listener import Limits
from tests.live.stage import answer, call, read_to_end, stage
from tests.sandbox.server.http.test_frames import PREFACE, SMALL, frame

GOAWAY, CALM, PROTOCOL_ERROR = 7, 11, 1


def frames(data: bytes) -> list[tuple[int, bytes]]:
    """Kind and payload of each."""
    found = []
    while data:
        length, kind = int.from_bytes(data[:3], "big"), data[3]
        found.append((kind, data[9 : 9 + length]))
        data = data[9 + length :]
    return found


def goaways(data: bytes) -> list[int]:
    """The errors of the GOAWAYs in it."""
    return [struct.unpack(">I", payload[4:8])[0] for kind, payload in frames(data) if kind == GOAWAY]


@pytest.mark.parametrize("kind", ["SETTINGS", "PING"])
def test_a_flood_is_told_to_calm_down(kind: str) -> None:
    """One GOAWAY says so, and the connection ends; it is told. Another connection is answered all the while, and one
    that sends fewer goes on."""
    with stage() as door, door.connect() as other, door.connect() as calm:
        assert call(other)[0] == 200
        calm.sendall(PREFACE + frame(4) + SMALL[kind] * (MOST_CONTROL - 2))
        with door.connect() as flooding:
            flooding.sendall(PREFACE + frame(4) + SMALL[kind] * 2 * MOST_CONTROL)  # also where a second ends meanwhile
            assert call(other)[0] == 200
            assert goaways(read_to_end(flooding)) == [CALM]
        broken = door.observer.next_break()
        assert broken.cause == "http.control_flood" and kind in broken.seen
        calm.shutdown(socket.SHUT_WR)
        kinds = [kind for kind, _ in frames(read_to_end(calm))]
        assert kinds.count(SMALL[kind][3]) >= MOST_CONTROL - 2 and GOAWAY not in kinds


def test_who_makes_us_reset_its_streams_is_told_to_calm_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it reset them itself: with calls that are no longer counted it would have more at work than it may."""
    monkeypatch.setattr(room, "MOST_CONTROL", 20)
    with stage() as door, door.connect() as connection:
        client = client_of(connection, 65_535)
        head = [(":method", "GET"), (":path", "/"), (":scheme", "http"), (":authority", "x")]
        said = client.data_to_send()
        for stream in range(1, 201, 2):
            client.send_headers(stream, head, end_stream=True)
            said += client.data_to_send() + frame(0, b"x")[:5] + stream.to_bytes(4, "big") + b"x"
        connection.sendall(said)
        assert goaways(read_to_end(connection)) == [CALM]
        assert "RST_STREAM" in door.observer.next_break().seen


def test_after_the_goaway_of_an_error_there_is_no_other() -> None:
    """RFC 9113 section 6.8 lets the last one count: NO_ERROR would take the error back."""
    with stage() as door, door.connect() as connection:
        connection.sendall(PREFACE + frame(4) + frame(8, bytes(4)))  # a WINDOW_UPDATE by nothing
        assert goaways(read_to_end(connection)) == [PROTOCOL_ERROR]
        assert door.observer.next_break().cause == "http.protocol_error"


def client_of(connection: socket.socket, window: int) -> h2.connection.H2Connection:
    client = h2.connection.H2Connection(h2.config.H2Configuration(header_encoding="utf-8"))
    client.initiate_connection()
    client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
    return client


def ask(client: h2.connection.H2Connection, path: str, calls: int) -> None:
    for number in range(calls):
        head = [(":method", "GET"), (":path", path), (":scheme", "http"), (":authority", "x")]
        client.send_headers(2 * number + 1, head, end_stream=True)


def test_a_peer_that_takes_no_answer_is_let_go_and_has_little_kept_for_it() -> None:
    """With windows of zero only so many calls are begun, and at the time limit the connection ends, over HTTP/1.1 too.
    One that reads slowly has every answer."""
    begun = []
    size, calls = UNSENT_BYTES // 4, 20

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.append(scope["path"])
        await answer(send, bytes(size))

    limits = Limits(write_seconds=0.3)
    with stage(app=app, limits=limits) as door, door.connect() as deaf, door.connect() as slow, door.connect() as old:
        old.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client = client_of(deaf, 0)
        ask(client, "/deaf", calls)
        deaf.sendall(client.data_to_send())
        client = client_of(slow, 65_535)
        ask(client, "/slow", calls)
        slow.sendall(client.data_to_send())
        taken = ended = 0
        while ended < calls:
            for event in client.receive_data(slow.recv(65536)):
                if isinstance(event, h2.events.DataReceived):
                    taken += len(event.data or b"")
                    client.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
                ended += isinstance(event, h2.events.StreamEnded)
            slow.sendall(client.data_to_send())
        assert taken == calls * size
        broken = door.observer.next_break()
        assert (broken.cause, "nothing" in broken.seen) == ("http.answer_not_taken", True)
        assert begun.count("/deaf") == UNSENT_BYTES // size
        read_to_end(deaf)
        for _ in range(40):
            old.sendall(b"GET /old HTTP/1.1\r\nhost: x\r\n\r\n")
        assert door.observer.next_break().cause == "http.answer_not_taken"
        slow.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n", "smuggled"),
        (b"POST / HTTP/1.0\r\nhost: x\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n", "HTTP/1.0"),
    ],
    ids=["two lengths", "chunked in 1.0"],
)
def test_a_call_that_ends_in_two_places_is_the_last(head: bytes, words: str) -> None:
    """RFC 9112 section 6.1: a 400 that says why, and nothing of what follows is read. Control: chunked alone."""
    follows = b"0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"
    with stage() as door, door.connect() as connection:
        connection.sendall(head + b"\r\n" + follows)
        said = read_to_end(connection)
        assert said.startswith(b"HTTP/1.1 400 ") and said.count(b"content-length:") == 1 and words.encode() in said
        broken = door.observer.next_break()
        assert (broken.cause, broken.status) == ("http.head_malformed", 400)
    with stage() as door, door.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n" + follows)
        connection.shutdown(socket.SHUT_WR)
        assert read_to_end(connection).count(b"HTTP/1.1 200") == 2
