"""Client certificates that are there: list, show, revoke; how they come about is issuing's, their files bundling's."""

from ca import store
from ca.reasons import REASONS
from ca.record import CertificateRecord
from sandbox.errands.clients import find_client
from sandbox.errands.issuing import Deed, registrar
from sandbox.errands.state import State
from sandbox.errors import Misuse, NotThere
from sandbox.providers import named

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
