"""The arithmetic: what one sample is, what a bound asks, and what the rounds of a scenario come to. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One measurement of one side."""

    value: float
    """In the scenario's unit."""
    alone: float | None = None
    """The same, counted in the server's own CPU time: what a machine that does nothing else would come near to."""
    busy: float = 0.0
    """How much of its cores the client took; near 1 means that the client, not the server, was the limit."""
    detail: Mapping[str, float] = field(default_factory=dict)
    """What else was seen: ``p50_us``, ``p99_us``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What we aim at: not less, or not more, than a limit; of the ratio to the other side, or of our own value."""

    side: Literal["at least", "at most"]
    limit: float
    of: Literal["ratio", "ours"] = "ratio"

    def holds(self, figure: "Figure") -> bool:
        value = figure.ratio if self.of == "ratio" else figure.ours
        return value >= self.limit if self.side == "at least" else value <= self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Both sides of one scenario in one round, measured one right after the other."""

    ours: Sample
    other: Sample

    @property
    def ratio(self) -> float:
        return self.ours.value / self.other.value

    @property
    def ratio_alone(self) -> float | None:
        """The ratio by CPU time, where both sides know theirs."""
        return self.ours.alone / self.other.alone if self.ours.alone and self.other.alone else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What the rounds of one scenario come to.

    The ratio is the median of the rounds' own ratios: what slows the machine down for a while slows both sides of a
    round, and one bad round moves nothing."""

    pairs: Sequence[Pair]

    @property
    def ours(self) -> float:
        return median(pair.ours.value for pair in self.pairs)

    @property
    def other(self) -> float:
        return median(pair.other.value for pair in self.pairs)

    @property
    def ratio(self) -> float:
        return median(pair.ratio for pair in self.pairs)

    @property
    def ratio_alone(self) -> float | None:
        """The median of the ratios by CPU time: steadier than the other on a machine that others use as well."""
        ratios = [pair.ratio_alone for pair in self.pairs]
        known = [ratio for ratio in ratios if ratio is not None]
        return median(known) if len(known) == len(ratios) else None

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of a round."""
        ratios = [pair.ratio for pair in self.pairs]
        return min(ratios), max(ratios)

    @property
    def busy(self) -> float:
        """The client's share of its cores, on the side where it had more to do."""
        return max(median(sample.busy for sample in side) for side in self._sides())

    def detail(self) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """The medians of what else was seen, ours and the other side's."""
        ours, other = (_medians([sample.detail for sample in side]) for side in self._sides())
        return ours, other

    def _sides(self) -> tuple[list[Sample], list[Sample]]:
        return [pair.ours for pair in self.pairs], [pair.other for pair in self.pairs]


def _medians(seen: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    return {name: median(each[name] for each in seen) for name in seen[0]}
