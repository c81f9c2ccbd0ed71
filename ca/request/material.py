"""What a file is that somebody sends for a key, a CSR or a certificate, and the command that turns it into that.

One recogniser behind every reader. It is asked when a file is not what was wanted, and repeats nothing of it; whether
what is in the file is good is left to others."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_plus

from ca.errors import has_private_key
from ca.request.reading import what_der_is

Wanted = Literal["request", "certificate", "private_key", "public_key"]

LONGEST = 1_048_576
"""Bytes that are looked at: a trust store with all public CAs has some hundred kilobytes."""
MOST_LAYERS = 4
"""A PEM text in base64 in UTF-16 in quotes: nobody has more by accident."""

WORDS: Mapping[str, str] = {
    "request": "a CSR",
    "certificate": "a certificate",
    "chain": "several certificates",
    "crl": "a CRL",
    "private_key": "a private key",
    "encrypted_private_key": "an encrypted private key",
    "openssh_private_key": "an OpenSSH private key",
    "putty_private_key": "a private key of PuTTY",
    "public_key": "a public key",
    "rsa_public_key": "a public key in PKCS#1",
    "ssh_public_key": "a public key of SSH",
    "ssh2_public_key": "a public key of SSH in the form of RFC 4716",
    "parameters": "parameters of a key, without a key",
    "pkcs7": "PKCS#7, a bag of certificates",
    "pkcs12_with_private_key": "a PKCS#12 file",
    "jks": "a Java keystore (JKS)",
    "jwk_private": "a private key as JWK",
    "jwk": "a public key as JWK",
    "json": "JSON",
    "pgp": "something of PGP",
    "html": "a web page (HTML)",
    "zip": "a ZIP archive",
    "gzip": "a file packed by gzip",
    "other_pem": "PEM with another label",
    "empty": "an empty file",
    "text": "text without a BEGIN line",
    "binary": "binary data of an unknown kind",
}
_PRIVATE = {kind for kind in WORDS if "private" in kind} | {"jks"}
_LABELS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"OPENSSH PRIVATE KEY", "openssh_private_key"),
        (r"ENCRYPTED PRIVATE KEY", "encrypted_private_key"),
        (r".*PRIVATE KEY", "private_key"),
        (r"(NEW )?CERTIFICATE REQUEST", "request"),
        (r"(X509 |TRUSTED )?CERTIFICATE", "certificate"),
        (r"X509 CRL", "crl"),
        (r"RSA PUBLIC KEY", "rsa_public_key"),
        (r"PUBLIC KEY", "public_key"),
        (r"SSH2 PUBLIC KEY", "ssh2_public_key"),
        (r"PKCS7|CMS|PKCS #7 SIGNED DATA", "pkcs7"),
        (r".*PARAMETERS", "parameters"),
        (r"PGP .*", "pgp"),
    )
)
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xfe\xed\xfe\xed", "jks"),
    (b"\xce\xce\xce\xce", "jks"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
)
_BEGIN = re.compile(r"-{4,5} ?BEGIN ([A-Z0-9 #.]{1,40}?) ?-{4,5}")
_PERCENT = re.compile(r"-{4,5}BEGIN(%20|\+)[A-Z]|%2D%2D%2D%2D%2DBEGIN", re.IGNORECASE)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}[\s:]*){40,}")
_CITED = re.compile(r"(?:\A|\n)> ?-----BEGIN ")
_QUOTES = {'"': '"', "'": "'"}

Layer = Literal["utf16", "bom", "quotes", "escaped", "one_line", "base64", "percent", "hex", "cited", "der"]
_LAYER_WORDS: Mapping[str, str] = {
    "utf16": "UTF-16",
    "bom": "a byte order mark before it",
    "quotes": "quotes around it",
    "escaped": r"\n as two characters in place of line ends",
    "one_line": "its line ends lost",
    "base64": "base64 around it",
    "percent": "percent-encoded, as in a URL",
    "hex": "in hexadecimal",
    "cited": "> before each line, as in an answered mail",
    "der": "DER, the binary form",
}
_FOLD = (
    r"sed -E 's/ *-----(BEGIN|END) ([A-Z0-9 ]+)----- */\n-----\1 \2-----\n/g' | sed '/-----/!s/ /\n/g' "
    "| fold -w 64 | sed '/^$/d'"
)
_FILTERS: Mapping[str, str] = {
    "utf16": "iconv -f UTF-16 -t UTF-8",
    "bom": "tail -c +4",
    "quotes": """tr -d "\\"'" """.strip(),
    "escaped": r"sed 's/\\r//g; s/\\n/\n/g'",
    "one_line": _FOLD,
    "base64": "base64 -d",
    "percent": "python3 -c 'import sys, urllib.parse as u; sys.stdout.write(u.unquote_plus(sys.stdin.read()))'",
    "hex": """python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read().replace(":", "")))'""",
    "cited": "sed 's/^> *//'",
}
_FROM_DER: Mapping[str, str] = {
    "request": "openssl req -inform DER",
    "certificate": "openssl x509 -inform DER",
    "private_key": "openssl pkey -inform DER",
    "public_key": "openssl pkey -pubin -pubout -inform DER",
}
_OUT: Mapping[Wanted, str] = {
    "request": "clean.csr",
    "certificate": "clean.pem",
    "private_key": "clean.key",
    "public_key": "PUBLIC.pem",
}
_KEY_BESIDE = "name the file of the private key, which was made beside it: openssl req ... -keyout THIS"
_CONVERSIONS: Mapping[tuple[str, Wanted], str] = {
    ("openssh_private_key", "private_key"): (
        "cp FILE clean.key && chmod 600 clean.key && ssh-keygen -p -N '' -m PKCS8 -f clean.key"
    ),
    ("pkcs12_with_private_key", "private_key"): "openssl pkcs12 -in FILE -nocerts -nodes -out clean.key",
    ("putty_private_key", "private_key"): "puttygen FILE -O private-openssh -o clean.key",
    ("jks", "private_key"): (
        "keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12 && "
        "openssl pkcs12 -in FILE.p12 -nocerts -nodes -out clean.key"
    ),
    ("jwk_private", "private_key"): "export it from the JOSE library as PKCS#8 in PEM",
    ("certificate", "private_key"): _KEY_BESIDE,
    ("chain", "private_key"): _KEY_BESIDE,
    ("request", "private_key"): _KEY_BESIDE,
    ("public_key", "private_key"): "name the private key from which it was taken",
    ("rsa_public_key", "private_key"): "name the private key from which it was taken",
    ("ssh2_public_key", "private_key"): "name the file from which it was made",
    ("ssh_public_key", "private_key"): "name the file beside it that has the same name without .pub",
    ("pkcs12_with_private_key", "certificate"): "openssl pkcs12 -in FILE -clcerts -nokeys -out clean.pem",
    ("pkcs7", "certificate"): "openssl pkcs7 -in FILE -print_certs -out clean.pem",
    ("jks", "certificate"): "keytool -exportcert -rfc -keystore FILE -alias ALIAS -file clean.pem",
    ("request", "public_key"): "openssl req -in FILE -noout -pubkey > PUBLIC.pem",
    ("certificate", "public_key"): "openssl x509 -in FILE -noout -pubkey > PUBLIC.pem",
    ("chain", "public_key"): "openssl x509 -in FILE -noout -pubkey > PUBLIC.pem",
    ("rsa_public_key", "public_key"): "openssl rsa -RSAPublicKey_in -in FILE -pubout -out PUBLIC.pem",
    ("ssh_public_key", "public_key"): "ssh-keygen -e -m PKCS8 -f FILE > PUBLIC.pem",
    ("ssh2_public_key", "public_key"): (
        "ssh-keygen -i -f FILE > clean.pub && ssh-keygen -e -m PKCS8 -f clean.pub > PUBLIC.pem"
    ),
    ("jwk", "public_key"): "export it from the JOSE library as SubjectPublicKeyInfo in PEM",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a file is: its kind, the label of its PEM where that is all that is known, and what lies around it."""

    kind: str
    label: str = ""
    layers: tuple[Layer, ...] = ()

    @property
    def private(self) -> bool:
        """Whether there is a private key in it, or may be."""
        return self.kind in _PRIVATE

    @property
    def words(self) -> str:
        """In words, without anything of its contents: "a CSR (base64 around it)"."""
        what = f"PEM with the label {self.label}" if self.kind == "other_pem" else WORDS[self.kind]
        usual = "der" if self.kind.startswith("pkcs12") else ""  # there is no other form of it
        around = ", ".join(_LAYER_WORDS[layer] for layer in self.layers if layer != usual)
        return f"{what} ({around})" if around else what

    def conversion(self, wanted: Wanted) -> str:
        """The command or the step that makes what is *wanted* of the file; "" where there is none."""
        if self.kind == wanted or (self.kind, wanted) == ("encrypted_private_key", "private_key"):
            return self._unwrapped(wanted)
        if self.private and wanted in ("request", "public_key"):
            return ""  # a private key that was sent is lost, and nothing is to be made of it
        step = _CONVERSIONS.get((self.kind, wanted), "")
        inner = tuple(layer for layer in self.layers if layer != "der")
        if not inner or "FILE" not in step:
            return step
        return f"{self._filtered(inner)} > inner && {step.replace('FILE', 'inner')}"

    def _unwrapped(self, wanted: Wanted) -> str:
        if not self.layers:
            return ""
        inner = tuple(layer for layer in self.layers if layer != "der")
        if "der" not in self.layers:
            return f"{self._filtered(inner)} > {_OUT[wanted]}"
        read = _FROM_DER[self.kind if self.kind in _FROM_DER else "private_key"]
        return (
            f"{self._filtered(inner)} | {read} -out {_OUT[wanted]}" if inner else f"{read} -in FILE -out {_OUT[wanted]}"
        )

    def _filtered(self, layers: tuple[Layer, ...]) -> str:
        first, *others = (_FILTERS[layer] for layer in layers)
        head, bar, tail = first.partition(" | ")
        return " | ".join([f"{head} < FILE{bar}{tail}", *others])


def recognise(data: bytes) -> Material:
    """What the file is."""
    layers: list[Layer] = []
    whole = data = data[:LONGEST]
    for _ in range(MOST_LAYERS):
        found = _recognise(data)
        if isinstance(found, Material):
            if found.kind in ("binary", "text"):
                break  # what looked like a layer around it was none
            return Material(kind=found.kind, label=found.label, layers=(*layers, *found.layers))
        layer, data = found
        layers.append(layer)
    return Material(kind=_unknown(whole))


def _unknown(data: bytes) -> str:
    """Of what is nothing that has a name here."""
    try:
        return "binary" if "\0" in data.decode("utf-8") else "text"
    except UnicodeDecodeError:
        return "binary"


def _recognise(data: bytes) -> "Material | tuple[Layer, bytes]":
    """What it is, or its outermost layer and what is below it."""
    if not data.strip():
        return Material(kind="empty")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return Material(kind=kind)
    if data[:1] == b"\x30" and (kind := what_der_is(data)):
        return Material(kind=kind, layers=("der",))
    if (text := _utf16(data)) is not None:
        return "utf16", text.encode("utf-8", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return "bom", data[3:]
    try:
        return _text(data.decode("utf-8"))
    except UnicodeDecodeError:
        # A PEM block may stand among remarks in another encoding.
        text = data.decode("latin-1")
        return _pem(text) if _BEGIN.search(text) else Material(kind="binary")


def _utf16(data: bytes) -> str | None:
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(codec, "replace")
    head = data[:64]
    if data[:1] != b"\x30" and head.count(0) * 3 > len(head):
        return data.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    return None


def _text(text: str) -> "Material | tuple[Layer, bytes]":
    bare = text.strip()
    if _QUOTES.get(bare[:1]) == bare[-1:] and len(bare) > 2:
        return "quotes", bare[1:-1].encode()
    if _CITED.search(text):
        return "cited", re.sub(r"(?m)^> *", "", text).encode()
    if _BEGIN.search(text):
        return _pem(text)
    if _PERCENT.search(text):
        return "percent", unquote_plus(text).encode()
    if bare.startswith("PuTTY-User-Key-File"):
        return Material(kind="putty_private_key")
    if re.match(r"(ssh-|ecdsa-sha2-|sk-)[\w@.-]+ AAAA", bare):
        return Material(kind="ssh_public_key")
    if bare.startswith(("{", "[")):
        return Material(kind=_json(bare))
    if re.match(r"<(!doctype|html|\?xml|head|body)", bare, re.IGNORECASE):
        return Material(kind="html")
    return _encoded(bare) or Material(kind="binary" if "\0" in text else "text")


def _encoded(bare: str) -> "tuple[Layer, bytes] | None":
    """What is below hexadecimal or base64, if it has a name here."""
    if _HEX.fullmatch(bare) and _known(inner := bytes.fromhex(re.sub(r"[\s:]", "", bare))):
        return "hex", inner
    wrapped = _base64("".join(bare.split()))
    return ("base64", wrapped) if wrapped is not None and _known(wrapped) else None


def _known(data: bytes) -> bool:
    """Whether it is something that has a name here, without a layer more."""
    below = _recognise(data)
    return isinstance(below, Material) and below.kind not in ("binary", "text", "empty")


def _pem(text: str) -> "Material | tuple[Layer, bytes]":
    labels = [match.group(1) for match in _BEGIN.finditer(text)]
    begin = _BEGIN.search(text)
    body = text[begin.end() :] if begin else ""
    if "\\n" in body.partition("-----")[0]:
        return "escaped", text.replace("\\r", "").replace("\\n", "\n").encode()
    kind = "private_key" if has_private_key(text) else _kind(labels[0])
    if kind == "private_key":
        kind = next((_kind(label) for label in labels if "PRIVATE" in label), kind)
    if kind == "certificate" and labels.count(labels[0]) > 1:
        kind = "chain"
    layers: tuple[Layer, ...] = () if "\n" in body.partition("-----")[0] or "\r" in body else ("one_line",)
    return Material(kind=kind, label=labels[0] if kind == "other_pem" else "", layers=layers)


def _kind(label: str) -> str:
    return next((kind for pattern, kind in _LABELS if pattern.fullmatch(label)), "other_pem")


def _json(text: str) -> str:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return "json"
    keys = said.get("keys") if isinstance(said, dict) else None
    one = keys[0] if isinstance(keys, list) and keys else said
    if not isinstance(one, dict) or "kty" not in one:
        return "json"
    return "jwk_private" if {"d", "k"} & one.keys() else "jwk"  # RFC 7518 sections 6.2.2 and 6.4.1


def _base64(bare: str) -> bytes | None:
    try:
        return base64.b64decode(bare.encode("ascii"), validate=True) if len(bare) > 40 else None
    except (binascii.Error, UnicodeEncodeError):
        return None
