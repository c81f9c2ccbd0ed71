"""The command line over a shared database: found by the option or by the folder, and no password in any word of it."""

import pytest

from tests.postgresql import PASSWORD, Server
from tests.sandbox.cli.running import sandbank


def test_a_folder_finds_its_database_again(
    nowhere: object, database: str, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the option, the variable, and then with the password alone; without it the way to give it is told."""
    assert sandbank("client", "add", "acme", "--state", "a", "--database", database).code == 0
    monkeypatch.setenv("SANDBANK_DATABASE", database)
    assert len(sandbank("client", "list", "--state", "b", "--json").json["clients"]) == 2
    monkeypatch.delenv("SANDBANK_DATABASE")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    said = sandbank("client", "list", "--state", "b")
    assert said.code == 3 and "PGPASSWORD" in said.err
    assert sandbank("state", "reset", "--state", "b", "--yes").code == 3
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    assert sandbank("client", "list", "--state", "b").code == 0
    postgresql.stop()
    try:
        lost = sandbank("client", "list", "--state", "a", "--database", database)
        assert lost.code == 3 and PASSWORD not in lost.err and database not in lost.err
    finally:
        postgresql.start()
    assert sandbank("state", "reset", "--state", "b", "--yes").code == 0
    assert len(sandbank("client", "list", "--state", "a", "--json").json["clients"]) == 2
