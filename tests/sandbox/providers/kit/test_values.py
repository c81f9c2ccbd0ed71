"""The kinds of members: what each takes, and the hostile values that none does."""

import string
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.providers.kit import values
from sandbox.providers.nuapay.identification import british
from sandbox.providers.nuapay.style import PAYMENT


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"0.01", Decimal("0.01")),
        (b"999999999.99", Decimal("999999999.99")),
        (b"5000.10", Decimal("5000.10")),
        (b"1e2", Decimal(100)),
        (b"7", Decimal(7)),
        (b"0.30000000000000004", None),  # 0.1 + 0.2 of a client that reckons in floats
        (b"0.001", None),
        (b"0", None),
        (b"-1", None),
        (b"-0.0", None),
        (b"1000000000", None),
        (b"1e400", None),
        (b"1e-400", None),
        (b"1e99999999999999999999", None),
        (b"1" * 5_000, None),
        (b'"1.00"', None),
        (b"true", None),
        (b"[1]", None),
        (b"null", None),
    ],
)
def test_money_is_a_number_with_two_decimals_and_nothing_else(written, read):
    """To the cent, in the bounds of the description; nothing is rounded into place."""
    assert PAYMENT(values.read_json(written)) == read


@pytest.mark.parametrize(
    "written", [b"NaN", b"Infinity", b"-Infinity", b"[" * 100_000, b"{", b"\xff", b"", b"{'a': 1}"]
)
def test_what_is_not_json_is_not_read(written):
    """Python's own reader would take the first three."""
    with pytest.raises((ValueError, RecursionError)):
        values.read_json(written)


def test_examples_of_the_description_are_good_ibans():
    """Each check digit of theirs; and one digit changed is bad."""
    for good in ("GB35SELN00999903769154", "GB47SELN00999912345678", "IE72TURU99100404712507"):
        assert values.iban(good) == good
        assert values.iban(good[:-1] + str((int(good[-1]) + 1) % 10)) is None
    assert values.iban("gb35seln00999903769154") == "GB35SELN00999903769154"


@pytest.mark.parametrize(
    "bad", ["", "GB35", "GB", "35SELN", "GB35SELN 009999", "GB3٥SELN", 35, None, ["GB"], "GB00" + "0" * 18]
)
def test_what_is_no_iban_is_none(bad):
    assert values.iban(bad) is None


@given(st.text(string.digits, min_size=8, max_size=8))
def test_every_account_that_is_made_has_a_good_iban(number):
    """The digits that we reckon are those that we ask of others."""
    made = british(number)
    assert values.iban(made["iban"]) == made["iban"]
    assert made["domesticAccountNumber"] == number and made["domesticBranchCode"] == "009999"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2018-10-18", date(2018, 10, 18)),
        ("2018-02-29", None),
        ("20181018", None),
        ("2018-W42-4", None),
        ("2018-10-18T00:00:00Z", None),
        ("2018-1-8", None),
        ("٢٠١٨-10-18", None),
        ("", None),
        (20181018, None),
    ],
)
def test_a_date_is_written_in_one_way(written, read):
    """Python alone would take the third and the fourth, too."""
    assert values.day(written) == read


def test_texts_have_lengths_shapes_and_no_half_surrogates():
    """Each by itself is enough to refuse one."""
    kind = values.text(longest=3, shortest=1, pattern="[a-z]*")
    assert [kind(one) for one in ("a", "abc", "", "abcd", "A", "\ud800", 1, None)] == ["a", "abc", *[None] * 6]
    assert values.text(longest=5)("\ud800") is None
    assert values.text(longest=5)("é\n𝄞") == "é\n𝄞"


def test_a_whole_number_is_not_true_and_has_no_point():
    """In JSON 1 and true are two things; in Python they are one."""
    kind = values.whole(1, 3)
    assert [kind(values.read_json(one)) for one in (b"1", b"3", b"0", b"4", b"true", b"1.0", b'"1"')] == [
        1,
        3,
        *[None] * 5,
    ]
    assert kind(values.read_json(b"9" * 10_000)) is None


def test_several_are_at_least_one_and_each_once():
    kind = values.several(values.choice("a", "b"), most=3)
    assert kind(["a", "b", "a"]) == ["a", "b"]
    assert [kind(bad) for bad in ([], ["c"], [["a"]], "a", {"a": 1}, ["a"] * 4)] == [None] * 6


@pytest.mark.parametrize(
    ("written", "good"),
    [
        ("2026-11-24T10:00:00Z", True),
        ("2026-11-24T10:00:00+02:00", True),
        ("2026-11-24T10:00:00", False),
        ("2026-11-24", False),
        ("0001-01-01T00:00:00+23:59", False),
        ("9999-12-31T23:59:59-23:59", False),
        ("9999-99-99T00:00:00Z", False),
    ],
)
def test_an_instant_has_an_offset_and_a_year_in_utc(written, good):
    """A time at either end of what a clock shows may have none there."""
    assert (values.instant(written) is not None) is good
