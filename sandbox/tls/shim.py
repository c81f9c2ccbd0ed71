"""What we use of pyOpenSSL beyond its documented interface; nobody else touches a private name of it.

pyOpenSSL gives a verify callback only the certificate at which the check stopped, and cannot refuse one with an error
of our choice. It makes a callback for every context, of which a moved clock makes one a second. So OpenSSL's own
functions are called here, with one callback for the process. `pyproject.toml` bounds the version for their sake, and
`tests/sandbox/tls/test_shim.py` holds the list of names.
"""

from collections.abc import Callable
from typing import Any

from OpenSSL import SSL, crypto
from OpenSSL._util import ffi, lib

Callback = Any
"""What OpenSSL calls. Whoever makes one keeps it for as long as the process lives."""
StoreContext = Any
"""The check of one chain, as a verify callback is handed it."""

_STAPLE_GIVEN, _NO_STAPLE = 0, 3  # SSL_TLSEXT_ERR_OK and _NOACK


def verify_callback(judge: Callable[[bool, StoreContext], bool]) -> Callback:
    """*judge* is asked of each certificate of a chain, with OpenSSL's own verdict. Where it fails, the answer is no."""
    return ffi.callback("int(int, X509_STORE_CTX *)", lambda ok, chain: int(judge(bool(ok), chain)), error=0)


def info_callback(note: Callable[[Any, int, int], None]) -> Callback:
    """*note* is told what happens in a handshake: whose (for `connection_of`), at which point, and a value."""
    return ffi.callback("void (*)(const SSL *, int, int)", note)


def staple_callback(staple_of: Callable[[SSL.Connection], bytes]) -> Callback:
    """*staple_of* gives the OCSP response for a connection whose client asks for one; empty for none.

    Where it fails there is no staple, which the client may judge."""

    def give(ssl: Any, _: Any) -> int:
        staple = staple_of(connection_of(ssl))
        if not staple:
            return _NO_STAPLE
        # OpenSSL frees it, and so wants memory of its own.
        memory = lib.OPENSSL_malloc(len(staple))
        ffi.buffer(memory, len(staple))[:] = staple
        lib.SSL_set_tlsext_status_ocsp_resp(ssl, memory, len(staple))
        return _STAPLE_GIVEN

    return ffi.callback("int(SSL *, void *)", give, error=_NO_STAPLE)


def choice_callback(choose: Callable[[SSL.Connection], None]) -> Callback:
    """*choose* is asked when a server wants a certificate, and may give the connection one. Where it fails, the
    handshake does."""

    def chosen(ssl: Any, _: Any) -> int:
        choose(connection_of(ssl))
        return 1

    return ffi.callback("int(SSL *, void *)", chosen, error=0)


def set_choice(context: SSL.Context, callback: Callback) -> None:
    lib.SSL_CTX_set_cert_cb(context._context, callback, ffi.NULL)


def set_verify(context: SSL.Context, mode: int, callback: Callback) -> None:
    lib.SSL_CTX_set_verify(context._context, mode, callback)


def set_info(context: SSL.Context, callback: Callback) -> None:
    lib.SSL_CTX_set_info_callback(context._context, callback)


def set_staple(context: SSL.Context, callback: Callback) -> None:
    lib.SSL_CTX_set_tlsext_status_cb(context._context, callback)


def connection_of(ssl: Any) -> SSL.Connection:
    """pyOpenSSL's connection around what OpenSSL hands to a callback."""
    return SSL.Connection._reverse_mapping[ssl]


def connection_judged(chain: StoreContext) -> SSL.Connection:
    """The connection whose peer has sent this chain."""
    return connection_of(lib.X509_STORE_CTX_get_ex_data(chain, lib.SSL_get_ex_data_X509_STORE_CTX_idx()))


def error_of(chain: StoreContext) -> int:
    """OpenSSL's verify error."""
    return int(lib.X509_STORE_CTX_get_error(chain))


def words_for(error: int) -> str:
    """A verify error as OpenSSL says it."""
    return bytes(ffi.string(lib.X509_verify_cert_error_string(error))).decode("ascii", "replace")


def set_error(chain: StoreContext, error: int) -> None:
    """From now on this is the verify error; a refusal sends its alert."""
    lib.X509_STORE_CTX_set_error(chain, error)


def depth_of(chain: StoreContext) -> int:
    """Which certificate is judged: 0 is the leaf."""
    return int(lib.X509_STORE_CTX_get_error_depth(chain))


def leaf_serial(chain: StoreContext) -> int:
    """The serial of the leaf."""
    leaf = lib.X509_STORE_CTX_get0_cert(chain)
    number = lib.ASN1_INTEGER_to_BN(lib.X509_get_serialNumber(leaf), ffi.NULL)
    digits = lib.BN_bn2hex(number)
    try:
        return int(ffi.string(digits), 16)
    finally:
        lib.OPENSSL_free(digits)
        lib.BN_free(number)


def certificates_of(chain: StoreContext) -> list[crypto.X509]:
    """The chain as OpenSSL built it, leaf first; empty where it has built none."""
    stack = lib.X509_STORE_CTX_get1_chain(chain)
    if stack == ffi.NULL:
        return []
    found = [crypto.X509._from_raw_x509_ptr(lib.sk_X509_value(stack, i)) for i in range(lib.sk_X509_num(stack))]
    lib.sk_X509_free(stack)
    return found
