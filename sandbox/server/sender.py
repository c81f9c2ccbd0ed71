"""Sends the webhooks that are due: a thread with a loop of its own, in one process of all that share a store.

A receiver may be slow: so each has a lane of its own, in which what is due is tried in the order of its due times."""

import asyncio
import heapq
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from sandbox.errors import Refusal, Surroundings
from sandbox.services import journal
from sandbox.services.clock import follower
from sandbox.services.dispatching import Dispatcher
from sandbox.services.state import State
from sandbox.storage.work import Lead
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.delivery import attempt
from sandbox.webhooks.event import Delivery, Outcome

T = TypeVar("T")

LOOK_SECONDS = 0.1
"""Between two looks for what is due: a call wakes the sender of its own process, but not that of another."""
LEAD_SECONDS = 0.5
"""Between two tries to become the one that sends."""
RETRY_SECONDS = 0.1
"""Until what came of an attempt is written again, when the store was held by others."""
TOGETHER = 4
"""Messages that go to one receiver at the same time, of one due time. Python's own simple servers queue five
connections and drop the rest, which TCP tries again after a whole second."""
SAME_TIME = timedelta(seconds=1)
"""Due times that are so near to each other are one."""
LATE = timedelta(seconds=5)
"""What is due for longer is being caught up with, after a move of the clock or a time without a server."""
STOP_SECONDS = 0.5
"""What is on its way at a stop has so long to be answered; later it is sent again, by the next server."""


class Sender:
    """Begins with `start`, and ends with `stop`; both are called by the thread of the server."""

    def __init__(self, state: State, reach: Reach, lead: Lead) -> None:
        """*lead* is the lock of whoever sends: the sender closes it at its end."""
        self._state = state
        self._turn = lead
        self._dispatcher = Dispatcher(state=state, reach=reach, claimant=uuid.uuid4().hex)
        self._thread = threading.Thread(target=self._run, name="sandbank-sender", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Event()
        self._awake: asyncio.Event
        self._stopping = False
        self._lanes: dict[str, _Lane] = {}

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Let what is on its way arrive, for half a second at most."""
        self._stopping = True
        if self._thread.ident is not None:
            self._begun.wait()
            self.wake()
            self._thread.join()

    def wake(self) -> None:
        """Something was queued: look at once. Any thread may call."""
        if self._loop is not None:
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._awake.set)

    def _run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._awake = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._begun.set()
        lead = self._turn
        try:
            follow = follower(self._state)
            leads = False
            while not self._stopping:
                try:
                    if not (leads := self._lead(lead, leads)):
                        await self._rest(LEAD_SECONDS)
                        continue
                    follow()
                    self._take()
                except (Surroundings, OSError):
                    pass  # the store does not answer, or is held by others: at the next look it may
                await self._rest(LOOK_SECONDS)
            await self._end()
        finally:
            lead.close()

    def _lead(self, lead: Lead, before: bool) -> bool:
        if not lead.held():
            return False
        self._dispatcher.sure = lead.sure
        if not before and lead.sure:
            self._dispatcher.release_others()
        return True

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()
        self._awake.clear()

    def _take(self) -> None:
        """Put what is due into the lanes of its receivers."""
        for delivery in self._dispatcher.claim(self._state.clock.now()):
            receiver = _receiver(delivery.url)
            lane = self._lanes.get(receiver)
            if lane is None:
                lane = self._lanes[receiver] = _Lane(self._state, self._dispatcher)
                lane.task = asyncio.ensure_future(self._drive(receiver, lane))
            lane.put(delivery)

    async def _drive(self, receiver: str, lane: "_Lane") -> None:
        try:
            await lane.run()
        finally:
            del self._lanes[receiver]  # in the same turn in which it was seen to be empty: nothing can be put into it

    async def _end(self) -> None:
        tasks = [lane.stop() for lane in self._lanes.values() if lane.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with suppress(Surroundings):
            self._dispatcher.release()


@dataclass(slots=True)
class _Lane:
    """What is to be sent to one receiver."""

    state: State
    dispatcher: Dispatcher
    task: "asyncio.Future[None] | None" = None
    _waiting: list[tuple[datetime, int, Delivery]] = field(default_factory=list)
    _silent: bool = False
    """Whether the receiver has timed out while what it was late with is caught up."""
    _ending: bool = False

    def put(self, delivery: Delivery) -> None:
        heapq.heappush(self._waiting, (delivery.due_at, delivery.number, delivery))

    def stop(self) -> "asyncio.Future[None]":
        """Begin nothing more; done when what is on its way has come to an end."""
        assert self.task is not None, "a lane runs from its beginning"
        self._ending = True
        return self.task

    async def run(self) -> None:
        while self._waiting and not self._ending:
            first = self._waiting[0][0]
            group: list[Delivery] = []
            while self._waiting and len(group) < TOGETHER and self._waiting[0][0] - first < SAME_TIME:
                group.append(heapq.heappop(self._waiting)[2])
            await asyncio.gather(*map(self._send, group))

    async def _send(self, delivery: Delivery) -> None:
        """One attempt, at the time at which it was due; the next one too, where that has passed already."""
        at = delivery.due_at
        late = self.state.clock.now() - at > LATE
        outcome = await self._outcome(delivery, late=late)
        settled = await self._kept(lambda: self.dispatcher.settle(delivery, outcome, at, self.state.clock.now()))
        if settled and settled.again:
            self.put(settled.delivery)

    async def _outcome(self, delivery: Delivery, *, late: bool) -> Outcome:
        if late and self._silent:
            return _not_waited_for(delivery)
        outcome = await self._attempted(delivery)
        self._silent = late and outcome.failed is not None and outcome.failed.code == "webhook.timeout"
        return outcome

    async def _attempted(self, delivery: Delivery) -> Outcome:
        try:
            return await attempt(delivery, await self._kept(lambda: self.dispatcher.terms(delivery)))
        except Exception as error:  # noqa: BLE001 - the last resort: one message must not stop all others
            fault = journal.as_refusal(error, state=self.state.folder.path, doing="sending a webhook")
            return Outcome(failed=fault.reasons[0])

    async def _kept(self, ask: Callable[[], T]) -> T:
        """What the store answers, once it does: an attempt that was made must not be forgotten."""
        while True:
            try:
                return ask()
            except Surroundings:
                await asyncio.sleep(RETRY_SECONDS)


def _not_waited_for(delivery: Delivery) -> Outcome:
    seen = "it timed out before in the same move of the clock, and was not waited for again"
    failed = Refusal(code="webhook.timeout", seen=seen, expected="an answer within the provider's time limit")
    return Outcome(waited=False, failed=failed)


def _receiver(url: str) -> str:
    try:
        where = urlsplit(url)
        return f"{where.scheme}://{where.hostname}:{where.port}"
    except ValueError:
        return url
