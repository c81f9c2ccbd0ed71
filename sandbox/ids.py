"""Where names without meaning come from: client ids, secrets, tokens, journal ids.

What they name is others' business.
"""

import random
import uuid
from typing import NewType

ClientId = NewType("ClientId", str)

_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


class Ids:
    """A source of identifiers: the system's randomness, or a seed for tests that want the same ones each time.

    A seeded source is predictable by design and must never guard anything but a test.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random: random.Random = random.SystemRandom() if seed is None else random.Random(seed)

    def uuid(self) -> str:
        """A version 4 UUID (RFC 9562 section 5.4), lower case."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def trace(self) -> str:
        """Sixteen hexadecimal digits that do not begin with 0: the id of a journal entry, and Wise's ``x-trace-id``,
        which is written without leading zeros."""
        return f"{self._random.randrange(1 << 60, 1 << 64):x}"

    def base36(self, length: int) -> str:
        """So many lower-case letters and digits."""
        return "".join(self._random.choices(_BASE36, k=length))

    def hex(self, digits: int) -> str:
        """So many hexadecimal digits, lower case."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def bits(self, count: int) -> int:
        """A number of so many bits."""
        return self._random.getrandbits(count)
