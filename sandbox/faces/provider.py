"""One imitated provider: its doors' URLs, and its clients, new ones and those that are there."""

from sandbox.errands import clients
from sandbox.errands.planted import Known
from sandbox.errands.state import State
from sandbox.faces.client import Client
from sandbox.providers import named


class ProviderFace:
    """One imitated provider of a running sandbox."""

    def __init__(self, state: State, name: str, ports: dict[str, int], known: Known | None = None) -> None:
        self._state = state
        self._known = known or {}
        self.name = name
        self.urls = {door.name: f"https://localhost:{ports[f'{name}.{door.name}']}" for door in named(name).doors}
        """Base URL of each door: ``urls["mtls"]``, ``urls["api"]``."""

    def new_client(self, name: str, *, id: str = "", secret: str = "", require_jws: bool = False) -> Client:
        """Register a client; with *require_jws*, calls of its that can be signed must be.

        Raises :class:`sandbox.errors.Misuse` when the name is taken.
        """
        made = clients.add_client(self._state, self.name, name, id=id, secret=secret, require_jws=require_jws)
        return Client(self._state, self.name, made.client, made.secret)

    def client(self, name: str = "") -> Client:
        """The client of that name or id; without one, the demo client. Raises :class:`sandbox.errors.NotThere`."""
        record = clients.show_client(self._state, self.name, name or named(self.name).registration.demo[0])
        planted = self._known.get((self.name, record.id))
        secret = planted.secret if planted and planted.kept == record.secret else ""
        return Client(self._state, self.name, record, secret)
