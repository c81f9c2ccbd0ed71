"""Webhooks in Python: what a client was sent, waiting for one without a sleep, and for all that is due."""

import time
from collections.abc import Callable
from typing import TypeVar

from sandbox.services import clock, webhooks
from sandbox.services.state import State
from sandbox.webhooks.event import Delivery

T = TypeVar("T")

POLL_SECONDS = 0.01
"""Between two looks at the store, of some microseconds each."""


def wait_for_webhook(
    state: State, provider: str, client: str, seen: set[str], *, event: str, timeout: float
) -> Delivery:
    """The first delivered webhook that is not in *seen*. Raises AssertionError, which says what came instead."""
    __tracebackhide__ = True  # pytest then ends its traceback at the line that waits

    def come() -> Delivery | None:
        wanted = event or None
        for one in webhooks.list_deliveries(state, provider=provider, client=client, event=wanted, status="delivered"):
            if one.id not in seen:
                return one
        return None

    found = _until(come, timeout)
    if found is None:
        came = webhooks.list_deliveries(state, provider=provider, client=client)
        raise AssertionError(_missed(event, timeout, [one for one in came if one.id not in seen]))
    seen.add(found.id)
    return found


class WebhooksHandle:
    """What providers send to their clients, of all of them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def all(
        self,
        *,
        provider: str | None = None,
        client: str | None = None,
        event: str | None = None,
        status: str | None = None,
    ) -> tuple[Delivery, ...]:
        """Deliveries with their attempts, oldest first: all, or those that are so."""
        return webhooks.list_deliveries(self._state, provider=provider, client=client, event=event, status=status)

    def drain(self, timeout: float = 30.0) -> None:
        """Wait until nothing is due any more by the sandbox's clock. Raises TimeoutError, which says what is open."""
        clock.follow(self._state)
        at = self._state.clock.now()
        if _until(lambda: not webhooks.open_deliveries(self._state, at), timeout) is None:
            left = [one for one in webhooks.list_deliveries(self._state, status="waiting") if one.due_at <= at]
            raise TimeoutError(f"still due after {timeout:g} seconds:\n" + "\n".join(map(told, left)))

    def resend(self, delivery: Delivery | str, *, as_new: bool = False) -> Delivery:
        """Queue one again, under its own id unless *as_new*."""
        return webhooks.resend(self._state, delivery if isinstance(delivery, str) else delivery.id, as_new=as_new)


def told(delivery: Delivery) -> str:
    """A delivery and how its last attempt went, for a person."""
    if not delivery.attempts:
        return f"  {delivery.event} to {delivery.url}: {delivery.status}, not tried yet"
    last = delivery.attempts[-1]
    why = "; ".join(f"{one.code}: {one.seen}" for one in last.outcome.reasons)
    return f"  {delivery.event} to {delivery.url}: {delivery.status} after {len(delivery.attempts)} attempts; {why}"


def _missed(event: str, timeout: float, came: list[Delivery]) -> str:
    lines = [f"no webhook {event!r} was delivered within {timeout:g} seconds" if event else
             f"no webhook was delivered within {timeout:g} seconds"]  # fmt: skip
    lines += ["there are:", *map(told, came)] if came else ["none was queued: is there an active subscription to it?"]
    return "\n".join(lines)


def _until(look: Callable[[], T | None], timeout: float) -> T | None:
    """What *look* finds in time; None when it finds nothing."""
    ends = time.monotonic() + timeout
    while not (found := look()):
        if time.monotonic() > ends:
            return None
        time.sleep(POLL_SECONDS)
    return found
