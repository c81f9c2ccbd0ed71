"""A client's public keys and its rows over JSON."""

from collections.abc import Mapping
from datetime import datetime

from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation, Parameter
from sandbox.control.operations.clients import NO_CLIENT
from sandbox.control.reading import is_json, malformed, read_fields, read_object
from sandbox.control.schemas import NEW_KEY, NEW_KEY_OPTIONS
from sandbox.providers.context import NewKey
from sandbox.services import keys, resources
from sandbox.services.clock import read_instant
from sandbox.services.resources import row_as_json
from sandbox.services.state import State

_ALL = "/api/{provider}/clients/{client}/keys"
_TIMES = {"active_from": "active_from", "expires_at": "expires_at", "delete_at": "deleted_at"}
_NO_KEY = Answer(description="There is no such provider, client or key.", schema="Error")


def _list(state: State, call: ControlRequest) -> ControlResponse:
    found = keys.list_keys(state, call.params["provider"], call.params["client"])
    now = state.clock.now()
    return ControlResponse(json={"keys": [keys.key_as_json(key, now) for key in found]})


def _add(state: State, call: ControlRequest) -> ControlResponse:
    key = keys.add_key(state, call.params["provider"], call.params["client"], _new_key(call))
    return ControlResponse(status=201, json=keys.key_as_json(key, state.clock.now()))


def _remove(state: State, call: ControlRequest) -> ControlResponse:
    removed = keys.remove_key(state, call.params["provider"], call.params["client"], call.params["key"])
    return ControlResponse(json=keys.key_as_json(removed, state.clock.now()))


def _new_key(call: ControlRequest) -> NewKey:
    """From JSON, or from the key as it is with the rest in the query."""
    in_query = {name: value for name, value in call.query.items() if value}
    if not is_json(call.body):
        if "algorithm" not in in_query:
            raise malformed("a key without ?algorithm=", "the algorithm that it is for, or a JSON object")
        return _made({**in_query, "key": keys.key_text(call.body)})
    if in_query:
        raise malformed("a JSON body and query parameters", "one of them")
    return _made(read_object(call.body, NEW_KEY))


def _made(said: Mapping[str, str]) -> NewKey:
    times: dict[str, datetime] = {}
    for name, field in _TIMES.items():
        if name in said:
            times[field] = read_instant(said[name])
    return keys.new_key(said["algorithm"], said["key"], kid=said.get("kid"), **times)


def _rotate(state: State, call: ControlRequest) -> ControlResponse:
    algorithm = call.params["algorithm"]
    version = keys.rotate(state, call.params["provider"], algorithm)
    return ControlResponse(status=201, json={"algorithm": algorithm, "version": version})


KEY_OPERATIONS = (
    Operation(
        method="GET",
        path=_ALL,
        name="listKeys",
        summary="The public keys of a client, deleted ones too, in the order in which they were added",
        handler=_list,
        answers={200: Answer(description="All of them.", schema="Keys"), 404: NO_CLIENT},
    ),
    Operation(
        method="POST",
        path=_ALL,
        name="addKey",
        summary="Register a public key: JSON, or the bare PEM with ?algorithm=",
        handler=_add,
        query=tuple(
            Parameter(
                name=name,
                description=f"For a body that is the bare key. {schema['description']}",
                schema={**{word: said for word, said in schema.items() if word != "description"}, "default": ""},
            )
            for name, schema in NEW_KEY_OPTIONS.items()
        ),
        body="NewKey",
        pem=True,
        answers={
            201: Answer(description="The key.", schema="Key"),
            404: NO_CLIENT,
            422: Answer(description="Why it is not taken.", schema="Refusals"),
        },
    ),
    Operation(
        method="DELETE",
        path=f"{_ALL}/{{key}}",
        name="removeKey",
        summary="Delete a public key; signatures by it are refused from now on, and its kid stays taken",
        handler=_remove,
        answers={200: Answer(description="The key, deleted.", schema="Key"), 404: _NO_KEY},
    ),
    Operation(
        method="POST",
        path="/api/{provider}/keys/{algorithm}/rotate",
        name="rotateKey",
        summary="A new key of the provider's own, which signs replies and webhooks from now on",
        handler=_rotate,
        answers={
            201: Answer(description="Its version.", schema="ProviderKey"),
            404: Answer(description="There is no such provider.", schema="Error"),
        },
    ),
)


_OF_KIND = "/api/{provider}/clients/{client}/resources/{kind}"
_ONE = f"{_OF_KIND}/{{row}}"
_NO_ROW = Answer(description="There is no such provider, client or row.", schema="Error")


def _list_rows(state: State, call: ControlRequest) -> ControlResponse:
    found = resources.list_resources(state, call.params["provider"], call.params["client"], call.params["kind"])
    return ControlResponse(json={"resources": [row_as_json(row) for row in found]})


def _show(state: State, call: ControlRequest) -> ControlResponse:
    provider, client, kind, row = (call.params[name] for name in ("provider", "client", "kind", "row"))
    return ControlResponse(json=row_as_json(resources.show_resource(state, provider, client, kind, row)))


def _put(state: State, call: ControlRequest) -> ControlResponse:
    provider, client, kind, row = (call.params[name] for name in ("provider", "client", "kind", "row"))
    return ControlResponse(
        json=row_as_json(resources.put_resource(state, provider, client, kind, row, read_fields(call.body)))
    )


RESOURCE_OPERATIONS = (
    Operation(
        method="GET",
        path=_OF_KIND,
        name="listResources",
        summary="A client's rows of a kind, by id; none for a kind that nobody knows",
        handler=_list_rows,
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
