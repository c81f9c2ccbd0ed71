"""A read call looks through few rows on the event loop, and through many in a thread: then others are answered."""

import json
import ssl
import threading
from urllib.request import Request, urlopen

import pytest

from sandbank import Sandbox
from sandbox.providers.context import ManyRows, Where
from sandbox.server.pipeline import work
from sandbox.server.pipeline.reading import CallReading
from sandbox.services.rows import ReadClientRows, find_client
from sandbox.services.state import open_state


def test_more_rows_than_may_be_looked_through_are_not(tmp_path):
    """Not those of the kind, whichever condition; a single row is found however many there are."""
    state = open_state(tmp_path / "state")
    try:
        with state.store.read() as work:
            client = find_client(work, "wise", "demo")
            given = {"now": state.clock.now(), "work": work, "authority": state.authority, "caller": client}
            few, all_of_them = (CallReading(**given, most=most).resources for most in (1, None))
            found = all_of_them.find("profile")
            assert found.total == len(found.rows) == 2
            for look in (lambda: few.find("profile"), lambda: few.all_of("profile"), lambda: few.find("profile", EACH)):
                with pytest.raises(ManyRows):
                    look()
            assert few.find("transfer").total == 1, "of which there is one"
            assert few.get("profile", found.rows[0].id) == found.rows[0].body
    finally:
        state.close()


EACH = (Where(key="userId", how="in", values=("1",)),)


def test_a_call_over_many_rows_leaves_the_loop_free(monkeypatch):
    """The same answer either way; only where it looks differs."""
    threads: list[str] = []
    find = ReadClientRows.find

    def seen(self, *arguments, **named):
        found = find(self, *arguments, **named)
        threads.append(threading.current_thread().name)
        return found

    monkeypatch.setattr(ReadClientRows, "find", seen)
    with Sandbox() as sandbox:
        client = sandbox.wise.new_client("acme")
        context = ssl.create_default_context(cafile=sandbox.ca_file)
        bearer = {"Authorization": f"Bearer {client.personal_token()}"}
        answers = []
        for most in (1_000, 1):
            monkeypatch.setattr(work, "MOST_ON_LOOP", most)
            with urlopen(Request(f"{sandbox.wise.urls['api']}/v1/profiles", headers=bearer), context=context) as reply:
                answers.append(json.load(reply))
    assert answers[0] == answers[1] and len(answers[0]) == 2
    assert [name == "sandbank" for name in threads] == [True, False]
