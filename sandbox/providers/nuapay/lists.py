"""Lists: which part of a collection a call asks for, in its query or in its body, and what it leaves out.

Source: "Pagination" in the introduction of Nuapay's API descriptions: 20 on a page unless told, 100 at most.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.providers.context import Body, Request, Response
from sandbox.providers.nuapay.envelope import Page, collection
from sandbox.providers.nuapay.fields import Field
from sandbox.providers.nuapay.keeping import shown
from sandbox.providers.nuapay.problems import FIRST, Manner, Problem, fields_refused, rules_refused
from sandbox.providers.nuapay.queries import values_of
from sandbox.providers.nuapay.values import Kind, day, whole

USUAL_SIZE, LARGEST_SIZE = 20, 100
_INT32 = 2**31 - 1
"""Page number and page size are int32 in the descriptions."""
_NUMBER = whole(1, _INT32)

PAGE = Field(
    name="page",
    wrong="7131",
    members=(
        Field(name="pageNumber", wrong="7050", kind=_NUMBER),
        Field(name="pageSize", wrong="7052", kind=_NUMBER),
    ),
)
"""The part of a body that asks for a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The codes with which a family of calls refuses its query."""

    number: str = "7050"
    size: str = "7052"
    too_large: str = "7051"
    manner: Manner = FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A parameter that leaves out what does not fit."""

    name: str
    wrong: str
    kind: Kind
    fits: Callable[[Body, Any], bool]
    repeated: bool = False
    """It may be given several times; what fits one of them stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two filters by date, of which the first may not be later than the last."""

    first: str
    last: str
    wrong: str
    reversed: str
    of: Callable[[Body], str]

    @property
    def filters(self) -> tuple[Filter, Filter]:
        def from_(body: Body, first: Any) -> bool:
            return self.of(body) >= str(first)

        def until(body: Body, last: Any) -> bool:
            return self.of(body) <= str(last)

        return (
            Filter(name=self.first, wrong=self.wrong, kind=day, fits=from_),
            Filter(name=self.last, wrong=self.wrong, kind=day, fits=until),
        )


def listed(
    request: Request,
    uri: str,
    bodies: Sequence[Body],
    filters: Sequence[Filter] = (),
    *,
    spans: Sequence[Span] = (),
    words: Words = Words(),
    show: Callable[[Body], Body] = shown,
) -> Response:
    """The page that a query asks for. ``orderby`` is passed over: what it may say is not published."""
    query = values_of(request)
    problems: list[Problem] = []
    number = _number(query, "pagenumber", 1, words.number, problems)
    size = _number(query, "pagesize", USUAL_SIZE, words.size, problems)
    wanted = _wanted(query, (*filters, *(f for span in spans for f in span.filters)), problems)
    if problems:
        return fields_refused(problems, words.manner)
    together = [*_too_large(size, "pagesize", words.too_large), *_reversed(wanted, spans)]
    if together:
        return rules_refused(together, words.manner)
    left = [body for body in bodies if all(_fits(body, one, values) for one, values in wanted.values())]
    return cut(uri, left, number, size, show)


def page_of(said: Mapping[str, Any], manner: Manner) -> tuple[int, int] | Response:
    """Number and size that a body asks for, as ``PAGE`` has read them."""
    page = said.get("page", {})
    size = page.get("pageSize", USUAL_SIZE)
    if problems := _too_large(size, "page.pageSize", "7051"):
        return rules_refused(problems, manner)
    return page.get("pageNumber", 1), size


def cut(uri: str, bodies: Sequence[Body], number: int, size: int, show: Callable[[Body], Body] = shown) -> Response:
    """That page of these; an empty one behind the last."""
    start = (number - 1) * size
    data = [show(body) for body in bodies[start : start + size]]
    return collection(uri, data, Page(number=number, size=size, of=len(bodies)))


def _number(query: Mapping[str, list[str]], name: str, usual: int, code: str, problems: list[Problem]) -> int:
    if name not in query:
        return usual
    written = query[name][-1]
    short = written.isascii() and written.isdecimal() and len(written) <= len(str(_INT32))
    if short and (read := _NUMBER(int(written))) is not None:
        return int(read)
    problems.append(Problem(code=code, field=name, seen=ascii(written[:40]), expected=f"1 to {_INT32}"))
    return usual


def _wanted(
    query: Mapping[str, list[str]], filters: Sequence[Filter], problems: list[Problem]
) -> dict[str, tuple[Filter, list[Any]]]:
    wanted: dict[str, tuple[Filter, list[Any]]] = {}
    for parameter in filters:
        written = query.get(parameter.name, [])
        written = written if parameter.repeated else written[-1:]
        values = [parameter.kind(one) for one in written]
        if None in values:
            seen = ascii(written[values.index(None)][:40])
            problems.append(Problem(code=parameter.wrong, field=parameter.name, seen=seen))
        elif values:
            wanted[parameter.name] = (parameter, values)
    return wanted


def _fits(body: Body, parameter: Filter, values: Sequence[Any]) -> bool:
    return any(parameter.fits(body, value) for value in values)


def _too_large(size: int, field: str, code: str) -> list[Problem]:
    if size <= LARGEST_SIZE:
        return []
    return [Problem(code=code, field=field, seen=str(size), expected=f"at most {LARGEST_SIZE}")]


def _reversed(wanted: Mapping[str, tuple[Filter, list[Any]]], spans: Sequence[Span]) -> list[Problem]:
    problems = []
    for span in spans:
        if span.first in wanted and span.last in wanted:
            first, last = wanted[span.first][1][0], wanted[span.last][1][0]
            if first > last:
                problems.append(Problem(code=span.reversed, field=span.first, seen=f"{first} to {last}"))
    return problems
