"""The authority to whoever asks: its certificates, CRLs, OCSP answers, and where its door is."""

from datetime import datetime
from typing import TYPE_CHECKING

from cryptography import x509

from ca.authority import PRODUCTION_CA, SERVER_CA
from ca.clock import SystemClock
from ca.x509 import bundle
from sandbox.errors import Misuse, NotThere
from sandbox.providers import DOMAINS, PROVIDERS
from sandbox.providers.known import PRODUCTION_HOSTS
from sandbox.services.state import State
from sandbox.storage.facts import keep_server_names, move_generation, server_names

if TYPE_CHECKING:  # CRLs and OCSP are loaded with the first that is asked for
    from ca.publishing import Crl, SignedCrl, TakenNumber
    from ca.status.ocsp import Question
    from ca.x509.keys import Issuer

FORMATS = ("pem", "der", "p12")
DEFAULT_PASSWORD = "changeit"
"""Java's own default for trust stores; there is nothing secret in one."""


def ca_certificate(
    state: State,
    *,
    clients: bool = False,
    webhooks: bool = False,
    production: bool = False,
    format: str = "pem",
    password: str = DEFAULT_PASSWORD,
) -> bytes:
    """The root to trust (servers); with *clients* the root above the certificates that clients were given; with
    *webhooks* the CA above those with which providers show themselves, and in PEM and PKCS#12 the root above it; with
    *production* the root above the providers' production names. Raises NotThere where nobody asked for that one."""
    if webhooks:
        return _written(sender_ca(state), format, password)
    with state.store.read() as work:
        if production and not state.authority.has_production(work):
            raise NotThere(
                "this sandbox has no certificate for the providers' production names",
                next_step="start its server with them: sandbank serve --production-names",
            )
        if production:
            root = state.authority.production_root(work)
        else:
            root = state.authority.client_root(work) if clients else state.authority.server_root(work)
    return _written((root,), format, password)


def sender_ca(state: State) -> tuple[x509.Certificate, ...]:
    """What a receiver of webhooks trusts: the CA above the senders' certificates; and the root above that, without
    which OpenSSL builds no chain."""
    with state.store.read() as work:
        return state.authority.courier(work), state.authority.server_root(work)


def _written(certificates: tuple[x509.Certificate, ...], format: str, password: str) -> bytes:
    if format == "pem":
        return bundle.pem(certificates).encode()
    if format == "der":
        return bundle.der(certificates[0])
    if format == "p12":
        return bundle.truststore_p12(certificates, password)
    raise Misuse(
        f"{format!r} is not a form of a certificate; there are: {', '.join(FORMATS)}",
        next_step="ask for one of them: sandbank ca --format pem",
    )


def cover_server_names(state: State, names: tuple[str, ...]) -> tuple[str, ...]:
    """Make the server CA able to sign for *names*, besides all that were ever asked for by a machine over this state;
    returns those for which it had to be made anew.

    The constraint is part of the CA's certificate and its root's key was destroyed, so a name outside means a new
    server root, which everybody who trusted the old one must be given.
    """
    with state.store.write() as work:
        before = server_names(work)
        every = tuple(dict.fromkeys((*before, *names)))
        lacking = state.authority.covers(work, every)
        if lacking:
            kept = tuple(dict.fromkeys(("localhost", *DOMAINS, *every)))
            state.authority.refound_server(work, server_names=kept, now=SystemClock().now())
        if every != before:
            keep_server_names(work, every)
        if lacking or every != before:
            move_generation(work)
    return lacking


def cover_production_names(state: State) -> bool:
    """Have a root and a CA for the providers' production names. Whether they had to be made in place of others, which
    lacked a name: then everybody who trusted the old root must be given the new one."""
    with state.store.write() as work:
        there = state.authority.has_production(work)
        if there and not state.authority.covers(work, PRODUCTION_HOSTS, name=PRODUCTION_CA):
            return False
        now = SystemClock().now()
        state.authority.found_production(work, names=PRODUCTION_HOSTS, without=DOMAINS, now=now)
    return there


def kept_crl(state: State, issuer: str) -> "Crl | None":
    """The CRL of the CA with this name, if it need not be signed anew. Raises NotFounded."""
    from ca import publishing

    with state.store.read() as work:
        return publishing.kept_crl(work, issuer, state.clock.now())


def begin_crl(state: State, issuer: str) -> "Crl | TakenNumber":
    """A number for the next CRL that is nobody else's; or the CRL that somebody has made in the meantime."""
    from ca import publishing

    with state.store.write() as work:
        return publishing.take_number(state.authority, work, issuer, state.clock.now())


def sign_crl(state: State, taken: "TakenNumber") -> "SignedCrl":
    """The CRL with this number, in no transaction: with 10,000 entries, reading and signing take 0.2 s."""
    from ca import publishing

    with state.store.read() as work:
        draft = publishing.draft_crl(work, taken, state.clock.now())
    return publishing.sign_crl(draft)


def keep_crl(state: State, signed: "SignedCrl") -> "Crl | None":
    """The CRL, kept from now on; None where somebody has kept a newer one in the meantime."""
    from ca import publishing

    with state.store.write() as work:
        return publishing.keep_crl(work, signed)


def current_crl(state: State, issuer: str) -> "Crl":
    """The CRL of the CA with this name, signed anew if it is due, in this thread. Raises NotFounded."""
    from ca.publishing import Crl

    while True:
        begun = kept_crl(state, issuer) or begin_crl(state, issuer)
        made = begun if isinstance(begun, Crl) else keep_crl(state, sign_crl(state, begun))
        if made is not None:  # else somebody else was faster, and theirs may be due already
            return made


def client_crls(state: State) -> bytes:
    """The CRLs of the root above the clients and of each provider's issuing CA, in PEM, by the sandbox's clock.

    With these, whoever trusts that root can tell which client certificate is revoked (openssl's -crl_check_all)."""
    from ca import publishing

    issuers = publishing.listing(provider.name for provider in PROVIDERS)
    return bundle.crls_pem(current_crl(state, issuer).der for issuer in issuers).encode()


def answer_ocsp(state: State, issuer: str, question: "Question") -> bytes:
    """What the CA with this name has to say about a certificate. Raises NotFounded."""
    from ca import publishing

    now = SystemClock().now() if issuer == SERVER_CA else state.clock.now()
    responder = _responder(state, issuer, now)
    with state.store.read() as work:
        return publishing.answer(state.authority, work, issuer, question, responder, now)


def make_staple(state: State, certificate: x509.Certificate, now: datetime) -> bytes:
    """What the server hands over with its certificate to clients that ask; `now` is the real time."""
    from ca import publishing

    responder = _responder(state, SERVER_CA, now)
    with state.store.read() as work:
        return publishing.staple(state.authority, work, certificate, responder, now)


def ca_der(state: State, issuer: str) -> bytes:
    """The certificate of the CA with this name. Raises NotFounded."""
    with state.store.read() as work:
        return bundle.der(state.authority.own(work, issuer).certificate)


def _responder(state: State, issuer: str, now: datetime) -> "Issuer":
    """Who answers for this CA: the one that is kept, or a new one."""
    from ca import publishing

    with state.store.read() as reading:
        kept = publishing.kept_responder(state.authority, reading, issuer, now)
    if kept is not None:
        return kept
    with state.store.write() as writing:
        return publishing.renew_responder(state.authority, writing, issuer, now)
