"""The OpenAPI 3.1 document, made from the same table as the routes."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.control.operation import Answer, Operation, Parameter
from sandbox.control.schemas import SCHEMAS, ref

_BRACES = re.compile(r"\{(\w+)\}")
_PATH_PARAMETERS = {
    "provider": "Name of a provider.",
    "client": "Name or id of a client.",
    "wanted": "Serial, SHA-256 fingerprint or name of a certificate; of a name, the newest.",
    "key": "Kid of a key, or its id.",
    "algorithm": "Of a key of the provider's, such as ES512.",
    "kind": "Kind of row: profile, balance, transfer.",
    "row": "Id of a row, unique among the client's of its kind.",
    "id": "Id of a journal entry: the x-trace-id of a reply.",
    "code": "Code of a cause, layer.reason.",
    "delivery": "Id of a delivery, which its receiver sees too.",
}
_ABOUT = (
    "The services of a running Sandbank as JSON. Calls with a Host or an Origin other than the door's own are refused; "
    "where a control token is set, every call but GET /health needs it."
)
_UNREADABLE = Answer(description="The call cannot be read.", schema="Error")
_NO_TOKEN = Answer(description="The control token is wanted.", schema="Error")
_OUTSIDE = Answer(description="The Host or the Origin is not the door's own.", schema="Error")
_WITH_BODY = {
    408: Answer(description="The body was too slow.", schema="Error"),
    413: Answer(description="The body is over 1 MiB.", schema="Error"),
}
_OTHER = Answer(description="The store is held by another process (503), or a fault of ours (500).", schema="Error")


def document(operations: Sequence[Operation], version: str) -> Mapping[str, Any]:
    """The whole document, as JSON types."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sandbank control", "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def statuses(operation: Operation) -> Mapping[int, Answer]:
    """Every reply of an operation by status: its own, and those that come of what it takes."""
    met: dict[int, Answer] = {400: _UNREADABLE, 403: _OUTSIDE, **operation.answers}
    if operation.body:
        met |= _WITH_BODY
    if not operation.open:
        met[401] = _NO_TOKEN
    return dict(sorted(met.items()))


def _operation(operation: Operation) -> Mapping[str, Any]:
    names = _BRACES.findall(operation.path)
    said: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*map(_path_parameter, names), *map(_query_parameter, operation.query)],
        "responses": {
            **{str(status): _answer(answer) for status, answer in statuses(operation).items()},
            "default": _answer(_OTHER),
        },
    }
    if operation.body:
        said["requestBody"] = _body(operation)
    if operation.open:
        said["security"] = []
    return said


def _path_parameter(name: str) -> Mapping[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": _PATH_PARAMETERS[name],
        "schema": {"type": "string"},
    }


def _query_parameter(parameter: Parameter) -> Mapping[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _answer(answer: Answer) -> Mapping[str, Any]:
    if answer.schema:
        return {"description": answer.description, "content": {"application/json": {"schema": ref(answer.schema)}}}
    return {"description": answer.description, "content": {media: {} for media in answer.media_types}}


def _body(operation: Operation) -> Mapping[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": ref(operation.body)}}
    if operation.pem:
        content["application/x-pem-file"] = {"schema": {"type": "string"}}
    return {
        "required": True,
        "description": "What begins with { is read as JSON, whatever the content type says.",
        "content": content,
    }
