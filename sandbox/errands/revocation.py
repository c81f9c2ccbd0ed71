"""What the authority's door tells of certificates: CRLs, OCSP answers, certificates of CAs.

Client certificates live by the sandbox's clock; the server's own, and who answers for it, by real time."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from cryptography import x509

from ca import bundle, publishing
from ca.authority import CLIENT_CA, SERVER_CA
from ca.clock import SystemClock
from ca.ocsp import Question
from ca.publishing import Crl
from sandbox.errands.pointing import FACT
from sandbox.errands.state import State
from sandbox.providers import PROVIDERS
from sandbox.storage import facts
from sandbox.storage.work import Work

T = TypeVar("T")


def client_ca(provider: str) -> str:
    """The name of the CA that issues to a provider's clients."""
    return CLIENT_CA + provider


def keep_authority_url(state: State, url: str) -> None:
    """Note how the authority's door is reached; "" is by its own address."""
    with state.store.write() as work:
        facts.put(work, FACT, url)


def current_crl(state: State, issuer: str) -> Crl:
    """The CRL of the CA with this name, signed anew if it is due. Raises NotFounded."""
    now = state.clock.now()
    return _kept_or_made(
        state,
        lambda work: publishing.kept_crl(work, issuer, now),
        lambda work: publishing.renew_crl(state.authority, work, issuer, now),
    )


def client_crls(state: State) -> bytes:
    """The CRLs of the root above the clients and of each provider's issuing CA, in PEM, by the sandbox's clock.

    With these, whoever trusts that root can tell which client certificate is revoked (openssl's -crl_check_all)."""
    issuers = publishing.listing(provider.name for provider in PROVIDERS)
    return bundle.crls_pem(current_crl(state, issuer).der for issuer in issuers).encode()


def answer_ocsp(state: State, issuer: str, question: Question) -> bytes:
    """What the CA with this name has to say about a certificate. Raises NotFounded."""
    now = SystemClock().now() if issuer == SERVER_CA else state.clock.now()
    responder = _kept_or_made(
        state,
        lambda work: publishing.kept_responder(state.authority, work, issuer, now),
        lambda work: publishing.renew_responder(state.authority, work, issuer, now),
    )
    with state.store.read() as work:
        return publishing.answer(state.authority, work, issuer, question, responder, now)


def make_staple(state: State, certificate: x509.Certificate, now: datetime) -> bytes:
    """What the server hands over with its certificate to clients that ask; `now` is the real time."""
    responder = _kept_or_made(
        state,
        lambda work: publishing.kept_responder(state.authority, work, SERVER_CA, now),
        lambda work: publishing.renew_responder(state.authority, work, SERVER_CA, now),
    )
    with state.store.read() as work:
        return publishing.staple(state.authority, work, certificate, responder, now)


def ca_der(state: State, issuer: str) -> bytes:
    """The certificate of the CA with this name. Raises NotFounded."""
    with state.store.read() as work:
        return bundle.der(state.authority.own(work, issuer).certificate)


def _kept_or_made(state: State, kept: Callable[[Work], T | None], made: Callable[[Work], T]) -> T:
    with state.store.read() as reading:
        there = kept(reading)
    if there is not None:
        return there
    with state.store.write() as writing:
        return made(writing)
