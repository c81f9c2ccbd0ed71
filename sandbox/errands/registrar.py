"""What is done with the certificates of one client, in an open unit of work: sign, take, revoke, list.

What its provider signs and takes is the provider's declaration; the judging and signing is the authority's."""

from dataclasses import dataclass
from datetime import datetime

from ca import store
from ca.answer import Issued
from ca.authority import Authority
from ca.csr import Csr
from ca.errors import NoSuchCertificate, NotIssued, NotRevoked
from ca.policy import Claim
from ca.profile import Offer, Upload
from ca.record import CertificateRecord
from sandbox.errands.pointing import authority_url
from sandbox.errands.rows import ClientRows
from sandbox.errors import Misuse, Refused, refuse
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.storage import generation
from sandbox.storage.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrar:
    """The certificates of one client. What it changes moves the generation."""

    authority: Authority
    work: Work
    owner: ClientRecord
    now: datetime

    def sign(self, csr: bytes | Csr, *, name: str, purpose: str = "", id: str = "") -> Issued:
        """The certificate for a CSR. Raises Refused with every broken rule; Misuse when no CSR is signed for that."""
        offer = self._offer(purpose)
        try:
            issued = self.authority.submit(
                self.work, csr, offer, self._claim(name, id), self.now, authority_url=authority_url(self.work)
            )
        except NotIssued as error:
            raise Refused(refusals=error.refusals) from None
        generation.move(self.work)
        return issued

    def upload(self, pem: bytes, *, name: str, purpose: str = "", id: str = "") -> CertificateRecord:
        """Take a certificate of the client's own. Raises Refused with every broken rule; Misuse when none is taken."""
        upload = self._upload(purpose)
        try:
            record = self.authority.pin(self.work, pem, upload, self._claim(name, id), self.now)
        except NotIssued as error:
            raise Refused(refusals=error.refusals) from None
        generation.move(self.work)
        return record

    def revoke(self, id: str, reason: str) -> CertificateRecord:
        """Refuse the certificate from now on. Raises Refused with ``certificate.not_found`` or why it cannot be."""
        try:
            if store.by_id(self.work, id).holder != self.owner.id:
                raise NoSuchCertificate(id)
            record = self.authority.revoke(self.work, id, reason, self.now)
        except NoSuchCertificate as error:
            raise refuse(error.code, seen=f"certificate {id[:40]}", expected="a certificate of this client") from None
        except NotRevoked as error:
            raise Refused(refusals=error.refusals) from None
        generation.move(self.work)
        return record

    def all(self) -> tuple[CertificateRecord, ...]:
        """Every certificate that the client ever had, oldest first."""
        return store.certificates(self.work, provider=self.owner.provider, holder=self.owner.id)

    def declared(self, purpose: str = "") -> Offer | Upload:
        """How a certificate for that purpose comes about; without one, that with which a client shows itself at a door.

        Raises Misuse when the provider has none for it.
        """
        for one in self._declared():
            if purpose in ("", one.purpose):
                return one
        raise Misuse(f"{self.owner.provider} has no certificates for {purpose[:40]!r}; {self._there()}")

    def _offer(self, purpose: str) -> Offer:
        for one in self._declared():
            if isinstance(one, Offer) and purpose in ("", one.purpose):
                return one
        raise Misuse(
            f"{self.owner.provider} signs no CSR{f' for {purpose[:40]}' if purpose else ''}; {self._there()}",
            next_step="a certificate of the client's own is handed in by: sandbank certificate upload FILE",
        )

    def _upload(self, purpose: str) -> Upload:
        for one in self._declared():
            if isinstance(one, Upload) and purpose in ("", one.purpose):
                return one
        raise Misuse(
            f"{self.owner.provider} takes no certificate{f' for {purpose[:40]}' if purpose else ''} of a client's own; "
            f"{self._there()}",
            next_step="a CSR is signed by: sandbank certificate sign FILE --name NAME",
        )

    def _declared(self) -> tuple[Offer | Upload, ...]:
        rows = ClientRows(work=self.work, client=self.owner)
        return tuple(named(self.owner.provider).certificates(rows))

    def _there(self) -> str:
        words = {Offer: "signs a CSR for", Upload: "takes a certificate for"}
        return "it " + " and ".join(f"{words[type(one)]} {one.purpose}" for one in self._declared())

    def _claim(self, name: str, id: str) -> Claim:
        return Claim(provider=self.owner.provider, holder=self.owner.id, name=name, id=id)
