"""Identifiers: their alphabets and lengths, and that a seed gives the same ones each time."""

import re

from sandbox.ids import Ids


def test_each_kind_has_its_alphabet_and_its_length():
    """Leading zeros are kept, so every id of a kind is as long as the next."""
    ids = Ids()
    for _ in range(200):
        assert re.fullmatch(r"[0-9a-z]{10}", ids.base36(10))
        assert re.fullmatch(r"[0-9a-f]{64}", ids.hex(64))
        assert re.fullmatch(r"[0-9a-f]{16}", ids.trace())


def test_a_seed_gives_the_same_ids_each_time():
    """And another seed, or none, gives others."""

    def some(ids: Ids) -> tuple[str, str, str, int]:
        return ids.uuid(), ids.base36(10), ids.hex(8), ids.bits(127)

    assert some(Ids(7)) == some(Ids(7))
    assert len({some(Ids(7)), some(Ids(8)), some(Ids()), some(Ids())}) == 4
