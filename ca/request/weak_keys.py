"""Public keys that must not be certified: known from a standard or a tool, or made by a broken generator."""

import math
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import rsa

from ca.x509.keys import MAX_KEY_BITS, PublicKey, spki_sha256

# The SHA-256 of the SubjectPublicKeyInfo, computed from the numbers in the source beside it; of RFC 6605 6.2, 8080 6.2,
# 8696, 8946 and RFC 9216's Ed25519 from the public keys as the collections of badkeys have them (CC0 and MIT).
PUBLISHED: Mapping[str, str] = MappingProxyType(
    {
        "4cebf02cf648a32441326ee9556100a8949cc9715c83c90a32da145d72157c42": "RFC 6605 6.1",
        "7b7dad101d0192ed185473150dfd5ea8bf251773a28f15d65b55823ff9e4673a": "RFC 6605 6.2",
        "5a7a78cca4a0f420d9bc62bb669c3c2759e39f723d3ae10dcbe0f0815a07ecd4": "RFC 6979 A.2.5",
        "2f95601fa82060b909bfc6b979dbd303d34d34e0afb27ea496beac362f242a4b": "RFC 6979 A.2.6",
        "2fb6d46385242ea4ad431f7175e7014eb74a5fc60f65b50ca54cc23c5b08de38": "RFC 6979 A.2.7",
        "6fd13c2435a361e7c588cd17f55f5ad3df0177a66c1727a6a200845f4d7ab88c": "RFC 7515 A.2",
        "2bd1bb0c44a897c30a7aa0991cde38d8062fe441de50da0f46825344f602e827": "RFC 7515 A.3",
        "9146ce73d6abeda5e0ab6926e7bd9b563f2f2258b488d520534a0b84ba5871df": "RFC 7515 A.4",
        "bf0a7a74f9afb6edda89ebabe824241bfdb281db2da50daae9973c6cbe99fe95": "RFC 7516 A.1",
        "c1de70b4f5ae92a53b86f6a7175e3b9b88b2f810d55aba53aca334c59fc2ea60": "RFC 7516 A.2",
        "51b944cdfa544d4c3273aa6bf350625a7dd53bbb6a71723274f538b19a207760": "RFC 7517 A.2, first key",
        "ad32320cf6c596d884b05381ba573aba8ddd5749b4de8f4a23a79f9a89ddaeb2": "RFC 7517 A.2, second key",
        "a4109e6bac8043ec089a57064aeb14d0b5fd5025b95810541c52a168aa565344": "RFC 7517 C.1",
        "c6479a15a50ac4cd9b6414e27c69bf37345dc1046dc648875c4898fbd35cc74b": "RFC 7520 3.2",
        "627771f25da426d1f9ae315e42106d700b1529850eee1592acf39603959d795d": "RFC 7520 3.4",
        "229cabb741449d91d703195d4d69814fdcae96bf2f58960ae2711cedd61e3514": "RFC 7520 5.1.1",
        "c8579d8d878fb8eab2a6f1e714c92118b9960e1478ed906496255ed405db1636": "RFC 7520 5.2.1",
        "1b50d9a1d7f6619f0362fe9382506259cb44afdd1dc3083c927cab36f2ebf79b": "RFC 7520 5.4.1",
        "eb28a65877d2b84b92a6a9b5fd762a45e50665933d97fc0c724e70a161f2031a": "RFC 7520 5.5.1",
        "deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170": "RFC 8032 7.1, TEST 2",
        "8d39ba50abe50f77b6bb8ae7b6927aff7ffbeba35ad2837c0e51e82bcbcc60d5": "RFC 8032 7.1, TEST 3",
        "e4f982b51ad0bdd87be820b259fe80337ef636e72b9fa7a8867a6949eb610fd6": "RFC 8032 7.1, TEST 1024",
        "e77db4a9572e9f6552c22bc751d5499ad218a73bdf7e15dc6ea0fc69246a44de": "RFC 8032 7.1, TEST SHA(abc)",
        "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9": "RFC 8037 A.1",
        "25862b96b39bea4b80097a44733b250391faf4a16f49cb81d41a982c8d283d24": "RFC 8080 6.1, first key",
        "1c07f3f831b1a478fcbde7f128cf4c85b9582b1c87743fc2070ddb9b610bac0f": "RFC 8080 6.1, second key",
        "44e4354ec7b9ff26e3e824319af5b381baf2793db37c84d80e7083381626f7c7": "RFC 8080 6.2, first key",
        "2ac91a51c819c30db19aeea8485685d9fcec509fff2e69238f02c3d0da2b0623": "RFC 8080 6.2, second key",
        "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f": "RFC 8410 10.3",
        "85d88f0cf324e225ac82e0b52904867fbc9ce43c74f248865ca69d3c27c2f297": "RFC 8696",
        "cd543d56f646059af4890457776dfdce49314088cd092b1274f62b5d4a595736": "RFC 8946",
        "49a768630145afd3bbf9b23c26cff109b31790c1523ddfc1a2a08055c0b537a7": "RFC 9216, Alice",
        "de5f0f8eeaeeb2a0d8aeb372acace509d41ed65282c37f42f7c9205b575ffe82": "RFC 9216, Ed25519",
        "c73eecd318bd3813f2402a660d8a90010ca35d609d19377d5ee7af200713229f": "RFC 9421 B.1.1",
        "72859cbaf21a0b398b1f25712bbed148b1d85a0c6b824176eb306405caa6f0b2": "RFC 9421 B.1.2",
        "55f96361b78cbb84f1fc604b0718e82bd91abb46d8fc25ae871b35fbbf8b7974": "RFC 9421 B.1.3",
        "8fb6bad671cfe698393c453357da61b56d757ab8c0f3fb9c87f2849e63131878": "RFC 9500 2.1, 2048",
        "96465ea5dc9bb2da7b351d808a7196e5761f2412a5040131c68d719aaba28fb9": "RFC 9500 2.1, 4096",
        "b2b04340cfaee616ec9c2c62d261b208e54bb197498df52e8cadede23ac0ba5e": "RFC 9500 2.3, P-256",
        "c4c10105a0be0ed4dd3354428dc38a9bfee64da141ce16e75c94eda272f9dd3a": "RFC 9500 2.3, P-384",
        "acb1b8327fef995e2458fdf5e3c33b2dc0749feabd6a894cb9bda9d70ac06c24": "RFC 9500 2.3, P-521",
        "d9eba436fe2c372caedf0d3093edc5057346cde613fa246af5ea0e3635438868": "RFC 9635",
        "f56c8b01227f62ddbc16eb29a6ac0b310e276760a5e06302fa881a35146f6bc7": "jwt.io, RS256",
        "a40f0f2e2974dc76a82df6ffe08ed0d79955c79e7ad0c20d97ae8f9246ade1c1": "jwt.io, ES256",
        "64eebde4d94a861ca1b062a103ef51d4d8a2c1b0a2133838198230e9c85407ed": "Go, src/net/http/internal/testcert",
        "be4c89ae84278a5efc10bd6bfa615e3f84b9a91110b17bb52ba6a351eaa14d4d": "CPython, Lib/test/certdata/ssl_key.pem",
        "8064304dc78d97bb96dcf71c5edeb7abe8412efeab98972a9749df0ab065ad37": "CPython, Lib/test/certdata/keycert3.pem",
        "990c02b92948ebe7dd937acf1ee7bda652aee927ae71dcaa027a28d8df0a23fe": "CPython, Lib/test/certdata/keycertecc.pem",
    }
)


# OpenSSL's own bound for large moduli. With a longer exponent a verification takes as long as a signature and more.
MAX_EXPONENT_BITS = 64
# Primes under this are tried as factors: a modulus with one of them was made by a broken generator. (The bound of the
# CA/Browser Forum's Baseline Requirements, section 6.1.6.)
SMALL_PRIMES_BELOW = 752
# Two primes so close that so few steps of Fermat's method part them were not chosen at random (CVE-2022-26320).
FERMAT_ROUNDS = 100
# Of the bits of a modulus made at random, and of those of its lower half, fewer than so many percent are ones less than
# once in 10 ** 10. A generator that left out pieces of its random numbers leaves zeros everywhere (CompleteFTP's did);
# zeros in the upper half alone were put there by people who like them.
LEAST_ONES = 40
# What squares leave of a division by these two: 12 and 288 numbers, so of a hundred numbers two look like a square.
_FIRST_SIEVE, _SECOND_SIEVE = 64, 9 * 5 * 7 * 11
# Infineon's library made primes k * M + (65537 ** a mod M), where M is a product of the first primes, and so its moduli
# are powers of 65537 modulo M too (CVE-2017-15361, Nemec et al. 2017). The smallest M goes up to 167, and divides the
# others. One modulus in 2 ** 150 made at random is such a power by chance.
ROCA_GENERATOR = 65537
ROCA_LAST_PRIME = 167


def weakness(key: PublicKey, *, named: str = "") -> str:
    """What is wrong with the numbers of a key, as a phrase; "" when nothing is known to be. *named* is its
    `spki_sha256`, for who has it already.

    Not looked for: the weak keys of Debian (CVE-2008-0166), which only lists of 100,000 tell from others; factors
    over SMALL_PRIMES_BELOW; primes that others are known to share, of which the list is long too."""
    if source := PUBLISHED.get(named or spki_sha256(key)):
        return f"its private key is published: {source}"
    return _rsa_weakness(key.public_numbers()) if isinstance(key, rsa.RSAPublicKey) else ""


def shares_prime(key: PublicKey, moduli: Iterable[int]) -> bool:
    """Whether an RSA key has one of its primes in common with another modulus: then anyone can compute both keys.

    The key's own modulus among them does not count. 5 to 10 µs for each modulus of 2048 bits."""
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    own, product = key.public_numbers().n, 1
    for modulus in moduli:
        if modulus != own:
            product = product * modulus % own
    return math.gcd(product, own) != 1


def _rsa_weakness(numbers: rsa.RSAPublicNumbers) -> str:
    exponent, modulus = numbers.e, numbers.n
    # Even ones and 1 are no keys at all; the libraries of today do not even load them.
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > MAX_EXPONENT_BITS:
        return "its public exponent is not a usual one"
    if modulus.bit_length() > MAX_KEY_BITS:
        return ""  # refused for its size; nothing is computed with it
    if math.gcd(modulus, _small_primes()) != 1:  # 8 µs for 2048 bits
        return "its modulus has a small factor"
    if _is_roca(modulus):  # 2 µs, or 400 for a key that is
        return "it was made by the broken generator of CVE-2017-15361 (ROCA)"
    if _fermat_parts(modulus):  # 10 µs
        return "its two primes are too close to each other"
    return "its modulus is full of zeros, which a broken generator left in it" if _is_sparse(modulus) else ""


def _is_sparse(modulus: int) -> bool:
    lower = modulus & ((1 << modulus.bit_length() // 2) - 1)
    return all(part.bit_count() * 100 < LEAST_ONES * part.bit_length() for part in (modulus, lower))


def _fermat_parts(modulus: int) -> bool:
    root = math.isqrt(modulus - 1) + 1
    # Small remainders tell nearly all rounds apart from a square: few numbers are as long as the modulus.
    rest, twice, squares = (root * root - modulus) % _SECOND_SIEVE, 2 * root % _SECOND_SIEVE, _squares(_SECOND_SIEVE)
    return any(
        (rest + twice * step + step * step) % _SECOND_SIEVE in squares and _is_square((root + step) ** 2 - modulus)
        for step in _steps(root % _FIRST_SIEVE, modulus % _FIRST_SIEVE)
    )


@cache
def _steps(root: int, modulus: int) -> tuple[int, ...]:
    """Of the rounds of Fermat's method, those that the first sieve lets through."""
    squares = _squares(_FIRST_SIEVE)
    return tuple(n for n in range(FERMAT_ROUNDS) if ((root + n) ** 2 - modulus) % _FIRST_SIEVE in squares)


def _is_square(number: int) -> bool:
    return math.isqrt(number) ** 2 == number


@cache
def _squares(divisor: int) -> frozenset[int]:
    """What squares leave of a division by it."""
    return frozenset(n * n % divisor for n in range(divisor))


def _is_roca(modulus: int) -> bool:
    """Whether the modulus is a power of the generator: asked for each prime power of its order (Pohlig-Hellman).

    It is one only if it is one modulo each of the primes, which next to no sound key is and costs next to nothing."""
    primorial, small, subgroups = _roca_subgroups()
    rest = modulus % primorial
    return all(rest % prime in powers for prime, powers in small) and all(
        pow(rest, exponent, primorial) in powers for exponent, powers in subgroups
    )


Subgroups = tuple[tuple[int, frozenset[int]], ...]
"""Each with a number: the prime that it is modulo, or the exponent that leads into it."""


@cache
def _roca_subgroups() -> tuple[int, Subgroups, Subgroups]:
    """The product of the primes; modulo each of them the generator's powers; and for each prime power of the
    generator's order the subgroup of that order."""
    primes = _odd_primes(ROCA_LAST_PRIME + 1)
    primorial = math.prod(primes)
    order = math.lcm(*(_order(ROCA_GENERATOR, prime) for prime in primes))
    small = ((prime, frozenset(pow(ROCA_GENERATOR, n, prime) for n in range(prime))) for prime in primes)
    return (
        primorial,
        # Those first that let the fewest sound keys through to the next; so below.
        tuple(sorted(small, key=lambda one: len(one[1]) / one[0])),
        tuple(
            (order // part, frozenset(pow(ROCA_GENERATOR, order // part * n, primorial) for n in range(part)))
            for part in sorted(_prime_powers(order), reverse=True)
        ),
    )


def _order(base: int, modulus: int) -> int:
    return next(n for n in range(1, modulus) if pow(base, n, modulus) == 1)


def _prime_powers(number: int) -> list[int]:
    """The prime powers that a number is the product of; its prime factors are small."""
    candidates = (2, *_odd_primes(ROCA_LAST_PRIME))
    return [math.gcd(number, prime ** number.bit_length()) for prime in candidates if number % prime == 0]


@cache
def _small_primes() -> int:
    return math.prod(_odd_primes(SMALL_PRIMES_BELOW))


def _odd_primes(below: int) -> tuple[int, ...]:
    return tuple(n for n in range(3, below) if all(n % d for d in range(2, math.isqrt(n) + 1)))
