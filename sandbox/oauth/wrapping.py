"""What people send around a credential that would be right without it: line ends, quotes, the scheme's name twice.

Loaded only after a credential was refused. Whether what is inside is good is asked by others."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

LONGEST = 4096
"""Characters that are looked at: a token with all that JSON puts around it. More is no slip of a shell."""
MOST_LAYERS = 5
"""Quotes within quotes within JSON, with a line end: nobody has more by accident."""

_PLACEHOLDER = re.compile(
    r"(undefined|null|none|nil|nan|false|true|\[object \w+\]|<[^<>]*>|\$\{?\w*\}?|\$\([^)]*\)|%\w+%|\{\{.*\}\}"
    r"|\.{3}|x{3,}|\*{3,}|(your|my|the)?[_ -]?(access|bearer|api|client)?[_ -]?(token|secret|key)([_ -]?here)?)\Z",
    re.IGNORECASE,
)
_SPACES = {
    "\n": "a line feed",
    "\r": "a carriage return",
    "\t": "a tab",
    " ": "a space",
    "\ufeff": "a byte order mark",
    "\u00a0": "a no-break space",
    "\u200b": "a zero-width space",
}
_PAIRS = {'"': '"', "'": "'", "`": "`", "“": "”", "‘": "’", "<": ">", "{": "}", "(": ")", "[": "]"}
_BRACKETS = "<{(["
_NAMES = re.compile(r"(access_token|api_key|apikey|client_secret|secret|token)\s*[=:]\s*", re.IGNORECASE)
_SCHEME = re.compile(r"(Bearer|Basic|Token)(:\s*|\s+)", re.IGNORECASE)
_PRINTF = "printf %s writes a value without a line end; echo adds one (echo -n does not)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeled:
    """A credential without what stood around it."""

    text: str = field(repr=False)
    around: str
    """What that was, in words that go on after "a good token"."""
    mend: str


def placeholder(sent: str) -> bool:
    """Whether this is what a program writes where it has no value, or an example's word for one."""
    return bool(_PLACEHOLDER.match(sent.strip())) if len(sent) <= LONGEST else False


def peel(sent: str) -> Iterator[Peeled]:
    """The credential with one layer less each time; nothing where there is none."""
    text, around, mends = sent, [], []
    for _ in range(MOST_LAYERS):
        found = next(filter(None, (layer(text) for layer in _LAYERS)), None) if len(text) <= LONGEST else None
        if found is None or not found[0]:
            return
        text, what, mend = found
        around.append(what)
        mends.append(mend)
        yield Peeled(text=text, around=" and ".join(around), mend="; ".join(dict.fromkeys(mends)))


def spaces(text: str) -> str:
    """White space by its names: "a carriage return and a line feed"."""
    return " and ".join(dict.fromkeys(_SPACES.get(one, "white space") for one in text))


Layer = Callable[[str], tuple[str, str, str] | None]


def _white(text: str) -> tuple[str, str, str] | None:
    marks = "".join(_SPACES)
    inner = text.strip(marks)
    if inner == text:
        return None
    begin, end = text[: len(text) - len(text.lstrip(marks))], text[len(text.rstrip(marks)) :]
    where = [f"with {spaces(part)} {at}" for part, at in ((begin, "before it"), (end, "after it")) if part]
    return inner, " and ".join(where), _PRINTF


def _escaped(text: str) -> tuple[str, str, str] | None:
    inner = re.sub(r"(\\[nrt])+\Z", "", text)
    return (inner, r"with the two characters \n after it", _PRINTF) if inner != text else None


def _quoted(text: str) -> tuple[str, str, str] | None:
    for plain in (text, text.replace('\\"', '"')):
        if len(plain) > 2 and _PAIRS.get(plain[0]) == plain[-1]:
            quotes = "take the quotes off: jq -r prints a value without"
            mend = "take the brackets off" if plain[0] in _BRACKETS else quotes
            return plain[1:-1], f"within {plain[0]} and {plain[-1]}", mend
    return None


def _named(text: str) -> tuple[str, str, str] | None:
    if found := _SCHEME.match(text):
        word = found.group(1)
        return text[found.end() :], f"with the word {word} before it once more", f"write {word} once"
    if found := _NAMES.match(text):
        return text[found.end() :], f"with {found.group(1)}= before it", "send the value alone, without its name"
    return None


def _followed(text: str) -> tuple[str, str, str] | None:
    inner = text.rstrip(",;")
    return (inner, f"with {text[len(inner) :]} after it", "send the value alone") if inner != text else None


def _answer(text: str) -> tuple[str, str, str] | None:
    if not text.startswith("{"):
        return None
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    value = said.get("access_token", said.get("token")) if isinstance(said, dict) else None
    whole = "within the whole answer of the token endpoint"
    return (value, whole, "send its member alone: jq -r .access_token") if isinstance(value, str) else None


def _percent(text: str) -> tuple[str, str, str] | None:
    inner = unquote(text)
    return (inner, "percent-encoded", "send it as it was given, without percent-encoding") if inner != text else None


def _base64(text: str) -> tuple[str, str, str] | None:
    try:
        inner = base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None
    return (inner, "in base64", "decode it first: base64 -d") if inner.strip().isprintable() and inner else None


def _wide(text: str) -> tuple[str, str, str] | None:
    """UTF-16, as PowerShell's Unicode encoding has it: a zero beside each character."""
    inner = text.replace("\0", "")
    return (inner, "in UTF-16", "write it as UTF-8: [Text.Encoding]::UTF8 in PowerShell") if inner != text else None


def _capital(text: str) -> tuple[str, str, str] | None:
    """What we give out has small letters, if it is hexadecimal."""
    if not re.fullmatch(r"(dev-|prod-)?[0-9A-F-]{16,}", text) or text == text.lower():
        return None
    return text.lower(), "in capital letters", "send it as it was given; capital and small letters are not the same"


_LAYERS: tuple[Layer, ...] = (
    _wide, _white, _escaped, _answer, _quoted, _named, _followed, _percent, _capital, _base64,
)  # fmt: skip
