"""Two RSA keys with a prime in common, the one of the tests of badkeys 0.0.21 (MIT licence), rsa-sharedprimes.key."""

from cryptography.hazmat.primitives.asymmetric import rsa

# The factors of badkeys' key.
SHARED = int(
    "f97e6869f1b6fba6b580e39ed2c318b7addb3c4141686df19279a1a025cd6d12442915d2a0acbd86a7726df832bde9850b9d"
    "f0eff5c837dbcf0465bf629888bc9e6d332f04afd06fc7b97cbea861eed2a1b16ec188732a2ac05dee0f5c4be2cfc891f6ba"
    "2a2b2b41aa48bd2f4353e8bdd40995a86c8465a155bb72d05362f8b9",
    16,
)
OTHER = int(
    "b9bd315495d6c724773d79e44f77f82133092246feaa09b1921bbd3c8d20a61490daeea38711295d15f1fe91b92943660da4"
    "6340cd2e3bf6e1f5ade9574add7698e489017d26a8a0666cf64dacae65d5ecab213c73141943e80a5c93b4d0379dfb6dc749"
    "ba6c73b0f8b29ca177f2f1acd173bdb3efe830aa77867e8dc9e6054d",
    16,
)
# The first prime after the SHA-512 of "sandbank 0" and of "sandbank 1", its two highest bits set.
THIRD = int(
    "d7ffd570603f113bef33a72693be4e008919fc5b3a87e78a74146962fb4b61bc182d02c32f62998b3b2cbc97c84081f746f2"
    "d0b5e669adf7710a6cd9b8ac77bc323af1dfb369e562ea99bad9ea6e6d1130490c3b6e580a3057d722fd347a50e3a5b12b73"
    "c32f45246791cb78a0be97640761e3f588a45fa9091f7dd3e9b1b8bd",
    16,
)


def rsa_key_of(p: int, q: int, exponent: int = 65537) -> rsa.RSAPrivateKey:
    """The private key that two primes make."""
    d = pow(exponent, -1, (p - 1) * (q - 1))
    return rsa.RSAPrivateNumbers(
        p=p,
        q=q,
        d=d,
        dmp1=d % (p - 1),
        dmq1=d % (q - 1),
        iqmp=pow(q, -1, p),
        public_numbers=rsa.RSAPublicNumbers(exponent, p * q),
    ).private_key()


FIRST, TWIN = rsa_key_of(SHARED, OTHER), rsa_key_of(SHARED, THIRD)
