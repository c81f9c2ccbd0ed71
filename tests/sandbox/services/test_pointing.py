"""Where certificates say that their CRL is: by the door that listened on this machine, or as somebody said."""

import pytest

from sandbox.services.doors import keep_authority_url
from sandbox.services.state import open_state
from sandbox.settings import Database
from sandbox.storage.facts import AUTHORITY, authority_url, keep_port

DOOR, ELSEWHERE = "http://127.0.0.1:9001", "http://ca.test:81/x"


def pointer(state):
    with state.store.read() as work:
        return authority_url(work)


def listen(state, url="", port=9001):
    """As a server does at its start."""
    with state.store.write() as work:
        keep_port(work, AUTHORITY, "127.0.0.1", port, free=False)
    keep_authority_url(state, url)


@pytest.fixture
def machines(tmp_path, database):
    """Two over one database."""
    states = [open_state(tmp_path / name, database=Database(database)) for name in "ab"]
    yield states
    for state in states:
        state.close()


def test_it_is_the_door_or_what_was_said(tmp_path):
    """At each start anew, also where the port is another one."""
    state = open_state(tmp_path / "state")
    try:
        assert pointer(state) == "http://127.0.0.1:8441"
        listen(state)
        assert pointer(state) == DOOR
        listen(state, ELSEWHERE)
        assert pointer(state) == ELSEWHERE
        listen(state, port=9002)
        assert pointer(state) == "http://127.0.0.1:9002"
    finally:
        state.close()


def test_each_machine_has_its_own_door(machines):
    """One on which nothing listened yet goes by what was said of another's."""
    one, other = machines
    listen(one, ELSEWHERE)
    assert (pointer(one), pointer(other)) == (ELSEWHERE, ELSEWHERE)
    listen(other)
    assert (pointer(one), pointer(other)) == (ELSEWHERE, DOOR)
