"""Clients: add, list, show, reset, remove, and what a partner's program needs to know to be one (its environment)."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from ca import store
from ca.errors import visible
from sandbox.errands.doors import door_urls
from sandbox.errands.registration import register, start_rows
from sandbox.errands.state import State
from sandbox.errors import Misuse, NotThere, Taken
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.storage import clients, generation, keys, resources, seeded, tokens
from sandbox.storage.work import Work

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}\Z")
"""An id becomes the CN of certificates (64 characters at most, RFC 5280 appendix A.1), stands in URLs and in Basic
credentials, so no colon and nothing that needs percent-encoding, and names a folder, so not dots alone."""
MAX_SECRET = 256
MAX_SHOWN = 80
"""Characters that are repeated of what cannot be a name or an id; either has 64 at most."""


def add_client(
    state: State, provider: str, name: str, *, id: str = "", secret: str = "", require_jws: bool = False
) -> ClientRecord:
    """A new client; id and secret are made unless given.

    Raises Misuse for what cannot be a name or an id, Taken for what is somebody's already.
    """
    registration = named(provider).registration
    require_name(name)
    if id:
        require_id(id)
    require_secret(secret)
    client = ClientRecord(
        provider=provider,
        id=id or registration.id(state.ids),
        name=name,
        secret=secret or registration.secret(state.ids),
        created_at=state.clock.now(),
        require_jws=require_jws,
    )
    with state.store.write() as work:
        keep_new(work, client)
    return client


def keep_new(work: Work, client: ClientRecord) -> None:
    """Keep a client whose name, id and secret were judged. Raises Taken."""
    _no_mixing(work, client)
    register(work, client)
    generation.move(work)


def require_name(name: str) -> None:
    """Raises Misuse for what cannot be a client's name."""
    if not _NAME.match(name):
        raise Misuse(
            f"{visible(name, MAX_SHOWN)!r} is not a client name: letters, digits, dot, dash and underscore, 64 at most"
        )


def require_id(id: str) -> None:
    """Raises Misuse for what cannot be a client's id."""
    if not _ID.match(id):
        raise Misuse(
            f"{visible(id, MAX_SHOWN)!r} is not a client id: letters, digits and . _ ~ -, 64 characters at most"
        )


def require_secret(secret: str) -> None:
    """Raises Misuse, which does not repeat it, for what cannot be a client's secret."""
    if len(secret) > MAX_SECRET or not secret.isprintable():
        raise Misuse(f"a secret has at most {MAX_SECRET} printable characters")


def list_clients(state: State, provider: str) -> tuple[ClientRecord, ...]:
    named(provider)
    with state.store.read() as work:
        return clients.all_of(work, provider)


def find_client(work: Work, provider: str, client: str) -> ClientRecord:
    """The client of that name or id. Raises NotThere, listing those that are."""
    named(provider)
    found = clients.by_name(work, provider, client) or clients.by_id(work, provider, client)
    if found is None:
        there = ", ".join(c.name for c in clients.all_of(work, provider)) or "none"
        raise NotThere(
            f"{provider} has no client {visible(client, 64)!r}; there are: {there}",
            next_step="sandbank client add NAME makes one",
        )
    return found


def show_client(state: State, provider: str, client: str) -> ClientRecord:
    with state.store.read() as work:
        return find_client(work, provider, client)


def reset_client(state: State, provider: str, client: str, *, everything: bool = False) -> ClientRecord:
    """Its rows are again those that it starts with, a seed file's among them; all else stays.

    With *everything*, certificates are released, and tokens and keys forgotten too.
    """
    now = state.clock.now()
    with state.store.write() as work:
        found = find_client(work, provider, client)
        resources.remove_of(work, provider, found.id)
        start_rows(work, found, now)
        if everything:
            _release(work, found, now)
        generation.move(work)
    return found


def remove_client(state: State, provider: str, client: str) -> ClientRecord:
    """Gone, with its tokens; its certificates are refused from now on."""
    now = state.clock.now()
    with state.store.write() as work:
        found = find_client(work, provider, client)
        _release(work, found, now)
        resources.remove_of(work, provider, found.id)
        seeded.remove_of(work, provider, found.id)
        clients.remove(work, found)
        generation.move(work)
    return found


def _release(work: Work, client: ClientRecord, now: datetime) -> None:
    store.release_holder(work, client.provider, client.id, now)
    tokens.remove_of(work, client.provider, client.id)
    keys.remove_of(work, client.provider, client.id)


def _no_mixing(work: Work, client: ClientRecord) -> None:
    """A name that is another client's id would make ``--client`` ambiguous."""
    if clients.by_id(work, client.provider, client.name) or clients.by_name(work, client.provider, client.id):
        raise Taken(f"{client.name!r} or {client.id!r} is already another client's id or name")


def first_calls(provider: str, *, curl: str) -> tuple[str, ...]:
    """A first try at the provider's doors for a POSIX shell that has the variables of ``client env``."""
    return tuple(call.replace("{curl}", curl) for call in named(provider).first_calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a partner's program needs in order to be this client."""

    variables: dict[str, str] = field(repr=False)
    """Names such as WISE_CLIENT_ID, in the order in which people read them. Holds the secret."""
    certificate_missing: bool


def client_environment(state: State, provider: str, client: str) -> Environment:
    """URLs, id, secret, CA file, and certificate and key where ``certificate new`` has made them."""
    declared = named(provider)
    with state.store.read() as work:
        found = find_client(work, provider, client)
        urls = door_urls(work, declared)
        newest = _newest_pair(state, work, found)
    prefix = provider.upper()
    variables = {f"{prefix}_{name.upper()}_URL": url for name, url in urls.items()}
    variables |= {
        f"{prefix}_{declared.registration.id_name.upper()}": found.id,
        f"{prefix}_{declared.registration.secret_name.upper()}": found.secret,
        f"{prefix}_CA_FILE": str(state.folder.ca_file),
    }
    if newest:
        variables |= {f"{prefix}_CERTIFICATE_FILE": newest[0], f"{prefix}_KEY_FILE": newest[1]}
    return Environment(variables=variables, certificate_missing=newest is None)


def _newest_pair(state: State, work: Work, client: ClientRecord) -> tuple[str, str] | None:
    """Certificate and key file of the newest good certificate that ``certificate new`` put into the state."""
    now = state.clock.now()
    folder = state.folder.client(client.provider, client.id)
    records = store.certificates(work, provider=client.provider, holder=client.id)
    for record in sorted(records, key=lambda r: r.issued_at, reverse=True):
        pair = folder / f"{record.serial}.pem", folder / f"{record.serial}.key"
        if record.status(now) == "active" and all(path.exists() for path in pair):
            return str(pair[0]), str(pair[1])
    return None
