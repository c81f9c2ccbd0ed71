"""What the authority's door tells of certificates: CRLs, OCSP answers, certificates of CAs.

Client certificates live by the sandbox's clock; the server's own, and who answers for it, by real time."""

from datetime import datetime

from cryptography import x509

from ca import bundle, publishing
from ca.authority import SERVER_CA
from ca.clock import SystemClock
from ca.issue import Issuer
from ca.ocsp import Question
from ca.publishing import Crl, Signed, Taken
from sandbox.errands.state import State
from sandbox.providers import PROVIDERS


def kept_crl(state: State, issuer: str) -> Crl | None:
    """The CRL of the CA with this name, if it need not be signed anew. Raises NotFounded."""
    with state.store.read() as work:
        return publishing.kept_crl(work, issuer, state.clock.now())


def begin_crl(state: State, issuer: str) -> Crl | Taken:
    """A number for the next CRL that is nobody else's; or the CRL that somebody has made in the meantime."""
    with state.store.write() as work:
        return publishing.take_number(state.authority, work, issuer, state.clock.now())


def sign_crl(state: State, taken: Taken) -> Signed:
    """The CRL with this number, in no transaction: with 10,000 entries, reading and signing take 0.2 s."""
    with state.store.read() as work:
        draft = publishing.draft_crl(work, taken, state.clock.now())
    return publishing.sign_crl(draft)


def keep_crl(state: State, signed: Signed) -> Crl | None:
    """The CRL, kept from now on; None where somebody has kept a newer one in the meantime."""
    with state.store.write() as work:
        return publishing.keep_crl(work, signed)


def current_crl(state: State, issuer: str) -> Crl:
    """The CRL of the CA with this name, signed anew if it is due, in this thread. Raises NotFounded."""
    while True:
        begun = kept_crl(state, issuer) or begin_crl(state, issuer)
        made = begun if isinstance(begun, Crl) else keep_crl(state, sign_crl(state, begun))
        if made is not None:  # else somebody else was faster, and theirs may be due already
            return made


def client_crls(state: State) -> bytes:
    """The CRLs of the root above the clients and of each provider's issuing CA, in PEM, by the sandbox's clock.

    With these, whoever trusts that root can tell which client certificate is revoked (openssl's -crl_check_all)."""
    issuers = publishing.listing(provider.name for provider in PROVIDERS)
    return bundle.crls_pem(current_crl(state, issuer).der for issuer in issuers).encode()


def answer_ocsp(state: State, issuer: str, question: Question) -> bytes:
    """What the CA with this name has to say about a certificate. Raises NotFounded."""
    now = SystemClock().now() if issuer == SERVER_CA else state.clock.now()
    responder = _responder(state, issuer, now)
    with state.store.read() as work:
        return publishing.answer(state.authority, work, issuer, question, responder, now)


def make_staple(state: State, certificate: x509.Certificate, now: datetime) -> bytes:
    """What the server hands over with its certificate to clients that ask; `now` is the real time."""
    responder = _responder(state, SERVER_CA, now)
    with state.store.read() as work:
        return publishing.staple(state.authority, work, certificate, responder, now)


def ca_der(state: State, issuer: str) -> bytes:
    """The certificate of the CA with this name. Raises NotFounded."""
    with state.store.read() as work:
        return bundle.der(state.authority.own(work, issuer).certificate)


def _responder(state: State, issuer: str, now: datetime) -> Issuer:
    """Who answers for this CA: the one that is kept, or a new one."""
    with state.store.read() as reading:
        kept = publishing.kept_responder(state.authority, reading, issuer, now)
    if kept is not None:
        return kept
    with state.store.write() as writing:
        return publishing.renew_responder(state.authority, writing, issuer, now)
