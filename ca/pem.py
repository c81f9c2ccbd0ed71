"""From the bytes that came to the DER of one CSR: PEM armour (RFC 7468), and telling apart everything that is not it.

What stands inside the DER is left to `csr`. Nothing of what came is ever repeated: it may be a private key."""

import base64
import binascii
import re
from dataclasses import dataclass, field

from ca.errors import NotIssued, has_private_key, refuse
from ca.sniff import what_der_is

# A CSR with an RSA-4096 key is 1.7 kB; 64 KiB leaves room for `openssl req -text` around it and for long subjects.
MAX_CSR_BYTES = 65536
# RFC 7468 section 7: generators write the first, parsers may accept the second.
LABELS = frozenset({"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
FORM = "one PEM block from -----BEGIN CERTIFICATE REQUEST----- to -----END CERTIFICATE REQUEST-----"

_BEGIN = re.compile(r"-----BEGIN ([^-\r\n\\]{0,64})-----")
_PUBLIC_LABELS = frozenset({"PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY"})
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_PKCS7_LABELS = frozenset({"PKCS7", "CMS", "PKCS #7 SIGNED DATA"})
_TEXT_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Armoured:
    """One CSR as it came: its DER, the label of its PEM, its line ends, and the text around it (never shown)."""

    der: bytes = field(repr=False)
    label: str
    line_ends: str
    around: str = field(repr=False)


def find_request(data: bytes, *, rule_page: str = "") -> Armoured:
    """The one CSR in what came, or NotIssued with the reason why there is none."""
    return _Finder(rule_page or "RFC 7468 section 7").find(data)


@dataclass(frozen=True, slots=True)
class _Finder:
    """The steps from bytes to armour; each either goes on or refuses."""

    rule: str

    def find(self, data: bytes) -> Armoured:
        text = self._text(data)
        if has_private_key(text):
            raise self._no(
                "private_key_sent", "the text contains a private key", "a private key (not shown, not stored)"
            )
        begin = self._begin(text)
        label = begin.group(1)
        end_line = f"-----END {label}-----"
        end = text.find(end_line, begin.end())
        if end < 0:
            raise self._no("end_missing", f"there is no line {end_line}", "a BEGIN line without its END line")
        body = text[begin.end() : end]
        self._lines(body)
        der = self._decode(body)
        self._whole(der)
        return Armoured(
            der=der,
            label=label,
            line_ends="CRLF" if "\r\n" in body else "LF",
            around=(text[: begin.start()].strip() + "\n" + text[end + len(end_line) :].strip()).strip(),
        )

    def _text(self, data: bytes) -> str:
        """The bytes as text; binary, other encodings and too much of anything are refused."""
        if len(data) > MAX_CSR_BYTES:
            raise self._no("too_large", "this is far more than a CSR", f"{len(data)} bytes", f"at most {MAX_CSR_BYTES}")
        if not data.strip():
            raise self._no("empty", "there is no CSR in what came", f"{len(data)} bytes, all white space")
        if data[:1] == b"\x30":
            self._der(data)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:32].count(0) >= min(8, len(data) // 3 + 1):
            raise self._utf16(data)
        # Bytes that are not UTF-8 may stand in a comment around the PEM; in its body they are not base64 anyway.
        text = data.decode("utf-8", errors="replace")
        if text.startswith("\ufeff") and not has_private_key(text):
            raise self._no(
                "byte_order_mark", "the text begins with a byte order mark", "EF BB BF before the first line"
            )
        if "-----BEGIN" not in text and ("\ufffd" in text or _TEXT_CONTROLS.search(text)):
            raise self._no("not_text", "this is not text", f"{len(data)} bytes of binary data")
        return text

    def _der(self, data: bytes) -> None:
        """Binary DER: say what it is. Text that begins with the digit 0 goes on as text."""
        kind = what_der_is(data)
        if kind == "request":
            raise self._no("der", "this is DER, not PEM", f"{len(data)} bytes of DER")
        if kind:
            raise self._kind(kind, "DER")

    def _utf16(self, data: bytes) -> NotIssued:
        # Both byte orders: without a mark, which one it is can be told only by looking.
        both = data.decode("utf-16-le", errors="replace") + data.decode("utf-16-be", errors="replace")
        if has_private_key(both):
            return self._no(
                "private_key_sent", "the text contains a private key", "a private key (not shown, not stored)"
            )
        if "BEGIN" in both:
            return self._no("utf16", "the text is UTF-16", "two bytes for every character")
        return self._no("not_text", "this is not text", f"{len(data)} bytes of binary data")

    def _begin(self, text: str) -> re.Match[str]:
        """The one BEGIN line of a CSR."""
        blocks = list(_BEGIN.finditer(text))
        ours = [block for block in blocks if block.group(1) in LABELS]
        if len(ours) == 1:
            return ours[0]
        if ours:
            raise self._no("two_requests", "there is more than one CSR in this text", f"{len(ours)} BEGIN lines", "one")
        if blocks:
            raise self._label(blocks[0].group(1))
        if text.lstrip().startswith(("ssh-", "ecdsa-sha2-")):
            raise self._no("public_key_sent", "this is a public key of SSH", "an SSH public key")
        self._bare(text)
        raise self._no("begin_missing", "there is no BEGIN line of a CSR", f"{len(text.splitlines())} lines of text")

    def _bare(self, text: str) -> None:
        """Base64 without any armour: what is in it may be worth a warning."""
        kind = what_der_is(_base64(text) or b"")
        if kind and kind != "request":
            raise self._kind(kind, "base64 without BEGIN and END")

    def _label(self, label: str) -> NotIssued:
        seen = f"-----BEGIN {label}-----"
        if label in _CERTIFICATE_LABELS:
            return self._no("certificate_sent", "this is a certificate", seen)
        if label in _PUBLIC_LABELS:
            return self._no("public_key_sent", "this is a public key", seen)
        if label in _PKCS7_LABELS:
            return self._no("pkcs7_sent", "this is PKCS#7", seen)
        return self._no("other_pem_sent", "this is PEM with another label", seen)

    def _lines(self, body: str) -> None:
        """PEM has line ends (RFC 7468 section 3): without them, say who took them."""
        if "\n" in body or "\r" in body:
            return
        if "\\n" in body:
            raise self._no("escaped_line_ends", r"the line ends are the two characters \n", "one line with \\n in it")
        raise self._no(
            "one_line", "the PEM is folded into one line", "one line", "a line end after every 64 characters"
        )

    def _decode(self, body: str) -> bytes:
        if "\\n" in body:
            raise self._no("escaped_line_ends", r"the line ends are the two characters \n", "lines with \\n in them")
        der = _base64(body)
        if der is None:
            raise self._no("base64_garbled", "this is not base64", f"{len(body.splitlines())} lines", "base64 only")
        return der

    def _whole(self, der: bytes) -> None:
        """The outer length must be the length there is; and the label must not hide something else."""
        kind = what_der_is(der)
        if kind and kind != "request":
            raise self._kind(kind, "the label of a CSR, and in it")
        says = outer_length(der)
        if says is not None and says != len(der):
            raise self._no("truncated", "the CSR is not whole", f"{len(der)} bytes", f"{says} bytes, as it says itself")

    def _kind(self, kind: str, where: str) -> NotIssued:
        seen = f"{where}: {kind.replace('_', ' ')}" + (" (not shown, not stored)" if "private" in kind else "")
        reason = {"private_key": "private_key_sent", "certificate": "certificate_sent", "pkcs7": "pkcs7_sent"}
        if kind == "pkcs12_with_private_key":
            return self._no("private_key_sent", "this is a PKCS#12 file, which holds a private key", seen)
        return self._no(reason.get(kind, "public_key_sent"), f"this is not a CSR but a {kind.replace('_', ' ')}", seen)

    def _no(self, reason: str, detail: str, seen: str, expected: str = FORM) -> NotIssued:
        return NotIssued(
            (refuse(f"certificate.{reason}", detail=detail, seen=seen, expected=expected, rule=self.rule),)
        )


def _base64(text: str) -> bytes | None:
    """What the base64 stands for, white space aside; None when it is none (and no error that would carry the text)."""
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def outer_length(der: bytes) -> int | None:
    """How long the outermost SEQUENCE says the whole is (X.690 section 8.1.3), or None when it is none."""
    if len(der) < 2 or der[0] != 0x30:
        return None
    if der[1] < 0x80:
        return 2 + der[1]
    size = der[1] & 0x7F
    if not 1 <= size <= 4 or len(der) < 2 + size:
        return None
    return 2 + size + int.from_bytes(der[2 : 2 + size], "big")
