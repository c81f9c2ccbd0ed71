"""Calls the address of a subscription that is to be made: one attempt of the sender, before it is kept."""

import asyncio
from dataclasses import replace
from datetime import datetime

from sandbox.errors import Refusal
from sandbox.services.dispatching import Dispatcher, advised, entry_of
from sandbox.services.postbox import Postbox
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.webhooks.addresses import Reach
from sandbox.webhooks.event import Subscription

NOT_YET = "00000000-0000-0000-0000-000000000000"
"""The id of a subscription that does not exist yet. Seen so in a test notification of 2022."""


def call_address(
    state: State, reach: Reach, provider: str, client: str, to: Subscription, now: datetime
) -> Refusal | None:
    """Why the address does not take a test; None where it does. Waits as long as the provider does for any webhook, so
    it is not for the event loop. The attempt is kept among the deliveries, and stands in the journal.

    Raises NotThere, Surroundings.
    """
    from sandbox.webhooks.delivery import attempt  # TLS and all

    dispatcher = Dispatcher(state=state, reach=reach, claimant="")
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        box = Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=now)
        delivery = box.first(replace(to, id=NOT_YET))
    outcome = advised(delivery, asyncio.run(attempt(delivery, dispatcher.terms(delivery))))
    with state.store.write() as work:
        box = Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=now)
        kept, made = box.tried(delivery, outcome)
    state.journal.append(entry_of(kept, made, id=state.ids.trace()))
    return outcome.failed
