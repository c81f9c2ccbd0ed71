"""Client certificates that are there: list, show, bundle, revoke; how they come about is issuing's."""

from dataclasses import dataclass, field

from cryptography import x509

from ca import store
from ca.bundle import pem
from ca.reasons import REASONS
from ca.record import CertificateRecord
from sandbox.errands.clients import find_client
from sandbox.errands.issuing import Deed, registrar
from sandbox.errands.state import State
from sandbox.errors import Misuse, NotThere
from sandbox.providers import named

BUNDLE_FORMATS = ("pem", "leaf", "der")
REVOCATION_REASONS = tuple(REASONS)


def list_certificates(state: State, provider: str, client: str | None = None) -> tuple[CertificateRecord, ...]:
    """All that were ever issued, oldest first; *client* (name or id) keeps to one."""
    named(provider)
    with state.store.read() as work:
        holder = find_client(work, provider, client).id if client else None
        return store.certificates(work, provider=provider, holder=holder)


def show_certificate(state: State, provider: str, wanted: str) -> CertificateRecord:
    """The certificate with that id, serial, SHA-256 fingerprint or name (the newest of that name). Raises NotThere."""
    bare = wanted.replace(":", "").upper()
    for record in reversed(list_certificates(state, provider)):
        if wanted in (record.id, record.name) or bare in (record.serial, record.fingerprint_sha256.upper()):
            return record
    raise NotThere(
        f"{provider} has no certificate with the id, serial, fingerprint or name {wanted[:80]!r}",
        next_step="sandbank certificate list shows them",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A certificate in the form that some program wants."""

    data: bytes = field(repr=False)
    media_type: str


def bundle(state: State, provider: str, wanted: str, *, format: str = "pem") -> Bundle:
    """``pem``: leaf and issuing CA, if ours; ``leaf``: the leaf; ``der``: it in binary. Raises Misuse, NotThere."""
    record = show_certificate(state, provider, wanted)
    leaf = x509.load_der_x509_certificate(record.der)
    if format == "der":
        return Bundle(data=record.der, media_type="application/pkix-cert")
    if format == "leaf" or (format == "pem" and record.origin == "uploaded"):  # its issuer is somebody else's
        return Bundle(data=pem((leaf,)).encode(), media_type="application/x-pem-file")
    if format == "pem":
        with state.store.read() as work:
            # Who issued a certificate that was uploaded is not known here.
            above = (state.authority.issuing(work, provider),) if record.origin == "issued" else ()
        return Bundle(data=pem((leaf, *above)).encode(), media_type="application/x-pem-file")
    raise Misuse(f"{format!r} is not a form of a certificate; there are: {', '.join(BUNDLE_FORMATS)}")


def revoke(state: State, provider: str, wanted: str, *, reason: str) -> CertificateRecord:
    """Refuse a certificate from now on, for good. Raises NotThere, Misuse for an unknown reason, and Refused when it
    was revoked already."""
    if reason not in REASONS:
        raise Misuse(f"{reason[:40]!r} is not a reason; there are: {', '.join(REASONS)}")
    record = show_certificate(state, provider, wanted)
    deed = Deed(state, "revoke", record.name)
    with state.store.write() as work:
        owner = find_client(work, provider, record.holder)
        with deed.judged(owner):
            revoked = registrar(state, work, owner).revoke(record.id, reason)
    deed.done(owner, revoked)
    return revoked
