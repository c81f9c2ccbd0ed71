"""The detached form with a payload that is not encoded, taken apart (RFC 7515 appendix F and RFC 7797).

The JWS stands beside the payload, in a header of the call; what came in its place is told apart in ``misplaced``.
"""

import re

from sandbox.jose.header import read_header
from sandbox.jose.parts import Jws, decode

_DETACHED = re.compile(rb"([A-Za-z0-9_-]*)\.\.([A-Za-z0-9_-]*)")


def read_detached(signature: str, payload: bytes) -> Jws:
    """The parts of a JWS over *payload*, byte for byte. Raises Refused as ``read_compact`` does."""
    # HTTP hands headers on as ISO 8859-1; anything else in it is wrong in any case.
    value = signature.encode("latin-1", "replace")
    match = _DETACHED.fullmatch(value)
    if match is None:
        from sandbox.jose.misplaced import misplaced  # only where there is something to be told apart

        raise misplaced(value, payload)
    header_part, signature_part = match.groups()
    header_bytes = decode(header_part, "header")
    return Jws(
        # RFC 7797 section 3: nothing but the dot parts them, and a dot in the payload is one of its bytes.
        signing_input=header_part + b"." + payload,
        header_bytes=header_bytes,
        header=read_header(header_bytes),
        payload=payload,
        encoded=False,
        signature=decode(signature_part, "signature"),
    )
