"""What the event loop remembers is looked at for every turn of it, and once for all calls of one turn."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import Surroundings
from sandbox.server.cache import ReadCache
from sandbox.services import clients
from sandbox.services.state import State, open_state


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    state = open_state(tmp_path / "state")
    yield state
    state.close()


@pytest.fixture
def asked(state: State, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A number for each question to the store whether something changed."""
    asked: list[int] = []
    really = state.store.data_version

    def data_version() -> int:
        asked.append(really())
        return asked[-1]

    monkeypatch.setattr(state.store, "data_version", data_version)
    return asked


def turns(register: ReadCache, *between: Any) -> list[int]:
    """How often something had changed by each turn, in which the cache is refreshed twice; *between* is done after the
    first, the second and so on."""
    seen = []

    async def run() -> None:
        for change in (*between, None):
            register.refresh_for_call()
            register.refresh_for_call()
            seen.append(register.changes)
            if change:
                change()
            await asyncio.sleep(0)

    asyncio.run(run())
    return seen


def test_a_turn_asks_once(state: State, asked: list[int]) -> None:
    """And the next one asks again."""
    turns(ReadCache(state))
    assert len(asked) == 1
    turns(ReadCache(state), lambda: None, lambda: None)
    assert len(asked) == 4


def test_the_next_turn_sees_what_another_process_changed(state: State) -> None:
    """Each change, in the turn after it."""
    other = open_state(state.folder.path)
    register = ReadCache(state)
    names = iter(("a", "b"))

    def change() -> None:
        clients.add_client(other, "wise", next(names))

    assert turns(register, change, lambda: None, change) == [1, 2, 2, 3]
    other.close()


def test_whoever_has_it_forget_is_obeyed_in_the_same_turn(state: State) -> None:
    """A change that was seen in the store, and not told yet."""
    register = ReadCache(state)

    async def run() -> None:
        register.refresh_for_call()
        register.forget()
        register.refresh_for_call()

    asyncio.run(run())
    assert register.changes == 2


def test_a_store_that_did_not_answer_is_asked_again(state: State) -> None:
    """In the same turn too: nothing was seen."""
    register = ReadCache(state)
    (state.folder.path / "sandbank.sqlite").rename(state.folder.path / "elsewhere")

    async def run() -> None:
        with pytest.raises(Surroundings):
            register.refresh_for_call()
        (state.folder.path / "elsewhere").rename(state.folder.path / "sandbank.sqlite")
        register.refresh_for_call()

    asyncio.run(run())
    assert register.changes == 1
