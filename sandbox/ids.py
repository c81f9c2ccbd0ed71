"""Where names without meaning come from: client ids, secrets, tokens, journal ids.

What they name is others' business.
"""

import os
import random
import uuid

TRACE_BYTES = 8
TRACES_AHEAD = 64
"""Trace numbers for which the system is asked at once: every call has one, and asking lets other threads go first. They
name entries and guard nothing."""

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


class Ids:
    """A source of identifiers: the system's randomness, or a seed for tests that want the same ones each time.

    A seeded source is predictable by design and must never guard anything but a test.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random: random.Random = random.SystemRandom() if seed is None else random.Random(seed)
        self._ahead: list[bytes] | None = [] if seed is None else None

    def uuid(self) -> str:
        """A version 4 UUID (RFC 9562 section 5.4), lower case."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def trace(self) -> str:
        """Sixteen hexadecimal digits that do not begin with 0: the id of a journal entry, and Wise's ``x-trace-id``,
        which is written without leading zeros."""
        if self._ahead is None:
            return f"{self._random.randrange(1 << 60, 1 << 64):x}"
        while (number := self._taken(self._ahead)) < 1 << 60:
            pass
        return f"{number:x}"

    def _taken(self, ahead: list[bytes]) -> int:
        """A number of 64 bits that nobody else is given: taking from a list is one step, whichever thread does it."""
        try:
            return int.from_bytes(ahead.pop(), "big")
        except IndexError:
            data = os.urandom(TRACE_BYTES * TRACES_AHEAD)
            ahead += [data[at : at + TRACE_BYTES] for at in range(0, len(data), TRACE_BYTES)]
            return self._taken(ahead)

    def base36(self, length: int) -> str:
        """So many lower-case letters and digits."""
        return "".join(self._random.choices(_BASE36, k=length))

    def hex(self, digits: int) -> str:
        """So many hexadecimal digits, lower case."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def bits(self, count: int) -> int:
        """A number of so many bits."""
        return self._random.getrandbits(count)
