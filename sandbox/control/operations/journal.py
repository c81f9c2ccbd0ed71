"""The journal over JSON: the newest entries of a view, one entry by its id."""

from sandbox.control.operation import Answer, Call, Operation, Parameter, Reply
from sandbox.control.schemas import TEXT
from sandbox.errands.journal import MAX_ENTRIES, find_entry, read_journal
from sandbox.errands.state import State
from sandbox.journal.view import View

_HIGHEST = 2**63 - 1
"""The largest number that a row can have (sqlite.org/autoinc.html)."""


def _read(state: State, call: Call) -> Reply:
    query = call.query
    view = View(
        client=query["client"] or None,
        provider=query["provider"] or None,
        path=query["path"] or None,
        refused=query["refused"],
        after=query["after"],
        limit=query["limit"],
    )
    # Before the entries: what comes between the two questions is then told now or next time, never lost.
    newest = state.journal.newest()
    entries = read_journal(state, view)
    if len(entries) == view.limit and view.after:
        # There may be more: whoever asks again from here gets it.
        newest = entries[-1][0]
    said = [{"number": number, **entry.as_json()} for number, entry in entries]
    return Reply(json={"entries": said, "newest": newest})


def _find(state: State, call: Call) -> Reply:
    return Reply(json=find_entry(state, call.params["id"]).as_json())


OPERATIONS = (
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
            Parameter(name="path", description="Path of a call, as requested.", schema={**TEXT, "default": ""}),
            Parameter(name="refused", description="Only refusals.", schema={"type": "boolean", "default": False}),
            Parameter(
                name="after",
                description="Only entries with a higher number.",
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
