"""Client certificates: sign a CSR, make everything in one step, list, show, bundle."""

from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter_ns

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from ca import store
from ca.authority import Issued
from ca.bundle import pem
from ca.errors import NotIssued
from ca.keys import make_key, write_key_pem
from ca.policy import MAX_NAME, Claim
from ca.record import CertificateRecord
from sandbox.errands.clients import find_client
from sandbox.errands.state import State
from sandbox.errors import Misuse, NotThere, Reason, Refused
from sandbox.journal.entry import Entry, Stage
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.storage import generation
from sandbox.storage.folder import make_private, write_private
from sandbox.storage.work import Work

BUNDLE_FORMATS = ("pem", "leaf", "der")
KEY_KINDS = ("rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384")
GUIDE_FILES = ("sandbox-PRIVATE-KEY.key", "sandbox-certificate-request.csr", "sandbox-CERTIFICATE.pem")
"""Key, CSR and certificate as Wise's mutual-TLS guide names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What ``certificate new`` made, and where the three files are."""

    issued: Issued
    key: Path
    csr: Path
    certificate: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A certificate that exists when its transaction is committed, and what the journal is told then."""

    issued: Issued
    entry: Entry


def sign(state: State, provider: str, client: str, csr: bytes, *, name: str) -> Issued:
    """Sign *csr* for *client*, whatever stands in it being judged first. Raises Refused with every broken rule."""
    with state.store.write() as work:
        signed = sign_within(state, work, provider, client, csr, name=name)
    state.journal.append(signed.entry)
    return signed.issued


def sign_within(state: State, work: Work, provider: str, client: str, csr: bytes, *, name: str) -> Signed:
    """The same in a transaction of the caller's, who also appends the entry once that is committed."""
    started = perf_counter_ns()
    owner = find_client(work, provider, client)
    issued = _submit(state, work, owner, csr, name)
    return Signed(issued=issued, entry=_entry(state, owner, name, started, issued=issued))


def new_certificate(
    state: State, provider: str, client: str, *, name: str = "", key: str = "rsa-2048", out: Path | None = None
) -> Made:
    """Key, CSR and certificate in one step. Files go to *out* under the guide's names, or into the state folder.

    Raises Refused, and Misuse when a file of that name is there already: a key is never overwritten.
    """
    if key not in KEY_KINDS:
        raise Misuse(f"{key!r} is not a kind of key; there are: {', '.join(KEY_KINDS)}")
    started, private_key = perf_counter_ns(), make_key(key)
    if out is not None:
        _nothing_there(out)
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        csr = _request(private_key, owner.name)
        name = name or f"new-{state.ids.trace()[:6]}"
        issued = _submit(state, work, owner, csr, name)
        # Inside the transaction: if a file cannot be written, the certificate was never issued.
        folder = out or state.folder.client(provider, owner.id)
        make_private(folder)
        names = GUIDE_FILES if out else tuple(f"{issued.serial}{ending}" for ending in (".key", ".csr", ".pem"))
        key_path, csr_path, pem_path = (folder / file for file in names)
        write_private(key_path, write_key_pem(private_key).encode())
        write_private(csr_path, csr)
        write_private(pem_path, issued.bundle.encode())
    state.journal.append(_entry(state, owner, name, started, issued=issued))
    return Made(issued=issued, key=key_path, csr=csr_path, certificate=pem_path)


def list_certificates(state: State, provider: str, client: str | None = None) -> tuple[CertificateRecord, ...]:
    """All that were ever issued, oldest first; *client* (name or id) keeps to one."""
    named(provider)
    with state.store.read() as work:
        holder = find_client(work, provider, client).id if client else None
        return store.certificates(work, provider=provider, holder=holder)


def show_certificate(state: State, provider: str, wanted: str) -> CertificateRecord:
    """The certificate with that serial, SHA-256 fingerprint or name (the newest of that name). Raises NotThere."""
    bare = wanted.replace(":", "").upper()
    for record in reversed(list_certificates(state, provider)):
        if record.serial == bare or record.fingerprint_sha256.upper() == bare or record.name == wanted:
            return record
    raise NotThere(
        f"{provider} has issued no certificate with the serial, fingerprint or name {wanted[:80]!r}",
        next_step="sandbank certificate list shows them",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A certificate in the form that some program wants."""

    data: bytes = field(repr=False)
    media_type: str


def bundle(state: State, provider: str, wanted: str, *, format: str = "pem") -> Bundle:
    """``pem``: leaf and issuing CA; ``leaf``: the leaf as PEM; ``der``: the leaf in binary. Raises Misuse, NotThere."""
    record = show_certificate(state, provider, wanted)
    leaf = x509.load_der_x509_certificate(record.der)
    if format == "der":
        return Bundle(data=record.der, media_type="application/pkix-cert")
    if format == "leaf":
        return Bundle(data=pem((leaf,)).encode(), media_type="application/x-pem-file")
    if format == "pem":
        with state.store.read() as work:
            issuer = state.authority.issuing(work, provider)
        return Bundle(data=pem((leaf, issuer)).encode(), media_type="application/x-pem-file")
    raise Misuse(f"{format!r} is not a form of a certificate; there are: {', '.join(BUNDLE_FORMATS)}")


def _submit(state: State, work: Work, owner: ClientRecord, csr: bytes, name: str) -> Issued:
    started, now = perf_counter_ns(), state.clock.now()
    claim = Claim(provider=owner.provider, holder=owner.id, name=name)
    try:
        issued = state.authority.submit(work, csr, named(owner.provider).offer, claim, now)
    except NotIssued as error:
        reasons = tuple(map(Reason.from_refusal, error.refusals))
        state.journal.append(_entry(state, owner, name, started, reasons=reasons))
        raise Refused(refusals=error.refusals) from None
    generation.move(work)
    return issued


def _entry(
    state: State,
    owner: ClientRecord,
    name: str,
    started: int,
    *,
    reasons: tuple[Reason, ...] = (),
    issued: Issued | None = None,
) -> Entry:
    changes = issued.changed if issued else ()
    judged = Stage(name="judge", ok=not reasons, note=", ".join(reason.code for reason in reasons))
    return Entry(
        id=state.ids.trace(),
        at=state.clock.now(),
        kind="certificate",
        provider=owner.provider,
        door="errand",
        client=owner.id,
        certificate=f"{issued.record.subject}, serial {issued.serial}" if issued else "",
        title=f"sign {_shown(name)} for {owner.name}",
        outcome="signed" if issued else "refused",
        microseconds=(perf_counter_ns() - started) // 1000,
        stages=(judged, *(Stage(name="change", ok=True, note=f"{c.field}: {c.why}") for c in changes)),
        reasons=reasons,
    )


def _shown(name: str) -> str:
    """The name of a certificate as the journal may keep it: what cannot be one may be a key that was pasted there."""
    return repr(name) if len(name) <= MAX_NAME and name.isprintable() else f"a name of {len(name)} characters"


def _request(key: object, organisation: str) -> bytes:
    name = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "EU"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)]
    )
    csr = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())  # type: ignore[arg-type]
    return csr.public_bytes(serialization.Encoding.PEM)


def _nothing_there(out: Path) -> None:
    for name in GUIDE_FILES:
        if (out / name).exists():
            raise Misuse(f"{out / name} is there already and is not overwritten", next_step="choose another --out DIR")
