"""The sandbox's clock and its journal over JSON."""

from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation, Parameter
from sandbox.control.reading import malformed, read_object
from sandbox.control.schemas import FREEZE_CLOCK, MOVE_CLOCK, TEXT
from sandbox.journal.entry import KINDS, View
from sandbox.services import clock
from sandbox.services.clock import read_duration, read_instant
from sandbox.services.journal import MAX_ENTRIES, find_entry, read_journal
from sandbox.services.state import State

_CLOCK = "/api/clock"
_SHOWN = {200: Answer(description="What it shows.", schema="Clock")}


def _show(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=clock.show_clock(state).as_json())


def _move(state: State, call: ControlRequest) -> ControlResponse:
    said = read_object(call.body, MOVE_CLOCK)
    if len(said) != 1:
        raise malformed("both fields, or none", 'one of them: {"by": "13months"} or {"to": "2027-12-24T10:00:00Z"}')
    if "to" in said:
        return ControlResponse(json=clock.move_clock_to(state, read_instant(said["to"])).as_json())
    by = read_duration(said["by"])
    return ControlResponse(json=clock.move_clock(state, by.delta, months=by.months).as_json())


def _freeze(state: State, call: ControlRequest) -> ControlResponse:
    said = read_object(call.body, FREEZE_CLOCK)
    at = read_instant(said["at"]) if "at" in said else None
    return ControlResponse(json=clock.freeze_clock(state, at).as_json())


def _run(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=clock.run_clock(state).as_json())


def _reset(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=clock.reset_clock(state).as_json())


CLOCK_OPERATIONS = (
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


_HIGHEST = 2**63 - 1
"""The largest number that a row can have (sqlite.org/autoinc.html)."""


def _read(state: State, call: ControlRequest) -> ControlResponse:
    query = call.query
    view = View(
        client=query["client"] or None,
        provider=query["provider"] or None,
        kind=query["kind"] or None,
        door=query["door"] or None,
        path=query["path"] or None,
        refused=query["refused"],
        cause=query["cause"] or None,
        after=query["after"],
        before=query["before"],
        limit=query["limit"],
    )
    # Before the entries: what comes between the two questions is then told now or next time, never lost.
    newest = state.journal.newest()
    entries = read_journal(state, view)
    if len(entries) == view.limit and view.after:
        # There may be more: whoever asks again from here gets it.
        newest = entries[-1][0]
    said = [{"number": number, **entry.as_json()} for number, entry in entries]
    return ControlResponse(json={"entries": said, "newest": newest})


def _find(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=find_entry(state, call.params["id"]).as_json())


JOURNAL_OPERATIONS = (
    Operation(
        method="GET",
        path="/api/journal",
        name="readJournal",
        summary="What happened, the newest entries of a view",
        handler=_read,
        query=(
            Parameter(
                name="client",
                description="Name or id; entries that belong to nobody are in every client's view.",
                schema={**TEXT, "default": ""},
            ),
            Parameter(name="provider", description="Name of a provider.", schema={**TEXT, "default": ""}),
            Parameter(
                name="kind",
                description="Only entries of this kind; empty: of all.",
                schema={"type": "string", "enum": ["", *KINDS], "default": ""},
            ),
            Parameter(name="path", description="Path of a call, as requested.", schema={**TEXT, "default": ""}),
            Parameter(name="door", description="Name of a door, as entries have it.", schema={**TEXT, "default": ""}),
            Parameter(name="refused", description="Only refusals.", schema={"type": "boolean", "default": False}),
            Parameter(
                name="cause",
                description="Only what was refused for this cause, or for one whose code begins so.",
                schema={**TEXT, "default": ""},
            ),
            Parameter(
                name="after",
                description="Only entries with a higher number.",
                schema={"type": "integer", "minimum": 0, "maximum": _HIGHEST, "default": 0},
            ),
            Parameter(
                name="before",
                description="Only entries with a lower number, to go back; 0: there is no end.",
                schema={"type": "integer", "minimum": 0, "maximum": _HIGHEST, "default": 0},
            ),
            Parameter(
                name="limit",
                description="At most so many.",
                schema={"type": "integer", "minimum": 1, "maximum": MAX_ENTRIES, "default": 50},
            ),
        ),
        answers={
            200: Answer(description="The entries.", schema="Journal"),
            404: Answer(description="There is no such client or provider.", schema="Error"),
        },
    ),
    Operation(
        method="GET",
        path="/api/journal/{id}",
        name="findEntry",
        summary="One entry",
        handler=_find,
        answers={
            200: Answer(description="The entry.", schema="Entry"),
            404: Answer(description="There is no such entry.", schema="Error"),
        },
    ),
)
