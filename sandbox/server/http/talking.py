"""Which clients talk over a connection of theirs: another that they opened beside it and never used says nothing."""

from collections import OrderedDict, defaultdict

from sandbox.server.pipeline.message import Peer
from sandbox.tls.stream import TlsStream

REMEMBERED = 1_000
"""Clients whose last call is remembered; a client that is forgotten is told of once too often."""

Caller = tuple[str, str, str]


class Talking:
    """Told of each TLS connection's beginning and end. A client is whoever comes to one door from one address with one
    certificate; the times are the loop's."""

    def __init__(self) -> None:
        self._open: defaultdict[Caller, set[TlsStream]] = defaultdict(set)
        self._talked: OrderedDict[Caller, float] = OrderedDict()

    def begins(self, stream: TlsStream, peer: Peer) -> None:
        self._open[_caller(peer)].add(stream)

    def ends(self, stream: TlsStream, peer: Peer, now: float) -> None:
        caller = _caller(peer)
        self._open[caller].discard(stream)
        if not self._open[caller]:
            del self._open[caller]
        if stream.heard:
            self._talked[caller] = now
            self._talked.move_to_end(caller)
            if len(self._talked) > REMEMBERED:
                self._talked.popitem(last=False)

    def beside(self, peer: Peer, since: float) -> bool:
        """Whether the client has talked over another connection that was open at the same time."""
        caller = _caller(peer)
        others = self._open.get(caller, ())
        return any(one.heard for one in others) or self._talked.get(caller, since - 1) >= since


def _caller(peer: Peer) -> Caller:
    return peer.door, peer.address[0], peer.handshake.fingerprint_sha256 if peer.handshake else ""
