"""Whether a secret that was sent is the client's, without holding up the event loop: slow digests are made in a thread.

What was found out once is remembered under a keyed digest, for as long as the process lives: a client logs in on every
token call, with an API key on every call, and 40 ms each time would be most of its test run. What was not waits in one
of several lines, which take turns: guesses at one client's secret hold up the others by one digest. The lines are
short, and what finds its own full, or not empty where many wait, is refused."""

import asyncio
import hashlib
import os
from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from sandbox.errors import refuse
from sandbox.oauth.secrets import SALT_BYTES, Kept, Way, scrypt, spellings

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")

REMEMBERED = 10_000
"""Digests of each kind: right ones, which no number of guesses drives out, and wrong ones, so that a program which
repeats a wrong secret pays once. Four megabytes at most."""
MOST_OF_ONE = 8
"""Different secrets that wait for one client: nobody has more, but who guesses. The last of them waits a third of a
second. Calls with the same secret are one."""
MOST_WAITING = 64
"""Of all clients: 2.6 seconds of work, so that nobody waits longer than a caller does. An empty line has a place all
the same where it is a client's, for guesses at others' secrets must not keep out a first right one."""


class SecretVerifier:
    """Asked on one event loop. The secrets themselves are not remembered."""

    def __init__(self) -> None:
        self._key = os.urandom(hashlib.blake2b.MAX_KEY_SIZE)
        self._right: dict[bytes, bytes] = {}
        self._guessed: dict[bytes, bytes] = {}
        self._coming: dict[bytes, asyncio.Future[bytes]] = {}
        self._lines: dict[Hashable, deque[tuple[bytes, Way, str]]] = {}
        self._working = False
        self._thread: ThreadPoolExecutor | None = None

    def make_ready(self) -> None:
        """Load what a thread needs, beside the loop: half a millisecond that the first call need not hold it for."""
        import concurrent.futures.thread  # noqa: F401

    def close(self) -> None:
        """Let fall what was not begun."""
        for guesses in self._lines.values():
            for mark, _, _ in guesses:
                self._coming.pop(mark).cancel()
        self._lines.clear()
        if self._thread is not None:
            self._thread.shutdown(wait=False)

    async def is_of(self, kept: Kept, sent: str, *, line: Hashable) -> bool:
        """Whether *sent* is that secret, in whichever of its spellings.

        Where it has to wait, it does in that *line*. Raises Refused with ``token.too_many_guesses``.
        """
        ways = [(kept.way, spelling) for spelling in spellings(sent)]
        right = kept.among([await self._digest(way, spelling, line) for way, spelling in ways])
        if right:
            self._keep(self._mark(way, spelling) for way, spelling in ways if way.slow)
        return right

    async def owner(self, kept: Sequence[tuple[Way, Mapping[bytes, T]]], sent: str, *, line: Hashable) -> T | None:
        """Whose secret *sent* is, of those that have one that went each way; by its digest who has it.

        First those where nothing is to be computed or little. Its *line* is its caller's, for whose it is nobody knows:
        there may be any number of such lines, and an empty one has no place of its own where many wait. Raises Refused
        with ``token.too_many_guesses``.
        """
        for way, owners in kept:
            digest = self._right.get(self._mark(way, sent)) if way.slow else way.digest(sent)
            if digest is not None and (found := owners.get(digest)):
                return found
        for way, owners in kept:
            if way.slow and (found := owners.get(await self._digest(way, sent, line, of_client=False))):
                self._keep([self._mark(way, sent)])
                return found
        return None

    def nobody(self, name: str) -> Kept:
        """What nobody's secret is: as much work as a chosen one, and for one name always the same."""
        salt = hashlib.blake2b(name.encode(), key=self._key, digest_size=SALT_BYTES).digest()
        return Kept(way=scrypt(salt), digest=b"")

    async def _digest(self, way: Way, secret: str, line: Hashable, *, of_client: bool = True) -> bytes:
        """The secret's digest by that way; waits only for a slow one that was not asked for before."""
        if not way.slow:
            return way.digest(secret)
        mark = self._mark(way, secret)
        known = self._right.get(mark) or self._guessed.get(mark)
        if known is not None:
            return known
        coming = self._coming.get(mark) or self._line_up(mark, way, secret, line, of_client)
        # Not the caller's to cancel: others may wait for the same.
        return await asyncio.shield(coming)

    def _mark(self, way: Way, secret: str) -> bytes:
        return hashlib.blake2b(repr((way, secret)).encode(), key=self._key).digest()

    def _keep(self, marks: Iterable[bytes]) -> None:
        """They belong to a right secret."""
        for mark in marks:
            if (digest := self._guessed.pop(mark, None)) is not None:
                _remember(self._right, mark, digest)

    def _line_up(self, mark: bytes, way: Way, secret: str, line: Hashable, of_client: bool) -> "asyncio.Future[bytes]":
        before = len(self._lines.get(line, ()))
        has_place = of_client and not before
        if before >= MOST_OF_ONE or (len(self._coming) >= MOST_WAITING and not has_place):
            raise refuse(
                "token.too_many_guesses",
                seen=f"{len(self._coming)} other secrets that wait to be checked, {before} of them in the same line",
                expected=f"{MOST_OF_ONE - 1} in a line at most (a client's, or a caller's), and none in it where "
                f"{MOST_WAITING} wait in all",
            )
        coming = self._coming[mark] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(line, deque()).append((mark, way, secret))
        self._begin()
        return coming

    def _begin(self) -> None:
        """The first of the line whose turn it is; the line goes behind the others."""
        if self._working or not self._lines:
            return
        self._working = True
        line = next(iter(self._lines))
        guesses = self._lines.pop(line)
        mark, way, secret = guesses.popleft()
        if guesses:
            self._lines[line] = guesses
        loop = asyncio.get_running_loop()
        try:
            made = loop.run_in_executor(self._worker(), way.digest, secret)
        except RuntimeError as error:  # no thread is to be had: whoever waits is told, and the next one tries again
            made = loop.create_future()
            made.set_exception(error)
        made.add_done_callback(partial(self._made, mark))

    def _made(self, mark: bytes, made: "asyncio.Future[bytes]") -> None:
        self._working = False
        coming = self._coming.pop(mark)
        if (error := made.exception()) is not None:
            coming.set_exception(error)
        else:
            _remember(self._guessed, mark, made.result())
            coming.set_result(made.result())
        self._begin()

    def _worker(self) -> "ThreadPoolExecutor":
        """One thread: guesses wait for each other, and leave the other processors alone. Made when first needed."""
        if self._thread is None:
            from concurrent.futures import ThreadPoolExecutor

            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sandbank-proofs")
        return self._thread


def _remember(memory: dict[bytes, bytes], mark: bytes, digest: bytes) -> None:
    memory[mark] = digest
    if len(memory) > REMEMBERED:
        del memory[next(iter(memory))]
