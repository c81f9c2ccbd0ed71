"""That it runs, which version it is, and which providers it imitates where."""

from functools import cache
from typing import Any

from sandbox.control.operation import Answer, Call, Operation, Reply
from sandbox.errands.doors import door_urls
from sandbox.errands.ready import authority_mark
from sandbox.errands.state import State
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider


@cache
def version() -> str:
    """The installed version; a tree that was never installed has none."""
    # Here and not above: it costs 20 ms, which the start need not wait for.
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("sandbank")
    except PackageNotFoundError:
        return "not installed"


def _health(state: State, call: Call) -> Reply:
    return Reply(json={"status": "ok", "version": version(), "authority": authority_mark(state)})


def _providers(state: State, call: Call) -> Reply:
    with state.store.read() as work:
        return Reply(json={"providers": [_provider(each, door_urls(work, each)) for each in PROVIDERS]})


def _provider(provider: Provider, urls: dict[str, str]) -> dict[str, Any]:
    return {
        "name": provider.name,
        "title": provider.title,
        "doors": [
            {
                "name": door.name,
                "url": urls[door.name],
                "client_certificate": door.client_certificate,
                "hosts": list(door.hosts),
            }
            for door in provider.doors
        ],
        "ca_file_name": provider.ca_file_name,
        "sources": [{"title": each.title, "url": each.url, "read": each.read} for each in provider.sources],
    }


OPERATIONS = (
    Operation(
        method="GET",
        path="/health",
        name="health",
        summary="Whether it runs",
        handler=_health,
        open=True,
        answers={200: Answer(description="It does.", schema="Health")},
    ),
    Operation(
        method="GET",
        path="/api/providers",
        name="listProviders",
        summary="The providers that are imitated, and their doors",
        handler=_providers,
        answers={200: Answer(description="All of them.", schema="Providers")},
    ),
)
