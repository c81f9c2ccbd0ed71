"""Which entries of the journal a reader wants; finding them is storage's business."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Which entries a reader wants. A client's view also has the entries that belong to nobody."""

    client: str | None = None
    provider: str | None = None
    path: str | None = None
    refused: bool = False
    after: int = 0
    limit: int = 50
