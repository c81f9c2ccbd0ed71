import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.sandbox.doors import doors_of


@pytest.fixture
def door_with(state):
    """Makes a door with settings other than the usual."""
    with doors_of(state) as door_with:
        yield door_with


@pytest.fixture
def door(door_with):
    """The control door of a running sandbox, as it is without options."""
    return door_with()


@pytest.fixture(scope="session")
def csr() -> bytes:
    """A CSR that breaks no rule."""
    name = x509.Name.from_rfc4514_string("CN=anything,O=Acme,C=EU")
    request = x509.CertificateSigningRequestBuilder(name).sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="session")
def public_key() -> str:
    """A key that ES256 takes, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()
