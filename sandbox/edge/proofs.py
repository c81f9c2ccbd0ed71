"""Whether a secret that was sent is the client's, without holding up the event loop: slow digests are made in a thread.

What was found out once is remembered under a keyed digest, for as long as the process lives: a client logs in on every
token call, with an API key on every call, and 40 ms each time would be most of its test run."""

import asyncio
import hashlib
import os
from typing import TYPE_CHECKING

from sandbox.oauth.secrets import Kept, Way, spellings

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

REMEMBERED = 10_000
"""Digests, wrong ones too, so that a program which repeats a wrong secret pays once: two megabytes at most."""


class Proofs:
    """Asked on one event loop. The secrets themselves are not remembered."""

    def __init__(self) -> None:
        self._key = os.urandom(hashlib.blake2b.MAX_KEY_SIZE)
        self._known: dict[bytes, bytes] = {}
        self._thread: ThreadPoolExecutor | None = None

    def make_ready(self) -> None:
        """Load what a thread needs, beside the loop: half a millisecond that the first call need not hold it for."""
        import concurrent.futures.thread  # noqa: F401

    def close(self) -> None:
        """Let fall what was not begun."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def is_of(self, kept: Kept, sent: str) -> bool:
        """Whether *sent* is that secret, in whichever of its spellings."""
        return kept.among([await self.digest(kept.way, spelling) for spelling in spellings(sent)])

    async def digest(self, way: Way, secret: str) -> bytes:
        """The secret's digest by that way; waits only for a slow one that was not asked for before."""
        if not way.slow:
            return way.digest(secret)
        mark = hashlib.blake2b(repr((way, secret)).encode(), key=self._key).digest()
        if (known := self._known.get(mark)) is None:
            known = await asyncio.get_running_loop().run_in_executor(self._worker(), self._make, mark, way, secret)
        return known

    def _make(self, mark: bytes, way: Way, secret: str) -> bytes:
        """In the thread, the only one that adds: of calls that came together with the same secret, one pays."""
        if (known := self._known.get(mark)) is None:
            known = self._known[mark] = way.digest(secret)
            if len(self._known) > REMEMBERED:
                del self._known[next(iter(self._known))]
        return known

    def _worker(self) -> "ThreadPoolExecutor":
        """One thread: guesses wait for each other, and leave the other processors alone. Made when first needed."""
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandbank-proofs")
        return self._thread
