"""Whom the listener tells about what no app will ever see; the journal's side of the doors implements it."""

from typing import Protocol

from sandbox.edge.peer import Peer
from sandbox.tls.handshake import Handshake


class Witness(Protocol):
    """Hears of every handshake, and of what broke outside an app. Called on the loop: must not block."""

    def handshake(self, door: str, address: tuple[str, int], handshake: Handshake) -> None:
        """A handshake ended, well or not. Told before the peer can know."""

    def broken(self, door: str, peer: Peer, cause: str, seen: str, expected: str, status: int) -> None:
        """What came was no call an app could answer; `status` is what the listener answered itself, 0 for nothing."""
