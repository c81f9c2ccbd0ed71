"""The run itself: every scenario in every round, both sides one right after the other."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from scripts.measure.figures import Figure, Pair
from scripts.measure.report import Result, amount
from scripts.measure.scenarios import Scenario
from scripts.measure.stage import WARM_UP, Length, Stage

Say = Callable[[str], None]


def measure(stage: Stage, scenarios: Sequence[Scenario], say: Say) -> Sequence[Result]:
    """All rounds of all scenarios, in the order of the table. Raises Failed."""
    pairs: dict[str, list[Pair]] = {scenario.name: [] for scenario in scenarios}
    often = [scenario for scenario in scenarios if not scenario.once]
    say("warming up ...")
    for scenario in often:
        _pair(replace(stage, length=_shorter(stage.length)), scenario, turned=False)
    rounds = stage.length.rounds
    for number in range(rounds):
        for scenario in often:
            # Whoever comes second finds the machine warmer or more tired: they take turns.
            pair = _pair(stage, scenario, turned=number % 2 == 1)
            pairs[scenario.name].append(pair)
            say(f"round {number + 1} of {rounds}: {_line(scenario, pair)}")
    for scenario in scenarios:
        if scenario.once:
            pairs[scenario.name].append(_pair(stage, scenario, turned=False))
    return [_result(scenario, pairs[scenario.name]) for scenario in scenarios]


def _pair(stage: Stage, scenario: Scenario, *, turned: bool) -> Pair:
    if turned:
        other = scenario.other(stage)
        return Pair(ours=scenario.ours(stage), other=other)
    ours = scenario.ours(stage)
    return Pair(ours=ours, other=scenario.other(stage))


def _shorter(length: Length) -> Length:
    signings, fundings = (max(1, count // WARM_UP) for count in (length.signings, length.fundings))
    return replace(length, seconds=length.seconds / WARM_UP, signings=signings, fundings=fundings)


def _line(scenario: Scenario, pair: Pair) -> str:
    ours, other = (amount(sample.value, scenario.unit) for sample in (pair.ours, pair.other))
    return f"{scenario.name}: {ours}, {scenario.beside} {other}, ratio {pair.ratio:.2f}"


def _result(scenario: Scenario, pairs: Sequence[Pair]) -> Result:
    return Result(
        name=scenario.name,
        title=scenario.title,
        unit=scenario.unit,
        beside=scenario.beside,
        bound=scenario.bound,
        figure=Figure(pairs=pairs),
    )
