"""A JWS whose signature did not verify, with all that may be tried on it; the trying is done in ``explaining``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sandbox.jose.algorithms import Algorithm
from sandbox.jose.keys import VerifyingKey
from sandbox.jose.parts import Jws
from sandbox.jose.scheme import Scheme

# Nobody has more keys in rotation, and each costs a verification (ES512: 0.4 ms).
MAX_OTHER_KEYS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """What came, by which key it was to be verified, and what it was to be verified for."""

    jws: Jws
    scheme: Scheme
    algorithm: Algorithm
    key: VerifyingKey
    keys: Sequence[VerifyingKey]
    path: str
    now: datetime

    @property
    def compare(self) -> str:
        """The next step to find out whether a private key is the right one; "" where the table of causes tells it."""
        if self.key.name is None:
            return ""
        return "openssl pkey -in KEY -pubout and openssl x509 -in CERTIFICATE.pem -noout -pubkey must print the same"

    def holds(self, message: bytes, *, key: VerifyingKey | None = None, algorithm: Algorithm | None = None) -> bool:
        """Whether the signature would be good over *message*."""
        judge = algorithm or self.algorithm
        return judge.verifies((key or self.key).public_key, message, self.jws.signature)

    def has_right_length(self) -> bool:
        return len(self.jws.signature) == self.algorithm.length(self.key.public_key)

    def other_keys(self) -> Iterator[VerifyingKey]:
        """The client's other keys that could have made a signature of this algorithm, the newest first."""
        others = (key for key in reversed(self.keys) if key is not self.key and self.algorithm.fits(key.public_key))
        return islice(others, MAX_OTHER_KEYS)
