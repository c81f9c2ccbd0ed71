"""Certificates for clients: signing a CSR, and taking a certificate of their own. Each leaves a journal entry."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter_ns

from ca.authority import Authority
from ca.errors import NoSuchCertificate, NotIssued, NotRevoked, visible
from ca.issuance.issue import IssuedCertificate
from ca.issuance.profile import Change, Offer, Upload
from ca.policy.requests import MAX_NAME, Claim
from ca.records import CertificateRecord
from ca.request.csr import Csr, read_ahead
from ca.store import store
from sandbox.errors import Misuse, Refusal, Refused, refuse
from sandbox.journal.entry import Entry, Stage
from sandbox.oauth.clients import ClientRecord
from sandbox.providers.known import hinted, named
from sandbox.services.rows import ClientRows, find_client
from sandbox.services.state import State
from sandbox.storage import facts
from sandbox.storage.facts import authority_url
from sandbox.storage.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """The certificates of one client. What it changes moves the generation."""

    authority: Authority
    work: Work
    owner: ClientRecord
    now: datetime

    def sign(self, csr: bytes | Csr, *, name: str, purpose: str = "", id: str = "") -> IssuedCertificate:
        """The certificate for a CSR. Raises Refused with every broken rule; Misuse when no CSR is signed for that."""
        offer = self._offer(purpose)
        try:
            issued = self.authority.submit(
                self.work, csr, offer, self._claim(name, id), self.now, authority_url=authority_url(self.work)
            )
        except NotIssued as error:
            raise self._refused(error, subject=self._fitting(csr, offer)) from None
        facts.move_generation(self.work)
        return issued

    def upload(self, pem: bytes, *, name: str, purpose: str = "", id: str = "") -> CertificateRecord:
        """Take a certificate of the client's own. Raises Refused with every broken rule; Misuse when none is taken."""
        upload = self._upload(purpose)
        try:
            record = self.authority.pin(self.work, pem, upload, self._claim(name, id), self.now)
        except NotIssued as error:
            raise self._refused(error) from None
        facts.move_generation(self.work)
        return record

    def revoke(self, id: str, reason: str) -> CertificateRecord:
        """Refuse the certificate from now on. Raises Refused with ``certificate.not_found`` or why it cannot be."""
        try:
            there = store.by_id(self.work, id)
            if (there.provider, there.holder) != (self.owner.provider, self.owner.id):
                raise NoSuchCertificate(id)
            record = self.authority.revoke(self.work, id, reason, self.now)
        except NoSuchCertificate as error:
            raise refuse(error.code, seen=f"certificate {id[:40]}", expected="a certificate of this client") from None
        except NotRevoked as error:
            raise self._refused(error) from None
        facts.move_generation(self.work)
        return record

    def all(self) -> tuple[CertificateRecord, ...]:
        """Every certificate that the client ever had, oldest first."""
        return store.certificates(self.work, provider=self.owner.provider, holder=self.owner.id)

    def declared(self, purpose: str = "") -> Offer | Upload:
        """How a certificate for that purpose comes about; without one, that with which a client shows itself at a door.

        Raises Misuse when the provider has none for it.
        """
        for one in self.every():
            if purpose in ("", one.purpose):
                return one
        raise self._misuse(f"has no certificates for {purpose[:40]!r}")

    def _offer(self, purpose: str) -> Offer:
        for one in self.every():
            if isinstance(one, Offer) and purpose in ("", one.purpose):
                return one
        raise self._misuse(f"signs no CSR{f' for {purpose[:40]!r}' if purpose else ''}")

    def _upload(self, purpose: str) -> Upload:
        for one in self.every():
            if isinstance(one, Upload) and purpose in ("", one.purpose):
                return one
        raise self._misuse(f"takes no certificate{f' for {purpose[:40]!r}' if purpose else ''} of a client's own")

    def every(self) -> tuple[Offer | Upload, ...]:
        """How certificates come about, one for each purpose."""
        rows = ClientRows(work=self.work, client=self.owner)
        return tuple(named(self.owner.provider).certificates(rows))

    def _misuse(self, detail: str) -> Misuse:
        """What the provider does not do, with what it does, and the command for that."""
        there: dict[type[Offer | Upload], list[str]] = {}
        for one in self.every():
            there.setdefault(type(one), []).append(one.purpose)
        does = " and ".join(f"{_WORDS[kind]} {' or '.join(purposes)}" for kind, purposes in there.items())
        steps = [
            f"{_COMMANDS[kind]} --client {self.owner.name} --provider {self.owner.provider} --purpose {one}"
            for kind, purposes in there.items()
            for one in purposes
        ]
        return Misuse(f"{self.owner.provider} {detail}; it {does}", next_step="; or: ".join(steps))

    def _fitting(self, csr: bytes | Csr, offer: Offer) -> str:
        """A subject that the provider takes, for the commands that make a new CSR."""
        from ca.policy.subject import fitting  # with the first refusal

        words = self._claim("", "").placeholders()
        return fitting(csr.subject if isinstance(csr, Csr) else (), offer.policy, words)

    def _refused(self, error: NotIssued | NotRevoked, *, subject: str = "") -> Refused:
        """The authority's refusals, each with its next step: the provider's advice before ours, and in a command that
        makes a CSR the *subject* that is asked for."""
        from ca.rules import RULES
        from sandbox.journal.causes import with_command  # with the first refusal

        advice = named(self.owner.provider).advice
        said = [
            replace(one, next=advice[one.code])
            if one.code in advice and one.next == RULES[one.code].next
            else with_command(one)
            for one in error.refusals
        ]
        return Refused(*(replace(one, next=self._step(one, subject)) for one in said))

    def _step(self, refusal: Refusal, subject: str) -> str:
        """The next step of a refusal, for this client at this provider, and with the name and subject that it gave."""
        from ca.rules import SUBJECT
        from sandbox.journal.causes import for_client, with_provider

        step = refusal.next.replace(SUBJECT, f'-subj "{subject}"') if subject else refusal.next
        if refusal.code == "certificate.name_taken":
            step = (
                f"choose another name, or first: sandbank certificate release {shlex.quote(refusal.seen)} --client demo"
            )
        return for_client(with_provider(step, hinted(self.owner.provider)), self.owner.name)

    def _claim(self, name: str, id: str) -> Claim:
        return Claim(provider=self.owner.provider, holder=self.owner.id, name=name, id=id)


_WORDS: Mapping[type[Offer | Upload], str] = {Offer: "signs a CSR for", Upload: "takes a certificate for"}
_COMMANDS: Mapping[type[Offer | Upload], str] = {
    Offer: "sandbank certificate sign FILE",
    Upload: "sandbank certificate upload FILE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCertificate:
    """A certificate that exists when its transaction is committed, and what the journal is told then."""

    issued: IssuedCertificate
    entry: Entry


def unnamed(state: State) -> str:
    """A name for a certificate to which its owner gives none."""
    return f"new-{state.ids.trace()[:6]}"


def sign(state: State, provider: str, client: str, csr: bytes, *, name: str, purpose: str = "") -> IssuedCertificate:
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
) -> Callable[[Work], SignedCertificate]:
    """The same for a transaction of the caller's, who also appends the entry once that is committed.

    What needs no transaction is done here and now: nobody else can write while one is open."""
    deed, ahead = AuditEvent(state, "sign", name), read_ahead(csr)

    def sign_within(work: Work) -> SignedCertificate:
        owner = find_client(work, provider, client)
        with deed.judged(owner):
            issued = registrar(state, work, owner).sign(ahead, name=name, purpose=purpose)
        return SignedCertificate(issued=issued, entry=deed.entry(owner, record=issued.record, changed=issued.changed))

    return sign_within


def upload(state: State, provider: str, client: str, pem: bytes, *, name: str, purpose: str = "") -> CertificateRecord:
    """Take a certificate that *client* brings, and let it in from now on. Raises Refused with every broken rule."""
    deed = AuditEvent(state, "upload", name)
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        with deed.judged(owner):
            record = registrar(state, work, owner).upload(pem, name=name, purpose=purpose)
    deed.done(owner, record)
    return record


def declared_for(state: State, provider: str, client: str) -> tuple[Offer | Upload, ...]:
    """What the provider signs or takes for that client, one for each purpose; the first is the usual one."""
    with state.store.read() as work:
        return registrar(state, work, find_client(work, provider, client)).every()


def registrar(state: State, work: Work, owner: ClientRecord) -> Registrar:
    """What is done with the certificates of *owner*, now."""
    return Registrar(authority=state.authority, work=work, owner=owner, now=state.clock.now())


class AuditEvent:
    """One change to a certificate, from its beginning to its entry in the journal."""

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
            from sandbox.journal.causes import at_provider  # with the first refusal

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
        reasons: tuple[Refusal, ...] = (),
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
            stages=(judged, *(Stage(name="change", ok=True, note=_told(c)) for c in changed)),
            reasons=reasons,
        )


_OUTCOMES = {"sign": "signed", "upload": "taken", "revoke": "revoked"}


def _told(change: Change) -> str:
    """What differs from the CSR, in a line: ``CN: anything -> 22e3…: why``."""
    before, after = visible(change.from_) or "(none)", visible(change.to) or "(dropped)"
    return f"{change.field}: {before} -> {after}: {change.why}"


def _shown(name: str) -> str:
    """The name of a certificate as the journal may keep it: what cannot be one may be a key that was pasted there."""
    return repr(name) if len(name) <= MAX_NAME and name.isprintable() else f"a name of {len(name)} characters"
