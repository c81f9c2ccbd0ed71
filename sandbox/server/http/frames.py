"""HTTP/2 from below: frames as they come, a few at a time, and too many of those that carry no call.

Pure. What is in a frame is the library's, which takes 80 µs for each of the smallest, and as many as one read brings
without a pause: 0.6 s, for which nobody else would be answered."""

from collections import Counter
from collections.abc import Iterator

PREFACE_BYTES = 24
"""What a client says before its first frame (RFC 9113 section 3.4)."""
HEAD_BYTES = 9
TOGETHER = 32
"""Frames that are read in one go: 3 ms at most. A call has two or three."""
MOST_CONTROL = 500
"""Of one connection in a second. A client sends some at its beginning and a PING now and then; a reset for each call
that it gives up, of which it can have a hundred at work."""
MOST_WINDOWS = 5_000
"""The same of WINDOW_UPDATE, of which a client sends two for every 16 KiB that it takes: far more than we can send."""

DATA, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE = 0, 3, 4, 6, 8
_CALLS = frozenset((1, 5))  # HEADERS; PUSH_PROMISE is the library's to refuse
_NAMES = {
    DATA: "empty DATA",
    2: "PRIORITY",
    RST_STREAM: "RST_STREAM",
    SETTINGS: "SETTINGS",
    PING: "PING",
    7: "GOAWAY",
    WINDOW_UPDATE: "WINDOW_UPDATE",
    9: "CONTINUATION",
}
_END_STREAM = 1
_SETTING_BYTES = 6


class Frames:
    """Of one connection; fed with every byte that comes, in order."""

    __slots__ = ("_counts", "_head", "_left", "_second", "flood")

    def __init__(self) -> None:
        self._head = b""
        self._left = PREFACE_BYTES
        self._second = -1
        self._counts: Counter[int] = Counter()
        self.flood = ""
        """What there was too much of, in words; "" for nothing. What comes after it is not handed on."""

    def pieces(self, data: bytes, second: int) -> Iterator[bytes]:
        """*data* in pieces of so many frames, none of which is of a flood. Cut anywhere: the library keeps what is not
        whole."""
        if second != self._second:
            self._second = second
            self._counts.clear()
        begin = at = weight = 0
        while at < len(data):
            if self._left:
                skipped = min(self._left, len(data) - at)
                self._left -= skipped
                at += skipped
                continue
            missing = HEAD_BYTES - len(self._head)
            self._head += data[at : at + missing]
            at = min(at + missing, len(data))
            if len(self._head) < HEAD_BYTES:
                break
            weight += self._begun()
            if self.flood:
                return
            if weight >= TOGETHER:
                yield data[begin:at]
                begin, weight = at, 0
        if begin < at:
            yield data[begin:at]

    def made_reset(self) -> None:
        """A frame of the peer's made us reset a stream, which costs as much as one that it resets itself: calls at work
        are counted no more, and go on."""
        self._count(RST_STREAM, 1)

    def _begun(self) -> int:
        """A frame has begun; for how many small ones it counts."""
        head, self._head = self._head, b""
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        self._left = length
        if kind in _CALLS or (kind == DATA and (length or flags & _END_STREAM)):
            return 1
        weight = max(1, length // _SETTING_BYTES) if kind == SETTINGS else 1
        self._count(kind, weight)
        return weight

    def _count(self, kind: int, weight: int) -> None:
        # All in one count but those that come with every answer.
        counted = WINDOW_UPDATE if kind == WINDOW_UPDATE else SETTINGS
        self._counts[counted] += weight
        most = MOST_WINDOWS if counted == WINDOW_UPDATE else MOST_CONTROL
        if self._counts[counted] > most:
            self.flood = f"over {most} frames within a second that carry no call, the last of them {_name(kind)}"


def _name(kind: int) -> str:
    return _NAMES.get(kind, f"of the unknown type {kind}")
