import math
import re
import time
from base64 import b64decode, urlsafe_b64decode
from hashlib import sha512
from itertools import count

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from ca.request.weak_keys import FERMAT_ROUNDS, MAX_EXPONENT_BITS, PUBLISHED, _fermat_parts, shares_prime, weakness
from ca.x509.keys import MAX_KEY_BITS, PublicKey
from tests.ca.badkeys import MODULI
from tests.ca.making import shelf

# As dense as a number made at random: a modulus of few ones has a weakness of its own.
BASE = 2**512 + int.from_bytes(sha512(b"sandbank").digest(), "big")
CLOSE = "its two primes are too close to each other"
FACTOR = "its modulus has a small factor"
ROCA = "it was made by the broken generator of CVE-2017-15361 (ROCA)"
SPARSE = "its modulus is full of zeros, which a broken generator left in it"
EXPONENT = "its public exponent is not a usual one"

# A key of a real device, published by its finders; in the tests of badkeys 0.0.21 (MIT licence) as rsa-roca.key.
INFINEON = b"""-----BEGIN RSA PUBLIC KEY-----
MIIBCgKCAQEAkTKtIR/MDftNrkgyashkwifks5Swm9HEkw4ZcCijyQdpTStInk9p
dUrq4zjG6tk5xX9AaYXLu47fmiBVzClGvAXTZbpn6JbG1IERUs+i0pBRT5CzUu7v
J/63L72NzVvJFaT0SUE5zByhCjJE+pflMnX1e1UptOdnN5AHeY4RKkugVse3XO2x
Ms3yH3vTyZdtnaOIFRU0d6E7PrsgRtEAqFHcAGmPUw0ZOW8A++8sS/FlnrxMf9lV
a1/8k/A8otPfrNIipfAoq0MKJ+oxE2wML1DDxIGTGmNaN3gPANJyeuca7ptA+NGq
5oU1x3pWMXgSvrVSXUooNk8xIkrKxSz3LQIDAQAB
-----END RSA PUBLIC KEY-----
"""


def next_prime(n: int) -> int:
    """Fermat's test is enough to make a test value."""
    return next(each for each in count(n | 1, 2) if pow(2, each - 1, each) == 1)


def rsa_key(modulus: int, exponent: int = 65537) -> PublicKey:
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def modulus_of(kind: str) -> int:
    key = shelf(kind).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return key.public_numbers().n


@pytest.mark.parametrize("kind", ["rsa-1024", "rsa-2048", "rsa-4096", "ec-p256", "ec-p384", "ec-p521", "ed25519"])
def test_a_sound_key_has_no_weakness(kind: str) -> None:
    """Keys made at random pass, whatever their kind."""
    assert weakness(shelf(kind).public_key()) == ""


def test_two_close_primes_are_recognised() -> None:
    """CVE-2022-26320: the modulus is parted in a few steps; primes that take more steps than are tried pass."""
    p = next_prime(BASE)
    assert weakness(rsa_key(p * next_prime(p + 2))) == CLOSE
    # Fermat's method takes about (q - p)^2 / 8p steps.
    apart = math.isqrt(8 * p * FERMAT_ROUNDS)
    assert weakness(rsa_key(p * next_prime(p + apart * 9 // 10))) == CLOSE
    assert weakness(rsa_key(p * next_prime(p + apart * 11 // 10))) == ""


@pytest.mark.parametrize(("factor", "phrase"), [(3, FACTOR), (751, FACTOR), (757, "")])
def test_a_small_factor_is_recognised(factor: int, phrase: str) -> None:
    """A modulus divisible by a small prime was not made by a sound generator; 757 is the first that is not tried."""
    assert weakness(rsa_key(factor * next_prime(BASE * BASE))) == phrase


@pytest.mark.parametrize(
    ("exponent", "phrase"),
    [
        (3, ""),
        (65537, ""),
        (2**MAX_EXPONENT_BITS - 1, ""),
        (2**MAX_EXPONENT_BITS + 1, EXPONENT),
    ],
)
def test_the_exponent_is_short(exponent: int, phrase: str) -> None:
    """A long one makes each verification as slow as a signature."""
    assert weakness(rsa_key(modulus_of("rsa-2048"), exponent)) == phrase


@pytest.mark.parametrize("exponent", [1, 2, 65536])
def test_an_exponent_that_makes_no_key_is_refused(exponent: int) -> None:
    """With the exponent 1, every text is its own signature. The library may be first to say no, and that will do."""
    try:
        key = rsa_key(modulus_of("rsa-2048"), exponent)
    except ValueError:
        return
    assert weakness(key) == EXPONENT


def test_a_key_of_the_infineon_generator_is_recognised() -> None:
    """CVE-2017-15361: a key of a real device."""
    assert weakness(load_pem_public_key(INFINEON)) == ROCA  # type: ignore[arg-type]


def test_a_key_made_as_infineon_did_is_recognised() -> None:
    """k * M + (65537 ** a mod M); with another generator in its place, the control, it is nothing special."""
    primorial = math.prod(n for n in range(2, 168) if all(n % d for d in range(2, n)))

    def prime(generator: int, seed: int) -> int:
        start = pow(generator, 1000 + seed, primorial) + primorial * (BASE // primorial + seed * 2**400)
        return next(each for each in count(start, primorial) if pow(2, each - 1, each) == 1)

    assert weakness(rsa_key(prime(65537, 1) * prime(65537, 2))) == ROCA
    assert weakness(rsa_key(prime(65539, 1) * prime(65539, 2))) == ""


@pytest.mark.parametrize(
    ("name", "phrase"),
    [
        ("rsa-ok", ""),
        ("rsa-fermat-pkcs8", CLOSE),
        ("rsa-fermat-pkcs1", CLOSE),  # the same prime twice
        ("rsa-smallfactors-corrupt", FACTOR),
        ("rsapoly128", SPARSE),
        ("rsapoly32", SPARSE),
        ("rsa-pattern", SPARSE),
        # Not looked for: a factor of 31337, a modulus that is a prime, a key of Debian's. A modulus that begins with a
        # text is as sound as another.
        ("rsa-smallfactors-valid", ""),
        ("rsa-nprime", ""),
        ("rsa-debianweak", ""),
        ("rsa-vanity", ""),
    ],
)
def test_what_is_found_of_the_keys_of_badkeys(name: str, phrase: str) -> None:
    """Also what is not, so that nobody believes it; the shared primes and the ROCA key have tests of their own."""
    assert weakness(rsa_key(MODULI[name])) == phrase


def number(text: str) -> int:
    return int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def point(curve: ec.EllipticCurve, x: str, y: str) -> PublicKey:
    return ec.EllipticCurvePublicNumbers(number(x), number(y), curve).public_key()


EXAMPLES = {
    "RFC 7515 A.3": point(
        ec.SECP256R1(), "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    ),
    "RFC 7515 A.2": rsa_key(
        number(
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
            "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
            "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
            "TW9gb54h4FRWyuXpoQ"
        )
    ),
    "RFC 8410 10.3": ed25519.Ed25519PublicKey.from_public_bytes(
        bytes.fromhex("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")
    ),
}


@pytest.mark.parametrize("source", EXAMPLES)
def test_a_printed_key_is_recognised(source: str) -> None:
    """Of each kind one, written out from its RFC; the phrase says where the private half stands."""
    assert weakness(EXAMPLES[source]) == f"its private key is published: {source}"


def test_a_private_key_of_rfc_9500_is_recognised() -> None:
    """Read as the RFC prints it, under the label that it invents for such keys."""
    printed = b"""-----BEGIN EC TESTING KEY-----
MHcCAQEEIObLW92AqkWunJXowVR2Z5/+yVPBaFHnEedDk5WJxk/BoAoGCCqGSM49
AwEHoUQDQgAEQiVI+I+3gv+17KN0RFLHKh5Vj71vc75eSOkyMsxFxbFsTNEMTLjV
uKFxOelIgsiZJXKZNCX0FBmrfpCkKklCcg==
-----END EC TESTING KEY-----
""".replace(b"TESTING", b"PRIVATE")
    key = load_pem_private_key(printed, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert weakness(key.public_key()) == "its private key is published: RFC 9500 2.3, P-256"


def test_rfc_6979_keys_are_computed_from_their_private_numbers() -> None:
    """The list is of hashes: three of them, from the RFC's x."""
    for curve, source, x in (
        (ec.SECP256R1(), "A.2.5", "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"),
        (
            ec.SECP384R1(),
            "A.2.6",
            "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5",
        ),
    ):
        key = ec.derive_private_key(int(x, 16), curve).public_key()
        assert weakness(key) == f"its private key is published: RFC 6979 {source}"


PRINTED = {
    "RFC 6605 6.1": "GU6SnQ/Ou+xC5RumuIUIuJZteXT2z0O/ok1s38Et6mQ=",
    "RFC 8032 7.1, TEST 2": "TM0Imyj/ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U+4pvs=",
    "RFC 8080 6.1, first key": "ODIyNjAzODQ2MjgwODAxMjI2NDUxOTAyMDQxNDIyNjI=",
    "RFC 8080 6.1, second key": "DSSF3o0s0f+ElWzj9E/Osxw8hLpk55chkmx0LYN5WiY=",
}


@pytest.mark.parametrize("source", PRINTED)
def test_more_printed_keys_are_computed_from_their_private_halves(source: str) -> None:
    """A number for P-256, 32 octets for Ed25519. Another key is nobody's."""
    octets = b64decode(PRINTED[source])
    key: PublicKey
    if source.startswith("RFC 6605"):
        key = ec.derive_private_key(int.from_bytes(octets, "big"), ec.SECP256R1()).public_key()
    else:
        key = ed25519.Ed25519PrivateKey.from_private_bytes(octets).public_key()
    assert weakness(key) == f"its private key is published: {source}"
    other = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([octets[0] ^ 1]) + octets[1:]).public_key()
    assert weakness(other) == ""


def test_the_list_of_published_keys_is_a_list_of_hashes() -> None:
    """SHA-256 in lower-case hex, each with its source, none twice."""
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in PUBLISHED)
    assert len(set(PUBLISHED.values())) == len(PUBLISHED) > 45


def test_a_prime_in_common_is_found() -> None:
    """Two keys made right after starting up, from too little randomness (Heninger et al. 2012)."""
    p, q, r, s = (next_prime(BASE + each * 2**300) for each in (1, 3, 7, 11))
    key, twin, stranger = rsa_key(p * q), p * r, r * s
    assert shares_prime(key, [stranger, twin])
    assert shares_prime(key, [p * r, q * s])
    # Controls: strangers, its own modulus, no other at all, and a key that has no primes.
    assert not shares_prime(key, [stranger, p * q])
    assert not shares_prime(key, [])
    assert not shares_prime(shelf("ec-p256").public_key(), [twin])


def test_nothing_is_computed_with_a_huge_modulus() -> None:
    """Its size is refused elsewhere; a small factor in it is not even looked for."""
    huge = 3 * (2 ** (MAX_KEY_BITS + 1) + 1)
    assert weakness(rsa_key(huge)) == ""


@pytest.mark.parametrize("kind", ["rsa-2048", "rsa-4096"])
def test_judging_a_key_costs_less_than_making_a_certificate(kind: str) -> None:
    """Under a millisecond, at the best of ten tries; the tables are made once."""
    key = shelf(kind).public_key()
    took = []
    for _ in range(10):
        begin = time.thread_time()
        weakness(key)
        took.append(time.thread_time() - begin)
    assert min(took) < 0.001


def test_fermats_method_goes_so_many_rounds_and_no_further() -> None:
    """Judged by the method as the textbook writes it, with numbers that it parts after 0 to 120 rounds."""

    def rounds(modulus: int) -> int:
        root = math.isqrt(modulus - 1) + 1
        return next(n for n in range(1000) if math.isqrt((root + n) ** 2 - modulus) ** 2 == (root + n) ** 2 - modulus)

    seen = set()
    for wanted in range(120):
        a = BASE + 12345 * wanted
        b = math.isqrt(2 * a * wanted)
        modulus = (a - b) * (a + b)
        seen.add(rounds(modulus))
        assert _fermat_parts(modulus) is (rounds(modulus) < FERMAT_ROUNDS)
    assert {0, FERMAT_ROUNDS - 1, FERMAT_ROUNDS} <= seen
