"""Reading the journal: the newest entries of a view, one entry by its id."""

from dataclasses import replace

from sandbox.errands.clients import find_client
from sandbox.errands.state import State
from sandbox.errors import NotThere
from sandbox.journal.entry import Entry
from sandbox.journal.view import View
from sandbox.providers import PROVIDERS
from sandbox.storage import clients

MAX_ENTRIES = 1_000
"""For one answer; whoever wants more asks again from the number of the last."""


def read_journal(state: State, view: View) -> tuple[tuple[int, Entry], ...]:
    """Entries with their numbers, oldest first. The client of *view* may be a name. Raises NotThere."""
    if view.client is not None:
        view = replace(view, client=_client_id(state, view))
    return state.journal.read(replace(view, limit=max(1, min(view.limit, MAX_ENTRIES))))


def _client_id(state: State, view: View) -> str:
    """The id of the client that *view* names, at its provider or, without one, at any."""
    wanted = view.client or ""
    with state.store.read() as work:
        if view.provider:
            return find_client(work, view.provider, wanted).id
        for provider in PROVIDERS:
            if found := clients.by_name(work, provider.name, wanted) or clients.by_id(work, provider.name, wanted):
                return found.id
    raise NotThere(f"no provider has a client {wanted!r}", next_step="sandbank client list shows them")


def find_entry(state: State, entry_id: str) -> Entry:
    """The entry with that id (a reply's ``x-trace-id``). Raises NotThere."""
    entry = state.journal.find(entry_id)
    if entry is None:
        raise NotThere(
            f"the journal has no entry {entry_id[:40]!r}", next_step="sandbank journal shows the newest entries"
        )
    return entry
