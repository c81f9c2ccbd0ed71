"""The table of causes is complete, and what the code raises stands in it."""

import ast
import re
from pathlib import Path

import pytest

from ca.errors import refuse
from ca.rules import RULES
from sandbox.errors import NotThere, Refusal
from sandbox.journal.causes import CAUSES, at_provider, explain, explained, paragraph, with_command

ROOT = Path(__file__).parents[3]
LAYERS = {
    "tls",
    "http",
    "route",
    "certificate",
    "token",
    "login",
    "binding",
    "signature",
    "encryption",
    "sca",
    "body",
    "provider",
    "webhook",
}
ASGI = {"http.request", "http.disconnect"}
"""ASGI's message types look like codes."""
CODE = re.compile(rf"(?:{'|'.join(LAYERS)})\.[a-z0-9_]+\Z")


TABLES = tuple(
    f"journal/{name}.py" for name in ("doors", "http", "provider", "signature", "keys", "encryption", "sca", "webhooks")
)


def strings_of(folder: str, *, leave_out: tuple[str, ...] = ()) -> set[str]:
    """Every string of the code below *folder* that has the form of a cause's code."""
    found = set()
    for path in (ROOT / folder).rglob("*.py"):
        if path.relative_to(ROOT / folder).as_posix() in leave_out:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.match(node.value):
                found.add(node.value)
    return {code for code in found - ASGI if not code.endswith(".html")}  # the hub's pages have names of that form


def test_every_code_that_the_code_names_is_a_row():
    """A refusal never comes up with a code that `sandbank explain` does not know."""
    named = strings_of("sandbox")
    assert len(named) > 30
    assert named <= CAUSES.keys()


def test_every_row_can_come_up():
    """No row explains something that the code cannot refuse."""
    raised = strings_of("sandbox", leave_out=TABLES)
    ours = {code for code in CAUSES if code not in RULES}
    assert ours - raised == set()


@pytest.mark.parametrize("code", CAUSES)
def test_a_row_says_what_it_means_and_what_to_do(code):
    """Each row is a known layer, a sentence, and a next step."""
    cause = CAUSES[code]
    assert cause.layer in LAYERS
    assert CODE.match(code)
    assert cause.meaning.endswith((".", "?"))
    assert len(cause.next) > 10


def test_an_unknown_code_names_its_neighbours():
    """Whoever mistypes a code is told the one that was meant."""
    with pytest.raises(NotThere, match=r"token\.missing"):
        explain("token.mising")
    with pytest.raises(NotThere, match="--list"):
        explain("xyzzy")


def test_a_reason_may_know_better_than_its_row():
    """The next step of a reason goes before the table's; without one the table's is said."""
    general = explained(Refusal(code="token.missing", seen="a", expected="b"))
    exact = explained(Refusal(code="token.missing", seen="a", expected="b", next="do this"))
    assert general["next"] == CAUSES["token.missing"].next
    assert exact["next"] == "do this"
    assert "next      do this" in paragraph(Refusal(code="token.missing", next="do this"))


def test_a_provider_says_its_own_next_step():
    """Its advice stands before the table's, and commands name the provider where they would mean another."""
    told = at_provider(Refusal(code="token.expired"), name="acme", advice={"token.expired": "ask acme"})
    assert told.next == "ask acme"
    told = at_provider(Refusal(code="token.secret_wrong"), name="acme", advice={})
    assert told.next.startswith("sandbank client env --provider acme demo")
    told = at_provider(Refusal(code="token.secret_wrong"), name="", advice={})
    assert told.next == CAUSES["token.secret_wrong"].next
    given = Refusal(code="token.secret_wrong", next="sandbank client env demo prints it")
    assert at_provider(given, name="acme", advice={"token.secret_wrong": "no"}).next.startswith(
        "sandbank client env --p"
    )


def test_the_example_client_gives_way_to_the_real_one_beside_a_provider():
    """demo is only an example, also behind --provider."""
    reason = at_provider(Refusal(code="token.key_unknown"), name="acme", advice={})
    assert explained(reason, "abc")["next"].startswith("sandbank client env --provider acme abc ")


def test_the_authority_names_none_of_our_commands_and_no_provider():
    """Its table is of use to other programs too; ours adds the command to some of its rows."""
    theirs = " ".join(f"{rule.meaning} {rule.next} {rule.uploading}" for rule in RULES.values())
    for word in ("sandbank ", "--client", "--state", "--provider", "Wise", "Nuapay"):
        assert word not in theirs
    assert "sandbank serve" in CAUSES["certificate.no_authority"].next


def test_a_refusal_of_the_authority_gets_our_command():
    """For a CSR and for an upload, each in its own words; a step that is better than the table's stays."""
    said = {"detail": "", "seen": "", "expected": ""}
    csr = with_command(refuse("certificate.limit_reached", **said))
    assert "sandbank client reset demo --all" in csr.next and "same CSR" in csr.next
    upload = with_command(refuse("certificate.limit_reached", **said, uploading=True))
    assert "sandbank client reset demo --all" in upload.next and "same certificate" in upload.next
    better = refuse("certificate.limit_reached", **said, next="Wait.")
    assert with_command(better) == better
    usual = refuse("certificate.key_too_small", **said)
    assert with_command(usual) == usual
