"""The private names of pyOpenSSL that we use: which they are, that they are there, and that they stand in one file."""

import ast
import re
import tomllib
from pathlib import Path

from OpenSSL import SSL, crypto
from OpenSSL._util import ffi, lib

ROOT = Path(__file__).parents[3]
SHIM = ROOT / "sandbox" / "tls" / "shim.py"

LIBRARY = {
    "ASN1_INTEGER_to_BN",
    "BN_bn2hex",
    "BN_free",
    "OPENSSL_free",
    "OPENSSL_malloc",
    "SSL_CTX_set_cert_cb",
    "SSL_CTX_set_info_callback",
    "SSL_CTX_set_tlsext_status_cb",
    "SSL_CTX_set_verify",
    "SSL_get_ex_data_X509_STORE_CTX_idx",
    "SSL_set_tlsext_status_ocsp_resp",
    "X509_STORE_CTX_get0_cert",
    "X509_STORE_CTX_get1_chain",
    "X509_STORE_CTX_get_error",
    "X509_STORE_CTX_get_error_depth",
    "X509_STORE_CTX_get_ex_data",
    "X509_STORE_CTX_set_error",
    "X509_get_serialNumber",
    "X509_verify_cert_error_string",
    "sk_X509_free",
    "sk_X509_num",
    "sk_X509_value",
}
PRIVATE = {"_context", "_from_raw_x509_ptr", "_reverse_mapping"}
BOUNDED = ("cryptography", "h11", "h2", "hypercorn", "pyOpenSSL", "starlette", "psycopg[binary]")
"""What we subclass, or use beyond the documented interface. OpenSSL's functions are cryptography's to bind."""


def attributes(path: Path) -> list[ast.Attribute]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Attribute)]


def test_the_names_are_pinned_and_there() -> None:
    """Those of the shim are these, and this release of pyOpenSSL has them: where one drops a name, this fails first."""
    used = attributes(SHIM)
    assert {one.attr for one in used if isinstance(one.value, ast.Name) and one.value.id == "lib"} == LIBRARY
    assert {one.attr for one in used if one.attr.startswith("_")} == PRIVATE
    assert all(callable(getattr(lib, name)) for name in LIBRARY)
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    connection = SSL.Connection(context)
    assert context._context != ffi.NULL
    assert SSL.Connection._reverse_mapping[connection._ssl] is connection
    assert callable(crypto.X509._from_raw_x509_ptr)


def test_nobody_else_uses_private_names() -> None:
    """Neither by import nor by attribute, of this or of another library; our own objects' are their own business."""
    broken = []
    for path in sorted([*ROOT.glob("ca/**/*.py"), *ROOT.glob("sandbox/**/*.py"), ROOT / "sandbank.py"]):
        if path == SHIM:
            continue
        broken += re.findall(r"^\s*from OpenSSL\._.*$|^\s*import OpenSSL\._.*$", path.read_text("utf-8"), re.MULTILINE)
        broken += [
            f"{path.relative_to(ROOT)}:{one.lineno} {ast.unparse(one)}"
            for one in attributes(path)
            if one.attr in PRIVATE | {"_ssl", "_lib", "_ffi"} and not within(one, "self")
        ]
    assert broken == []


def within(one: ast.Attribute, name: str) -> bool:
    return isinstance(one.value, ast.Name) and one.value.id == name


def test_the_libraries_whose_insides_we_touch_are_bounded() -> None:
    """A release that may change them is not installed before it was tried."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["postgresql"]]
    for name in BOUNDED:
        (line,) = [one for one in wanted if re.match(rf"{re.escape(name)}(?![\w-])", one)]
        assert "<" in line or "~=" in line, line
