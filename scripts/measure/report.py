"""What a run has found, as a table for people and as JSON for programs. Pure: what is said here is only arranged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scripts.measure.figures import Bound, Figure

JSON_VERSION = 1
"""Moves when a field changes its meaning or goes; new fields may come without."""
BUSY = 0.9
"""From this share of its cores on, the client may have been the limit, and the figure says nothing about the server."""

HEADINGS = ("figure", "ours", "beside it", "ratio", "rounds", "by CPU", "aim", "ok?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A scenario and what its rounds came to."""

    name: str
    title: str
    unit: str
    beside: str
    bound: Bound
    figure: Figure

    @property
    def ok(self) -> bool:
        return self.bound.holds(self.figure)


def table(results: Sequence[Result]) -> str:
    """One line per scenario; below it, what makes a figure doubtful."""
    rows = [HEADINGS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join([*lines, *(warning for result in results for warning in _doubts(result))])


def as_json(results: Sequence[Result], run: Mapping[str, Any]) -> dict[str, Any]:
    """The whole run; *run* is what is known of the machine and the length."""
    return {"version": JSON_VERSION, **run, "figures": [_figure(result) for result in results]}


def amount(value: float, unit: str) -> str:
    """Three digits that mean something, thousands apart."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f} {unit}" if unit[:1].isalpha() else f"{value:,.{digits}f}{unit}"


def aim(bound: Bound, unit: str) -> str:
    limit = f"{bound.limit:g}x" if bound.of == "ratio" else f"{bound.limit:g} {unit}"
    return f"{bound.side} {limit}"


def _row(result: Result) -> tuple[str, ...]:
    figure = result.figure
    low, high = figure.spread
    return (
        result.title,
        amount(figure.ours, result.unit),
        f"{amount(figure.other, result.unit)} ({result.beside})",
        f"{figure.ratio:.2f}x",
        f"{low:.2f}-{high:.2f}" if len(figure.pairs) > 1 else "",
        "" if figure.ratio_alone is None else f"{figure.ratio_alone:.2f}x",
        aim(result.bound, result.unit),
        "yes" if result.ok else "NO",
    )


def _doubts(result: Result) -> Sequence[str]:
    if result.figure.busy < BUSY:
        return ()
    return (f"{result.name}: the client was busy {result.figure.busy:.0%} of its time and may have been the limit.",)


def _figure(result: Result) -> dict[str, Any]:
    figure, bound = result.figure, result.bound
    ours, other = figure.detail()
    return {
        "name": result.name,
        "title": result.title,
        "unit": result.unit,
        "beside": result.beside,
        "ours": figure.ours,
        "other": figure.other,
        "ratio": figure.ratio,
        "ratio_by_cpu": figure.ratio_alone,
        "ratios": [pair.ratio for pair in figure.pairs],
        "aim": {"side": bound.side, "limit": bound.limit, "of": bound.of},
        "ok": result.ok,
        "client_busy": figure.busy,
        "ours_detail": dict(ours),
        "other_detail": dict(other),
    }
