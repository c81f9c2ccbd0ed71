import pytest
from hypothesis import given
from hypothesis import strategies as st

from ca import errors
from ca.errors import PRIVATE_KEY, AuthorityError, NotIssued, has_private_key, refuse, visible
from ca.rules import RULES

SECRET = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"


def every_error(of: type[AuthorityError] = AuthorityError) -> list[type[AuthorityError]]:
    return [of, *(found for below in of.__subclasses__() for found in every_error(below))]


def test_the_tree_at_the_top_of_the_file_is_the_tree() -> None:
    """Every exception is drawn, has a row in RULES and is exported."""
    for error in every_error():
        assert error.__name__ in (errors.__doc__ or "")
        assert error.code in RULES
        assert error.__name__ in errors.__all__


def test_every_refusal_says_what_to_do_next() -> None:
    """A refusal takes its next step from the table; an unknown code is a mistake that shows at once."""
    made = refuse("certificate.empty", detail="d", seen="s", expected="e")
    assert made.next == RULES["certificate.empty"].next
    assert refuse("certificate.empty", detail="d", seen="s", expected="e", next="else").next == "else"
    with pytest.raises(KeyError):
        refuse("certificate.no_such_rule", detail="", seen="", expected="")


@pytest.mark.parametrize("text", ["a" * 10_000, "bell\a and \x1b[31m red", "\u202eabc", "line\nline", "\udc80", "é😀"])
def test_what_was_seen_is_short_and_printable(text: str) -> None:
    """Whatever came: at most 120 characters, on one line, without control characters."""
    seen = refuse("certificate.empty", detail=text, seen=text, expected=text).seen
    assert len(seen) <= 120
    assert seen.isprintable()


def test_what_is_printable_is_shown_as_it_is() -> None:
    """Non-ASCII letters are letters; what was cut ends in an ellipsis."""
    assert visible("Société Générale 銀行") == "Société Générale 銀行"
    assert visible("a" * 121) == "a" * 119 + "…"


@pytest.mark.parametrize("text", [SECRET, SECRET.lower(), SECRET.replace("\n", ""), f"name {SECRET}"])
def test_a_private_key_is_never_shown(text: str) -> None:
    """A key pasted into any field comes out of no refusal and no exception."""
    made = refuse("certificate.name_too_long", detail=text, seen=text, expected=text)
    for shown in (made.seen, made.detail, repr(made), str(NotIssued((made,))), repr(NotIssued((made,)))):
        assert "miievqibadan" not in shown.lower()


PIECES = [
    "-",
    "—",
    " ",
    "\n",
    "BEGIN ",
    "begin",
    "END",
    "RSA ",
    "PRIVATE",
    "private",
    "prıvate",
    "ſ",
    "K",
    "KEY",
    "PuTTY",
]


@given(st.lists(st.sampled_from([*PIECES, "-User-Key-File", "PuTTY-User-Key-File", "PRIVATE KEY"]), max_size=8))
def test_the_short_way_finds_what_the_pattern_finds(pieces: list[str]) -> None:
    """Also in letters that only count as the same where case does not: a dotless i, a long s, the sign of Kelvin."""
    text = "".join(pieces)
    assert has_private_key(text) is (PRIVATE_KEY.search(text) is not None)


@pytest.mark.parametrize("text", ["Trend Private Limited", "writing new private key to 'sandbox.key'"])
def test_words_that_sound_like_a_key_are_no_key(text: str) -> None:
    """A firm in Mumbai and openssl's own chatter are shown as they are."""
    assert visible(text) == text


def test_advice_names_every_step_once() -> None:
    """Two refusals with one remedy give one line of advice."""
    small = refuse("certificate.key_too_small", detail="d", seen="s", expected="e")
    large = refuse("certificate.key_too_large", detail="d", seen="s", expected="e")
    name = refuse("certificate.name_missing", detail="d", seen="s", expected="e")
    assert NotIssued((small, name, large)).advice().splitlines() == [small.next, name.next]
