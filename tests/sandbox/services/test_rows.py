"""The rows of one client, as a provider's functions see them."""

from sandbox.services.clients import add_client
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
