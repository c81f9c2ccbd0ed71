"""The private key of a client's certificate: where ``certificate new`` has put it, or in a file that a person names.

It is read for one errand, held against the certificate, and neither kept nor told of."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_pem_private_key

from ca.bundle import KeystoreKey
from ca.errors import visible
from ca.keys import spki_sha256
from ca.record import CertificateRecord
from sandbox.errands.state import State
from sandbox.errors import Misuse, StateUnusable

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
        raise StateUnusable(f"{path} cannot be read: {error.strerror}", next_step="check its rights") from error
    key = _read(data, "")
    return key if _fits(key, record) else None


def own_key(data: bytes, record: CertificateRecord, *, password: str = "") -> KeystoreKey:
    """The key in a file of the person's own (PEM or DER). Raises Misuse, which repeats nothing of it."""
    key = _read(data, password)
    if not _fits(key, record):
        raise Misuse(
            f"the key is not that of {visible(record.name)}: it belongs to another certificate",
            next_step="name the key with which its CSR was made; or have both made: sandbank certificate new",
        )
    return key


def _read(data: bytes, password: str) -> KeystoreKey:
    key = _loaded(data, password)
    if not isinstance(
        key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey
    ):
        raise Misuse("the key is of a kind that no certificate here can have")
    return key


def _loaded(data: bytes, password: str) -> PrivateKeyTypes:
    load = load_pem_private_key if _PEM in data else load_der_private_key
    if len(data) > MAX_KEY_FILE:
        raise Misuse(f"the key is over {MAX_KEY_FILE} bytes, which no private key is")
    try:
        return load(data, None)
    except TypeError:
        if not password:
            raise Misuse("the key is encrypted", next_step=_ENCRYPTED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _unreadable() from None
    try:
        return load(data, password.encode("utf-8"))
    except (ValueError, UnsupportedAlgorithm):
        raise Misuse("the key is encrypted, and does not open with that password", next_step=_ENCRYPTED) from None


def _unreadable() -> Misuse:
    return Misuse(
        "that is not a private key that can be read", next_step="it is PEM or DER: PKCS#8, or openssl's older forms"
    )


def _fits(key: KeystoreKey, record: CertificateRecord) -> bool:
    return spki_sha256(key.public_key()) == record.spki_sha256
