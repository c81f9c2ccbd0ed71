"""What is wrong with the numbers of a public key: how generators are known to have failed, and keys everybody has.

All of it takes 0.03 ms for RSA-2048, 0.1 for RSA-4096. Which kinds and sizes are accepted is left to `policy`."""

import math
from collections.abc import Iterable
from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa

from ca.keys import MAX_KEY_BITS, PublicKey, spki_sha256
from ca.published import PUBLISHED

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
