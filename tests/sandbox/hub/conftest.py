import re
from urllib.parse import urlencode

import pytest

from sandbox.control.app import control_app
from sandbox.hub.app import hub_app
from sandbox.server.lifecycle import LaterApp
from tests.sandbox.doors import HOST, PORT, Door, doors_of

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
def door_with(state):
    """Makes a door with settings other than the usual."""
    with doors_of(state, HubDoor) as door_with:
        yield door_with


@pytest.fixture
def door(door_with):
    return door_with()
