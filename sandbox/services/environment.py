"""What a partner's program needs to know in order to be a client, and a first try with it."""

from dataclasses import dataclass, field

from ca.store import store
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.services.doors import door_urls
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.storage.work import Work


def first_calls(provider: str, *, curl: str) -> tuple[str, ...]:
    """A first try at the provider's doors for a POSIX shell that has the variables of ``client env``."""
    return tuple(call.replace("{curl}", curl) for call in named(provider).first_calls)


def urls_of(state: State, provider: str) -> dict[str, str]:
    """The base URL of each of the provider's doors. Raises NotThere."""
    with state.store.read() as work:
        return door_urls(work, named(provider))


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What a partner's program needs in order to be this client."""

    variables: dict[str, str] = field(repr=False)
    """Names such as WISE_CLIENT_ID, in the order in which people read them. Holds the secret, where that is known."""
    secret_missing: str
    """The variable that the secret would be in, where only its hash is kept; else empty."""
    secret_name: str
    """The variable that the secret is in, or would be."""
    certificate_missing: bool
    """No certificate with its key is in the state."""
    certificate_elsewhere: str
    """The name of the newest good certificate whose key is not in the state: its owner has the files."""


def client_environment(state: State, provider: str, client: str, *, secret: str = "") -> Environment:
    """URLs, id, secret, CA file, and certificate and key where ``certificate new`` has made them.

    The secret is a demo client's, or the one that the caller knows.
    """
    declared = named(provider)
    with state.store.read() as work:
        found = find_client(work, provider, client)
        urls = door_urls(work, declared)
        newest, elsewhere = _newest_pair(state, work, found, declared.doors[0].purpose)
    prefix = provider.upper()
    secret_name = f"{prefix}_{declared.registration.secret_name.upper()}"
    known = secret or found.secret.readable
    variables = {f"{prefix}_{name.upper()}_URL": url for name, url in urls.items()}
    variables |= {
        f"{prefix}_{declared.registration.id_name.upper()}": found.id,
        **({secret_name: known} if known else {}),
        f"{prefix}_CA_FILE": str(state.folder.ca_file),
    }
    if newest:
        variables |= {f"{prefix}_CERTIFICATE_FILE": newest[0], f"{prefix}_KEY_FILE": newest[1]}
    return Environment(
        variables=variables,
        secret_missing="" if known else secret_name,
        secret_name=secret_name,
        certificate_missing=newest is None,
        certificate_elsewhere=elsewhere,
    )


def _newest_pair(state: State, work: Work, client: ClientRecord, purpose: str) -> tuple[tuple[str, str] | None, str]:
    """Certificate and key file of the newest good certificate for that which ``certificate new`` put into the state;
    and the name of the newest of those whose files are elsewhere."""
    now = state.clock.now()
    folder = state.folder.client(client.provider, client.id)
    records = store.certificates(work, provider=client.provider, holder=client.id)
    elsewhere = ""
    for record in sorted(records, key=lambda r: r.issued_at, reverse=True):
        if record.purpose != purpose or record.status(now) != "active":
            continue
        pair = folder / f"{record.serial}.pem", folder / f"{record.serial}.key"
        if all(path.exists() for path in pair):
            return (str(pair[0]), str(pair[1])), elsewhere
        elsewhere = elsewhere or record.name
    return None, elsewhere
