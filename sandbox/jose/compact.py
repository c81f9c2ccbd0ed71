"""The compact form, taken apart (RFC 7515 section 7.1); what came instead of it is told apart in ``forms``."""

import re

from sandbox.jose.header import read_header
from sandbox.jose.parts import Jws, decode

_COMPACT = re.compile(rb"([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)\.([A-Za-z0-9_-]*)")


def read_compact(body: bytes) -> Jws:
    """The parts of a JWS. Raises Refused when it is not one, or when its header cannot be read."""
    match = _COMPACT.fullmatch(body)
    if match is None:
        from sandbox.jose.forms import misshapen  # only where there is something to be told apart

        raise misshapen(body)
    header_part, payload_part, signature_part = match.groups()
    header_bytes = decode(header_part, "header")
    return Jws(
        signing_input=body[: match.end(2)],
        header_bytes=header_bytes,
        header=read_header(header_bytes),
        payload=decode(payload_part, "payload"),
        encoded=True,
        signature=decode(signature_part, "signature"),
    )
