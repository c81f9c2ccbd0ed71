"""What a handler may touch: a read endpoint's context has nothing to write with."""

import pytest

from sandbox.providers.context import Context, ReadContext
from sandbox.server.pipeline.context import CallContext
from sandbox.server.pipeline.reading import CallReading
from sandbox.services.rows import find_client

WRITES = {
    "resources": ("put", "remove", "remove_where"),
    "certificates": ("sign", "upload", "revoke"),
}


def test_a_read_context_looks_and_cannot_write(state):
    """It reads the same rows as a write context does, which can; nothing that writes is anywhere on it."""
    with state.store.write() as work:
        client = find_client(work, "wise", "demo")
        given = {"now": state.clock.now(), "work": work, "authority": state.authority, "caller": client}
        reads: ReadContext = CallReading(**given)
        writes: Context = CallContext(**given, ids=state.ids, vault=state.vault)
        writes.resources.put("note", "1", {"a": 1})
        assert reads.resources.get("note", "1") == {"a": 1}
        with pytest.raises(AttributeError):
            reads.resources.put("note", "1", {"a": 2})  # type: ignore[attr-defined]
        for room, names in WRITES.items():
            for name in names:
                assert hasattr(getattr(writes, room), name) and not hasattr(getattr(reads, room), name)
        assert not any(hasattr(reads, name) for name in ("keys", "tokens", "ids", "client"))
