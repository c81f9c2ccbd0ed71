"""The partner's registered application as a record; where it is kept is storage's business."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.oauth.secrets import Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The partner's registered application, as a handler may see it: without its secret."""

    provider: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRecord:
    """A client as it is stored: its secret as a hash, unless it is a demo client. Its id is the CN of its certificates
    where the provider says so."""

    provider: str
    id: str
    name: str
    secret: Kept = field(repr=False)
    created_at: datetime
    require_jws: bool = False
    """Whether calls that can be signed must be."""

    @property
    def seen(self) -> Client:
        """The same as a handler may see it."""
        return Client(provider=self.provider, id=self.id, name=self.name)
