"""What stands behind the pytest fixtures: servers for a run and for a test, and the reasons in a failed test's report.

The fixtures themselves are in ``sandbank``, which pytest loads in every run; this is imported when one is used.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.embed import Sandbox
from sandbox.errors import SandbankError
from sandbox.lending import Lent, OwnSandbox, SharedSandbox

SHOWN = 10
"""Refusals in one report: a test rarely has more than two, and of a loop the newest say enough."""

_LENT = pytest.StashKey[list[Lent]]()
_PER_SERVER = ("state", "port_base")
"""Settings that two servers of one run cannot share."""


def serve(request: pytest.FixtureRequest, settings: Mapping[str, Any]) -> Iterator[Sandbox]:
    """The server of the run, or of the xdist worker."""
    settings = dict(settings)
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    if worker and settings.get("state"):
        settings["state"] = Path(settings["state"]) / worker
    sandbox = _started(settings)
    yield sandbox
    sandbox.stop()


def lend(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[SharedSandbox]:
    """The run's server as one test has it."""
    face = SharedSandbox(sandbox, request.node.name)
    with _reported(request, face):
        yield face
    face.give_back()


def serve_alone(request: pytest.FixtureRequest, settings: Mapping[str, Any]) -> Iterator[OwnSandbox]:
    """A server for one test, with a state and free ports of its own."""
    sandbox = _started({name: value for name, value in settings.items() if name not in _PER_SERVER})
    face = OwnSandbox(sandbox, request.node.name)
    with _reported(request, face):
        yield face
    sandbox.stop()


def _started(settings: Mapping[str, Any]) -> Sandbox:
    if "clock" in settings:
        pytest.fail(
            "sandbank_settings has a clock, which all tests of the run would share: "
            "take the fixture sandbank_alone in the tests that need it, and freeze or move sandbank_alone.clock",
            pytrace=False,
        )
    try:
        sandbox = Sandbox(**settings)
        sandbox.start()
    except SandbankError as error:
        said = f"Sandbank did not start: {error}. {error.advice()}".strip()
        raise pytest.fail.Exception(said, pytrace=False) from None
    return sandbox


@contextmanager
def _reported(request: pytest.FixtureRequest, face: Lent) -> Iterator[None]:
    """While it is lent, a failure of the test shows what *face* has in its journal."""
    if not request.config.pluginmanager.has_plugin(Refusals.NAME):
        request.config.pluginmanager.register(Refusals(), Refusals.NAME)
    lent = request.node.stash.setdefault(_LENT, [])
    lent.append(face)
    yield
    lent.remove(face)


class Refusals:
    """Says in the report of a failed test what the sandbox refused, and why; nothing when it refused nothing."""

    NAME = "sandbank_refusals"

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        for face in item.stash.get(_LENT, []) if report.failed else []:
            if said := _refusals(face):
                report.sections.append(("Sandbank refused", said))
        return report


def _refusals(face: Lent) -> str:
    try:
        refused = face.journal.entries(refused=True, limit=SHOWN + 1)
    except SandbankError:
        return ""  # the test has stopped its own server: its failure is reported without us
    left_out = ["(earlier refusals are left out)"] if len(refused) > SHOWN else []
    return "\n\n".join([*left_out, *(entry.explain() for entry in refused[-SHOWN:])])
