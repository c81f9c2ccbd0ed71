"""The OCSP answer about our own certificate, handed over to clients that ask for it (RFC 6066 section 8).

Who makes it and when is `ca.publishing`'s."""

from typing import Any

from OpenSSL import SSL
from OpenSSL._util import ffi, lib

_GIVEN, _NONE = 0, 3  # SSL_TLSEXT_ERR_OK and _NOACK


def hand_over_staple(context: SSL.Context) -> None:
    """Answer every connection of this context that asks with what stands in its app data.

    Not by pyOpenSSL's own way, which makes a callback for every context: a moved clock makes one of those a second."""
    lib.SSL_CTX_set_tlsext_status_cb(context._context, _STAPLE)


def _staple(ssl: Any, _: Any) -> int:
    staple = getattr(SSL.Connection._reverse_mapping[ssl].get_app_data(), "staple", b"")
    if not staple:
        return _NONE
    # OpenSSL frees it, and so wants memory of its own.
    memory = lib.OPENSSL_malloc(len(staple))
    ffi.buffer(memory, len(staple))[:] = staple
    lib.SSL_set_tlsext_status_ocsp_resp(ssl, memory, len(staple))
    return _GIVEN


# One for the process, never freed. A failure inside means a handshake without a staple, which the client may judge.
_STAPLE = ffi.callback("int(SSL *, void *)", _staple, error=_NONE)
