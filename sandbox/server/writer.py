"""The one thread that writes: what waits while it is busy shares the next transaction and is answered after its commit.

What a piece of work does, and what a caller is told of its error, are others' business."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any, TypeVar, cast

from sandbox.storage.work import Store, Work

T = TypeVar("T")

MOST_TOGETHER = 16
"""Pieces of work in one transaction. Each holds the store for half a millisecond, or two for an RSA signature: another
process waits 30 ms at most, of the 500 that it is willing to. A commit costs a tenth of a millisecond: shared by more,
it would not be noticed."""
SHARE_SECONDS = 0.1
"""A transaction that has gone on for so long takes up no further piece. On a busy computer one may take ten times as
long as here: without this bound another process would give up."""


class Writer:
    """Does work in the order in which it was asked for, each piece whole or not at all. Asked on one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue: SimpleQueue[_Piece | None] = SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="sandbank-writer", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def close(self) -> None:
        """Finish the transaction at work; what waits behind it is cancelled."""
        self._closing = True
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join()
        with suppress(Empty):
            while True:
                if (piece := self._queue.get_nowait()) is not None:
                    piece.answer.cancel()

    async def together(self, prepare: Callable[[], Callable[[Work], T]]) -> T:
        """The result of the work that *prepare* gives back, done in a transaction that it shares with its neighbours.

        *prepare* runs in the thread too, before the transaction begins. An error of either is raised here and undoes
        this piece alone; that the store cannot be written is raised by all that shared the transaction.
        """
        return cast(T, await self._ask(_Piece(prepare, shares=True)))

    async def alone(self, work: Callable[[], T]) -> T:
        """The result of *work*, which opens transactions of its own where it needs them."""
        return cast(T, await self._ask(_Piece(work, shares=False)))

    async def _ask(self, piece: "_Piece") -> Any:
        self._queue.put(piece)
        await piece.answer
        return piece.result()

    def _run(self) -> None:
        for batch in self._batches():
            ready: Sequence[_Piece] = [piece for piece in batch if piece.prepare()]
            while ready:
                ready = self._share(ready)
            # One call for all: waking the loop costs more than a commit.
            batch[0].answer.get_loop().call_soon_threadsafe(_answer, batch)

    def _batches(self) -> Iterator[Sequence["_Piece"]]:
        """What waits now, in order: neighbours that share a transaction, as many as may, and each other piece alone."""
        first = self._next()
        while first is not None:
            batch, following = [first], None
            while first.shares and len(batch) < MOST_TOGETHER and following is None and not self._queue.empty():
                piece = self._next()
                if piece is not None and piece.shares:
                    batch.append(piece)
                else:
                    following = piece
            yield batch
            first = following or self._next()

    def _next(self) -> "_Piece | None":
        """The next piece, waiting for it; None at the end."""
        return None if self._closing else self._queue.get()

    def _share(self, ready: Sequence["_Piece"]) -> Sequence["_Piece"]:
        """Do them in one transaction; those are left for which that would last too long."""
        done, alone = 0, False
        try:
            with self._store.write() as work:
                until = monotonic() + SHARE_SECONDS
                while done < len(ready) and (done == 0 or monotonic() < until):
                    if done:
                        ready[done].share(self._store, work)
                    else:
                        # Nothing is before it that its error would undo, too: it needs no part of its own.
                        try:
                            ready[0].work(work)
                        except BaseException:
                            alone = work.under_way
                            raise
                    done += 1
        except BaseException as error:  # noqa: BLE001 - carried over to those who wait, who raise it
            for piece in ready[:1] if alone else ready:
                piece.fail(error)
            return ready[1:] if alone else ()
        return ready[done:]


class _Piece:
    """One piece of work. The thread sees to it, and the loop looks at its result once it is answered."""

    __slots__ = ("_error", "_prepare", "_value", "answer", "shares")

    def __init__(self, prepare: Callable[[], Any], *, shares: bool) -> None:
        self._prepare = prepare
        self._value: Any = None
        self._error: BaseException | None = None
        self.shares = shares
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def prepare(self) -> bool:
        """Do what needs no transaction; whether something is left. What nobody waits for any more is not begun."""
        if self.answer.cancelled():
            return False
        try:
            self._value = self._prepare()
        except BaseException as error:  # noqa: BLE001 - carried over to whoever waits
            self.fail(error)
            return False
        return self.shares

    def work(self, work: Work) -> None:
        """Do the rest, in a transaction of its own, which an error undoes."""
        self._value = self._value(work)

    def share(self, store: Store, work: Work) -> None:
        """Do the rest, as a part of a transaction. Raises only what has ended the whole of it."""
        try:
            with store.part(work):
                self.work(work)
        except BaseException as error:
            self.fail(error)
            if not work.under_way:
                raise

    def fail(self, error: BaseException) -> None:
        """There is no result; the first reason is the one that counts."""
        self._error = self._error or error

    def result(self) -> Any:
        if self._error is not None:
            raise self._error
        return self._value


def _answer(batch: Sequence[_Piece]) -> None:
    """Wake whoever waits for these; on the loop."""
    for piece in batch:
        if not piece.answer.done():
            piece.answer.set_result(None)
