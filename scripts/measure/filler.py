"""A store as long use leaves it: 100,000 issued certificates, every tenth of them revoked.

Every row is a certificate that the provider's issuing CA signed for a CSR which its policy approved; a client has ten
of them, of one key. What a signing does beside that (a transaction for each, the journal) is left out: it would take
minutes and leave the same rows."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca.authority import CLIENT_CA
from ca.issuance.issue import issue_certificate, random_serial
from ca.issuance.profile import Offer
from ca.policy.requests import Approved, Claim, judge
from ca.records import CertificateRecord, HolderStatus
from ca.request.csr import read_csr
from ca.store import store
from ca.x509.extensions import status_urls
from sandbox.oauth.clients import ClientRecord
from sandbox.oauth.secrets import SALT_BYTES, keep, sha256
from sandbox.providers import named
from sandbox.providers.context import NoRows
from sandbox.services.clients import keep_new
from sandbox.services.state import State, opened
from sandbox.storage.facts import authority_url
from scripts.measure.home import PER_CLIENT, PROVIDER
from scripts.measure.load import Failed

ISSUED = 100_000
TOGETHER = 500
"""Clients in one transaction."""
REASONS = ("keyCompromise", "superseded", "cessationOfOperation", "unspecified")


def offer() -> Offer:
    """How the provider signs CSRs."""
    return next(one for one in named(PROVIDER).certificates(NoRows()) if isinstance(one, Offer))


def fill(folder: Path, issued: int, *, revoked_of_ten: int = 1, name: str = "filled") -> Sequence[CertificateRecord]:
    """Put so many certificates, in tens, into the state in *folder*, for clients whose names begin so; those of them
    that are not revoked."""
    good: list[CertificateRecord] = []
    with opened(folder) as state:
        filling = _Filling(state, revoked_of_ten)
        clients = range(issued // PER_CLIENT)
        for first in clients[::TOGETHER]:
            with state.store.write() as work:
                for number in clients[first : first + TOGETHER]:
                    client = filling.client(f"{name}-{number}")
                    keep_new(work, client)
                    for record in filling.certificates(client, REASONS[number % len(REASONS)]):
                        store.add(work, record)
                        good += [record] if record.revoked_at is None else []
    return good


class _Filling:
    """What all clients share: the issuing CA, the offer, the pointers, one instant."""

    def __init__(self, state: State, revoked_of_ten: int) -> None:
        self._now = state.clock.now()
        self._ids = state.ids
        self._offer = offer()
        self._good = PER_CLIENT - revoked_of_ten
        name = CLIENT_CA + PROVIDER
        with state.store.read() as work:
            self._issuer = state.authority.issuer(work, name)
            self._pointers = status_urls(authority_url(work), name)

    def client(self, name: str) -> ClientRecord:
        registration = named(PROVIDER).registration
        return ClientRecord(
            provider=PROVIDER,
            id=registration.id(self._ids),
            name=name,
            secret=keep(registration.secret(self._ids), sha256(bytes(SALT_BYTES))),
            created_at=self._now,
        )

    def certificates(self, client: ClientRecord, reason: str) -> Iterator[CertificateRecord]:
        """Ten of them, the last of which were revoked."""
        csr = read_csr(_csr())
        for number in range(PER_CLIENT):
            claim = Claim(provider=PROVIDER, holder=client.id, name=f"certificate-{number}")
            approved = judge(csr, self._offer.policy, claim, HolderStatus())
            if not isinstance(approved, Approved):
                raise Failed(f"a CSR of the filler was refused: {approved}")
            profile, now = self._offer.profile, self._now
            record = issue_certificate(
                approved, profile, self._issuer, random_serial, now, pointers=self._pointers
            ).record
            yield record if number < self._good else replace(record, revoked_at=self._now, reason=reason)


def _csr() -> bytes:
    """With a key of its own, EC P-256: the quickest to make."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bench")])
    request = x509.CertificateSigningRequestBuilder(subject_name=name)
    return request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
