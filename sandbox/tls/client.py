"""The client's side of TLS, for whoever sends webhooks: what is shown, what is checked (RFC 9525), what was seen."""

import asyncio
import ipaddress
import socket
from collections.abc import Collection
from dataclasses import dataclass, field

from cryptography import x509
from OpenSSL import SSL, crypto

from ca.x509.keys import PrivateKey
from sandbox.tls import shim
from sandbox.tls.stream import READ_BYTES, RECORD_BYTES
from sandbox.tls.verdict import Observed, built_chain, watch_alerts


def named_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """The DNS names and addresses for which a certificate is; the common name does not count (RFC 9525 section 2)."""
    return (*_dns_names(certificate), *map(str, _addresses(certificate)))


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Whether the certificate is for *host*: an address is compared with addresses only, a name with names only."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(_matches(presented, host) for presented in _dns_names(certificate))
    return any(address == one for one in _addresses(certificate))


def _matches(presented: str, host: str) -> bool:
    """Label by label, without case. A wildcard is the whole leftmost label, stands for exactly one label, and there
    are names below it (RFC 9525 section 6.3)."""
    ours, theirs = host.rstrip(".").lower().split("."), presented.rstrip(".").lower().split(".")
    if len(ours) != len(theirs) or not all(ours):
        return False
    if theirs[0] == "*":
        return len(theirs) > 2 and ours[1:] == theirs[1:]
    return ours == theirs


def _dns_names(certificate: x509.Certificate) -> list[str]:
    names = _alternative_names(certificate)
    return list(names.get_values_for_type(x509.DNSName)) if names else []


def _addresses(certificate: x509.Certificate) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    names = _alternative_names(certificate)
    found = names.get_values_for_type(x509.IPAddress) if names else []
    return [one for one in found if isinstance(one, ipaddress.IPv4Address | ipaddress.IPv6Address)]


def _alternative_names(certificate: x509.Certificate) -> x509.SubjectAlternativeName | None:
    """None where there are none that can be read: then it is for nobody."""
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return None


ClientContext = SSL.Context
"""What a connection to a server is made with, for whoever keeps it."""
EXPIRED = frozenset({SSL.X509VerificationCodes.ERR_CERT_HAS_EXPIRED, SSL.X509VerificationCodes.ERR_CERT_NOT_YET_VALID})
WRONG_NAME = 62
"""X509_V_ERR_HOSTNAME_MISMATCH, for which pyOpenSSL has no name."""
MOST_LISTED = 100
"""CA names that are noted down: some servers list all that a browser trusts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCertificate:
    """With what the client shows itself: its key, and its chain with the leaf first. Raises ValueError where the key is
    not that of the leaf."""

    key: PrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]

    def __post_init__(self) -> None:
        if self.key.public_key() != self.chain[0].public_key():
            raise ValueError("the private key is not that of the certificate")

    def known_to(self, listed: Collection[bytes]) -> bool:
        """Whether a server that lists these CAs (their names in DER) would take it: an empty list asks for none in
        particular (RFC 5246 section 7.4.4; RFC 8446 section 4.2.4)."""
        return not listed or any(one.issuer.public_bytes() in listed for one in self.chain)


@dataclass(slots=True, kw_only=True)
class Seen(Observed):
    """What was seen of one handshake so far, written by the callbacks."""

    host: str
    """By which the server was called."""
    shows: ShownCertificate | None
    asked: bool = False
    listed: tuple[str, ...] = ()
    """The names of CAs that it listed."""
    shown: x509.Certificate | None = None
    version: str = ""
    server: x509.Certificate | None = None
    """The certificate that the server showed, also where it was refused."""


class TlsRefused(Exception):
    """There is no TLS connection; what was seen says why. ``reason`` is OpenSSL's."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def client_context(
    anchors: tuple[x509.Certificate, ...], *, system: bool, shown: ShownCertificate | None
) -> SSL.Context:
    """A context that trusts these anchors, with *system* also those of the machine, judged by real time."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_alpn_protos([b"http/1.1"])
    if system:
        context.set_default_verify_paths()
    store = context.get_cert_store()
    assert store is not None, "OpenSSL gives every context a store"
    for anchor in anchors:
        store.add_cert(crypto.X509.from_cryptography(anchor))
    # A partner names the CA that it has, which may stand in the middle of a chain.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    for above in shown.chain[1:] if shown else ():
        context.add_extra_chain_cert(above)
    shim.set_verify(context, SSL.VERIFY_PEER, _JUDGE)
    shim.set_choice(context, _CHOOSE)
    watch_alerts(context)
    return context


class TlsClient:
    """A connection to a server. Its socket is connected, does not block, and is the caller's to close."""

    def __init__(self, sock: socket.socket, context: SSL.Context, seen: Seen) -> None:
        self._sock = sock
        self.seen = seen
        self._connection = SSL.Connection(context)
        self._connection.set_app_data(seen)
        self._connection.set_connect_state()
        if not _is_address(seen.host):
            self._connection.set_tlsext_host_name(seen.host.encode("ascii"))

    async def shake_hands(self) -> None:
        """Raises TlsRefused, and OSError where the connection broke."""
        while not self._step():
            await self._flush()
            await self._receive()
        self.seen.version = self._connection.get_protocol_version_name()
        await self._flush()

    async def write(self, data: bytes) -> None:
        """Raises OSError, after which `read` may still say why."""
        self._connection.sendall(data)
        await self._flush()

    async def read(self) -> bytes:
        """What the server said next; empty once it says no more. Raises TlsRefused for an alert in between: in TLS 1.3
        a server judges our certificate only after our handshake is done."""
        while True:
            try:
                return self._connection.recv(RECORD_BYTES)
            except SSL.WantReadError:
                pass
            except SSL.ZeroReturnError:
                return b""
            except SSL.Error as error:
                raise TlsRefused(_reason(error)) from None
            data = await asyncio.get_running_loop().sock_recv(self._sock, READ_BYTES)
            if not data:
                return b""
            self._connection.bio_write(data)

    def _step(self) -> bool:
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as error:
            self._tell_alert()
            raise TlsRefused(_reason(error)) from None
        return True

    def _tell_alert(self) -> None:
        """Send what OpenSSL has to say of a failure, as far as that goes without waiting."""
        try:
            self._sock.send(self._outgoing())
        except (SSL.Error, OSError):
            pass  # who does not hear it has hung up

    async def _receive(self) -> None:
        data = await asyncio.get_running_loop().sock_recv(self._sock, READ_BYTES)
        if not data:
            raise ConnectionResetError("the server closed the connection in the handshake")
        self._connection.bio_write(data)

    async def _flush(self) -> None:
        if data := self._outgoing():
            await asyncio.get_running_loop().sock_sendall(self._sock, data)

    def _outgoing(self) -> bytes:
        parts = []
        try:
            while True:
                parts.append(self._connection.bio_read(READ_BYTES))
        except SSL.WantReadError:
            return b"".join(parts)


def _choose(connection: SSL.Connection) -> None:
    """The server asks for a certificate. Where it lists CAs among which ours is not, it is shown none: so do Java, Go
    and browsers; OpenSSL by itself would show it all the same."""
    seen = connection.get_app_data()
    seen.asked = True
    listed = connection.get_client_ca_list()
    seen.listed = tuple(map(_words, listed[:MOST_LISTED]))
    if seen.shows is not None and seen.shows.known_to({name.der() for name in listed}):
        connection.use_certificate(seen.shows.chain[0])
        connection.use_privatekey(seen.shows.key)
        seen.shown = seen.shows.chain[0]


def _judge(ok: bool, sent: shim.StoreContext) -> bool:
    """As OpenSSL has judged it; and the leaf must be for the name by which the server was called."""
    seen = shim.connection_judged(sent).get_app_data()
    chain = built_chain(sent)
    seen.server = chain[0] if chain else None
    if not ok:
        seen.error = shim.error_of(sent)
        return False
    if shim.depth_of(sent) == 0 and not (chain and is_for(chain[0], seen.host)):
        # OpenSSL sends the alert for this error; without one it would send internal_error.
        seen.error = WRONG_NAME
        shim.set_error(sent, WRONG_NAME)
        return False
    return True


# One of each for the process, never freed; a failure inside the second refuses the server.
_CHOOSE = shim.choice_callback(_choose)
_JUDGE = shim.verify_callback(_judge)


def _words(name: crypto.X509Name) -> str:
    """The name as RFC 4514 writes it, nearly: the most special attribute first."""
    parts = [
        f"{kind.decode('ascii', 'replace')}={value.decode('utf-8', 'replace')}" for kind, value in name.get_components()
    ]
    return ",".join(reversed(parts))[:200]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _reason(error: SSL.Error) -> str:
    entries = error.args[0] if error.args else ()
    return str(entries[0][2]) if isinstance(entries, list) and entries else str(error) or "the connection ended"
