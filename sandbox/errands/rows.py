"""The rows of one client as a provider's functions may see them, within an open unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.oauth.clients import ClientRecord
from sandbox.providers.desk import Body, Row
from sandbox.storage import resources
from sandbox.storage.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientRows:
    """The rows of one client."""

    work: Work
    client: ClientRecord

    def get(self, kind: str, id: str) -> Body | None:
        return resources.get(self.work, self.client.provider, self.client.id, kind, id)

    def put(self, kind: str, id: str, body: Body) -> None:
        resources.put(self.work, self.client.provider, self.client.id, kind, id, body)

    def remove(self, kind: str, id: str) -> None:
        resources.remove(self.work, self.client.provider, self.client.id, kind, id)

    def all_of(self, kind: str) -> Sequence[Row]:
        found = resources.all_of(self.work, self.client.provider, self.client.id, kind)
        return tuple(Row(kind=kind, id=key, body=body) for key, body in found)
