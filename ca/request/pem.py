"""From the bytes that came to the DER of one CSR or certificate: PEM armour (RFC 7468).

If something else came, it is told apart here, by its label or its kind of DER."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cryptography import x509

from ca.errors import NotIssued, Refusal, has_private_key, refuse
from ca.x509.der import UNREADABLE, load_certificate, outer_length

if TYPE_CHECKING:
    from ca.request.material import Material

_REQUEST_LABELS = frozenset({"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
_CERTIFICATE_LABELS = frozenset({"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"})
_PUBLIC_LABELS = frozenset({"PUBLIC KEY", "RSA PUBLIC KEY", "SSH2 PUBLIC KEY"})
_PKCS7_LABELS = frozenset({"PKCS7", "CMS", "PKCS #7 SIGNED DATA"})

# What is told of a file where nothing of it was known at first, and a closer look may tell more.
# What the table mends at its source; the file that there is can be mended too.
_WRAPPED = frozenset(
    f"certificate.{reason}" for reason in ("utf16", "byte_order_mark", "one_line", "escaped_line_ends")
)
_VAGUE = frozenset(
    f"certificate.{reason}"
    for reason in (
        "begin_missing",
        "not_text",
        "other_pem_sent",
        "base64_garbled",
        "public_key_sent",
        "utf16",
        "byte_order_mark",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """What is looked for: its word in a sentence, its kind, labels and form, the reason for several.

    The rule is who says so, unless a provider's page does."""

    word: str
    kind: str
    labels: frozenset[str]
    form: str
    several: str
    rule: str
    load: Callable[[bytes], object]

    def is_in(self, der: bytes) -> bool:
        """Whether the library reads it as what is looked for."""
        try:
            self.load(der)
        except UNREADABLE:
            return False
        return True


REQUEST = FileKind(
    word="CSR",
    kind="request",
    labels=_REQUEST_LABELS,  # generators write the first, parsers may accept the second
    form="one PEM block from -----BEGIN CERTIFICATE REQUEST----- to -----END CERTIFICATE REQUEST-----",
    several="two_requests",
    rule="RFC 7468 section 7",
    load=x509.load_der_x509_csr,
)
CERTIFICATE = FileKind(
    word="certificate",
    kind="certificate",
    # RFC 7468 section 5.1. A TRUSTED CERTIFICATE has more in it than a certificate.
    labels=frozenset({"CERTIFICATE", "X509 CERTIFICATE"}),
    form="one PEM block from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----",
    several="several_certificates",
    rule="RFC 7468 section 5",
    load=load_certificate,
)


def label_reason(label: str, wanted: FileKind) -> tuple[str, str]:
    """Which other thing a label of PEM stands for: the reason of a code, and in words."""
    if label in _REQUEST_LABELS:
        return "request_sent", "a CSR"
    if label in _CERTIFICATE_LABELS and wanted.kind == "request":
        return "certificate_sent", "a certificate"
    if label in _PUBLIC_LABELS:
        return "public_key_sent", "a public key"
    if label in _PKCS7_LABELS:
        return "pkcs7_sent", "PKCS#7"
    return "other_pem_sent", "PEM with another label"


# A CSR with an RSA-4096 key is 1.7 kB; 64 KiB leaves room for `openssl req -text` around it and for long subjects.
MAX_CSR_BYTES = 65536
_BEGIN = re.compile(r"-----BEGIN ([^-\r\n\\]{0,64})-----")
_HYPHENS = 5  # RFC 7468 section 3, before and after every label
_TEXT_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Armoured:
    """What was looked for, as it came: its DER, the label of its PEM, its line ends, and the text around it.

    The text is never shown. `flaws` are refusals that did not stop the reading: what is inside may have more."""

    der: bytes = field(repr=False)
    label: str
    line_ends: str
    around: str = field(repr=False)
    flaws: tuple[Refusal, ...] = ()


def find(data: bytes, wanted: FileKind, *, rule_page: str = "") -> Armoured:
    """The one CSR or certificate in what came, or NotIssued with the reason why there is none."""
    finder = _Finder(wanted, rule_page or wanted.rule)
    try:
        return finder.find(data)
    except NotIssued as refused:
        code = refused.refusals[0].code
        better = finder.recognised(data, known=code) if code in _VAGUE else None
        raise better or finder.mended(refused, data) from None


@dataclass(frozen=True, slots=True)
class _Finder:
    """The steps from bytes to armour; each either goes on or refuses."""

    wanted: FileKind
    rule: str

    def find(self, data: bytes) -> Armoured:
        text = self._text(data)
        if has_private_key(text):
            raise self._private()
        begin = self._begin(text)
        end, after, flaws = self._end(text, begin)
        body = text[begin.end() : end]
        self._lines(body)
        der = self._decode(body)
        self._whole(der)
        return Armoured(
            der=der,
            label=begin.group(1),
            line_ends="CRLF" if "\r\n" in body else "LF",
            around=(text[: begin.start()].strip() + "\n" + text[after:].strip()).strip(),
            flaws=flaws,
        )

    def _text(self, data: bytes) -> str:
        """The bytes as text; binary, other encodings and too much of anything are refused."""
        word = self.wanted.word
        if len(data) > MAX_CSR_BYTES:
            seen, most = f"{len(data)} bytes", f"at most {MAX_CSR_BYTES}"
            raise self._no("too_large", f"this is far more than a {word}", seen, most)
        if not data.strip():
            raise self._no("empty", f"there is no {word} in what came", f"{len(data)} bytes, all white space")
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
        kind = _kind_of(data)
        if kind == self.wanted.kind:
            from ca.request.reading import request_flaw

            flaw = request_flaw(data, self.rule) if kind == "request" else None
            der = self._refusal("der", "this is DER, not PEM", f"{len(data)} bytes of DER", self.wanted.form)
            raise NotIssued((*((flaw,) if flaw else ()), der))
        if kind:
            raise self._kind(kind, "DER")

    def _utf16(self, data: bytes) -> NotIssued:
        # Both byte orders: without a mark, which one it is can be told only by looking.
        both = data.decode("utf-16-le", errors="replace") + data.decode("utf-16-be", errors="replace")
        if has_private_key(both):
            return self._private()
        if "BEGIN" in both:
            return self._no("utf16", "the text is UTF-16", "two bytes for every character")
        return self._no("not_text", "this is not text", f"{len(data)} bytes of binary data")

    def _begin(self, text: str) -> re.Match[str]:
        """The one BEGIN line of what is looked for."""
        word = self.wanted.word
        blocks = list(_BEGIN.finditer(text))
        ours = [block for block in blocks if block.group(1) in self.wanted.labels]
        if len(ours) == 1:
            return ours[0]
        if ours:
            several = f"there is more than one {word} in this text"
            raise self._no(self.wanted.several, several, f"{len(ours)} BEGIN lines", "one")
        if blocks:
            raise self._label(blocks[0].group(1))
        if text.lstrip().startswith(("ssh-", "ecdsa-sha2-")):
            raise self._no("public_key_sent", "this is a public key of SSH", "an SSH public key")
        self._bare(text)
        lines = f"lines of text: {len(text.splitlines())}"
        raise self._no("begin_missing", f"there is no BEGIN line of a {word}", lines)

    def _bare(self, text: str) -> None:
        """Base64 without any armour: what is in it may be worth a warning."""
        kind = _kind_of(_base64(text) or b"")
        if kind and kind != self.wanted.kind:
            raise self._kind(kind, "base64 without BEGIN and END")

    def _label(self, label: str) -> NotIssued:
        reason, what = label_reason(label, self.wanted)
        return self._no(reason, f"this is {what}", f"-----BEGIN {label}-----")

    def _end(self, text: str, begin: re.Match[str]) -> tuple[int, int, tuple[Refusal, ...]]:
        """Where the END line begins, where it ends, and what is wrong with its hyphens."""
        end_line = f"-----END {begin.group(1)}"
        at = text.find(end_line + "-", begin.end())
        if at < 0:
            missing = f"there is no line {end_line}-----"
            raise self._no("end_missing", missing, "a BEGIN line without its END line")
        label_ends = at + len(end_line)
        hyphens = len(text) - label_ends - len(text[label_ends:].lstrip("-"))
        after = label_ends + hyphens
        if hyphens == 2 * _HYPHENS and text.startswith("BEGIN ", after):
            return at, after - _HYPHENS, ()  # the next block's: only the line end between was lost
        if hyphens == _HYPHENS:
            return at, after, ()
        flaw = self._refusal(
            "end_hyphens", "the END line does not end in five hyphens", f"{hyphens} hyphens", f"{end_line}-----"
        )
        return at, after, (flaw,)

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
        word = self.wanted.word
        kind = "" if self.wanted.is_in(der) else _kind_of(der)
        if kind and kind != self.wanted.kind:
            raise self._kind(kind, f"the label of a {word}, and in it")
        says = outer_length(der)
        if says is not None and says != len(der):
            raise self._no(
                "truncated", f"the {word} is not whole", f"{len(der)} bytes", f"{says} bytes, as it says itself"
            )

    def _kind(self, kind: str, where: str) -> NotIssued:
        from ca.request.material import WORDS  # only after a failure
        from ca.request.reading import KIND_REASONS

        seen = f"{where}: {kind.replace('_', ' ')}" + (" (not shown, not stored)" if "private" in kind else "")
        what = WORDS.get(kind, kind.replace("_", " "))
        if kind == "pkcs12_with_private_key":
            return self._no("private_key_sent", "this is a PKCS#12 file, which holds a private key", seen)
        detail = f"this is not a {self.wanted.word} but {what}"
        return self._no(KIND_REASONS.get(kind, "other_file_sent"), detail, seen)

    def _private(self) -> NotIssued:
        seen = "a private key (not shown, not stored)"
        return self._no("private_key_sent", "the text contains a private key", seen)

    def recognised(self, data: bytes, *, known: str) -> NotIssued | None:
        """The refusal of a file whose kind is known on a closer look, with the command that converts it. *known* is
        the code by which it was refused."""
        from ca.request.material import recognise  # only after a failure
        from ca.request.reading import KIND_REASONS

        found = recognise(data)
        if found.private:
            return self._no("private_key_sent", f"this is {found.words}", f"{found.words} (not shown, not stored)")
        if found.kind == "chain" and self.wanted.kind == "certificate":
            return self._no(self.wanted.several, f"this is {found.words}", found.words, "one")
        step = found.conversion("request" if self.wanted.kind == "request" else "certificate")
        if found.kind == self.wanted.kind and found.layers and known not in _WRAPPED:
            return NotIssued((self._other("wrapped", found, step and f"Take that off, and send the result: {step}"),))
        if found.kind in ("text", "binary", "empty", "other_pem", self.wanted.kind):
            return None
        reason = KIND_REASONS.get(found.kind, "other_file_sent")
        return NotIssued((self._other(reason, found, step and f"Take the {self.wanted.word} out of it: {step}"),))

    def mended(self, refused: NotIssued, data: bytes) -> NotIssued:
        """The refusal; of a file that only lost its form, with the command that gives it back."""
        if refused.refusals[0].code not in _WRAPPED:
            return refused
        from ca.request.material import recognise  # only after a failure

        found = recognise(data)
        if found.kind != self.wanted.kind or not found.layers:
            return refused
        step = found.conversion("request" if self.wanted.kind == "request" else "certificate")
        first, *others = refused.refusals
        return NotIssued((replace(first, next=f"{first.next}; or mend the file: {step}"), *others))

    def _other(self, reason: str, found: "Material", step: str) -> Refusal:
        refusal = self._refusal(reason, f"this is {found.words}", found.words, self.wanted.form)
        return replace(refusal, next=step) if step else refusal

    def _no(self, reason: str, detail: str, seen: str, expected: str = "") -> NotIssued:
        return NotIssued((self._refusal(reason, detail, seen, expected),))

    def _refusal(self, reason: str, detail: str, seen: str, expected: str) -> Refusal:
        return refuse(
            f"certificate.{reason}",
            detail=detail,
            seen=seen,
            expected=expected or self.wanted.form,
            rule=self.rule,
            uploading=self.wanted.kind == "certificate",
        )


def _kind_of(der: bytes) -> str:
    from ca.request.reading import what_der_is  # only of what is not as it should be

    return what_der_is(der)


def _base64(text: str) -> bytes | None:
    """What the base64 stands for, white space aside; None when it is none (and no error that would carry the text)."""
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
