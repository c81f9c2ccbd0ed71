"""The authority: founds itself in a store, signs and pins for providers, revokes, and has a server certificate ready.

Each method works in the caller's open unit of work and is told the time; what a provider offers is left to others."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from cryptography import x509

from ca.errors import NameNotCovered, NotFounded
from ca.records import CertificateRecord, Claim, Serials, fingerprint, random_serial, record_of, write_serial
from ca.store import store
from ca.store.store import AuthorityRow, PlainVault, UnitOfWork, Vault
from ca.x509.bundle import der
from ca.x509.extensions import not_covered, same_names, status_urls
from ca.x509.keys import Founded, Issuer, PrivateKey, make_key, read_key_der, write_key_der

if TYPE_CHECKING:  # what judges and issues is loaded with the first certificate: a server that starts needs none of it
    from ca.issuance.issue import IssuedCertificate
    from ca.issuance.profile import Offer, Upload
    from ca.request.csr import Csr

SERVER_ROOT = "server-root"
SERVER_CA = "server-ca"
COURIER_CA = "courier-ca"
SERVER = "server"
COURIER = "courier:"  # and the provider
SERVER_RSA = "server-rsa"
PRODUCTION_ROOT = "production-root"
PRODUCTION_CA = "production-ca"
PRODUCTION = "production"
CLIENT_ROOT = "client-root"
CLIENT_CA = "client-ca:"  # and the provider

# Two weeks would do for people; a month also covers a demonstration prepared ahead.
RENEW_BEFORE = timedelta(days=30)
# A state has about ten of its own certificates; a process that opens many states in turn must not keep them all.
MAX_KEPT = 100
# The profile that the record of an uploaded certificate names: nothing in it is ours.
UPLOADED = "uploaded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a server shows: its key, and its chain with the leaf first."""

    key: PrivateKey = field(repr=False)
    chain: tuple[x509.Certificate, ...]
    not_after: datetime


class Authority:
    """Two roots and what stands under them, kept in the store; parsed certificates and keys are kept in memory."""

    def __init__(self, *, serials: Serials = random_serial, vault: Vault | None = None) -> None:
        self.serials = serials
        self._vault = vault or PlainVault()
        # By the fingerprint of the certificate: whatever was replaced, or rolled back, is asked for under another one.
        self._kept: dict[str, Founded] = {}

    def found(
        self, work: UnitOfWork, *, server_names: tuple[str, ...], providers: tuple[str, ...], now: datetime
    ) -> None:
        """Make whatever is missing; what is there stays as it is, names and all."""
        from ca.issuance import hierarchy

        if any(store.read_authority_fingerprint(work, name) is None for name in (SERVER_ROOT, SERVER_CA, COURIER_CA)):
            self.refound_server(work, server_names=server_names, now=now)
        if store.read_authority_fingerprint(work, CLIENT_ROOT) is None:
            self.write(work, CLIENT_ROOT, hierarchy.found_client_root(now, self.serials), now)
        for provider in providers:
            if store.read_authority_fingerprint(work, CLIENT_CA + provider) is None:
                made = hierarchy.found_client_authority(provider, self.issuer(work, CLIENT_ROOT), now, self.serials)
                self.write(work, CLIENT_CA + provider, made, now)

    def refound_server(self, work: UnitOfWork, *, server_names: tuple[str, ...], now: datetime) -> None:
        """A new server root with new CAs for these names; the old ones and the old server certificate are gone."""
        from ca.issuance import hierarchy

        side = hierarchy.found_server_side(server_names, now, self.serials)
        self.write(work, SERVER_ROOT, side.root, now)
        self.write(work, SERVER_CA, side.server, now)
        self.write(work, COURIER_CA, side.courier, now)
        store.drop_authority(work, SERVER)
        store.drop_authority(work, SERVER_RSA)

    def found_production(
        self, work: UnitOfWork, *, names: tuple[str, ...], without: tuple[str, ...], now: datetime
    ) -> None:
        """A root and a CA for the providers' production names and none of those *without*, in place of what was there.
        Nobody has them unless this is asked for."""
        from ca.issuance import hierarchy

        root, issuing = hierarchy.found_production_side(names, without, now, self.serials)
        self.write(work, PRODUCTION_ROOT, root, now)
        self.write(work, PRODUCTION_CA, issuing, now)
        store.drop_authority(work, PRODUCTION)

    def has_production(self, work: UnitOfWork) -> bool:
        return store.read_authority_fingerprint(work, PRODUCTION_ROOT) is not None

    def production_root(self, work: UnitOfWork) -> x509.Certificate:
        """The root above the production names; NotFounded where none was ever asked for."""
        return self.own(work, PRODUCTION_ROOT).certificate

    def covers(self, work: UnitOfWork, names: tuple[str, ...], *, name: str = SERVER_CA) -> tuple[str, ...]:
        """Those of the names that the server CA, or the one called *name*, may not speak for; empty: it may for all."""
        certificate = self.own(work, name).certificate
        constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        return not_covered(constraints, names)

    def submit(
        self,
        work: UnitOfWork,
        csr: "bytes | Csr",
        offer: "Offer",
        claim: Claim,
        now: datetime,
        *,
        authority_url: str = "",
    ) -> "IssuedCertificate":
        """The certificate for a CSR, as it came or read ahead, stored; NotIssued with every broken rule otherwise.

        Where its CRL and its OCSP responder are is told by the URL of the authority's own door, if there is one."""
        from ca.approval import approve, free_serial
        from ca.issuance.issue import issue_certificate

        approved = approve(work, csr, offer, claim, now)
        name, profile = CLIENT_CA + claim.provider, offer.profile
        issued = issue_certificate(
            approved,
            profile,
            self.issuer(work, name),
            partial(free_serial, work, self.serials, profile.serial_octets),
            now,
            pointers=status_urls(authority_url, name) if authority_url and profile.pointers else (),
        )
        store.add(work, issued.record)
        return issued

    def pin(self, work: UnitOfWork, data: bytes, upload: "Upload", claim: Claim, now: datetime) -> CertificateRecord:
        """The record of a certificate that a client uploads, stored; NotIssued with every broken rule otherwise.

        Its serial is a stranger's, so that a certificate without a name of its own is named by a new serial of ours."""
        from ca.approval import approve_upload, free_serial

        approved = approve_upload(work, data, upload, claim, now)
        named = replace(approved.claim, id=claim.id or write_serial(free_serial(work, self.serials)))
        record = record_of(approved.uploaded.certificate, named, UPLOADED, now, origin="uploaded")
        store.add(work, record)
        return record

    def revoke(self, work: UnitOfWork, id: str, reason: str, now: datetime) -> CertificateRecord:
        """The certificate marked as revoked from this instant on; NoSuchCertificate, or NotRevoked."""
        from ca.approval import revocable

        record = revocable(work, id, reason)
        store.revoke(work, id, reason, now)
        return replace(record, revoked_at=now, reason=reason)

    def server_credentials(
        self, work: UnitOfWork, *, names: tuple[str, ...], now: datetime, renew_before: timedelta = RENEW_BEFORE
    ) -> Credentials:
        """The stored server certificate, or a new one when it is for other names or has not enough life left."""
        return self._credentials(work, SERVER, SERVER_CA, names, now, renew_before)

    def production_credentials(self, work: UnitOfWork, *, names: tuple[str, ...], now: datetime) -> Credentials:
        """The same for production names, by the CA of their own."""
        return self._credentials(work, PRODUCTION, PRODUCTION_CA, names, now, RENEW_BEFORE)

    def _credentials(
        self,
        work: UnitOfWork,
        name: str,
        issuer_name: str,
        names: tuple[str, ...],
        now: datetime,
        renew_before: timedelta,
    ) -> Credentials:
        if outside := self.covers(work, names, name=issuer_name):
            raise NameNotCovered(outside)
        issuer = self.issuer(work, issuer_name)
        there = store.read_authority_fingerprint(work, name) is not None
        kept = self.own(work, name, with_key=True) if there else None
        if kept is None or not _serves(kept.certificate, issuer.certificate, names, now, renew_before):
            from ca.issuance.hierarchy import make_server_certificate

            kept = make_server_certificate(names, issuer, now, self.serials())
            self.write(work, name, kept, now)
        if kept.key is None:
            raise NotFounded(name)
        chain = (kept.certificate, issuer.certificate)
        return Credentials(key=kept.key, chain=chain, not_after=kept.certificate.not_valid_after_utc)

    def courier_credentials(self, work: UnitOfWork, provider: str, *, name: str, now: datetime) -> Credentials:
        """With what a provider shows itself to its clients' servers: the stored certificate, or a new one for the same
        key when that is for another name, under another CA, or near its end."""
        issuer = self.issuer(work, COURIER_CA)
        there = store.read_authority_fingerprint(work, COURIER + provider) is not None
        kept = self.own(work, COURIER + provider, with_key=True) if there else None
        if kept is None or not _serves(kept.certificate, issuer.certificate, (name,), now, RENEW_BEFORE):
            from ca.issuance import hierarchy

            key = kept.key if kept and kept.key else make_key(hierarchy.KEY_KIND)
            kept = hierarchy.make_courier_certificate(name, key, issuer, now, self.serials())
            self.write(work, COURIER + provider, kept, now)
        if kept.key is None:
            raise NotFounded(COURIER + provider)
        chain = (kept.certificate, issuer.certificate)
        return Credentials(key=kept.key, chain=chain, not_after=kept.certificate.not_valid_after_utc)

    def courier(self, work: UnitOfWork) -> x509.Certificate:
        """The CA above the certificates with which providers show themselves."""
        return self.own(work, COURIER_CA).certificate

    def rsa_credentials(
        self, work: UnitOfWork, *, names: tuple[str, ...], now: datetime, key: PrivateKey | None = None
    ) -> Credentials | None:
        """The stored server certificate with an RSA key, for clients that take no other; else a new one for *key*,
        which takes too long to be made in a transaction; None where that is not given either."""
        issuer = self.issuer(work, SERVER_CA)
        there = store.read_authority_fingerprint(work, SERVER_RSA) is not None
        kept = self.own(work, SERVER_RSA, with_key=True) if there else None
        if kept is None or not _serves(kept.certificate, issuer.certificate, names, now, RENEW_BEFORE):
            if key is None:
                return None
            from ca.issuance.hierarchy import make_server_certificate

            kept = make_server_certificate(names, issuer, now, self.serials(), key=key)
            self.write(work, SERVER_RSA, kept, now)
        if kept.key is None:
            raise NotFounded(SERVER_RSA)
        chain = (kept.certificate, issuer.certificate)
        return Credentials(key=kept.key, chain=chain, not_after=kept.certificate.not_valid_after_utc)

    def server_root(self, work: UnitOfWork) -> x509.Certificate:
        """The certificate that people trust."""
        return self.own(work, SERVER_ROOT).certificate

    def client_root(self, work: UnitOfWork) -> x509.Certificate:
        """The root above the issuing CAs; nobody has to trust it."""
        return self.own(work, CLIENT_ROOT).certificate

    def issuing(self, work: UnitOfWork, provider: str) -> x509.Certificate:
        """The CA that issues the certificates of one provider's clients."""
        return self.own(work, CLIENT_CA + provider).certificate

    def issuer(self, work: UnitOfWork, name: str) -> Issuer:
        """One of our own with its key; NotFounded where there is none, or its key was destroyed."""
        issuer = self.own(work, name, with_key=True).issuer
        if issuer is None:
            raise NotFounded(name)
        return issuer

    def own(self, work: UnitOfWork, name: str, *, with_key: bool = False) -> Founded:
        """One of our own, parsed once; the store is asked only whether it is still this one.

        Its key is read when it is asked for, since the vault may want a passphrase for it."""
        current = store.read_authority_fingerprint(work, name)
        if current in self._kept and (self._kept[current].key or not with_key):
            return self._kept[current]
        row = store.read_authority(work, name)
        if row is None:
            raise NotFounded(name)
        key = read_key_der(self._vault.open(work, name, row.key)) if with_key and row.key is not None else None
        return self._keep(Founded(certificate=x509.load_der_x509_certificate(row.certificate), key=key))

    def write(self, work: UnitOfWork, name: str, made: Founded, now: datetime) -> None:
        """Keep one of our own under its name, in place of the one that was there."""
        row = AuthorityRow(
            name=name,
            certificate=der(made.certificate),
            key=None if made.key is None else self._vault.seal(work, name, write_key_der(made.key)),
            fingerprint_sha256=fingerprint(made.certificate),
        )
        store.write_authority(work, row, now)
        self._keep(made)

    def _keep(self, made: Founded) -> Founded:
        if len(self._kept) >= MAX_KEPT:
            self._kept = {}
        self._kept[fingerprint(made.certificate)] = made
        return made


def _serves(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    names: tuple[str, ...],
    now: datetime,
    renew_before: timedelta,
) -> bool:
    """Whether a stored certificate of ours is for these names, by this CA, and in time for long enough."""
    in_time = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc - renew_before
    return in_time and certificate.issuer == issuer.subject and same_names(certificate, names)
