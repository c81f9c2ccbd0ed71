"""Keeping a new client together with the rows that it starts with: its provider's, and those of a seed file."""

from datetime import datetime

from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.storage import clients, resources, seeded
from sandbox.storage.work import Work


def register(work: Work, client: ClientRecord) -> None:
    """Raises Taken when the provider has a client of that name or id."""
    clients.add(work, client)
    start_rows(work, client, client.created_at)


def start_rows(work: Work, client: ClientRecord, now: datetime) -> None:
    """The rows that the client starts with, in place of those of the same ids; where both have one, the seed's."""
    for row in named(client.provider).chapters().starts_with(now):
        resources.put(work, client.provider, client.id, row.kind, row.id, row.body)
    for (kind, key), body in seeded.all_of(work, client.provider, client.id).items():
        resources.put(work, client.provider, client.id, kind, key, body)
