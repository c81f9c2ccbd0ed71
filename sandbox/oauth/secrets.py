"""A client's secret as it is kept, and whether one that was sent is it. Salts are handed in, and so is who waits.

Three forms, each a text that says what it is:

    plain$SECRET                             a demo client's, which everybody may read
    sha256$SALT$DIGEST                       one that was made here: at least 122 random bits cannot be guessed, so that
                                             one fast hash of salt and secret keeps it
    scrypt$ln=14,r=8,p=1$SALT$DIGEST         one that a person chose, who may have chosen badly (RFC 7914)
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, unquote_plus

SALT_BYTES = 16
"""NIST SP 800-132 section 5.1 asks for 128 bits at least."""
SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P = 14, 8, 1
"""What was recommended for logins that somebody waits for when scrypt was made (2009): 16 MiB and some 40 ms a guess.
It runs at the first call of a client and not again (`server.secrets`), and once for each such secret of a seed file."""
_SCRYPT_MEMORY = 256 * 1024 * 1024
"""Bytes that a kept form may ask for, 128 * r * N of them: ours takes a sixteenth of it, so that N can grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a secret becomes what is kept: two secrets that went the same way can be told apart by their digests."""

    algorithm: Literal["plain", "sha256", "scrypt"]
    salt: bytes = b""
    cost: tuple[int, int, int] = (0, 0, 0)
    """Of scrypt: binary logarithm of N, r and p."""

    @property
    def slow(self) -> bool:
        """Whether going it takes longer than an event loop may be held."""
        return self.algorithm == "scrypt"

    def digest(self, secret: str) -> bytes:
        """Of a plain one, itself."""
        data = secret.encode()
        if self.algorithm == "plain":
            return data
        if self.algorithm == "sha256":
            return hashlib.sha256(self.salt + data).digest()
        log_n, r, p = self.cost
        return hashlib.scrypt(data, salt=self.salt, n=2**log_n, r=r, p=p, maxmem=_SCRYPT_MEMORY, dklen=32)


def sha256(salt: bytes) -> Way:
    """For a secret that was made here."""
    return Way(algorithm="sha256", salt=salt)


def scrypt(salt: bytes) -> Way:
    """For a secret that somebody chose."""
    return Way(algorithm="scrypt", salt=salt, cost=(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P))


PLAIN = Way(algorithm="plain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A client's secret as the store has it."""

    way: Way
    digest: bytes = field(repr=False)

    @property
    def readable(self) -> str | None:
        """The secret itself, where it is a demo client's; None where only its hash is known."""
        return self.digest.decode() if self.way.algorithm == "plain" else None

    def is_of(self, sent: str) -> bool:
        """Whether *sent* is this secret, in whichever of its spellings. May take as long as its way does."""
        return self.among([self.way.digest(spelling) for spelling in spellings(sent)])

    def among(self, digests: list[bytes]) -> bool:
        """Whether one of them is its digest, in constant time: all are looked at, each to its end."""
        return sum(hmac.compare_digest(digest, self.digest) for digest in digests) > 0


def keep(secret: str, way: Way) -> Kept:
    """May take as long as the way does."""
    return Kept(way=way, digest=way.digest(secret))


def spellings(sent: str) -> tuple[str, ...]:
    """What a secret may have been before it was sent.

    RFC 6749 section 2.3.1 has id and secret form-encoded before Basic, with + for a space; curl and many clients do
    not, and others leave the + alone. All are taken.
    """
    return tuple(dict.fromkeys((sent, unquote(sent), unquote_plus(sent))))


def write(kept: Kept) -> str:
    """As one text, without a line end."""
    way = kept.way
    if way.algorithm == "plain":
        return f"plain${kept.digest.decode()}"
    log_n, r, p = way.cost
    cost = f"$ln={log_n},r={r},p={p}" if way.algorithm == "scrypt" else ""
    return f"{way.algorithm}{cost}${way.salt.hex()}${kept.digest.hex()}"


def read(text: str) -> Kept:
    """Raises ValueError, which does not repeat it, for what no version has written."""
    algorithm, _, rest = text.partition("$")
    if algorithm not in _FORMS:
        raise ValueError("a client's secret in the store is kept in a form that is not known here")
    return _FORMS[algorithm](rest)


def _read_plain(rest: str) -> Kept:
    return Kept(way=PLAIN, digest=rest.encode())


def _read_sha256(rest: str) -> Kept:
    salt, digest = rest.split("$")
    return Kept(way=sha256(bytes.fromhex(salt)), digest=bytes.fromhex(digest))


def _read_scrypt(rest: str) -> Kept:
    cost, salt, digest = rest.split("$")
    log_n, r, p = (int(part.partition("=")[2]) for part in cost.split(","))
    way = Way(algorithm="scrypt", salt=bytes.fromhex(salt), cost=(log_n, r, p))
    return Kept(way=way, digest=bytes.fromhex(digest))


_FORMS: dict[str, Callable[[str], Kept]] = {"plain": _read_plain, "sha256": _read_sha256, "scrypt": _read_scrypt}
