"""Clients and their secrets: add, list, show, give a new secret, reset, remove."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ca.errors import visible
from ca.store import store
from sandbox.errors import Misuse, Taken
from sandbox.ids import Ids
from sandbox.oauth import secrets
from sandbox.oauth.clients import LIMIT_FORM, MOST_CALLS, OFF, PUBLISHED, ClientRecord, Token, digest, read_limit
from sandbox.oauth.secrets import SALT_BYTES, Kept, Way
from sandbox.providers.known import PROVIDERS, named
from sandbox.services.founding import register, start_rows
from sandbox.services.rows import NAME, find_client
from sandbox.services.state import State
from sandbox.storage import clients, facts, keys, resources
from sandbox.storage.work import Work

MAX_SECRET = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientWithSecret:
    """A client whose secret was made or given a moment ago: the one time that it is shown."""

    client: ClientRecord
    secret: str = field(repr=False)


def require_secret(secret: str) -> None:
    """Raises Misuse, which does not repeat it, for what cannot be a client's secret."""
    if len(secret) > MAX_SECRET or not secret.isprintable():
        raise Misuse(
            f"a secret has at most {MAX_SECRET} printable characters",
            next_step="give a shorter one, or leave it out to have one made",
        )


def made(work: Work, provider: str, ids: Ids) -> tuple[str, Kept]:
    """A new secret, and how it is kept."""
    secret = named(provider).registration.secret(ids)
    return secret, secrets.keep(secret, _way(work, provider, secrets.sha256(os.urandom(SALT_BYTES))))


def way_of_chosen(work: Work, provider: str) -> Way:
    """How one that somebody chose is kept; going it takes some 40 ms, so not in a transaction."""
    return _way(work, provider, secrets.scrypt(os.urandom(SALT_BYTES)))


def _way(work: Work, provider: str, new: Way) -> Way:
    """A new salt for each secret; but where the secret alone says who calls, that of the provider's other clients.

    Such a secret has to be found and not compared, so its digest must not depend on whose it is. A salt for all of a
    state's clients of the provider still makes a table of digests worthless that was made for another state, which none
    at all would not; and an id in front of the secret, the other way, is not what these providers give out.
    """
    if not named(provider).registration.secret_alone:
        return new
    others = (client.secret.way for client in clients.all_of(work, provider))
    return next((way for way in others if (way.algorithm, way.cost) == (new.algorithm, new.cost)), new)


def require_own(work: Work, client: ClientRecord, secret: str) -> None:
    """Raises Taken where the secret alone says who calls, and is another client's already."""
    if not named(client.provider).registration.secret_alone:
        return
    for other in clients.all_of(work, client.provider):
        # The slow ones share a salt; a digest that differs is another secret's.
        same = other.secret == (client.secret if other.secret.way.slow else secrets.keep(secret, other.secret.way))
        if same and other.id != client.id:
            raise Taken(
                f"{other.name!r} of {client.provider} already has that secret, which alone identifies a caller here",
                next_step="choose another, or leave it out to have one made",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedSecrets:
    """The secret of one client of the seed."""

    secret: str = field(repr=False)
    made: bool
    """It was made for a client that the seed adds; else the seed gives it."""
    kept: Kept
    """As it is kept; another means that the client has another secret by now."""


Known = Mapping[tuple[str, str], SeedSecrets]
"""Such secrets, by provider and client id."""


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}\Z")
"""An id becomes the CN of certificates (64 characters at most, RFC 5280 appendix A.1), stands in URLs and in Basic
credentials, so no colon and nothing that needs percent-encoding, and names a folder, so not dots alone."""
MAX_SHOWN = 80
"""Characters that are repeated of what cannot be a name or an id; either has 64 at most."""
PERSONAL_TOKENS_END = datetime(9999, 1, 1, tzinfo=UTC)
"""Never: a person revokes such a token, or resets the client."""


def add_client(
    state: State,
    provider: str,
    name: str,
    *,
    id: str = "",
    secret: str = "",
    require_jws: bool = False,
    require_mtls: bool = False,
    token_format: str = "",
    rate_limit: str = "",
    sca: bool = False,
    check_callbacks: bool = False,
) -> ClientWithSecret:
    """A new client; id and secret are made unless given. The secret is kept as a hash: this answer alone has it.

    Raises Misuse for what cannot be a name or an id, Taken for what is somebody's already.
    """
    registration = named(provider).registration
    require_name(name)
    if id:
        require_id(id)
    require_secret(secret)
    require_token_format(provider, token_format)
    require_rate_limit(provider, rate_limit)
    require_callbacks(provider, check_callbacks)
    require_signing(provider, require_jws)
    require_step_up(provider, sca)
    with state.store.read() as work:
        way = way_of_chosen(work, provider) if secret else None
    chosen = secrets.keep(secret, way) if way else None
    with state.store.write() as work:
        if way and registration.secret_alone and (meanwhile := _way(work, provider, way)) != way:
            chosen = secrets.keep(secret, meanwhile)  # the first chosen one of a provider, and another one was quicker
        shown, kept = (secret, chosen) if chosen else made(work, provider, state.ids)
        client = ClientRecord(
            provider=provider,
            id=id or registration.id(state.ids),
            name=name,
            secret=kept,
            created_at=state.clock.now(),
            require_jws=require_jws,
            require_mtls=require_mtls,
            token_format=token_format,
            rate_limit=rate_limit,
            sca=sca,
            check_callbacks=check_callbacks,
        )
        require_own(work, client, shown)
        keep_new(work, client)
    return ClientWithSecret(client=client, secret=shown)


def new_secret(state: State, provider: str, client: str) -> ClientWithSecret:
    """A new secret for a client; the one before is refused from now on, tokens stay good. Raises NotThere.

    What could be read before, a demo client's, can be read afterwards.
    """
    with state.store.write() as work:
        found = find_client(work, provider, client)
        secret, kept = made(work, provider, state.ids)
        if found.secret.readable is not None:
            kept = secrets.keep(secret, secrets.PLAIN)
        renewed = replace(found, secret=kept)
        clients.update(work, renewed)
        facts.move_generation(work)
    return ClientWithSecret(client=renewed, secret=secret)


def set_client(
    state: State,
    provider: str,
    client: str,
    *,
    token_format: str | None = None,
    rate_limit: str | None = None,
    require_jws: bool | None = None,
    require_mtls: bool | None = None,
    sca: bool | None = None,
    check_callbacks: bool | None = None,
) -> ClientRecord:
    """Change settings of a client; None leaves one as it is. Raises NotThere, Misuse."""
    given: dict[str, Any] = {"require_jws": require_jws, "require_mtls": require_mtls}
    given |= {"token_format": token_format, "rate_limit": rate_limit}
    given |= {"sca": sca}
    given |= {"check_callbacks": check_callbacks}
    changes = {name: value for name, value in given.items() if value is not None}
    require_token_format(provider, token_format or "")
    require_rate_limit(provider, rate_limit or "")
    require_callbacks(provider, bool(check_callbacks))
    require_signing(provider, bool(require_jws))
    require_step_up(provider, bool(sca))
    with state.store.write() as work:
        changed = replace(find_client(work, provider, client), **changes)
        clients.update(work, changed)
        facts.move_generation(work)
    return changed


def new_personal_token(state: State, provider: str, client: str) -> str:
    """A token that does not end, for a person's own programs. It is kept as a hash: this answer alone has it.

    Raises NotThere, Misuse.
    """
    if not named(provider).registration.personal_tokens:
        raise Misuse(f"{provider} has no personal tokens", next_step=_personal())
    token, now = state.ids.uuid(), state.clock.now()
    with state.store.write() as work:
        found = find_client(work, provider, client)
        kept = Token(
            digest=digest(token),
            provider=provider,
            client=found.id,
            kind="personal",
            scope="",
            issued_at=now,
            expires_at=PERSONAL_TOKENS_END,
        )
        clients.add_token(work, kept)
    return token


def _personal() -> str:
    there = ", ".join(one.name for one in PROVIDERS if one.registration.personal_tokens)
    return f"name a provider that has them, by --provider: {there}"


def tokens_around(state: State, now: datetime, limit: int) -> tuple[Token, ...]:
    """The tokens that ended last and those that end next, so many of each; without revoked ones."""
    with state.store.read() as work:
        return clients.tokens_around(work, now, PERSONAL_TOKENS_END, limit)


def require_rate_limit(provider: str, rate_limit: str) -> None:
    """Raises Misuse for what says no limit."""
    published = named(provider).rate
    if not rate_limit or rate_limit == OFF or read_limit(rate_limit):
        return
    if rate_limit != PUBLISHED:
        form = f"{LIMIT_FORM}{f', or published: {published}' if published else ''}"
        said = visible(rate_limit, MAX_SHOWN)
        raise Misuse(
            f"a rate limit is {form}; at most {MOST_CALLS} calls, not {said!r}",
            next_step="write it so: --rate-limit 300/minute",
        )
    if published is None:
        raise Misuse(f"{provider} publishes no rate limit", next_step="say one: --rate-limit 300/minute")


def require_callbacks(provider: str, check_callbacks: bool) -> None:
    """Raises Misuse where addresses are to be called by a provider that calls none before it keeps a subscription."""
    sending = named(provider).sending if check_callbacks else None
    if check_callbacks and (sending is None or sending.first is None):
        calling = ", ".join(one.name for one in PROVIDERS if one.sending and one.sending.first)
        raise Misuse(
            f"{provider} does not call the address of a subscription before it keeps it",
            next_step=f"leave it out; providers that do: {calling}",
        )


def require_token_format(provider: str, token_format: str) -> None:
    """Raises Misuse for a form in which the provider gives no tokens."""
    forms = named(provider).registration.token_formats
    if token_format and token_format not in forms:
        there = ", ".join(forms) or "only one, which need not be named"
        raise Misuse(
            f"{provider} has no token format {visible(token_format, MAX_SHOWN)!r}; there are: {there}",
            next_step="name one of them, or leave it out",
        )


def require_signing(provider: str, require_jws: bool) -> None:
    """Raises Misuse where signatures are required at a provider that has no signed calls."""
    if require_jws and named(provider).signing is None:
        signing = ", ".join(one.name for one in PROVIDERS if one.signing)
        raise Misuse(f"{provider} has no signed calls", next_step=f"leave it out; signed calls are known of: {signing}")


def require_step_up(provider: str, sca: bool) -> None:
    """Raises Misuse where users are to approve calls at a provider that has none which they approve."""
    if sca and named(provider).step_up is None:
        there = ", ".join(one.name for one in PROVIDERS if one.step_up)
        raise Misuse(
            f"{provider} has no calls for which this setting asks strong customer authentication",
            next_step=f"leave it out; the setting is known of: {there}",
        )


def keep_new(work: Work, client: ClientRecord) -> None:
    """Keep a client whose name, id and secret were judged. Raises Taken."""
    _no_mixing(work, client)
    register(work, client)
    facts.move_generation(work)


def require_name(name: str) -> None:
    """Raises Misuse for what cannot be a client's name."""
    if not NAME.match(name):
        raise Misuse(
            f"{visible(name, MAX_SHOWN)!r} is not a client name: letters, digits, dot, dash and underscore, 64 at most",
            next_step="choose a name such as acme",
        )


def require_id(id: str) -> None:
    """Raises Misuse for what cannot be a client's id."""
    if not _ID.match(id):
        raise Misuse(
            f"{visible(id, MAX_SHOWN)!r} is not a client id: letters, digits and . _ ~ -, 64 characters at most",
            next_step="leave it out to have one made, or choose one such as acme-1",
        )


def list_clients(state: State, provider: str) -> tuple[ClientRecord, ...]:
    named(provider)
    with state.store.read() as work:
        return clients.all_of(work, provider)


def client_names(state: State, provider: str, ids: Collection[str]) -> dict[str, str]:
    """The names of those of them that are there, by id."""
    with state.store.read() as work:
        found = [clients.by_id(work, provider, one) for one in ids]
    return {client.id: client.name for client in found if client is not None}


def show_client(state: State, provider: str, client: str) -> ClientRecord:
    with state.store.read() as work:
        return find_client(work, provider, client)


def reset_client(state: State, provider: str, client: str, *, everything: bool = False) -> ClientRecord:
    """Its rows are again those that it starts with, a seed file's among them; all else stays.

    With *everything*, certificates are released, and tokens, keys and webhooks forgotten too.
    """
    now = state.clock.now()
    with state.store.write() as work:
        found = find_client(work, provider, client)
        resources.remove_of(work, provider, found.id)
        start_rows(work, found, now)
        if everything:
            _release(work, found, now)
        facts.move_generation(work)
    return found


def remove_client(state: State, provider: str, client: str) -> ClientRecord:
    """Gone, with its tokens; its certificates are refused from now on."""
    from sandbox.storage import outbox  # with it comes all that webhooks are

    now = state.clock.now()
    with state.store.write() as work:
        found = find_client(work, provider, client)
        _release(work, found, now)
        resources.remove_of(work, provider, found.id)
        resources.remove_seeded_of(work, provider, found.id)
        from sandbox.storage import outbox

        outbox.remove_settings_of(work, provider, found.id)
        clients.remove(work, found)
        facts.move_generation(work)
    return found


def _release(work: Work, client: ClientRecord, now: datetime) -> None:
    from sandbox.storage import outbox

    store.release_holder(work, client.provider, client.id, now)
    clients.remove_tokens_of(work, client.provider, client.id)
    keys.remove_of(work, client.provider, client.id)

    outbox.remove_of(work, client.provider, client.id)


def _no_mixing(work: Work, client: ClientRecord) -> None:
    """A name that is another client's id would make ``--client`` ambiguous."""
    if clients.by_id(work, client.provider, client.name) or clients.by_name(work, client.provider, client.id):
        raise Taken(
            f"{client.name!r} or {client.id!r} is already another client's id or name",
            next_step="choose others; those that there are: sandbank client list",
        )
