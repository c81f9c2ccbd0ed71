"""The secrets that a seed file gives, in the form in which they are kept; done before the store is held by anybody."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sandbox.errands.secrets import way_of_chosen
from sandbox.errands.seed_file import SeedClient
from sandbox.errands.state import State
from sandbox.oauth import secrets
from sandbox.oauth.secrets import Kept, Way
from sandbox.providers import named
from sandbox.storage import clients
from sandbox.storage.work import Work


def kept_secrets(state: State, wanted: Sequence[SeedClient]) -> Mapping[str, Kept]:
    """Of each client whose secret the file gives, by its place there: as it is kept, if it is that one, or anew.

    Each takes some 40 ms of a processor, so all processors share them.
    """
    tasks: dict[str, Callable[[], Kept]] = {}
    shared: dict[str, Way] = {}
    with state.store.read() as work:
        for one in wanted:
            if one.secret is not None:
                found = clients.by_name(work, one.provider, one.name)
                way = _new_way(work, one.provider, shared)
                tasks[one.place] = partial(_keep, one.secret, found.secret if found else None, way)
    return dict(zip(tasks, _all(list(tasks.values())), strict=True))


def _new_way(work: Work, provider: str, shared: dict[str, Way]) -> Way:
    way = way_of_chosen(work, provider)
    return shared.setdefault(provider, way) if named(provider).registration.secret_alone else way


def _keep(secret: str, there: Kept | None, way: Way) -> Kept:
    return there if there is not None and there == secrets.keep(secret, there.way) else secrets.keep(secret, way)


def _all(tasks: Sequence[Callable[[], Kept]]) -> Sequence[Kept]:
    if len(tasks) < 2:
        return [task() for task in tasks]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda task: task(), tasks))
