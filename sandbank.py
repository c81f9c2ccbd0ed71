"""The public face of Sandbank: ``from sandbank import Sandbox``, and the plugin that pytest finds by its entry point.

Imports nothing until it is asked for something: every test run that has Sandbank installed loads this file.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

    import pytest

    from sandbox.embed.fixtures import OwnSandbox, SharedSandbox
    from sandbox.embed.handles import Client, Issued
    from sandbox.embed.sandbox import Sandbox
    from sandbox.errors import Refused, SandbankError

_OURS = ("sandbox", "ca")

__all__ = ["Client", "Issued", "OwnSandbox", "Refused", "SandbankError", "Sandbox", "SharedSandbox"]

_HOME = {
    "Client": "sandbox.embed.handles",
    "Issued": "sandbox.embed.handles",
    "OwnSandbox": "sandbox.embed.fixtures",
    "Sandbox": "sandbox.embed.sandbox",
    "SharedSandbox": "sandbox.embed.fixtures",
    "Refused": "sandbox.errors",
    "SandbankError": "sandbox.errors",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sandbank' has no attribute {name!r}")
    return _take(_HOME[name], name)


def _take(home: str, name: str) -> Any:
    """Something of ours, imported now. Raises ImportError, which names the folder when another's hides ours."""
    from importlib import import_module

    _AsWritten.come_first()
    try:
        return getattr(import_module(home), name)
    except (ImportError, AttributeError) as error:
        if hidden := _hidden():
            raise ImportError(hidden) from error
        raise


class _AsWritten:
    """Finds our modules before pytest does, which parses and compiles anew every module of a package with a plugin.

    That costs a run seconds wherever no bytecode is kept. And the server's thread would parse while pytest does, which
    ends the run with a SystemError in Python before 3.11.8 and 3.12.
    """

    @classmethod
    def come_first(cls) -> None:
        import sys

        if "_pytest" in sys.modules and cls not in sys.meta_path:
            sys.meta_path.insert(0, cls)

    @staticmethod
    def find_spec(name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None) -> Any:
        from importlib.machinery import PathFinder
        from pathlib import Path

        if name.partition(".")[0] not in _OURS:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None:
            return None
        # Another's folder of that name is left to pytest: its modules may be tests.
        return spec if Path(__file__).resolve().parent in Path(spec.origin).resolve().parents else None


def _hidden() -> str:
    """Which package of ours cannot be found: nearly always by a folder of the same name in the user's project."""
    from importlib.util import find_spec
    from pathlib import Path

    here = Path(__file__).resolve().parent
    for top in _OURS:
        try:
            spec = find_spec(top)
        except ValueError:  # it is in sys.modules, and whoever put it there gave it no spec
            spec = None
        places = list(spec.submodule_search_locations or filter(None, [spec.origin])) if spec else []
        if here / top not in [Path(place).resolve() for place in places]:
            return (
                f"Sandbank's own package {top!r} is hidden by another of that name: "
                f"Python finds {', '.join(places) or 'nothing'}. Rename that folder, or run from elsewhere, so that "
                f"Sandbank's {top!r} comes first on sys.path (`python -m pytest` puts the folder it is run in first, "
                f"`pytest` does not)."
            )
    return ""


def pytest_configure(config: "pytest.Config") -> None:
    """Called by pytest: give it the fixtures. They are made here, for whoever is not a test may have no pytest."""
    from types import ModuleType

    import pytest

    _AsWritten.come_first()
    fixtures = ModuleType("sandbank_fixtures")
    vars(fixtures).update(
        sandbank_settings=pytest.fixture(_settings, scope="session", name="sandbank_settings"),
        _sandbank_server=pytest.fixture(_server, scope="session", name="_sandbank_server"),
        sandbank=pytest.fixture(_shared, name="sandbank"),
        sandbank_alone=pytest.fixture(_alone, name="sandbank_alone"),
    )
    config.pluginmanager.register(fixtures, "sandbank_fixtures")


def _settings() -> "dict[str, Any]":
    """Keyword arguments of sandbank.Sandbox for the servers of this run; override it in your conftest.py."""
    return {}


def _server(request: "pytest.FixtureRequest", sandbank_settings: "Mapping[str, Any]") -> "Iterator[Sandbox]":
    yield from _plugin("serve", request, sandbank_settings)


def _shared(request: "pytest.FixtureRequest", _sandbank_server: "Sandbox") -> "Iterator[SharedSandbox]":
    """A sandbox with a client of this test's own, and that client's data, certificates and journal only."""
    yield from _plugin("lend", request, _sandbank_server)


def _alone(request: "pytest.FixtureRequest", sandbank_settings: "Mapping[str, Any]") -> "Iterator[OwnSandbox]":
    """A sandbox with a server of its own, where this test may do everything: move the clock, use the control API."""
    yield from _plugin("serve_alone", request, sandbank_settings)


def _plugin(name: str, request: "pytest.FixtureRequest", subject: Any) -> Any:
    import pytest

    try:
        begin = _take("sandbox.embed.fixtures", name)
    except ImportError as error:
        if not _hidden():
            raise
        # Only tests that use a fixture of ours fail by this, and without a traceback through our files.
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    return begin(request, subject)


if __name__ == "__main__":  # `python -m sandbank` is the command, where it is not on the PATH
    _take("sandbox.cli", "main")()
