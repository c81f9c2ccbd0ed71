"""Key and certificate in one step, for people in a hurry: what they would do with openssl, done here, and the files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from ca.issuance.profile import Change, Offer, Upload
from ca.policy.subject import readable
from ca.records import CertificateRecord
from ca.x509.keys import PrivateKey, make_key, write_key_pem
from ca.x509.names import SHORT_NAMES
from sandbox.errors import Misuse, StateUnusable
from sandbox.oauth.clients import ClientRecord
from sandbox.services.issuing import AuditEvent, registrar, unnamed
from sandbox.services.providers import KEY_KINDS
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.storage.folder import make_private, write_private

GUIDE_FILES = ("sandbox-PRIVATE-KEY.key", "sandbox-certificate-request.csr", "sandbox-CERTIFICATE.pem")
"""Key, CSR and certificate as they are named where people are told to make them by hand."""
RSA_BITS = 4096
"""Of the key that a person is told to make, where the provider names no length; as in the guides."""
OWN_LIFE = timedelta(days=365)
"""Of a self-signed certificate; after a year people have other plans."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What ``certificate new`` made, and where the files are."""

    record: CertificateRecord
    changed: tuple[Change, ...]
    """What differs from the CSR."""
    key: Path
    csr: Path | None
    """None where no CSR is signed: the certificate is the client's own."""
    certificate: Path


def new_certificate(
    state: State,
    provider: str,
    client: str,
    *,
    name: str = "",
    key: str = "",
    out: Path | None = None,
    purpose: str = "",
) -> Made:
    """A key with a certificate that the provider accepts: signed here, or self-signed and handed in, as the provider
    has it. Without a kind of *key* it is the quickest that will do. Files go to *out* under the guide's names, or into
    the state folder.

    Raises Refused, and Misuse when a file of that name is there already: a key is never overwritten.
    """
    if key and key not in KEY_KINDS:
        raise Misuse(
            f"{key!r} is not a kind of key; there are: {', '.join(KEY_KINDS)}",
            next_step="name one of them, or leave it out for the quickest that the provider takes",
        )
    if out is not None:
        _nothing_there(out)
    name = name or unnamed(state)
    with state.store.read() as work:
        offer = registrar(state, work, find_client(work, provider, client)).declared(purpose)
    private_key = make_key(key or _usual_key(offer))  # RSA takes its time, which the store must not be held for
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        registry = registrar(state, work, owner)
        deed = AuditEvent(state, "sign" if isinstance(offer, Offer) else "upload", name)
        with deed.judged(owner):
            if isinstance(offer, Offer):
                csr = _request(private_key, owner, offer)
                issued = registry.sign(csr, name=name, purpose=offer.purpose)
                record, changed, chain = issued.record, issued.changed, issued.bundle
            else:
                csr, changed, chain = b"", (), _self_signed(private_key, owner, state.authority.serials(), registry.now)
                record = registry.upload(chain.encode(), name=name, purpose=offer.purpose)
        # Inside the transaction: if a file cannot be written, the certificate was never issued.
        with _own_words(out):
            folder = out or state.folder.client(provider, owner.id)
            made = _write(folder, out is not None, private_key, csr, chain, record)
    deed.done(owner, record, changed)
    return Made(record=record, changed=tuple(changed), key=made[0], csr=made[1] if csr else None, certificate=made[2])


def _write(
    folder: Path, by_the_guide: bool, key: PrivateKey, csr: bytes, certificate: str, record: CertificateRecord
) -> Sequence[Path]:
    make_private(folder)
    names = GUIDE_FILES if by_the_guide else tuple(f"{record.serial}{ending}" for ending in (".key", ".csr", ".pem"))
    paths = [folder / file for file in names]
    for path, data in zip(paths, (write_key_pem(key).encode(), csr, certificate.encode()), strict=True):
        if data:
            write_private(path, data)
    return paths


def _usual_key(offer: Offer | Upload) -> str:
    rules = offer.policy.keys
    elliptic = not rules or any(rule.kind == "EC" and "P-256" in (rule.curves or ("P-256",)) for rule in rules)
    return "ec-p256" if elliptic else "rsa-2048"


_OIDS = {short: oid for oid, short in SHORT_NAMES.items()}


_STAND_INS = {"ST": "Some State", "L": "Some City", "emailAddress": "pki@example.com"}
"""What stands in a CSR that is made for people in a hurry, where a provider asks for more than a name."""


def _request(key: PrivateKey, owner: ClientRecord, offer: Offer) -> bytes:
    """A CSR with the subject that the policy asks for."""
    wanted = _subject(offer, owner)
    name = x509.Name([x509.NameAttribute(_OIDS[short], value) for short, value in wanted.items()])
    csr = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return csr.public_bytes(serialization.Encoding.PEM)


def _subject(offer: Offer, owner: ClientRecord) -> dict[str, str]:
    wanted = dict(offer.policy.fixed) or {"C": "EU", "O": owner.name}
    if common_name := offer.policy.common_name_example or offer.policy.common_name:
        wanted["CN"] = readable(common_name, {"holder": owner.id})
    for short in offer.policy.required:
        wanted.setdefault(short, _STAND_INS.get(short, owner.name))
    return wanted


def openssl_line(declared: Offer | Upload, owner: ClientRecord) -> str:
    """What a person types to make a key, and the CSR or the certificate that the provider accepts from this client."""
    key, csr, certificate = GUIDE_FILES
    offered = isinstance(declared, Offer)
    subject = _subject(declared, owner) if isinstance(declared, Offer) else {"O": owner.name, "CN": owner.id}
    said = "".join(f"/{short}={value.replace('/', chr(92) + '/')}" for short, value in subject.items())
    made = f"-out {csr}" if offered else f"-x509 -days {OWN_LIFE.days} -out {certificate}"
    return f'openssl req -nodes -newkey {_openssl_key(declared)} -keyout {key} {made} -subj "{said}"'


def _openssl_key(declared: Offer | Upload) -> str:
    """The longest RSA key that is taken, else an elliptic one."""
    taken = [rule for rule in declared.policy.keys if rule.kind == "RSA"]
    sizes = [size for rule in taken for size in rule.sizes or (max(rule.at_least, RSA_BITS),)]
    if sizes or not declared.policy.keys:
        return f"rsa:{max(sizes, default=RSA_BITS)}"
    curves = [curve for rule in declared.policy.keys for curve in rule.curves]
    return f"ec -pkeyopt ec_paramgen_curve:{curves[0] if curves else 'P-256'}"


def _self_signed(key: PrivateKey, owner: ClientRecord, serial: int, now: datetime) -> str:
    """The certificate that `openssl req -x509` would make."""
    name = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner.name), x509.NameAttribute(NameOID.COMMON_NAME, owner.id)]
    )
    begins = now.replace(microsecond=0)
    builder = x509.CertificateBuilder(name, name, key.public_key(), serial, begins, begins + OWN_LIFE)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


@contextmanager
def _own_words(out: Path | None) -> Iterator[None]:
    """A folder that somebody chose and that cannot be written is mended by another --out, not by another state."""
    try:
        yield
    except StateUnusable as error:
        if out is None:
            raise
        raise StateUnusable(error.detail, next_step="choose another folder with --out DIR") from error


def _nothing_there(out: Path) -> None:
    for name in GUIDE_FILES:
        if (out / name).exists():
            raise Misuse(f"{out / name} is there already and is not overwritten", next_step="choose another --out DIR")
