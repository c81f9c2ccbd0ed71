"""The command line over a shared database: found by the option or by the folder, and no password in any word of it."""

from pathlib import Path

import psycopg
import pytest

from tests.live.machine import machine
from tests.postgresql import PASSWORD, Server
from tests.sandbox.cli.running import sandbank


def tables(database: str) -> set[str]:
    with psycopg.connect(database) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def test_a_folder_finds_its_database_again(
    nowhere: object, database: str, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the option, the variable, and then with the password alone; without it the way to give it is told."""
    assert sandbank("state", "new", "--state", "a", "--database", database).code == 0
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


def test_the_tables_go_when_that_is_said(nowhere: object, database: str) -> None:
    """For all machines, whose number is told before; only ours go, and the database can be founded anew."""
    assert sandbank("state", "new", "--state", "a", "--database", database).code == 0
    for folder in ("a", "b", "gone"):
        assert sandbank("client", "add", f"c-{folder}", "--state", folder, "--database", database).code == 0
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE sandbank_notes (mine TEXT)")
    assert len(tables(database)) > 5
    reset = ("state", "reset", "--database", database)
    assert sandbank(*reset, "--state", "gone", "--yes").text == "gone was removed\n"
    asked = sandbank(*reset, "--state", "a", "--database-too", stdin="n\n")
    assert asked.code == 1 and "tables in postgresql://tester@127.0.0.1" in asked.err and "of 2 machines" in asked.err
    assert PASSWORD not in asked.err and len(tables(database)) > 5
    said = sandbank(*reset, "--state", "a", "--database-too", "--yes", "--json")
    assert said.code == 0 and (said.json["removed"], said.json["machines"]) == ("a", 2)
    assert tables(database) == {"sandbank_notes"} and not Path("a").exists()
    left = sandbank("client", "list", "--state", "b", "--database", database)
    assert left.code == 3 and "no longer in its database" in left.err and "sandbank state reset" in left.err
    assert tables(database) == {"sandbank_notes"}
    assert sandbank(*reset, "--state", "b", "--yes").code == 0
    assert sandbank("state", "new", "--state", "b", "--database", database).code == 0


def test_tables_that_others_build_on_stay(nowhere: object, database: str) -> None:
    """With a sentence; and a state that has no database has no tables to remove there."""
    assert sandbank("state", "new", "--state", "a", "--database", database).code == 0
    with psycopg.connect(database) as connection:
        connection.execute("CREATE VIEW mine AS SELECT name FROM sandbank_clients")
    said = sandbank("state", "reset", "--database", database, "--state", "a", "--database-too", "--yes")
    assert (
        said.code == 3 and "view mine depends on table sandbank_clients" in said.err and len(said.err.splitlines()) == 2
    )
    assert len(tables(database)) > 5 and Path("a").exists()
    assert sandbank("state", "new", "--state", "own").code == 0
    own = sandbank("state", "reset", "--state", "own", "--database-too", "--yes")
    assert own.code == 2 and "leave --database-too out" in own.err and Path("own").exists()


def test_while_a_server_runs_on_another_machine(
    nowhere: object, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tables and its keys stay as they are; this machine may leave. When it has stopped, all of it works."""
    monkeypatch.setenv("SANDBANK_PASSPHRASE", "")
    monkeypatch.setenv("SANDBANK_DATABASE", database)
    with machine(Path("other").absolute(), database):
        monkeypatch.setenv("SANDBANK_PASSPHRASE", "a secret of three machines")
        for words in (("reset", "--database-too", "--yes"), ("encrypt",)):
            said = sandbank("state", *words, "--state", "here")
            assert said.code == 3 and "a server runs over that database, perhaps on another machine" in said.err
        assert sandbank("state", "reset", "--yes", "--state", "here").code == 0
    assert sandbank("client", "list", "--state", "here").code == 0
    assert sandbank("state", "encrypt", "--state", "here").code == 0
    assert sandbank("state", "reset", "--database-too", "--yes", "--state", "here").code == 0
    assert tables(database) == set()
