"""What a door uses in a handshake: its certificate, and whether that speaks for the name that was called; its OCSP
answer, and the CAs that it trusts at this moment."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL, crypto

from sandbox.tls.shim import set_staple, staple_callback
from sandbox.tls.verdict import ask_for_certificate, ask_without_judging, watch_alerts

if TYPE_CHECKING:
    from ca.authority import Credentials


def hand_over_staple(context: SSL.Context) -> None:
    """Answer every connection of this context that asks with what stands in its app data."""
    set_staple(context, _STAPLE)


def _staple(connection: SSL.Connection) -> bytes:
    shown = connection.get_certificate(as_cryptography=True)
    if shown is not None and isinstance(shown.public_key(), rsa.RSAPublicKey):
        return b""  # what is kept speaks of the other certificate
    staple: bytes = getattr(connection.get_app_data(), "staple", b"")
    return staple


_STAPLE = staple_callback(_staple)


CIPHER_SUITES: dict[str, int] = {
    "TLS_AES_256_GCM_SHA384": 0x1302,
    "TLS_AES_128_GCM_SHA256": 0x1301,
    "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
    "ECDHE-ECDSA-AES256-GCM-SHA384": 0xC02C,
    "ECDHE-ECDSA-AES128-GCM-SHA256": 0xC02B,
    "ECDHE-ECDSA-CHACHA20-POLY1305": 0xCCA9,
    "ECDHE-RSA-AES256-GCM-SHA384": 0xC030,
    "ECDHE-RSA-AES128-GCM-SHA256": 0xC02F,
    "ECDHE-RSA-CHACHA20-POLY1305": 0xCCA8,
}
"""Every suite a door accepts, with its IANA number: forward secret and authenticated (RFC 9325 section 4.2). Those with
RSA are for clients that take no other (FAPI binds some to them), and cost more. OpenSSL's names."""

ALPN = (b"h2", b"http/1.1")

_OPTIONS = SSL.OP_NO_TICKET | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_COMPRESSION


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustBook:
    """Whose certificates a door accepts, and at which instant they are judged."""

    authorities: tuple[x509.Certificate, ...]
    """Issuing CAs, each an anchor of its own: a sibling under the same root is a stranger."""
    pins: tuple[x509.Certificate, ...] = ()
    """Single certificates that are accepted as they are, whoever issued them."""
    revoked: Callable[[int], bool] | None = None
    """Whether the certificate that one of the authorities issued under this serial is revoked now; asked once in a
    handshake, and never of a pin. None: nobody is asked."""
    at: datetime | None = None
    """None is real time: then the system's clock judges, and set_time is never called."""


Asking = Literal["none", "handshake", "call"]
"""Whether a door asks for a client certificate, and where one that is not good is refused: see Door."""


def bare_context(
    credentials: "Credentials", *, asks: Asking = "none", beside: "Credentials | None" = None
) -> SSL.Context:
    """A context that shows our certificate and trusts nobody. What it asks of its connections OpenSSL copies into each
    when it is made, and takes the store from the context that the connection is switched to. *beside* is the same with
    an RSA key, of the same issuer, for those who take no other."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(_OPTIONS)
    # Nothing resumes: a resumed session would skip the check of a certificate that was revoked in between.
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_cipher_list(":".join(name for name in CIPHER_SUITES if not name.startswith("TLS_")).encode())
    context.set_tls13_ciphersuites(":".join(name for name in CIPHER_SUITES if name.startswith("TLS_")).encode())
    context.set_alpn_select_callback(_select_protocol)
    # The client CA list stays empty: Java and Go send no certificate at all for an issuer that is not in it.
    leaf, *above = credentials.chain
    context.use_certificate(leaf)
    assert isinstance(credentials.key, ec.EllipticCurvePrivateKey), "the suites above are for an EC key"
    context.use_privatekey(credentials.key)
    for one in above:
        context.add_extra_chain_cert(one)
    if beside is not None:
        assert isinstance(beside.key, rsa.RSAPrivateKey), "the other suites above are for an RSA key"
        context.use_certificate(beside.chain[0])
        context.use_privatekey(beside.key)
        context.set_options(SSL.OP_CIPHER_SERVER_PREFERENCE)  # who takes both is shown the one with EC, as before
    watch_alerts(context)
    hand_over_staple(context)
    if asks == "handshake":
        ask_for_certificate(context)
    elif asks == "call":
        ask_without_judging(context)
    return context


def trust_context(credentials: "Credentials", book: TrustBook, *, beside: "Credentials | None" = None) -> SSL.Context:
    """A context that demands a client certificate and judges it by the book."""
    context = bare_context(credentials, asks="handshake", beside=beside)
    context.set_app_data(book)  # for the sentences of a refusal
    store = context.get_cert_store()
    assert store is not None, "OpenSSL gives every context a store"
    for certificate in (*book.authorities, *book.pins):
        store.add_cert(crypto.X509.from_cryptography(certificate))
    # An issuing CA is an anchor without its root; under the root its siblings would be trusted too.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    if book.at is not None:
        store.set_time(book.at.astimezone(UTC))  # once: a second call on the same store does nothing
    return context


class DoorContexts:
    """The contexts of one door, each kept as long as it is right. Only a door that judges in the handshake has a
    book."""

    def __init__(self, credentials: "Credentials", book: TrustBook | None, *, asks: Asking | None = None) -> None:
        self._asks: Asking = asks or ("handshake" if book else "none")
        self.staple: Callable[[], Awaitable[bytes]] | None = None
        """Gives the OCSP answer about our own certificate, for clients that ask for it in the handshake."""
        self.make_beside: Callable[[], Awaitable[None]] | None = None
        """Has an RSA certificate made and given to `show_beside`, when a client takes no other."""
        self.at_name: Callable[[str], DoorContexts | None] | None = None
        """The contexts for a server name in lower case at which another certificate is shown; None: as at any other."""
        self.renew(credentials, book)

    def renew(self, credentials: "Credentials", book: TrustBook | None) -> None:
        """Change what the next handshake shows and trusts; connections that stand keep what they have."""
        self._credentials = credentials
        self.beside: Credentials | None = None
        """The certificate with an RSA key; None until somebody needs it."""
        self.book = book
        self.certificate = credentials.chain[0]
        self.certificate_pem = credentials.chain[0].public_bytes(Encoding.PEM).decode()
        self._bare: SSL.Context | None = None
        self._trust: SSL.Context | None = None
        self._second: int | None = None

    @property
    def bare(self) -> SSL.Context:
        """What a connection is made with, and goes back to: OpenSSL keeps that context alive as long as the connection,
        and a moved clock makes a trust context every second. Made for the first connection: many doors have none."""
        if self._bare is None:
            self._bare = bare_context(self._credentials, asks=self._asks, beside=self.beside)
        return self._bare

    def show_beside(self, beside: "Credentials") -> None:
        """Show this RSA certificate, too, from the next handshake on, to clients that take no other."""
        self.beside = beside
        self._bare = None
        self._trust = None

    def trust(self, book: TrustBook) -> None:
        """Change what the next handshake trusts, and nothing else."""
        self.book = book
        self._trust = None

    def for_handshake(self, now: datetime | None) -> SSL.Context:
        """The context for a handshake at this instant; None is real time, for which one context lasts until renewed.

        Otherwise it lasts for the second it was made for, since X.509 times are whole seconds (RFC 5280 4.1.2.5)."""
        if self.book is None:
            return self.bare
        second = None if now is None else int(now.timestamp() // 1)
        if self._trust is None or second != self._second:
            self._trust = trust_context(self._credentials, replace(self.book, at=now), beside=self.beside)
            self._second = second
        return self._trust


def _select_protocol(connection: SSL.Connection, offered: list[bytes]) -> Any:
    for protocol in ALPN:
        if protocol in offered:
            return protocol
    # No overlap is not fatal (RFC 7301 section 3.2 allows both): plain HTTP/1.1 clients offer odd things.
    return SSL.NO_OVERLAPPING_PROTOCOLS


def uncovered(ours: x509.Certificate, server_name: str, sockname: Any) -> str:
    """The name, or the address where no name was sent, if it is not in the certificate; else "".

    Who calls an address sends no name (RFC 6066 section 3), and the connection's own end says which it was."""
    names, addresses = _named(ours)
    if server_name:
        name = server_name.lower().rstrip(".")
        wildcard = f"*.{name.partition('.')[2]}"
        return "" if name in names or wildcard in names else server_name
    called = str((sockname or ("",))[0]).partition("%")[0]
    try:
        address = str(ip_address(called))
    except ValueError:
        return ""  # a connection that is gone has no address
    return "" if address in addresses else address


@lru_cache(maxsize=64)
def _named(ours: x509.Certificate) -> tuple[frozenset[str], frozenset[str]]:
    """The names and the addresses in a certificate of ours; there are few, and each is shown often."""
    try:
        value = ours.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset(), frozenset()
    names = frozenset(name.lower() for name in value.get_values_for_type(x509.DNSName))
    return names, frozenset(map(str, value.get_values_for_type(x509.IPAddress)))
