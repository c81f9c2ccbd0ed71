"""The authority's own certificates: two roots, the CAs below them, the server's and the OCSP responders'.

This file plans and makes them. Keeping them is left to `authority`."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ca.clock import whole_second, years_after
from ca.errors import BadServerName
from ca.issuance.issue import Founded, Issuer, certify, checked
from ca.issuance.profile import Plan
from ca.x509.bundle import der
from ca.x509.extensions import PlannedExtension, extended_usage, general_name, leaf_extensions, usage
from ca.x509.keys import PrivateKey, PublicKey, make_key, spki_sha256
from ca.x509.names import UPPER_BOUNDS

ORGANIZATION = "Sandbank (offline sandbox, not for real trust)"

# The sandbox's clock can be moved years away in both directions, and the CA must be valid there too.
YEARS_BEFORE = 10
YEARS_AFTER = 30
# Apple's platforms refuse TLS server certificates that live longer than 398 days.
SERVER_LIFE = timedelta(days=397)
# Computers' clocks differ: a certificate made this minute must be valid on one that is behind. (Responders' too.)
SERVER_BACKDATE = timedelta(hours=1)

# An OCSP responder cannot be revoked (ocsp-nocheck), and so is to be renewed often (RFC 6960 section 4.2.2.2.1).
RESPONDER_LIFE = timedelta(days=7)

# The server CA and the courier CA may speak for this computer and nobody else, whatever names come on top.
LOOPBACK_NAMES = ("localhost",)
EVERY_ADDRESS = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
LOOPBACK_NETWORKS = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityProfile:
    """One kind of CA: how many CAs may stand under it, what its leaves are for, and whether names bind it."""

    title: str
    path_length: int
    extended_key_usage: tuple[str, ...] = ()
    constrained: bool = False
    loopback: bool = True
    """Whether one that is constrained may speak for this computer, besides its names."""


SERVER_ROOT = AuthorityProfile(title="server root", path_length=1)
SERVER_CA = AuthorityProfile(title="server CA", path_length=0, extended_key_usage=("serverAuth",), constrained=True)
COURIER_CA = AuthorityProfile(title="courier CA", path_length=0, extended_key_usage=("clientAuth",), constrained=True)
# Whoever trusts this one trusts somebody else than the provider under the provider's live names. So it is not the one
# that people trust, speaks for nothing but these names, and says so in the root too.
PRODUCTION_ROOT = AuthorityProfile(title="production names root", path_length=1, constrained=True, loopback=False)
PRODUCTION_CA = AuthorityProfile(
    title="production names CA",
    path_length=0,
    extended_key_usage=("serverAuth",),
    constrained=True,
    loopback=False,
)
CLIENT_ROOT = AuthorityProfile(title="client root", path_length=1)
# No extended key usage: real providers' issuing CAs seldom have one, and trust in it stays inside the sandbox.
CLIENT_CA = AuthorityProfile(title="client CA", path_length=0)


def plan_authority(
    profile: AuthorityProfile,
    public_key: PublicKey,
    *,
    mark: str,
    now: datetime,
    names: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Plan:
    """A CA certificate to come; `mark` makes its name unlike that of any other state's CA."""
    made = whole_second(now)
    constraints = (name_constraints(names, without, loopback=profile.loopback),) if profile.constrained else ()
    return Plan(
        subject=_subject(f"Sandbank {profile.title} {mark}"),
        not_before=years_after(made, -YEARS_BEFORE),
        not_after=years_after(made, YEARS_AFTER),
        extensions=(
            PlannedExtension(value=x509.BasicConstraints(ca=True, path_length=profile.path_length), critical=True),
            PlannedExtension(value=usage(("keyCertSign", "cRLSign")), critical=True),
            *extended_usage(profile.extended_key_usage),
            *constraints,
        ),
        spki_sha256=spki_sha256(public_key),
    )


def plan_server(names: tuple[str, ...], public_key: PublicKey, now: datetime) -> Plan:
    """A server certificate to come, for these DNS names and IP addresses."""
    made = whole_second(now) - SERVER_BACKDATE
    alternatives = tuple(general_name(name) for name in names)
    return Plan(
        subject=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _common_name(alternatives))]),
        not_before=made,
        not_after=made + SERVER_LIFE,
        extensions=(
            *leaf_extensions(("digitalSignature",), ("serverAuth",)),
            PlannedExtension(value=x509.SubjectAlternativeName(alternatives), critical=False),
        ),
        spki_sha256=spki_sha256(public_key),
    )


def plan_courier(name: str, public_key: PublicKey, now: datetime) -> Plan:
    """A certificate to come with which a provider shows itself to its clients' servers, under this DNS name."""
    made = whole_second(now) - SERVER_BACKDATE
    alternatives = (general_name(name),)
    return Plan(
        subject=_subject(_common_name(alternatives)),
        not_before=made,
        not_after=made + SERVER_LIFE,
        extensions=(
            *leaf_extensions(("digitalSignature",), ("clientAuth",)),
            PlannedExtension(value=x509.SubjectAlternativeName(alternatives), critical=False),
        ),
        spki_sha256=spki_sha256(public_key),
    )


def plan_ocsp_responder(public_key: PublicKey, *, mark: str, now: datetime) -> Plan:
    """The certificate of a responder to whom its issuer delegates the answers (RFC 6960 section 4.2.2.2).

    It has no alternative name, and its common name is no DNS name, so that name constraints have nothing to say."""
    made = whole_second(now) - SERVER_BACKDATE
    return Plan(
        subject=_subject(f"Sandbank OCSP responder {mark}"),
        not_before=made,
        not_after=made + RESPONDER_LIFE,
        extensions=(
            *leaf_extensions(("digitalSignature",), ()),
            PlannedExtension(value=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False),
            PlannedExtension(value=x509.OCSPNoCheck(), critical=False),
        ),
        spki_sha256=spki_sha256(public_key),
    )


def name_constraints(
    names: tuple[str, ...], without: tuple[str, ...] = (), *, loopback: bool = True
) -> PlannedExtension:
    """These names, each with its sub-domains, and loopback; nothing else (RFC 5280 section 4.2.1.10). Without loopback
    also no address, and none of the names *without*, should they be sub-domains."""
    # A constraint covers sub-domains by itself, and knows no wildcards.
    hosts = dict.fromkeys((*(LOOPBACK_NAMES if loopback else ()), *(name.removeprefix("*.") for name in names)))
    kinds = dict.fromkeys(general_name(name) for name in hosts)
    if not loopback:
        # Without a word on addresses every address would be permitted.
        excluded: list[x509.GeneralName] = [x509.IPAddress(network) for network in EVERY_ADDRESS]
        below = [name for name in without if any(f".{name}".endswith(f".{host}") for host in hosts)]
        excluded += [general_name(name) for name in below]
        return PlannedExtension(value=x509.NameConstraints([*kinds], excluded), critical=True)
    permitted: list[x509.GeneralName] = [kind for kind in kinds if isinstance(kind, x509.DNSName)]
    given = [ipaddress.ip_network(kind.value) for kind in kinds if isinstance(kind, x509.IPAddress)]
    permitted += [x509.IPAddress(network) for network in dict.fromkeys((*LOOPBACK_NETWORKS, *given))]
    return PlannedExtension(value=x509.NameConstraints(permitted, None), critical=True)


def _common_name(alternatives: tuple[x509.DNSName | x509.IPAddress, ...]) -> str:
    if not alternatives:
        raise BadServerName(())
    # An address as common name looks like a DNS name to OpenSSL, and breaks the name constraints; and a DNS name may
    # have 253 characters, a common name 64. Clients read the alternative names only (RFC 9525 section 2).
    fitting = (each.value for each in alternatives if isinstance(each, x509.DNSName))
    return next((name for name in fitting if len(name) <= UPPER_BOUNDS["CN"]), "Sandbank server")


def _subject(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANIZATION),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


# Small, fast, and understood by everything that speaks TLS 1.2.
KEY_KIND = "ec-p256"
# So many hex digits of its key's SHA-256 tell the CAs of two states apart when both are in one trust store.
MARK_DIGITS = 8


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


def found_production_side(
    names: tuple[str, ...], without: tuple[str, ...], now: datetime, serials: Callable[[], int]
) -> tuple[Founded, Founded]:
    """A root and a CA for the providers' production names alone, and for none of those *without*. The root signs this
    one CA and is then without a key for ever, as the server root is."""
    root = _found(PRODUCTION_ROOT, None, now, serials, names, without)
    issuing = _found(PRODUCTION_CA, root, now, serials, names, without)
    return Founded(certificate=root.certificate, key=None), _kept(issuing)


def found_client_root(now: datetime, serials: Callable[[], int]) -> Founded:
    """The root of the clients' side; nobody is asked to trust it, so its key is kept for providers to come."""
    return _kept(_found(CLIENT_ROOT, None, now, serials))


def found_client_authority(provider: str, root: Issuer, now: datetime, serials: Callable[[], int]) -> Founded:
    """The issuing CA of one provider."""
    profile = AuthorityProfile(title=f"{provider} {CLIENT_CA.title}", path_length=CLIENT_CA.path_length)
    return _kept(_found(profile, root, now, serials))


def make_server_certificate(
    names: tuple[str, ...], issuer: Issuer, now: datetime, serial: int, *, key: PrivateKey | None = None
) -> Founded:
    """A server certificate with a new key, or with the one that was made for it."""
    key = key or make_key(KEY_KIND)
    plan = plan_server(names, key.public_key(), now)
    certificate = certify(key, plan, issuer, serial)
    checked(der(certificate), plan, serial, issuer.certificate)
    return Founded(certificate=certificate, key=key)


def make_courier_certificate(name: str, key: PrivateKey, issuer: Issuer, now: datetime, serial: int) -> Founded:
    """A certificate with which a sender shows itself. Its key stays at every renewal: others may have certified it."""
    plan = plan_courier(name, key.public_key(), now)
    certificate = certify(key, plan, issuer, serial)
    checked(der(certificate), plan, serial, issuer.certificate)
    return Founded(certificate=certificate, key=key)


def make_ocsp_responder(issuer: Issuer, now: datetime, serial: int) -> Founded:
    """A responder for the certificates of one issuer, with a new key."""
    key = make_key(KEY_KIND)
    mark = spki_sha256(key.public_key())[:MARK_DIGITS]
    plan = plan_ocsp_responder(key.public_key(), mark=mark, now=now)
    certificate = certify(key, plan, issuer, serial)
    checked(der(certificate), plan, serial, issuer.certificate)
    return Founded(certificate=certificate, key=key)


def _found(
    profile: AuthorityProfile,
    issuer: Issuer | None,
    now: datetime,
    serials: Callable[[], int],
    names: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> Issuer:
    key = make_key(KEY_KIND)
    mark = spki_sha256(key.public_key())[:MARK_DIGITS]
    plan = plan_authority(profile, key.public_key(), mark=mark, now=now, names=names, without=without)
    serial = serials()
    certificate = certify(key, plan, issuer, serial)
    checked(der(certificate), plan, serial, issuer.certificate if issuer else None)
    return Issuer(certificate=certificate, key=key)


def _kept(made: Issuer) -> Founded:
    return Founded(certificate=made.certificate, key=made.key)
