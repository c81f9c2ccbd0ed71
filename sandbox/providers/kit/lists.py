"""Lists: what a call asks for in its query or in its body, and which page of the rows that is.

Filters become conditions on the index of the resource, so that the store finds a page and no list reads every row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs

from sandbox.providers.context import Body, Found, Request, Row, Where
from sandbox.providers.kit.fields import LONGEST_SEEN, Field, Values, read, table
from sandbox.providers.kit.problems import Problem, Stop
from sandbox.providers.kit.rules import Index, plain
from sandbox.providers.kit.values import INT32, Kind, day, whole

_POSITIVE = whole(1, INT32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which part of a collection a reply holds."""

    number: int
    size: int
    of: int
    """How many there are in all."""

    @property
    def pages(self) -> int:
        return -(-self.of // self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """How a call asks for a page, and the codes with which it is refused."""

    number: str
    size: str
    usual: int
    largest: int
    wrong_number: str = ""
    wrong_size: str = ""
    too_large: str = ""
    cut: bool = False
    """Whether a page that is too large is cut to the largest; otherwise it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A parameter that leaves out what does not fit."""

    name: str
    kind: Kind
    wrong: str = ""
    """The provider's code for a value that cannot be."""
    key: str = ""
    """The index value that it is held against; empty: its own name."""
    how: Literal["in", "from", "until", "has"] = "in"
    repeated: bool = False
    """Whether it may be given several times; a row that fits one of the values stays."""
    means: Callable[[Any], Sequence[Any] | None] | None = None
    """The values that one value stands for; None: it leaves nothing out."""

    def where(self, values: Sequence[Any], index: Mapping[str, Index]) -> Where | None:
        """The condition; None: nothing is left out."""
        meant: list[Any] = []
        for value in values:
            found = self.means(value) if self.means else (value,)
            if found is None:
                return None
            for one in found:
                written = self.kind.write(one)
                meant += written if isinstance(written, list) else (written,)
        key = self.key or self.name
        write = index[key].write if key in index else plain
        texts = tuple(dict.fromkeys(map(write, meant)))
        return None if self.how == "has" and texts == ("",) else Where(key=key, how=self.how, values=texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two filters of which the first may not be above the last."""

    first: str
    last: str
    key: str
    reversed: str
    """The code where it is."""
    wrong: str = ""
    wrong_last: str = ""
    """Empty: as ``wrong``."""
    kind: Kind = day

    @property
    def filters(self) -> tuple[Filter, Filter]:
        return (
            Filter(name=self.first, kind=self.kind, wrong=self.wrong, key=self.key, how="from"),
            Filter(name=self.last, kind=self.kind, wrong=self.wrong_last or self.wrong, key=self.key, how="until"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a call asks for."""

    where: tuple[Where, ...]
    number: int = 1
    size: int | None = None
    """None: everything."""
    oldest_first: bool = False

    @property
    def start(self) -> int:
        return (self.number - 1) * (self.size or 0)

    def page(self, total: int) -> Page | None:
        return None if self.size is None else Page(number=self.number, size=self.size, of=total)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a list can be asked."""

    filters: tuple[Filter | Span, ...] = ()
    paging: Paging | None = None
    """None: everything in one reply."""
    inside: tuple[str, str] | None = None
    """The objects of a body that hold filters and page, where a list is asked for with a body; None: the query."""
    wrong: str = ""
    """The code where one of these is no object."""
    oldest_first: bool = False
    order: str = ""
    """The parameter of the query that turns the order round: ASC or DESC; empty: there is none."""
    wrong_order: str = ""

    @property
    def each(self) -> tuple[Filter, ...]:
        """Every filter, those of spans too."""
        return tuple(f for one in self.filters for f in (one.filters if isinstance(one, Span) else (one,)))

    def asked(self, request: Request, indexes: Iterable[Index]) -> Asked:
        """What the call asks for. Raises Stop."""
        wanted, number, size = self._of_body(request) if self.inside else self._of_query(request)
        oldest_first = self._oldest_first(request)
        problems = [*self._too_large(size), *self._reversed(wanted)]
        if problems:
            raise Stop("rules", problems)
        index = {one.name: one for one in indexes}
        named = {one.name: one for one in self.each}
        where = tuple(found for name, values in wanted.items() if (found := named[name].where(values, index)))
        if self.paging is None:
            return Asked(where=where, oldest_first=oldest_first)
        return Asked(where=where, number=number, size=min(size, self.paging.largest), oldest_first=oldest_first)

    def _oldest_first(self, request: Request) -> bool:
        word = query_value(request, self.order).upper() if self.order else ""
        if word not in ("", "ASC", "DESC"):
            says = "ASC or DESC"
            raise Stop("fields", (Problem(code=self.wrong_order, field=self.order, seen=ascii(word[:40]), says=says),))
        return word == "ASC" if word else self.oldest_first

    def _of_query(self, request: Request) -> tuple[dict[str, list[Any]], int, int]:
        query = query_values(request)
        problems: list[Problem] = []
        number, size = self._page_of_query(query, problems) if self.paging else (1, 1)
        wanted: dict[str, list[Any]] = {}
        for one in self.each:
            texts = query.get(one.name, [])
            texts = texts if one.repeated else texts[-1:]
            values = [one.kind.read(one.kind.typed(text)) for text in texts]
            if None in values:
                seen = ascii(texts[values.index(None)][:LONGEST_SEEN])
                problems.append(Problem(code=one.wrong, field=one.name, seen=seen, says=one.kind.says))
            elif values:
                wanted[one.name] = values
        if problems:
            raise Stop("fields", problems)
        return wanted, number, size

    def _page_of_query(self, query: Mapping[str, list[str]], problems: list[Problem]) -> tuple[int, int]:
        paging, found = self._paged, []
        for name, usual, code in (
            (paging.number, 1, paging.wrong_number),
            (paging.size, paging.usual, paging.wrong_size),
        ):
            text = query[name][-1] if name in query else str(usual)
            value = _POSITIVE.read(_POSITIVE.typed(text))
            if value is None:
                seen, expected = ascii(text[:LONGEST_SEEN]), f"1 to {INT32}"
                problems.append(Problem(code=code, field=name, seen=seen, expected=expected, says=_POSITIVE.says))
            found.append(usual if value is None else value)
        return found[0], found[1]

    def _of_body(self, request: Request) -> tuple[dict[str, list[Any]], int, int]:
        filters, page = self.inside or ("", "")
        members = tuple(Field(name=one.name, kind=one.kind, wrong=one.wrong) for one in self.each)
        paging = self._paged
        numbers = (
            Field(name=paging.number, kind=_POSITIVE, wrong=paging.wrong_number),
            Field(name=paging.size, kind=_POSITIVE, wrong=paging.wrong_size),
        )
        given = read(
            request.payload,
            table(
                Field(name=filters, members=members, wrong=self.wrong),
                Field(name=page, members=numbers, wrong=self.wrong),
            ),
        )
        asked: Values = given.get(page, {})
        wanted = {name: [value] for name, value in given.get(filters, {}).items()}
        return wanted, asked.get(paging.number, 1), asked.get(paging.size, paging.usual)

    @property
    def _paged(self) -> Paging:
        if self.paging is None:
            raise LookupError("a list that is asked for with a body is declared with a paging")
        return self.paging

    def _too_large(self, size: int) -> list[Problem]:
        paging = self.paging
        if paging is None or paging.cut or size <= paging.largest:
            return []
        field = f"{self.inside[1]}.{paging.size}" if self.inside else paging.size
        most = f"at most {paging.largest}"
        return [Problem(code=paging.too_large, field=field, seen=str(size), expected=most, says=most)]

    def _reversed(self, wanted: Mapping[str, list[Any]]) -> list[Problem]:
        problems = []
        for span in self.filters:
            if isinstance(span, Span) and span.first in wanted and span.last in wanted:
                first, last = wanted[span.first][0], wanted[span.last][0]
                if first > last:
                    field = f"{self.inside[0]}.{span.first}" if self.inside else span.first
                    seen, says = f"{first} to {last}", f"at most {span.last}"
                    problems.append(Problem(code=span.reversed, field=field, seen=seen, says=says))
        return problems


EVERYTHING = Listing()
"""A list without filters and pages."""


def query_values(request: Request) -> Mapping[str, list[str]]:
    """Every value of every parameter; an empty one too."""
    return parse_qs(request.query.decode("latin-1"), keep_blank_values=True)


def query_value(request: Request, name: str, usual: str = "") -> str:
    """One parameter; of a repeated one the last value."""
    return query_values(request).get(name, [usual])[-1]


def found_in(
    rows: Iterable[Row],
    keys: Callable[[Body], Sequence[tuple[str, str]] | None],
    where: Sequence[Where] = (),
    *,
    start: int = 0,
    size: int | None = None,
) -> Found:
    """What the store would find among these rows, in their order: for what is not kept as rows, and for tests."""
    fitting = [row for row in rows if _fits(keys(row.body) or (), where)]
    end = None if size is None else start + size
    return Found(rows=tuple(fitting[start:end]), total=len(fitting))


def _fits(keys: Sequence[tuple[str, str]], where: Sequence[Where]) -> bool:
    return all(one.fits([value for name, value in keys if name == one.key]) for one in where)
