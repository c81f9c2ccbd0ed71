"""Where a client is told of events, as a person looks at it: its subscriptions, and how what goes there is signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sandbox.errors import Misuse
from sandbox.providers.context import Body
from sandbox.providers.kit.resource import NOTES
from sandbox.services.postbox import Postbox, wants_mtls
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.services.webhooks import sending_of
from sandbox.storage import outbox
from sandbox.webhooks.event import Delivery, Subscription

_PLACES = {"header": "the header", "body": "the member of the body"}
_SIGNED_BY = {
    "subscription": "the secret of each subscription",
    "client": "the client's secret",
    "provider": "a key of the provider's own",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscription of a client's, with its fields as the provider spells them."""

    subscription: Subscription
    body: Body = field(repr=False)
    """The row, without our own notes and the client's secret, which is shown once and not here."""
    key: str = field(repr=False)
    """The secret that verifies what is sent there, where the subscription has one of its own."""
    mtls: bool
    """Whether the sender shows its certificate there."""


def list_subscriptions(state: State, provider: str, client: str) -> tuple[Subscribed, ...]:
    """Where a client is told of events. Raises NotThere, Misuse."""
    sending = sending_of(provider)
    with state.store.read() as work:
        owner = find_client(work, provider, client)
        postbox = Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=state.clock.now())
        rows = {row.id: row.body for row in postbox.rows.all_of(sending.kind)}
        said = outbox.settings(work, provider, owner.id)
        return tuple(
            Subscribed(
                subscription=one,
                body=_without(rows.get(one.id, {}), one.key if sending.signed_by == "client" else ""),
                key=one.key if sending.signed_by == "subscription" else "",
                mtls=wants_mtls(sending, one, said),
            )
            for one in postbox.subscriptions()
        )


def signed_how(provider: str) -> str:
    """Where the signatures of the provider's webhooks stand and by what they are made, in words."""
    sending = sending_of(provider)
    where = [f"in {_PLACES[one.place]} {one.name}" for one in sending.signatures]
    return f"signed {' and '.join(where)}, by {_SIGNED_BY[sending.signed_by]}" if where else "not signed"


def headers_of(delivery: Delivery) -> Mapping[str, str]:
    """All headers of a message but those of HTTP itself."""
    try:
        sending = sending_of(delivery.provider)
    except Misuse:
        return delivery.headers
    return sending.all_headers(id=delivery.id, own=delivery.headers, test=delivery.test)


def _without(body: Body, secret: str) -> Body:
    return {name: said for name, said in body.items() if name != NOTES and (not secret or said != secret)}
