"""A PDF of plain text: pages of lines in one typewriter font (ISO 32000-1), and nothing else.

Written here since that takes fewer lines than any library has dependencies. What the font's encoding lacks is shown as
a question mark.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from textwrap import wrap

LINES, COLUMNS = 60, 96
"""What fits on a page of A4 at 9 points with margins of 2 cm: a character of Courier is 0.6 of its height wide."""
WIDTH, HEIGHT, MARGIN, SIZE, LEADING = 595, 842, 38, 9, 12.5
_FIRST_PAGE = 5
"""Objects before it: catalogue, list of pages, font, document information."""


def write(title: str, lines: Iterable[str], at: datetime) -> bytes:
    """The document: lines that are too long go on in the next one."""
    return _file(_objects(title, lines, at))


def _objects(title: str, lines: Iterable[str], at: datetime) -> Iterator[tuple[int, bytes]]:
    """Each with its number. The list of pages is the last, since how many there are is known when all are written."""
    yield 1, b"<< /Type /Catalog /Pages 2 0 R >>"
    yield 3, b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>"
    yield 4, _information(title, at)
    count = 0
    for page in _paged(part for line in lines for part in (wrap(line, COLUMNS, replace_whitespace=False) or [""])):
        number = _FIRST_PAGE + 2 * count
        page_of = f"<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents {number + 1} 0 R >>"
        yield number, page_of.encode()
        yield number + 1, _stream(page)
        count += 1
    kids = " ".join(f"{_FIRST_PAGE + 2 * at} 0 R" for at in range(count))
    yield 2, f"<< /Type /Pages /Kids [{kids}] /Count {count} /MediaBox [0 0 {WIDTH} {HEIGHT}] >>".encode()


def _paged(lines: Iterator[str]) -> Iterator[Sequence[str]]:
    """At least one page, be it empty."""
    page = list(islice(lines, LINES))
    yield page
    while page := list(islice(lines, LINES)):
        yield page


def _information(title: str, at: datetime) -> bytes:
    made = f"D:{at.astimezone(UTC):%Y%m%d%H%M%SZ}".encode()
    return b"<< /Title " + _text(title) + b" /Producer (Sandbank) /CreationDate (" + made + b") >>"


def _text(line: str) -> bytes:
    """A string (section 7.3.4.2), in the encoding of the font."""
    written = "".join(one if one.isprintable() else " " for one in line).encode("cp1252", "replace")
    return b"(" + written.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _stream(lines: Sequence[str]) -> bytes:
    """The contents of a page: from the top, each line below the one before (section 9.4)."""
    start = f"BT /F1 {SIZE} Tf {LEADING} TL {MARGIN} {HEIGHT - MARGIN - SIZE} Td\n".encode()
    body = start + b"".join(_text(line) + b" Tj T*\n" for line in lines) + b"ET\n"
    return b"<< /Length %d >>\nstream\n" % len(body) + body + b"endstream"


def _file(objects: Iterable[tuple[int, bytes]]) -> bytes:
    """With the table of where each object begins (section 7.5.4)."""
    file, places = BytesIO(), dict[int, int]()
    file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    for number, body in objects:
        places[number] = file.tell()
        file.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    file.writelines(b"%010d 00000 n \n" % places[number] for number in sorted(places))
    file.write(b"trailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\n" % (len(places) + 1))
    file.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return file.getvalue()
