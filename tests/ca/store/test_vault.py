import hashlib
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ca.authority import CLIENT_ROOT, Authority
from ca.store.store import MARK, UnitOfWork, authority_keys, is_sealed, read_authority
from ca.store.vault import Sealer
from ca.x509.keys import write_key_der
from tests.ca.making import CLAIM, NOW, OFFER, MemoryWork, csr_pem, founded, shelf

SALT = bytes(range(16))


class Closed:
    """A vault that has been told no passphrase."""

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        raise PermissionError(name)

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        raise PermissionError(name)


class Sealed:
    """A vault with one key."""

    def __init__(self) -> None:
        self.sealer = Sealer(bytes(32))

    def seal(self, work: UnitOfWork, name: str, key: bytes) -> bytes:
        return self.sealer.seal(name, key)

    def open(self, work: UnitOfWork, name: str, kept: bytes) -> bytes:
        key = self.sealer.open(name, kept)
        assert key is not None
        return key


@pytest.fixture
def sealed() -> Iterator[MemoryWork]:
    """A store in which an authority with such a vault was founded."""
    _, work = founded("localhost", authority=Authority(vault=Sealed()))
    yield work
    work.connection.close()


def test_what_was_sealed_is_opened_by_its_passphrase_and_name_alone() -> None:
    """Another passphrase, salt or name, a changed bit, a cut end: nothing comes out."""
    plain = write_key_der(shelf("ec-p256"))
    sealer = Sealer.of("correct horse", SALT)
    sealed = sealer.seal("server-ca", plain)
    assert Sealer.of("correct horse", SALT).open("server-ca", sealed) == plain
    assert is_sealed(sealed) and not is_sealed(plain) and plain not in sealed
    assert sealer.seal("server-ca", plain) != sealed
    for other in (Sealer.of("correct horsf", SALT), Sealer.of("correct horse", SALT[::-1])):
        assert other.open("server-ca", sealed) is None
    assert sealer.open("client-root", sealed) is None
    for changed in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), MARK, MARK + b"short"):
        assert sealer.open("server-ca", changed) is None


def test_a_stranger_opens_it_by_the_standards() -> None:
    """scrypt is the standard library's (RFC 7914), AES-256-GCM has nonce first and tag last."""
    sealed = Sealer.of("pässword", SALT).seal("name", b"plain")
    key = hashlib.scrypt("pässword".encode(), salt=SALT, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    assert AESGCM(key).decrypt(sealed[8:20], sealed[20:], b"name") == b"plain"


def test_an_authority_keeps_its_keys_as_its_vault_has_them(sealed: MemoryWork) -> None:
    """Every key is sealed, and another process with the same vault signs by them."""
    kept = dict(authority_keys(sealed))
    assert len(kept) == 4 and all(map(is_sealed, kept.values()))
    issued = Authority(vault=Sealed()).submit(sealed, csr_pem(), OFFER, CLAIM, NOW)
    assert issued.serial
    row = read_authority(sealed, CLIENT_ROOT)
    assert row is not None and row.key == kept[CLIENT_ROOT]


def test_certificates_are_read_without_the_vault(sealed: MemoryWork) -> None:
    """Roots, issuing CAs and what the server CA may speak for; only signing asks for a key."""
    authority = Authority(vault=Closed())
    assert authority.server_root(sealed) and authority.client_root(sealed) and authority.issuing(sealed, "wise")
    assert authority.covers(sealed, ("localhost",)) == ()
    with pytest.raises(PermissionError, match="client-ca:wise"):
        authority.submit(sealed, csr_pem(), OFFER, CLAIM, NOW)
    with pytest.raises(PermissionError, match="server-ca"):
        authority.server_credentials(sealed, names=("localhost",), now=NOW)
