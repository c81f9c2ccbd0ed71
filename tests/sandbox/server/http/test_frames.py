"""Frames of HTTP/2 are read a few at a time, and a flood of those that carry no call is known by its count."""

import pytest

from sandbox.server.http.frames import MOST_CONTROL, MOST_WINDOWS, PREFACE_BYTES, TOGETHER, Frames
from sandbox.server.http.sent import LATE_SECONDS, Taking

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, payload: bytes = b"", flags: int = 0) -> bytes:
    stream = 0 if kind in (4, 6, 8) else 1
    return len(payload).to_bytes(3, "big") + bytes([kind, flags, 0, 0, 0, stream]) + payload


SMALL = {
    "SETTINGS": frame(4),
    "PING": frame(6, bytes(8)),
    "RST_STREAM": frame(3, bytes(4)),
    "PRIORITY": frame(2, bytes(5)),
    "empty DATA": frame(0),
    "unknown type 66": frame(66, b"x"),
}


@pytest.mark.parametrize("kind", SMALL)
def test_a_flood_of_what_carries_no_call_is_seen(kind: str) -> None:
    """At one more than may come in a second, however it is cut; so many in each of two seconds are none."""
    one = SMALL[kind]
    frames = Frames()
    pieces = list(frames.pieces(PREFACE + one * MOST_CONTROL, 1))
    assert not frames.flood and b"".join(pieces) == PREFACE + one * MOST_CONTROL
    assert max(map(len, pieces)) <= PREFACE_BYTES + TOGETHER * len(one)
    assert list(frames.pieces(one * MOST_CONTROL, 2)) and not frames.flood
    for at in range(len(one)):
        list(frames.pieces(one[at : at + 1], 2))
    assert kind.rpartition(" ")[2] in frames.flood


def test_calls_are_no_flood_whatever_they_carry() -> None:
    """Heads, bodies and their empty ends; WINDOW_UPDATE up to its own bound. A large body is not cut."""
    frames = Frames()
    call = frame(1, b"head", 4) + frame(0, b"body") + frame(0, b"", 1)
    windows = frame(8, bytes(4))
    whole = PREFACE + call * 2 * MOST_CONTROL + windows * MOST_WINDOWS
    assert b"".join(frames.pieces(whole, 1)) == whole and not frames.flood
    body = frame(0, bytes(16_384)) * 4
    assert list(frames.pieces(body, 1)) == [body]
    assert list(frames.pieces(windows, 1)) == [] and "WINDOW_UPDATE" in frames.flood


def test_many_settings_in_one_frame_are_as_many_frames() -> None:
    """Each of them is looked at."""
    frames = Frames()
    assert list(frames.pieces(PREFACE + frame(4, bytes(6 * (MOST_CONTROL + 1))), 1)) == []
    assert "SETTINGS" in frames.flood


def test_a_peer_is_deaf_that_takes_nothing_of_what_waits() -> None:
    """Counted from the last look at which nothing waited or something was taken, by windows or by the transport."""
    one = Taking(100.0, 30.0)
    assert one.deaf_for(130, windows=0, passed=0, transport=0, written=0) == 0
    assert one.deaf_for(140, windows=9, passed=1, transport=0, written=1) == 0
    assert one.deaf_for(150, windows=9, passed=1, transport=0, written=50) == 10  # it answers PINGs, no more
    assert one.deaf_for(155, windows=9, passed=2, transport=0, written=50) == 0
    assert one.deaf_for(165, windows=9, passed=2, transport=40, written=90) == 10
    assert one.deaf_for(166, windows=9, passed=2, transport=38, written=90) == 0
    assert one.deaf_for(196, windows=0, passed=2, transport=38, written=90) == 30
    assert one.deaf_for(226 + LATE_SECONDS, windows=0, passed=2, transport=38, written=90) == 60 + LATE_SECONDS
    assert one.deaf_for(400, windows=0, passed=2, transport=38, written=90) == 0  # we were stopped meanwhile
    assert one.deaf_for(401, windows=0, passed=2, transport=0, written=90) == 0
