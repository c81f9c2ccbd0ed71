import re
from urllib.parse import urlencode

import pytest

from sandbox.control.app import control_app
from sandbox.hub.app import hub_app
from sandbox.server.lifecycle import LaterApp
from sandbox.server.writer import Writer
from sandbox.services.state import open_state
from sandbox.settings import Settings
from tests.sandbox.control.conftest import HOST, PORT, Door

FORM = ("content-type", "application/x-www-form-urlencoded")


class HubDoor(Door):
    """The control door with the hub behind it, driven as a server would."""

    def __init__(self, state, writer, settings):
        super().__init__(state, writer, settings)
        self._app = control_app(settings, LaterApp(lambda: hub_app(settings)(state, writer, PORT)).made)(
            state, writer, PORT
        )

    def text(self, target, **more):
        answer = self.get(target, **more)
        assert answer.status == 200, answer.body.decode()
        return answer.body.decode()

    @property
    def form_token(self):
        return re.search(r'name="form_token" value="(\w+)"', self.text("/hub/clock"))[1]

    def send(self, target, *, headers=(), **fields):
        """A form, as a browser sends it."""
        fields = {"form_token": self.form_token, **fields}
        sent = (("host", HOST), ("origin", f"http://{HOST}"), FORM, *headers)
        return self.post(target, urlencode(fields).encode(), headers=sent)

    def send_without_token(self, target):
        """A form of whoever never saw a page."""
        return self.post(target, b"action=reset", headers=(("host", HOST), FORM))


@pytest.fixture
def state(tmp_path):
    """A new state with its demo clients."""
    state = open_state(tmp_path / "state")
    yield state
    state.close()


@pytest.fixture
def door_with(state):
    """Makes a door with settings other than the usual."""
    writer = Writer(state.store)
    writer.start()
    yield lambda **settings: HubDoor(state, writer, Settings(state=state.folder.path, **settings))
    writer.close()


@pytest.fixture
def door(door_with):
    return door_with()
