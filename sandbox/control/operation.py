"""One row of the control door's table, and the values that go in and out of its handler.

The rows themselves are in ``operations/``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.errands.state import State
from sandbox.journal.entry import Entry

Value = str | int | bool
"""What a query parameter or a field of a body is once it has been read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A query parameter. The reader of calls goes by the same schema as the readers of the document."""

    name: str
    description: str
    schema: Mapping[str, Any]
    """JSON Schema of type string, integer or boolean; with a default, so that a handler always finds a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was read: what its handler may go by."""

    params: Mapping[str, str]
    """The parts of the path in braces, percent-decoded."""
    query: Mapping[str, Any]
    """Every declared parameter, by its schema."""
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What goes back: JSON, or bytes of some media type."""

    status: int = 200
    json: object = None
    data: bytes | None = field(default=None, repr=False)
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    entry: Entry | None = None
    """What the journal is told before the reply leaves, where only the shared commit makes it true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One documented reply of an operation: the name of its JSON schema, or the media types of its bytes."""

    description: str
    schema: str = ""
    media_types: tuple[str, ...] = ()


Handler = Callable[[State, Call], Reply]
Sharer = Callable[[State, Call], Callable[[Any], Reply]]
"""Does what needs no transaction, and gives back what is left to do in one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that can be asked of the control door. Routes and the OpenAPI document are both made from it."""

    method: str
    path: str
    name: str
    """OpenAPI's operationId."""
    summary: str
    answers: Mapping[int, Answer]
    """What it answers by itself. What any call may be answered (401, 403, 5xx, ...) is added from what it takes."""
    query: tuple[Parameter, ...] = ()
    body: str = ""
    """Name of the schema of its JSON body; empty for operations that take none."""
    pem: bool = False
    """Whether the body may also be the bare PEM of a CSR or a key."""
    handler: Handler | None = None
    """A plain function; it runs in the server's writing thread, so it may wait for the disk."""
    sharer: Sharer | None = None
    """In its place where it works in a transaction that it shares with others that wait, and opens none of its own."""
    open: bool = False
    """Answered without the control token too, because it tells nothing."""

    def __post_init__(self) -> None:
        if (self.handler is None) is (self.sharer is None):
            raise ValueError(f"{self.name} needs a handler or a sharer, and not both")
