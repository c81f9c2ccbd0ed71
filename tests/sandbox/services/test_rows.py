"""The rows of one client, as a provider's functions see them."""

from sandbox.providers.context import Where
from sandbox.services.clients import add_client
from sandbox.services.postbox import FromTo, WatchedRows
from sandbox.services.rows import ClientRows, find_client


def test_a_row_is_removed_from_its_client_alone(state):
    """Another client's of the same kind and id stays, and so do the client's other rows."""
    add_client(state, "wise", "acme")
    with state.store.write() as work:
        demo, acme = (ClientRows(work=work, client=find_client(work, "wise", name)) for name in ("demo", "acme"))
        balances = demo.all_of("balance")
        demo.remove("transfer", "12345")
        assert demo.get("transfer", "12345") is None and demo.all_of("transfer") == ()
        assert acme.get("transfer", "12345") is not None
        assert balances and demo.all_of("balance") == balances


def test_a_row_that_is_not_there_is_not_missed(state):
    """Removing is a wish about how it is to be."""
    with state.store.write() as work:
        ClientRows(work=work, client=find_client(work, "wise", "demo")).remove("transfer", "nothing")


def test_what_a_call_remembers_of_a_row_is_only_a_hint(state):
    """Where another hand has moved the row meanwhile, lists find it by what was put last, and by nothing else."""
    with state.store.write() as work:
        one, other = (ClientRows(work=work, client=find_client(work, "wise", "demo")) for _ in range(2))
        transfer = one.get("transfer", "12345")
        other.put("transfer", "12345", {**transfer, "status": "processing"})
        one.put("transfer", "12345", {**transfer, "status": "cancelled"})
        found = {
            status: [row.id for row in one.find("transfer", (Where(key="status", how="in", values=(status,)),)).rows]
            for status in (transfer["status"], "processing", "cancelled")
        }
        assert found == {transfer["status"]: [], "processing": [], "cancelled": ["12345"]}
        one.remove("transfer", "12345")
        one.put("transfer", "12345", transfer)
        assert one.get("transfer", "12345") == other.get("transfer", "12345") == transfer


def test_what_became_of_a_watched_row_in_all_is_noted(state):
    """From what it was before the call to what it is, however often it was written; nothing of other kinds."""
    with state.store.write() as work:
        changes: dict[tuple[str, str], FromTo] = {}
        client = find_client(work, "wise", "demo")
        rows = WatchedRows(work=work, client=client, kinds=frozenset(("transfer", "transaction")), changes=changes)
        transfer = rows.get("transfer", "12345")
        rows.put("transfer", "12345", {**transfer, "status": "processing"})
        rows.put("transfer", "12345", {**transfer, "status": "cancelled"})
        entry = {"id": 1, "what": "topup", "at": "", "balances": [{"id": 1, "profile": 2}], "sandbox": {"order": 1}}
        rows.add("transaction", "1", entry)
        rows.put("counter", "transaction", {"next": 2})
        assert changes == {
            ("transfer", "12345"): (transfer, {**transfer, "status": "cancelled"}),
            ("transaction", "1"): (None, entry),
        }
        assert rows.get("transaction", "1") == entry
