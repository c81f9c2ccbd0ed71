"""The commands in a next step: which of them a page offers for copying."""

import pytest

from sandbox.journal.causes import CAUSES
from sandbox.journal.reader import commands, lead_in


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("openssl writes it again with: openssl req -new -key a.key", ["openssl req -new -key a.key"]),
        ("give it to curl --cacert ca.pem; or: sandbank ca > ca.pem", ["sandbank ca > ca.pem"]),
        ("let openssl make the CSR, or curl -v to see a good one", []),
        ("curl --data-binary @a.csr URL", ["curl --data-binary @a.csr URL"]),
    ],
)
def test_only_what_can_be_typed_is_a_command(said: str, typed: list[str]) -> None:
    """A program's name within our sentence is none, and neither is an option that is only hinted at."""
    assert commands(said) == typed


def test_no_cause_offers_prose_for_copying() -> None:
    """Of what the table says, each command of openssl has an option behind its name, each of curl an address."""
    offered = [command for cause in CAUSES.values() for command in commands(cause.next)]
    assert len(offered) > 100
    assert [each for each in offered if each.startswith("openssl") and not each.split()[2].startswith("-")] == []
    assert [each for each in offered if each.startswith("curl") and "URL" not in each and "://" not in each] == []


def test_a_command_that_stands_below_is_not_said_twice() -> None:
    """Only where the sentence ends with it, behind a colon."""
    assert lead_in("none yet? make one: sandbank certificate new --client demo") == "none yet? make one:"
    for whole in ("sandbank calls lists them", "one: sandbank ca; two: sandbank hub", "sandbank hub", ""):
        assert lead_in(whole) == whole
