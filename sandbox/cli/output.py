"""Where a command's words go, and the files that a person names: read with a limit, written whole.

Results go to standard output, everything else to standard error."""

import contextlib
import errno
import io
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from sandbox.errors import Misuse, NotThere, SandbankError, Surroundings


def put(*lines: str) -> None:
    """The result. Raises BrokenPipeError when nobody reads any more, Surroundings when they cannot be written."""
    with _writing():
        click.echo("\n".join(lines))


def put_json(said: Any) -> None:
    """The result for a program, on one line."""
    put(json.dumps(said, ensure_ascii=False))


def put_json_list(name: str, pages: Iterable[Sequence[Any]]) -> None:
    """The same of an object whose one member is a list, a page of it at a time. What stops it in the middle leaves half
    a document, and an exit code that says so."""
    opening, between = f"{{{json.dumps(name)}: [", ""
    for page in pages:
        _put_text(opening + between + ", ".join(json.dumps(one, ensure_ascii=False) for one in page))
        opening, between = "", ", "
    _put_text(f"{opening}]}}\n")


def put_bytes(data: bytes) -> None:
    """The result exactly as it is: no line end is translated, so that a redirected file is the file."""
    if not data.isascii() and sys.stdout is not None and sys.stdout.isatty():
        raise Misuse("this is binary and would garble your terminal", next_step="write it to a file with --out FILE")
    with _writing():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def note(*lines: str) -> None:
    """Remarks for a person, on standard error; a program that asked for JSON has all of it in the result."""
    ctx = click.get_current_context(silent=True)
    if ctx is None or not ctx.params.get("as_json"):
        for line in lines:
            say(*folded(line, hang="# " if line.startswith("#") else "  "))


def warn(sentence: str, *, as_json: bool) -> None:
    """What a person must know though all went well, on standard error; an object of its own for programs."""
    said = (json.dumps({"warning": sentence}, ensure_ascii=False),)
    say(*(said if as_json else folded(sentence, first="warning: ", hang="  ")))


def say(*lines: str) -> None:
    """Lines on standard error, whoever reads them. Never fails: where nobody listens, nothing was to be said."""
    with contextlib.suppress(OSError, ValueError):
        for line in lines:
            click.echo(line, err=True)


def put_table(heading: Sequence[str], pages: Iterable[Sequence[Sequence[str]]]) -> bool:
    """A table, a page of it at a time, each at least as wide as the one before; False where there is no page at all."""
    above, widths = [heading], _widths([heading])
    for page in pages:
        widths = [max(both) for both in zip(widths, _widths(page), strict=True)]
        put(*map(printable, table([*above, *page], widths=widths)))
        above = []
    return not above


UNKNOWN_WIDTH = 80
"""Columns of a terminal that does not say how many it has, and of sentences that go elsewhere."""


def columns() -> int:
    """At which sentences are folded."""
    return shutil.get_terminal_size((UNKNOWN_WIDTH, 0)).columns


def line_columns() -> int:
    """At which the lines of a list are folded: on a terminal, or where COLUMNS is set. 0 is not at all, for another
    program that takes a line for an entry."""
    looked_at = sys.stdout is not None and sys.stdout.isatty()
    return columns() if looked_at or os.environ.get("COLUMNS", "").isdecimal() else 0


def folded(text: str, *, first: str = "", hang: str = "") -> list[str]:
    """A sentence for a person as lines that can be printed, with no word and no command broken."""
    shown, wide = printable(text), columns()
    if shown and len(first) + len(shown) <= wide:
        return [first + shown]
    from sandbox.journal.reader import fold

    return fold(shown, wide, first=first, hang=hang)


def table(rows: Sequence[Sequence[str]], *, indent: str = "", widths: Sequence[int] = ()) -> list[str]:
    """Rows as aligned lines, two blanks between columns; the last column is not filled up. A row that is wider than
    the terminal goes on in the second column, where there are two, else a little to the right."""
    widths, wide = widths or _widths(rows), line_columns()
    lines = [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    if not wide or all(len(line) <= wide for line in lines):
        return lines
    pairs = zip(rows, lines, strict=True)
    return [
        part for row, line in pairs for part in ([line] if len(line) <= wide else _broken(row, widths, wide, indent))
    ]


def _broken(row: Sequence[str], widths: Sequence[int], wide: int, indent: str) -> list[str]:
    from sandbox.journal.reader import fold

    if len(row) == 2 and 2 * widths[0] < wide:
        return fold(row[1], wide, first=f"{indent}{row[0]:<{widths[0]}}  ", hang=" " * (len(indent) + widths[0] + 2))
    return fold("  ".join(cell for cell in row if cell), wide, first=indent, hang=f"{indent}    ")


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def printable(text: str) -> str:
    """The text without what could move a terminal's cursor: paths and names in it may be anybody's. Lines stay."""
    return "\n".join(
        "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in line)
        for line in text.split("\n")
    )


def prepare_streams() -> None:
    """Let a character that the terminal's encoding lacks be shown as an escape instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def give_up_output() -> None:
    """Point standard output at nothing, so that the flush at Python's exit does not complain about a closed pipe."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _put_text(text: str) -> None:
    with _writing():
        click.echo(text, nl=False)


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    if sys.stdout is None:
        raise Surroundings("there is no standard output to write to", next_step="redirect it: > FILE")
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_output()
        if error.errno == errno.EPIPE:
            raise BrokenPipeError(errno.EPIPE, "nobody reads") from error
        raise Surroundings(
            f"standard output cannot be written: {error.strerror or error}",
            next_step="free some space, or write elsewhere",
        ) from error


STANDARD_INPUT = "-"
KEPT = (b"PRIVATE KEY", b"CERTIFICATE REQUEST")
"""What is never overwritten: it cannot be made again, and `--out` beside three similar names is easily mistyped."""
LOOKED_AT = 65_536
"""Bytes of a file that is there already; PEM shows what it is on its first line, after remarks at most."""


def read(name: str, *, limit: int, missing: str) -> bytes:
    """At most *limit* bytes and one more, by which the judge sees that it was too long. Raises SandbankError."""
    try:
        if name == STANDARD_INPUT:
            return _standard_input(limit + 1)
        if Path(name).is_dir():
            raise Misuse(f"{name} is a folder, not a file", next_step="name the file in it")
        with Path(name).open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise _unreadable(name, error, missing) from error


def _standard_input(limit: int) -> bytes:
    if sys.stdin is None:
        raise Misuse("there is no standard input to read from", next_step="name a file")
    if sys.stdin.isatty():
        note("reading from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read(limit)


def _unreadable(name: str, error: OSError, missing: str) -> SandbankError:
    if isinstance(error, FileNotFoundError):
        return NotThere(f"there is no file {name}", next_step=missing)
    return Surroundings(
        f"{name} cannot be read: {error.strerror or error}", next_step=f"check the permissions: ls -l {name}"
    )


def may_write(path: Path) -> None:
    """Look before the work is done whether its result can go to *path*. Raises Misuse, Surroundings."""
    try:
        if path.is_dir():
            raise Misuse(f"{path} is a folder, not a file", next_step="name a file in it")
        if path.exists() and not os.access(path, os.W_OK):
            raise Surroundings(f"{path} is not writable", next_step="choose another place")
        if not path.parent.is_dir():
            raise Misuse(f"there is no folder {path.parent}", next_step="create it, or choose another place")
        if path.is_file():
            _not_precious(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _not_precious(path: Path) -> None:
    with path.open("rb") as file:
        there = file.read(LOOKED_AT)
    if any(mark in there for mark in KEPT):
        raise Misuse(f"{path} holds a key or a CSR and is not overwritten", next_step="choose another place")


def write(path: Path, data: bytes, *, private: bool = False) -> None:
    """Whole or not at all, over what was there. *private*: for its owner's eyes only. Raises Surroundings."""
    try:
        if path.exists() and not path.is_file():  # a device or a pipe stays what it is
            path.write_bytes(data)
            return
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            if not private:
                Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _umask() -> int:
    """The rights that this person takes away from new files. It can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _unwritable(path: Path, error: OSError) -> Surroundings:
    return Surroundings(f"{path} cannot be written: {error.strerror or error}", next_step="choose another place")


PATIENCE_SECONDS = 2.0
"""Before the first word, and from word to word: a list that is shorter has said everything by itself."""

_Row = TypeVar("_Row")


def followed(pages: Iterator[Sequence[_Row]]) -> Iterator[Sequence[_Row]]:
    """The same pages. Where it takes longer, and nobody sees the rows go by, a remark says how many there were."""
    due, count = time.monotonic() + PATIENCE_SECONDS, 0
    for page in pages:
        if count and time.monotonic() >= due and not sys.stdout.isatty():
            note(f"{count} so far ...")
            due = time.monotonic() + PATIENCE_SECONDS
        count += len(page)
        yield page
