"""What a person may set about a running sandbox, checked.

Where it came from (options, environment, Python) is others' business.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from sandbox.errors import Misuse

PORT_BASE = 8440
LOOPBACK = ("127.0.0.1", "::1")
HIGHEST_OFFSET = 10
"""The last door of the plan is base + 10, so a base over 65525 has no room for it."""
MOST_WORKERS = 64
"""Processes of one server. Each has some 100 MB, and all write to one store, one after the other."""
_URL = re.compile(r"http://[A-Za-z0-9._:\[\]-]{1,255}(?:/[A-Za-z0-9._~/-]{0,200})?\Z")
_NAME = re.compile(r"(?=.{1,253}\Z)(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\Z")

_HOST = re.compile(r"(?:\[[0-9a-fA-F:.%]+\]|[^\[\]:@/?#]*)(?::[0-9]*)?\Z")
_SECRET_PARAMETERS = ("password", "sslpassword")


@dataclass(frozen=True, slots=True)
class Database:
    """Where a state is kept that machines share: a ``postgresql://`` URL. Raises Misuse, which never repeats it."""

    url: str = field(repr=False)

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
        except ValueError:
            raise _no_database() from None
        if parts.scheme not in ("postgresql", "postgres") or not self.url.isprintable():
            raise _no_database()
        hosts = parts.netloc.rpartition("@")[2].split(",")
        # What is not percent-encoded in a password would end as part of a host, a path or a fragment, and be shown.
        leaks = parts.fragment or "@" in parts.path + parts.query or "@" in parts.netloc.rpartition("@")[0]
        if leaks or not all(map(_HOST.match, hosts)):
            raise _no_database()

    @property
    def shown(self) -> str:
        """The URL without its password: what may be said and kept."""
        parts = urlsplit(self.url)
        user, at, hosts = parts.netloc.rpartition("@")
        said = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in _SECRET_PARAMETERS]
        netloc = user.partition(":")[0] + at + hosts
        return urlunsplit((parts.scheme, netloc, parts.path, urlencode(said), ""))

    def hide(self, text: str) -> str:
        """*text* without the passwords of the URL, should somebody have repeated them."""
        parts = urlsplit(self.url)
        written = parts.netloc.rpartition("@")[0].partition(":")[2]
        given = {value for name, value in parse_qsl(parts.query) if name in _SECRET_PARAMETERS}
        for secret in {written, unquote(written), *given} - {""}:
            text = text.replace(secret, "…")
        return text


def _no_database() -> Misuse:
    return Misuse(
        "the database is not given as a postgresql:// URL",
        next_step="postgresql://USER:PASSWORD@HOST:PORT/NAME; in a password, / ? # @ and : are percent-encoded",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How ``serve`` runs. Valid by construction: raises Misuse."""

    state: Path = Path(".sandbank")
    database: Database | None = None
    """Where the state's tables are; None: in its folder, or where the folder remembers them."""
    port_base: int = PORT_BASE
    """Doors listen on base + offset; 0 takes free ports, and the same again at the next start where still free."""
    bind: tuple[str, ...] = LOOPBACK
    """Addresses of the providers' doors."""
    control_bind: tuple[str, ...] = LOOPBACK
    control_token: str = ""
    """Required on every call of the control door when that is bound beyond loopback."""
    server_names: tuple[str, ...] = ()
    """More DNS names or addresses by which clients reach the doors."""
    authority_url: str = ""
    """Where client certificates say that their CRL and OCSP responder are; empty: the authority's own door."""
    handshake_seconds: float = 10.0
    """For a TLS handshake, a request's head and a request's body, each."""
    workers: int = 1
    """Processes that share the doors and the state."""
    front: tuple[int, ...] = ()
    """Ports at which all providers' doors answer under the providers' own host names."""
    production_names: bool = False
    """Whether doors also answer to the providers' production host names, with a certificate under a root of its own."""
    webhook_allow: tuple[str, ...] = ()
    """Host names, addresses and networks to which webhooks may go though they are private, where a door listens beyond
    loopback."""

    def __post_init__(self) -> None:
        if not (self.port_base == 0 or 1 <= self.port_base <= 65_535 - HIGHEST_OFFSET):
            raise Misuse(
                f"port base {self.port_base} is not 0 or 1 to {65_535 - HIGHEST_OFFSET}",
                next_step=f"leave it out for {PORT_BASE}, or 0 for free ports: --port-base 0",
            )
        if not 0 < self.handshake_seconds < float("inf"):  # written so that it also catches "nan"
            raise Misuse(
                f"a time limit of {self.handshake_seconds} seconds is invalid: it would refuse everybody",
                next_step="give some seconds, or leave it out",
            )
        if any(not 1 <= port <= 65_535 for port in self.front) or len(set(self.front)) != len(self.front):
            sent = ",".join(map(str, self.front))
            raise Misuse(
                f"{sent}: not one or more different ports from 1 to 65535", next_step="such as: --front 443,8443"
            )
        if not 1 <= self.workers <= MOST_WORKERS:
            raise Misuse(
                f"{self.workers} workers are not 1 to {MOST_WORKERS}",
                next_step="one for each core at most: --workers 2",
            )
        for address in (*self.bind, *self.control_bind):
            _address(address)
        if self.authority_url and not _URL.match(self.authority_url):
            raise Misuse(
                f"{self.authority_url[:80]!r} is not the URL of the authority's door",
                next_step="plain HTTP, a host and perhaps a path: --authority-url http://sandbank.internal:8441",
            )
        for name in self.server_names:
            _server_name(name)
        for word in self.webhook_allow:
            _receiver(word)
        if not self.control_is_loopback and not self.control_token:
            raise Misuse(
                "the control door can make clients and sign certificates: beyond loopback it needs a token",
                next_step="add --control-token TOKEN (or SANDBANK_CONTROL_TOKEN)",
            )

    @property
    def is_exposed(self) -> bool:
        """Whether any door can be reached from beyond this machine."""
        return not all(_address(address).is_loopback for address in (*self.bind, *self.control_bind))

    @property
    def control_is_loopback(self) -> bool:
        return all(_address(address).is_loopback for address in self.control_bind)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise Misuse(f"{text!r} is not an IP address to listen on", next_step="for all of them: 0.0.0.0") from None


def _receiver(word: str) -> None:
    try:
        ipaddress.ip_network(word)
    except ValueError:
        if not _NAME.match(word.lower()):
            raise Misuse(
                f"{word[:60]!r} is neither a host name nor an address nor a network",
                next_step="--webhook-allow receiver.internal, or --webhook-allow 10.1.0.0/16",
            ) from None


def _server_name(name: str) -> None:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        if not _NAME.match(name):
            raise Misuse(
                f"{name!r} is not a host name (lower case, no wildcard, no port) or an IP address",
                next_step="write it as in the URL, for instance --server-name sandbank.internal",
            ) from None
