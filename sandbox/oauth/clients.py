"""The partner's registered application as a record; where it is kept is storage's business."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """A client as it is stored. Its id is the CN of its certificates where the provider says so."""

    provider: str
    id: str
    name: str
    secret: str = field(repr=False)
    created_at: datetime
    require_jws: bool = False
    """Whether calls that can be signed must be."""
