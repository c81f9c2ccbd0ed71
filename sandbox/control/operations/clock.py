"""The sandbox's clock over JSON: show, move, freeze, run, reset."""

from sandbox.control.operation import Answer, Call, Operation, Reply
from sandbox.control.reading import malformed, read_object
from sandbox.control.schemas import FREEZE_CLOCK, MOVE_CLOCK
from sandbox.errands import clock
from sandbox.errands.durations import read_duration
from sandbox.errands.instants import read_instant
from sandbox.errands.state import State

_CLOCK = "/api/clock"
_SHOWN = {200: Answer(description="What it shows.", schema="Clock")}


def _show(state: State, call: Call) -> Reply:
    return Reply(json=clock.show_clock(state).as_json())


def _move(state: State, call: Call) -> Reply:
    said = read_object(call.body, MOVE_CLOCK)
    if len(said) != 1:
        raise malformed("both fields, or none", 'one of them: {"by": "13months"} or {"to": "2027-12-24T10:00:00Z"}')
    if "to" in said:
        return Reply(json=clock.move_clock_to(state, read_instant(said["to"])).as_json())
    by = read_duration(said["by"])
    return Reply(json=clock.move_clock(state, by.delta, months=by.months).as_json())


def _freeze(state: State, call: Call) -> Reply:
    said = read_object(call.body, FREEZE_CLOCK)
    at = read_instant(said["at"]) if "at" in said else None
    return Reply(json=clock.freeze_clock(state, at).as_json())


def _run(state: State, call: Call) -> Reply:
    return Reply(json=clock.run_clock(state).as_json())


def _reset(state: State, call: Call) -> Reply:
    return Reply(json=clock.reset_clock(state).as_json())


OPERATIONS = (
    Operation(
        method="GET",
        path=_CLOCK,
        name="showClock",
        summary="What the sandbox's clock shows; client certificates, tokens, keys and the journal's times follow it",
        handler=_show,
        answers=_SHOWN,
    ),
    Operation(
        method="POST",
        path=f"{_CLOCK}/move",
        name="moveClock",
        summary="Move it by a duration, or to an instant from which it runs on",
        handler=_move,
        body="MoveClock",
        answers=_SHOWN,
    ),
    Operation(
        method="POST",
        path=f"{_CLOCK}/freeze",
        name="freezeClock",
        summary="Let it stand still: at an instant, or for {} at what it shows now",
        handler=_freeze,
        body="FreezeClock",
        answers=_SHOWN,
    ),
    Operation(
        method="POST",
        path=f"{_CLOCK}/run",
        name="runClock",
        summary="Let it go on from where it stands",
        handler=_run,
        answers=_SHOWN,
    ),
    Operation(
        method="POST",
        path=f"{_CLOCK}/reset",
        name="resetClock",
        summary="Go by real time again",
        handler=_reset,
        answers=_SHOWN,
    ),
)
