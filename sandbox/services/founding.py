"""What a state has from its beginning: the authority, its server names, issuing CAs, demo clients."""

from datetime import datetime

from ca.authority import Authority
from ca.clock import SystemClock
from sandbox.ids import Ids
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.declare import Provider
from sandbox.providers.known import DOMAINS, PROVIDERS, named
from sandbox.storage import clients, facts
from sandbox.storage.work import Work


def register(work: Work, client: ClientRecord) -> None:
    """Raises Taken when the provider has a client of that name or id."""
    clients.add(work, client)
    start_rows(work, client, client.created_at)


def start_rows(work: Work, client: ClientRecord, now: datetime) -> None:
    """The rows that the client starts with, in place of those of the same ids; where both have one, the seed's."""
    from sandbox.providers.context import Row
    from sandbox.services.rows import keep
    from sandbox.storage import resources

    for row in named(client.provider).chapters().starts_with(now):
        keep(work, client.provider, client.id, row)
    for (kind, key), body in resources.seeded_of(work, client.provider, client.id).items():
        keep(work, client.provider, client.id, Row(kind=kind, id=key, body=body))


def populate(work: Work, authority: Authority, now: datetime, ids: Ids, server_names: tuple[str, ...]) -> None:
    """Fill the tables of a new state, whose authority can speak for *server_names* too."""
    # By real time: the servers' side is judged by the clients' clocks, and the CAs are valid for decades around it.
    authority.found(
        work,
        server_names=("localhost", *DOMAINS, *server_names),
        providers=tuple(provider.name for provider in PROVIDERS),
        now=SystemClock().now(),
    )
    facts.keep_server_names(work, server_names)
    for provider in PROVIDERS:
        _demonstrate(work, provider, now, ids)


def welcome(work: Work, authority: Authority, provider: Provider, now: datetime, ids: Ids) -> None:
    """Give a state that an older version made what it lacks: an issuing CA and demo clients for a new provider."""
    authority.found(work, server_names=(), providers=(provider.name,), now=SystemClock().now())
    _demonstrate(work, provider, now, ids)
    facts.move_generation(work)


def _demonstrate(work: Work, provider: Provider, now: datetime, ids: Ids) -> None:
    """Clients with which the first try needs no preparation: their secrets can be read at any time."""
    from sandbox.oauth import secrets

    made = provider.registration
    for name in made.demo:
        secret = secrets.keep(made.secret(ids), secrets.PLAIN)
        client = ClientRecord(
            provider=provider.name,
            id=made.id(ids),
            name=name,
            secret=secret,
            created_at=now,
            require_mtls=made.demo_require_mtls,
        )
        register(work, client)
