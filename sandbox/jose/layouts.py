"""The same JSON in other bytes: the ways in which libraries write it, to find the one that was signed."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One way to write JSON: white space, line ends, order of the names, and which characters are escaped."""

    words: str
    """How a person would call it."""
    separators: tuple[str, str]
    indent: int | str | None = None
    crlf: bool = False
    tail: str = ""
    sorted: bool = False
    ascii: bool = False
    slashes: bool = False
    """Whether a solidus is escaped, as PHP does."""

    def __str__(self) -> str:
        ends = {"\n": "a line feed at the end", "\r\n": "a carriage return and line feed at the end"}
        extras = (
            "with CRLF line ends" if self.crlf else "",
            "names sorted" if self.sorted else "",
            r"non-ASCII characters as \u escapes" if self.ascii else "",
            r"each / as \/" if self.slashes else "",
            ends.get(self.tail, ""),
        )
        return ", ".join(filter(None, (self.words, *extras)))


_Shape = tuple[str, tuple[str, str], int | str | None]
_COMPACT: _Shape = ("compact", (",", ":"), None)
_SPACED: _Shape = ('with spaces after "," and ":"', (", ", ": "), None)
_INDENTED: tuple[_Shape, ...] = (
    ("indented by 2", (",", ": "), 2),
    ("indented by 4", (",", ": "), 4),
    ("indented by tabs", (",", ": "), "\t"),
    ("on several lines, not indented", (",", ": "), 0),
)


def _layouts() -> Iterator[Layout]:
    """Each shape with each end and each choice of order and escapes."""
    for (words, separators, indent), crlf, tail in product(
        (_COMPACT, _SPACED, *_INDENTED), (False, True), ("", "\n", "\r\n")
    ):
        # Line ends are all of one kind.
        if (crlf and (indent is None or tail == "\n")) or (tail == "\r\n" and not crlf and indent is not None):
            continue
        for order, ascii_, slashes in product((False, True), repeat=3):
            yield Layout(
                words=words,
                separators=separators,
                indent=indent,
                crlf=crlf,
                tail=tail,
                sorted=order,
                ascii=ascii_,
                slashes=slashes,
            )


def _oddities(layout: Layout) -> int:
    return layout.crlf + bool(layout.tail) + layout.sorted + layout.ascii + layout.slashes


LAYOUTS: tuple[Layout, ...] = tuple(sorted(_layouts(), key=_oddities))
"""The likeliest first: those with one thing out of the ordinary before those with two."""

# A number is kept as it is written (10.00 is not 10.0): it travels through the JSON library as a text of this form.
_NUMBER = re.compile(r'"number@(\d{1,9})@"')


class Document:
    """A JSON text that can be written in other layouts. Not for judging it: names that come twice are lost."""

    def __init__(self, text: str) -> None:
        """Raises ValueError or RecursionError for what is not JSON, or nested without end."""
        self._numbers: list[str] = []
        self._value: object = json.loads(text, parse_int=self._keep, parse_float=self._keep)

    def _keep(self, literal: str) -> str:
        self._numbers.append(literal)
        return f"number@{len(self._numbers) - 1}@"

    def write(self, layout: Layout) -> bytes:
        text = write(self._value, layout)
        return _NUMBER.sub(self._number, text).encode("utf-8", "surrogatepass")

    def _number(self, found: re.Match[str]) -> str:
        # A text of this form that was in the payload stays what it is, unless it names one of our numbers: then the
        # layout is missed, and the explanation with it.
        number = int(found.group(1))
        return self._numbers[number] if number < len(self._numbers) else found.group()


def write(value: object, layout: Layout) -> str:
    """A JSON value as text."""
    text = json.dumps(
        value,
        separators=layout.separators,
        indent=layout.indent,
        sort_keys=layout.sorted,
        ensure_ascii=layout.ascii,
    )
    if layout.slashes:
        text = text.replace("/", "\\/")
    if layout.crlf:
        text = text.replace("\n", "\r\n")
    return text + layout.tail


def layout_of(value: object, data: bytes) -> Layout | None:
    """The layout that *data* is in, if it is one of ours."""
    return next((layout for layout in LAYOUTS if write(value, layout).encode("utf-8", "surrogatepass") == data), None)
