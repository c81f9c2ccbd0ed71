"""Everything that can be asked of the control door: one explicit tuple, a file for each noun."""

from sandbox.control.openapi import document
from sandbox.control.operation import Answer, Call, Operation, Reply
from sandbox.control.operations import (
    authority,
    causes,
    certificates,
    clients,
    clock,
    journal,
    keys,
    resources,
    service,
)
from sandbox.control.operations.service import version
from sandbox.errands.state import State


def _document(state: State, call: Call) -> Reply:
    return Reply(json=document(OPERATIONS, version()))


OPERATIONS: tuple[Operation, ...] = (
    *service.OPERATIONS,
    Operation(
        method="GET",
        path="/openapi.json",
        name="describe",
        summary="This document",
        handler=_document,
        answers={200: Answer(description="OpenAPI 3.1.", schema="Document")},
    ),
    *clients.OPERATIONS,
    *certificates.OPERATIONS,
    *keys.OPERATIONS,
    *resources.OPERATIONS,
    *authority.OPERATIONS,
    *clock.OPERATIONS,
    *journal.OPERATIONS,
    *causes.OPERATIONS,
)
