"""Making the authority itself: the two roots, the CAs under them, and which of their keys live on.

Values out; what is already there, and keeping what is made, is left to `authority`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from cryptography import x509

from ca.bundle import der
from ca.issue import Issuer, certify
from ca.keys import PrivateKey, make_key, spki_sha256
from ca.lint import checked
from ca.own import (
    CLIENT_CA,
    CLIENT_ROOT,
    COURIER_CA,
    SERVER_CA,
    SERVER_ROOT,
    AuthorityProfile,
    plan_authority,
    plan_ocsp_responder,
    plan_server,
)

# Small, fast, and understood by everything that speaks TLS 1.2.
KEY_KIND = "ec-p256"
# So many hex digits of its key's SHA-256 tell the CAs of two states apart when both are in one trust store.
MARK_DIGITS = 8


@dataclass(frozen=True, kw_only=True)
class Founded:
    """One of the authority's own certificates, with its key, or None when that key was destroyed."""

    certificate: x509.Certificate
    key: PrivateKey | None = field(repr=False)

    @cached_property
    def issuer(self) -> Issuer | None:
        """The same as what signs: one object for good, so that what is known of it is found out once."""
        return None if self.key is None else Issuer(certificate=self.certificate, key=self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSide:
    """What people trust: a root without a key, and the two CAs that it signed first and last."""

    root: Founded
    server: Founded
    courier: Founded


def found_server_side(server_names: tuple[str, ...], now: datetime, serials: Callable[[], int]) -> ServerSide:
    """A new server root, which signs two name-constrained CAs and is then without a key for ever.

    Nobody, the people who run the sandbox included, can make it sign a third CA for other names."""
    root = _found(SERVER_ROOT, None, now, serials)
    server = _found(SERVER_CA, root, now, serials, server_names)
    courier = _found(COURIER_CA, root, now, serials, server_names)
    return ServerSide(
        root=Founded(certificate=root.certificate, key=None), server=_kept(server), courier=_kept(courier)
    )


def found_client_root(now: datetime, serials: Callable[[], int]) -> Founded:
    """The root of the clients' side; nobody is asked to trust it, so its key is kept for providers to come."""
    return _kept(_found(CLIENT_ROOT, None, now, serials))


def found_client_authority(provider: str, root: Issuer, now: datetime, serials: Callable[[], int]) -> Founded:
    """The issuing CA of one provider."""
    profile = AuthorityProfile(title=f"{provider} {CLIENT_CA.title}", path_length=CLIENT_CA.path_length)
    return _kept(_found(profile, root, now, serials))


def make_server_certificate(names: tuple[str, ...], issuer: Issuer, now: datetime, serial: int) -> Founded:
    """A server certificate with a new key."""
    key = make_key(KEY_KIND)
    plan = plan_server(names, key.public_key(), now)
    certificate = certify(key, plan, issuer, serial)
    checked(der(certificate), plan, issuer.certificate)
    return Founded(certificate=certificate, key=key)


def make_ocsp_responder(issuer: Issuer, now: datetime, serial: int) -> Founded:
    """A responder for the certificates of one issuer, with a new key."""
    key = make_key(KEY_KIND)
    mark = spki_sha256(key.public_key())[:MARK_DIGITS]
    plan = plan_ocsp_responder(key.public_key(), mark=mark, now=now)
    certificate = certify(key, plan, issuer, serial)
    checked(der(certificate), plan, issuer.certificate)
    return Founded(certificate=certificate, key=key)


def _found(
    profile: AuthorityProfile,
    issuer: Issuer | None,
    now: datetime,
    serials: Callable[[], int],
    names: tuple[str, ...] = (),
) -> Issuer:
    key = make_key(KEY_KIND)
    mark = spki_sha256(key.public_key())[:MARK_DIGITS]
    plan = plan_authority(profile, key.public_key(), mark=mark, now=now, names=names)
    certificate = certify(key, plan, issuer, serials())
    checked(der(certificate), plan, issuer.certificate if issuer else None)
    return Issuer(certificate=certificate, key=key)


def _kept(made: Issuer) -> Founded:
    return Founded(certificate=made.certificate, key=made.key)
