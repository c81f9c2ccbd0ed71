"""Rows are found by their index: the same as a judgement without a database finds, and without reading them all."""

import json

from sandbox.providers.context import Where
from sandbox.storage import resources
from sandbox.storage.work import load
from tests.sandbox.storage.finding import check_finding


def test_the_store_finds_what_python_finds(store):
    """Every kind of condition, both orders, each page; what looks like SQL in a value is only a value."""
    check_finding(store)


def test_the_queries_are_loaded_without_a_word(store, caplog):
    """The parts of a query are no queries by themselves, which aiosql would say on standard error."""
    resources._sql.cache_clear()
    resources._finding.cache_clear()
    load.cache_clear()
    check_finding(store)
    assert caplog.records == []


def test_a_row_that_is_gone_is_not_found_by_its_keys(store):
    """Removed alone, and with its client."""
    anne = [Where(key="name", how="in", values=("Anne",))]
    with store.write() as work:
        for client, key in (("c", "1"), ("c", "2"), ("d", "1")):
            resources.put(work, "p", client, "k", key, {}, keys=[("name", "Anne")])
        resources.remove(work, "p", "c", "k", "1")
        assert resources.find(work, "p", "c", "k", anne) == ((("2", {}),), 1)
        resources.remove_of(work, "p", "c")
        assert resources.find(work, "p", "c", "k", anne, size=5) == ((), 0)
        resources.put(work, "p", "c", "k", "2", {})
        assert resources.find(work, "p", "c", "k", anne) == ((), 0)
        assert resources.find(work, "p", "d", "k", anne)[1] == 1


def test_rows_come_one_after_the_other_as_they_were_at_the_first(store, monkeypatch):
    """The newest first, and none is parsed before it is asked for. What is written in between is not among them."""
    with store.write() as work:
        for number in range(100):
            resources.put(work, "p", "c", "k", f"{number:04d}", {"n": number}, position=number, keys=[("name", "Anne")])
    parsed = []
    monkeypatch.setattr(resources.texts, "read", lambda text: parsed.append(text) or json.loads(text))
    with store.read() as work:
        rows = resources.stream(work, "p", "c", "k", [Where(key="name", how="in", values=("Anne",))])
        first = next(rows)
        with store.write() as other:
            resources.put(other, "p", "c", "k", "0050a", {"n": 7}, position=50, keys=[("name", "Anne")])
        assert (first, len(parsed)) == (("0099", {"n": 99}), 1)
        assert [body["n"] for _, body in rows] == list(range(98, -1, -1))


def test_a_list_reads_a_page_and_not_all_rows(store, monkeypatch):
    """Of a thousand rows twenty bodies are parsed, with and without a condition."""
    with store.write() as work:
        for number in range(1_000):
            body = {"n": number}
            key = ("even", str(number % 2 == 0))
            resources.put(work, "p", "c", "k", f"{number:04d}", body, position=number, keys=[key])
    parsed = []
    monkeypatch.setattr(resources.texts, "read", lambda text: parsed.append(text) or json.loads(text))
    with store.read() as work:
        for conditions, total in (((), 1_000), ((Where(key="even", how="in", values=("True",)),), 500)):
            parsed.clear()
            found, counted = resources.find(work, "p", "c", "k", conditions, size=20)
            assert (len(found), len(parsed), counted) == (20, 20, total)
        plan = " ".join(
            str(tuple(row))
            for row in work.connection.execute(
                f"EXPLAIN QUERY PLAN {resources._sql('rows_of_kind', work.driver)} "
                f"{resources._sql('newest_first', work.driver)}",
                {"provider": "p", "client": "c", "kind": "k", "size": 20, "start": 0},
            )
        )
        assert "sandbank_resources_in_order" in plan and "SCAN" not in plan and "TEMP B-TREE" not in plan


def test_a_change_costs_no_more_than_it_changes(store):
    """One statement where the row stays in its place, one more and one for each value that moved; the index follows."""
    told: list[str] = []

    def cost(body: dict[str, int], position: int, state: str) -> int:
        with store.write() as work:
            work.connection.set_trace_callback(told.append)
            told.clear()
            keys = [("state", state), ("owner", "Anne")]
            resources.put(work, "p", "c", "k", "1", body, position=position, keys=keys)
            work.connection.set_trace_callback(None)
        return len(told)

    assert [cost({"n": 1}, 1, "new"), cost({"n": 2}, 1, "new"), cost({"n": 3}, 2, "new")] == [4, 1, 2]
    assert cost({"n": 4}, 2, "paid") == 3
    paid, new = ([Where(key="state", how="in", values=(one,))] for one in ("paid", "new"))
    with store.read() as work:
        assert resources.find(work, "p", "c", "k", paid) == ((("1", {"n": 4}),), 1)
        assert resources.find(work, "p", "c", "k", new) == ((), 0)


def test_a_row_that_was_read_is_changed_by_one_statement(store):
    """Also where an index value moves, which costs one more; and where the place is another by now, the index follows
    all the same."""
    told: list[str] = []

    def states(work, *values):
        where = [Where(key="state", how="in", values=values)]
        return [key for key, _ in resources.find(work, "p", "c", "k", where)[0]]

    def cost(work, known, state, position=1):
        work.connection.set_trace_callback(told.append)
        told.clear()
        keys = [("state", state), ("owner", "Anne")]
        place = resources.put(work, "p", "c", "k", "1", {"is": state}, position=position, keys=keys, known=known)
        work.connection.set_trace_callback(None)
        assert resources.get_placed(work, "p", "c", "k", "1") == ({"is": state}, place)
        assert states(work, state) == ["1"] and states(work, "new", "paid", "sent") == ["1"]
        return len(told), place

    with store.write() as work:
        _, new = cost(work, None, "new")
        assert cost(work, new, "new") == (1, new)
        count, paid = cost(work, new, "paid")
        assert count == 2 and paid != new
        assert cost(work, new, "paid") == (2, paid)  # it is not where it was: asked as if nothing was known
        assert cost(work, new, "sent")[0] == 4
        assert cost(work, paid, "new", position=2)[1] == (2, new[1])
        resources.remove(work, "p", "c", "k", "1")
        assert cost(work, new, "new") == (5, new)
