"""A client's rows over JSON: list, show, put."""

from sandbox.control.operation import Answer, Call, Operation, Reply
from sandbox.control.operations.clients import NO_CLIENT
from sandbox.control.reading import read_fields
from sandbox.errands import resources
from sandbox.errands.resources import row_as_json
from sandbox.errands.state import State

_OF_KIND = "/api/{provider}/clients/{client}/resources/{kind}"
_ONE = f"{_OF_KIND}/{{row}}"
_NO_ROW = Answer(description="There is no such provider, client or row.", schema="Error")


def _list(state: State, call: Call) -> Reply:
    found = resources.list_resources(state, call.params["provider"], call.params["client"], call.params["kind"])
    return Reply(json={"resources": [row_as_json(row) for row in found]})


def _show(state: State, call: Call) -> Reply:
    provider, client, kind, row = (call.params[name] for name in ("provider", "client", "kind", "row"))
    return Reply(json=row_as_json(resources.show_resource(state, provider, client, kind, row)))


def _put(state: State, call: Call) -> Reply:
    provider, client, kind, row = (call.params[name] for name in ("provider", "client", "kind", "row"))
    return Reply(json=row_as_json(resources.put_resource(state, provider, client, kind, row, read_fields(call.body))))


OPERATIONS = (
    Operation(
        method="GET",
        path=_OF_KIND,
        name="listResources",
        summary="A client's rows of a kind, by id; none for a kind that nobody knows",
        handler=_list,
        answers={200: Answer(description="All of them.", schema="Resources"), 404: NO_CLIENT},
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="showResource",
        summary="One row, as it is now",
        handler=_show,
        answers={200: Answer(description="The row.", schema="Resource"), 404: _NO_ROW},
    ),
    Operation(
        method="PUT",
        path=_ONE,
        name="putResource",
        summary="Make a row, or another in its place; what is not given is as in any new one",
        handler=_put,
        body="Fields",
        answers={200: Answer(description="The whole row.", schema="Resource"), 404: NO_CLIENT},
    ),
)
