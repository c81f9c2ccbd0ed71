"""A short text that is signed as it is, without a JWS around it: the signature alone is sent, in base64.

Pure. Why one did not verify is looked for in ``explain.texts``.
"""

from binascii import Error, a2b_base64
from collections.abc import Sequence
from datetime import datetime

from sandbox.jose.keys import VerifyingKey
from sandbox.jose.scheme import ALGORITHMS


def signer(text: str, sent: str, keys: Sequence[VerifyingKey], *, algorithm: str, now: datetime) -> VerifyingKey | None:
    """The key that signed the text, out of those of one *algorithm*; None where none of them did."""
    active = active_of(keys, now)
    if (signature := in_base64(sent)) is None:
        return None
    made = (key for key in active if key.verifies(text.encode(), signature, algorithm=ALGORITHMS[algorithm]))
    return next(made, None)


def active_of(keys: Sequence[VerifyingKey], now: datetime) -> Sequence[VerifyingKey]:
    """Those that count at an instant."""
    return [key for key in keys if key.status(now) == "active"]


def in_base64(sent: str) -> bytes | None:
    """The bytes (RFC 4648 section 4, padding and all); None where it is nothing of the kind."""
    try:
        return a2b_base64(sent, strict_mode=True)
    except (Error, ValueError):  # ValueError: a character outside of ASCII
        return None
