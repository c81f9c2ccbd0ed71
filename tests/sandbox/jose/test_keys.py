"""Which keys go with which algorithm, how a key stands at an instant, and making, writing and reading our own."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ca.x509.keys import make_key
from sandbox.errors import Refused
from sandbox.jose.jws import SigningKey, make_signing_key, read_signing_key, seal_compact, write_signing_key
from sandbox.jose.keys import fits, require_fit
from sandbox.jose.scheme import ALGORITHMS
from tests.sandbox.jose.making import EVERY, KID, NOW, PAYLOAD, public, shelf


def test_every_algorithm_wants_its_own_curve_or_rsa() -> None:
    """The whole table: ES512 is P-521, and RSA is for all three PS algorithms and RS256."""
    keys = {
        "P-256": shelf("ES256").public_key,
        "P-384": shelf("ES384").public_key,
        "P-521": shelf("ES512").public_key,
        "RSA": shelf("PS256").public_key,
        "RSA 1024": make_key("rsa-1024").public_key(),
        "P-256K": ec.generate_private_key(ec.SECP256K1()).public_key(),
        "Ed25519": ed25519.Ed25519PrivateKey.generate().public_key(),
    }
    pairs = {(algorithm, name) for algorithm in ALGORITHMS for name, key in keys.items() if fits(algorithm, key)}
    assert pairs == {
        ("ES256", "P-256"),
        ("ES384", "P-384"),
        ("ES512", "P-521"),
        ("PS256", "RSA"),
        ("PS384", "RSA"),
        ("PS512", "RSA"),
        ("RS256", "RSA"),
    }
    assert not fits("RS512", keys["RSA"]) and not fits("none", keys["RSA"])


@EVERY
def test_a_key_made_for_an_algorithm_fits_it(algorithm: str) -> None:
    """And it comes back from its bytes as it was."""
    made = shelf(algorithm)
    assert require_fit(algorithm, made.public_key, taken=(algorithm,)) is ALGORITHMS[algorithm]
    again = read_signing_key(write_signing_key(made), algorithm=algorithm)
    assert again.public_key == made.public_key
    assert again.algorithm == algorithm


def test_every_key_that_is_made_is_another() -> None:
    """Nothing is kept."""
    assert make_signing_key("ES256").public_key != make_signing_key("ES256").public_key


# By somebody who takes all but RS256.
TAKEN = tuple(name for name in ALGORITHMS if name != "RS256")


def refusal(algorithm: str, key: object) -> tuple[str, str]:
    with pytest.raises(Refused) as error:
        require_fit(algorithm, key, taken=TAKEN)  # type: ignore[arg-type]
    return error.value.code, error.value.reasons[0].seen


def test_a_key_for_another_algorithm_is_refused_with_what_it_is() -> None:
    """The kind and size of the key are said."""
    assert refusal("ES256", shelf("ES512").public_key) == ("signature.key_does_not_fit", "ES256 with EC P-521")
    assert refusal("PS256", shelf("ES256").public_key) == ("signature.key_does_not_fit", "PS256 with EC P-256")
    small = make_key("rsa-1024").public_key()
    assert refusal("PS256", small) == ("signature.key_does_not_fit", "PS256 with RSA 1024")


@pytest.mark.parametrize("taken", [TAKEN, ("RS256",), ()])
def test_an_algorithm_is_registered_only_where_it_is_taken(taken: tuple[str, ...]) -> None:
    """RS256 is one of ours, and no provider takes it unless its scheme names it; nor does RS256 bring others along."""
    key = shelf("PS256").public_key
    for algorithm in ("RS256", "PS256", "HS256", "none", "rs256", ""):
        if algorithm in taken:
            assert require_fit(algorithm, key, taken=taken).name == algorithm
            continue
        with pytest.raises(Refused) as error:
            require_fit(algorithm, key, taken=taken)
        (reason,) = error.value.reasons
        assert (reason.code, reason.seen) == ("signature.alg_unsupported", f'"{algorithm}"')
        assert reason.expected == (", ".join(taken) or "none: this provider's calls are not signed")


def test_an_rsa_key_that_can_be_broken_is_refused() -> None:
    """Primes side by side, a small factor, an exponent that is none, one that takes forever."""
    p, q = close_primes()
    for numbers in (
        rsa.RSAPublicNumbers(65537, p * q),
        rsa.RSAPublicNumbers(65537, 3 * (1 << 2046) + 3),
        rsa.RSAPublicNumbers((1 << 65) + 1, shelf("PS256").public_key.public_numbers().n),  # type: ignore[union-attr]
    ):
        assert refusal("PS256", numbers.public_key())[0] == "signature.key_too_weak"


def close_primes() -> tuple[int, int]:
    """Two odd numbers side by side: for Fermat it does not matter whether they are prime."""
    start = (1 << 1024) - 12_345_679
    while any(start % n == 0 or (start + 2) % n == 0 for n in range(3, 800)):
        start -= 2
    return start, start + 2


def test_a_private_key_is_not_shown() -> None:
    """Neither by the record nor by its error."""
    made = SigningKey(algorithm="ES256", private_key=shelf("ES256").private_key)
    assert "private" not in repr(made)
    assert "public_key" not in repr(public("ES256"))


def test_only_ec_and_rsa_keys_are_read_back() -> None:
    """A store that holds another key is not one that we wrote."""
    from ca.x509.keys import write_key_der

    with pytest.raises(RuntimeError):
        read_signing_key(write_key_der(make_key("ed25519")), algorithm="ES256")


def test_a_key_is_named_in_a_sentence() -> None:
    """With its kid, or as the one without."""
    assert str(public("ES256")) == f'the key "{KID}"'
    assert str(public("ES256", kid=None)) == "the key without a kid"
    assert public("ES256", expires_at=NOW).status(NOW) == "expired"
    assert seal_compact(PAYLOAD, key=shelf("ES256"), header={"alg": "ES256"}).count(".") == 2
