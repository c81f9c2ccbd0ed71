"""The table of refusals over JSON."""

from sandbox.control.operation import Answer, Call, Operation, Reply
from sandbox.errands.state import State
from sandbox.journal.causes import CAUSES, Cause, explain


def _list(state: State, call: Call) -> Reply:
    return Reply(json={"causes": [_said(cause) for cause in CAUSES.values()]})


def _explain(state: State, call: Call) -> Reply:
    return Reply(json=_said(explain(call.params["code"])))


def _said(cause: Cause) -> dict[str, str]:
    return {"code": cause.code, "layer": cause.layer, "meaning": cause.meaning, "next": cause.next}


OPERATIONS = (
    Operation(
        method="GET",
        path="/api/causes",
        name="listCauses",
        summary="Every cause of a refusal",
        handler=_list,
        answers={200: Answer(description="The table.", schema="Causes")},
    ),
    Operation(
        method="GET",
        path="/api/causes/{code}",
        name="explainCause",
        summary="What a cause means, and what to do",
        handler=_explain,
        answers={
            200: Answer(description="The row.", schema="Cause"),
            404: Answer(description="There is no such cause; the nearest are named.", schema="Error"),
        },
    ),
)
