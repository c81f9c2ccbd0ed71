"""Certificates for clients: signing a CSR, and taking a certificate of their own; each leaves a journal entry."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter_ns

from ca.answer import Issued
from ca.csr import read_ahead
from ca.policy import MAX_NAME
from ca.profile import Change
from ca.record import CertificateRecord
from sandbox.errands.clients import find_client
from sandbox.errands.registrar import Registrar
from sandbox.errands.state import State
from sandbox.errors import Reason, Refused
from sandbox.journal.causes import at_provider
from sandbox.journal.entry import Entry, Stage
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import hinted, named
from sandbox.storage.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A certificate that exists when its transaction is committed, and what the journal is told then."""

    issued: Issued
    entry: Entry


def sign(state: State, provider: str, client: str, csr: bytes, *, name: str, purpose: str = "") -> Issued:
    """Sign *csr* for *client*, whatever stands in it being judged first. Raises Refused with every broken rule.

    Without a *purpose* it is the provider's usual one for CSRs.
    """
    signing = begin_to_sign(state, provider, client, csr, name=name, purpose=purpose)
    with state.store.write() as work:
        signed = signing(work)
    state.journal.append(signed.entry)
    return signed.issued


def begin_to_sign(
    state: State, provider: str, client: str, csr: bytes, *, name: str, purpose: str = ""
) -> Callable[[Work], Signed]:
    """The same for a transaction of the caller's, who also appends the entry once that is committed.

    What needs no transaction is done here and now: nobody else can write while one is open."""
    deed, ahead = Deed(state, "sign", name), read_ahead(csr)

    def sign_within(work: Work) -> Signed:
        owner = find_client(work, provider, client)
        with deed.judged(owner):
            issued = registrar(state, work, owner).sign(ahead, name=name, purpose=purpose)
        return Signed(issued=issued, entry=deed.entry(owner, record=issued.record, changed=issued.changed))

    return sign_within


def upload(state: State, provider: str, client: str, pem: bytes, *, name: str, purpose: str = "") -> CertificateRecord:
    """Take a certificate that *client* brings, and let it in from now on. Raises Refused with every broken rule."""
    deed = Deed(state, "upload", name)
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        with deed.judged(owner):
            record = registrar(state, work, owner).upload(pem, name=name, purpose=purpose)
    deed.done(owner, record)
    return record


def registrar(state: State, work: Work, owner: ClientRecord) -> Registrar:
    """What is done with the certificates of *owner*, now."""
    return Registrar(authority=state.authority, work=work, owner=owner, now=state.clock.now())


class Deed:
    """One errand with a certificate, from its beginning to its entry in the journal."""

    def __init__(self, state: State, verb: str, name: str) -> None:
        self._state = state
        self._verb = verb
        self._name = name
        self._started = perf_counter_ns()

    @contextmanager
    def judged(self, owner: ClientRecord) -> Iterator[None]:
        """What is refused within is told in the journal, and raised on."""
        try:
            yield
        except Refused as refused:
            advice = named(owner.provider).advice
            told = [at_provider(each, name=hinted(owner.provider), advice=advice) for each in refused.reasons]
            self._state.journal.append(self.entry(owner, reasons=tuple(told)))
            raise

    def done(self, owner: ClientRecord, record: CertificateRecord, changed: Sequence[Change] = ()) -> None:
        """It is committed."""
        self._state.journal.append(self.entry(owner, record=record, changed=changed))

    def entry(
        self,
        owner: ClientRecord,
        *,
        reasons: tuple[Reason, ...] = (),
        record: CertificateRecord | None = None,
        changed: Sequence[Change] = (),
    ) -> Entry:
        """What the journal is told: of a certificate, or of the reasons why there is none."""
        judged = Stage(name="judge", ok=not reasons, note=", ".join(reason.code for reason in reasons))
        return Entry(
            id=self._state.ids.trace(),
            at=self._state.clock.now(),
            kind="certificate",
            provider=owner.provider,
            door="errand",
            client=owner.id,
            certificate=f"{record.subject}, serial {record.serial}" if record else "",
            title=f"{self._verb} {_shown(self._name)} for {owner.name}",
            outcome=_OUTCOMES[self._verb] if record else "refused",
            microseconds=(perf_counter_ns() - self._started) // 1000,
            stages=(judged, *(Stage(name="change", ok=True, note=f"{c.field}: {c.why}") for c in changed)),
            reasons=reasons,
        )


_OUTCOMES = {"sign": "signed", "upload": "taken", "revoke": "revoked"}


def _shown(name: str) -> str:
    """The name of a certificate as the journal may keep it: what cannot be one may be a key that was pasted there."""
    return repr(name) if len(name) <= MAX_NAME and name.isprintable() else f"a name of {len(name)} characters"
