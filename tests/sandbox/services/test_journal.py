"""Reading the journal by words that somebody typed: what can name nothing is told as that."""

from typing import Any, cast

import pytest

from sandbox.errors import Misuse, NotThere
from sandbox.journal.entry import Kind, View
from sandbox.services.clients import show_client
from sandbox.services.journal import find_entry, newest


@pytest.mark.parametrize("odd", ["abcd\udcff", "abcd\U0010ffff", "abcd\ud7ff", "abcd\0"], ids=ascii)
def test_what_is_no_text_names_nothing(state: Any, odd: str) -> None:
    """A byte of a terminal's that is no UTF-8, the last character of all, a zero byte: told as a name that nothing has,
    and no fault of ours; on both databases."""
    with pytest.raises((NotThere, Misuse)):
        find_entry(state, odd)
    with pytest.raises((NotThere, Misuse)):
        show_client(state, "nuapay", odd)
    assert not state.folder.faults.exists()


def test_more_than_a_database_can_count_are_all(state: Any) -> None:
    """Whoever asks for more of the newest entries than are kept gets those that are kept."""
    assert tuple(newest(state, View(), 10**20)) == ()


def test_a_kind_that_no_entry_has_is_told_as_such(state: Any) -> None:
    """An empty answer would say that nothing of it happened."""
    with pytest.raises(Misuse, match="calls"):
        tuple(newest(state, View(kind=cast(Kind, "calls")), 5))
    assert tuple(newest(state, View(kind="webhook"), 5)) == ()
