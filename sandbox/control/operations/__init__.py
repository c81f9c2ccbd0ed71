"""Everything that can be asked of the control door: one explicit tuple, a file for each noun."""

from sandbox.control.openapi import document
from sandbox.control.operation import Answer, ControlRequest, ControlResponse, Operation
from sandbox.control.operations import certificates, clients, clock, keys, service, webhooks
from sandbox.control.operations.service import version
from sandbox.services.state import State


def _document(state: State, call: ControlRequest) -> ControlResponse:
    return ControlResponse(json=document(OPERATIONS, version()))


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
    *keys.KEY_OPERATIONS,
    *keys.RESOURCE_OPERATIONS,
    *service.AUTHORITY_OPERATIONS,
    *clock.CLOCK_OPERATIONS,
    *webhooks.OPERATIONS,
    *clock.JOURNAL_OPERATIONS,
    *service.CAUSE_OPERATIONS,
)
