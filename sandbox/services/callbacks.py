"""Calls the address of a subscription that is to be made: one attempt of the sender, before it is kept."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.errors import NotThere, Refusal
from sandbox.services.dispatching import Dispatcher, advised, entry_of
from sandbox.services.postbox import Postbox
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.storage.work import Work
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Delivery, Outcome, Subscription

if TYPE_CHECKING:
    from sandbox.webhooks.delivery import Terms

NOT_YET = "00000000-0000-0000-0000-000000000000"
"""The id of a subscription that does not exist yet. Seen so in a test notification of 2022."""


async def call_address(
    state: State, reach: Reach, provider: str, client: str, to: Subscription, now: datetime
) -> Refusal | None:
    """Why the address does not take a test; None where it does, or where the client is gone. Waits as long as the
    provider does for any webhook, and can be cancelled: then nothing is kept. What came of the attempt is kept among
    the deliveries, and stands in the journal. The store, which may be held by others, is asked in a thread.

    Raises Surroundings.
    """
    dispatcher = Dispatcher(state=state, reach=reach, claimant="")

    def box(work: Work) -> Postbox:
        owner = find_client(work, provider, client)
        return Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=now)

    def write() -> "tuple[Delivery, Terms]":
        with state.store.write() as work:
            delivery = box(work).first(replace(to, id=NOT_YET))
        return delivery, dispatcher.terms(delivery)

    def keep(delivery: Delivery, outcome: Outcome) -> None:
        with state.store.write() as work:
            kept, made = box(work).tried(delivery, outcome)
        state.journal.append(entry_of(kept, made, id=state.ids.trace()))

    try:
        delivery, terms = await asyncio.to_thread(write)
        from sandbox.webhooks.delivery import attempt  # TLS and all: loaded with the terms, in the thread

        outcome = advised(delivery, await attempt(delivery, terms))
        await asyncio.to_thread(keep, delivery, outcome)
    except NotThere:
        return None  # removed meanwhile: the call is judged again, and says so
    return outcome.failed
