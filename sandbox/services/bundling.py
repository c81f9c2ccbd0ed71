"""A certificate in the forms that programs want, with its private key where that is at hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from ca.errors import visible
from ca.records import CertificateRecord
from ca.x509.bundle import KeystoreKey, keystore_p12, pem
from ca.x509.keys import spki_sha256
from sandbox.errors import Misuse, NotThere, StateUnusable
from sandbox.providers import named
from sandbox.providers.known import in_command
from sandbox.services.archive import Held, archive
from sandbox.services.authority import DEFAULT_PASSWORD
from sandbox.services.certificates import show_certificate
from sandbox.services.doors import door_urls
from sandbox.services.state import State

MAX_KEY_FILE = 65_536
"""Bytes. RSA with 16,384 bits, encrypted, is 13 kB of PEM; remarks and certificates may stand around it."""
_PEM = b"-----BEGIN "
_ENCRYPTED = "name its password: --key-password PASSWORD, or SANDBANK_KEY_PASSWORD"


def kept_key(state: State, record: CertificateRecord) -> KeystoreKey | None:
    """The key that ``certificate new`` put into the state; None when it did not, or when it is another's.

    The serial of an uploaded certificate is a stranger's, and can be one of ours."""
    path = state.folder.client(record.provider, record.holder) / f"{record.serial}.key"
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateUnusable(f"{path} cannot be read: {error.strerror}", next_step="check its permissions") from error
    key = _read(data, "")
    return key if _fits(key, record) else None


def own_key(data: bytes, record: CertificateRecord, *, password: str = "") -> KeystoreKey:
    """The key in a file of the person's own (PEM or DER). Raises Misuse, which repeats nothing of it."""
    key = _read(data, password)
    if not _fits(key, record):
        raise Misuse(
            f"the key is not that of the certificate {visible(record.name)!r}, whose public key is another",
            next_step=f"name the key with which its CSR was made; or have both made: {_new(record)}",
        )
    return key


def _new(record: CertificateRecord) -> str:
    """The command by which its client gets another, with a key that the state keeps."""
    return f"sandbank certificate new --client {record.holder}{in_command(record.provider)}"


def _read(data: bytes, password: str) -> KeystoreKey:
    key = _loaded(data, password)
    if not isinstance(
        key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
    ):
        raise Misuse(
            "no certificate here can have a key of this kind",
            next_step="give the RSA, EC or Edwards key with which the CSR was made",
        )
    return key


def _loaded(data: bytes, password: str) -> PrivateKeyTypes:
    load = load_pem_private_key if _PEM in data else load_der_private_key
    if len(data) > MAX_KEY_FILE:
        raise Misuse(f"the key is over {MAX_KEY_FILE} bytes, which no private key is", next_step=_KEY_FORMS)
    try:
        return load(data, None)
    except TypeError:
        if not password:
            raise Misuse("the key is encrypted", next_step=_ENCRYPTED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unreadable(data) from None
    try:
        return load(data, password.encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm):
        raise Misuse("the key is encrypted, and does not open with that password", next_step=_ENCRYPTED) from None


_KEY_FORMS = "it is PEM or DER: PKCS#8, or openssl's older forms"


def _unreadable(data: bytes) -> Misuse:
    """What the file is instead, and what makes a key of it."""
    from ca.request.material import recognise  # only after a failure

    found = recognise(data)
    if found.kind in ("text", "binary", "private_key", "encrypted_private_key") and not found.layers:
        return Misuse("that is not a private key that can be read", next_step=_KEY_FORMS)
    step = found.conversion("private_key")
    if step.startswith("name "):
        return Misuse(f"that is {found.words}, not a private key", next_step=step)
    what = found.words if found.private else f"{found.words}, not a private key"
    other = "name the file of the private key, which was made beside the CSR: openssl req ... -keyout THIS"
    return Misuse(f"that is {what}", next_step=f"make a key in PEM of it: {step}" if step else other)


def _fits(key: KeystoreKey, record: CertificateRecord) -> bool:
    return spki_sha256(key.public_key()) == record.spki_sha256


PEM, DER, P12, ZIP = "application/x-pem-file", "application/pkix-cert", "application/x-pkcs12", "application/zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A certificate in the form that some program wants."""

    data: bytes = field(repr=False)
    media_type: str
    private: bool = False
    """Whether a private key is in it."""


def bundle(
    state: State,
    provider: str,
    wanted: str,
    *,
    format: str = "pem",
    key: KeystoreKey | None = None,
    password: str = DEFAULT_PASSWORD,
) -> Bundle:
    """The certificate in one of BUNDLE_FORMATS; *key* is its own, and *password* that of the files which hold it.

    Raises NotThere (no such certificate, or not what the form needs) and Misuse.
    """
    if format not in _FORMS:
        raise Misuse(
            f"{format!r} is not a form of a certificate; there are: {', '.join(BUNDLE_FORMATS)}",
            next_step=f"ask for one of them: --format {BUNDLE_FORMATS[0]}",
        )
    if not password:  # RFC 7292 appendix B.1: programs do not agree on what an empty one is
        raise Misuse("a PKCS#12 file needs a password", next_step=f"leave it away, and it is {DEFAULT_PASSWORD}")
    record = show_certificate(state, provider, wanted)
    with state.store.read() as work:
        ours = record.origin == "issued"
        above = (state.authority.issuing(work, provider), state.authority.client_root(work)) if ours else ()
        held = Held(
            record=record,
            leaf=x509.load_der_x509_certificate(record.der),
            above=above,
            trusted=state.authority.server_root(work),
            urls=door_urls(work, named(provider)),
            key=key,
            password=password,
        )
    return _FORMS[format](held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A key file that a person names, and the password that opens it where it is encrypted."""

    key: bytes | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def bundle_with_key(
    state: State,
    provider: str,
    wanted: str,
    *,
    format: str = "pem",
    password: str = DEFAULT_PASSWORD,
    given: Given,
    client: str = "",
) -> Bundle:
    """The same with the certificate's own key, for those who may have it: the one given, else the one in the state."""
    record = show_certificate(state, provider, wanted, client=client)
    key: KeystoreKey | None = None
    if format in WITH_KEY:
        key = kept_key(state, record) if given.key is None else own_key(given.key, record, password=given.password)
    # By its id: a newer one of the same name may have come since.
    return bundle(state, provider, record.id, format=format, key=key, password=password)


def _pem(held: Held) -> Bundle:
    """What a TLS client shows: the root stays away, the server has it."""
    return Bundle(data=pem((held.leaf, *held.above[:1])).encode(), media_type=PEM)


def _leaf(held: Held) -> Bundle:
    return Bundle(data=pem((held.leaf,)).encode(), media_type=PEM)


def _der(held: Held) -> Bundle:
    return Bundle(data=held.record.der, media_type=DER)


def _chain(held: Held) -> Bundle:
    if not held.above:
        raise NotThere(
            f"who issued {visible(held.record.name)} is not known here: the certificate was uploaded",
            next_step="whoever issued it has its chain; --format leaf gives the certificate",
        )
    return Bundle(data=pem(held.above).encode(), media_type=PEM)


def _p12(held: Held, *, legacy: bool = False) -> Bundle:
    if held.key is None:
        raise NotThere(
            f"the key of {visible(held.record.name)} is not here, and a p12 holds it: only certificate new puts a key "
            "into the state, and only without --out",
            next_step=f"name the key that you made: --key FILE; or have key and certificate made: {_new(held.record)}",
        )
    data = keystore_p12(held.record.name, held.key, held.leaf, held.above, held.password, legacy=legacy)
    return Bundle(data=data, media_type=P12, private=True)


def _zip(held: Held) -> Bundle:
    return Bundle(data=archive(held), media_type=ZIP, private=held.key is not None)


_FORMS: Mapping[str, Callable[[Held], Bundle]] = {
    "pem": _pem,
    "leaf": _leaf,
    "chain": _chain,
    "der": _der,
    "p12": _p12,
    "p12-legacy": partial(_p12, legacy=True),
    "zip": _zip,
}
BUNDLE_FORMATS = tuple(_FORMS)
WITH_KEY = ("p12", "p12-legacy", "zip")
"""Those into which a key goes, where there is one."""
