import json
import subprocess
from pathlib import Path

import pytest

from ca.clock import read_time
from sandbox.cli.journal import block, line
from sandbox.cli.output import printable
from sandbox.errors import Refusal
from sandbox.journal.entry import Entry
from sandbox.journal.reader import commands
from sandbox.services.state import opened
from tests.sandbox.cli.running import sandbank, started


def entry(**more: object) -> Entry:
    facts = {
        "id": "00112233aabbccdd",
        "at": read_time("2026-11-22T10:27:38.123456Z"),
        "kind": "call",
        "provider": "wise",
        "door": "wise.mtls",
        "title": "GET /v1/authenticated/playground",
        "outcome": "200",
    }
    return Entry(**{**facts, **more})  # type: ignore[arg-type]


def test_an_entry_is_a_line() -> None:
    """When, what, where, who, and how it ended."""
    assert line(entry(microseconds=2_400), "demo") == (
        "10:27:38Z  call         wise.mtls  demo        GET /v1/authenticated/playground  200  2 ms"
    )


@pytest.mark.parametrize(("kind", "door"), [("certificate", "errand"), ("webhook", "webhook")])
def test_what_came_by_no_door_names_its_provider(kind: str, door: str) -> None:
    """Each provider has a client demo, so that its name alone would not say whose it is."""
    words = line(entry(kind=kind, door=door, provider="nuapay", title="it"), "demo").split()
    assert words[1:4] == [kind, "nuapay", "demo"]


def test_a_refusal_has_its_reason_below_it() -> None:
    """Code, seen, expected, next."""
    reason = Refusal(code="token.expired", seen="a token of yesterday", expected="one of today")
    first, second, *rest = block(entry(outcome="401", reasons=(reason,)), "").splitlines()
    assert first.endswith("401  token.expired")
    assert second.startswith("  token.expired: ")
    assert [each.split()[0] for each in rest] == ["seen", "expected", "next"]


def test_nothing_moves_the_cursor() -> None:
    """Paths are whatever a client sends; a terminal must not obey them."""
    shown = line(entry(title="GET /\x1b[2J\r\n\x9b31m"), "demo")
    assert shown.isprintable() and "\\x1b[2J" in shown
    assert printable("a\nb\x07") == "a\nb\\x07"


def test_a_long_path_is_cut() -> None:
    """The whole of it is in the journal."""
    assert len(line(entry(title="GET /" + "x" * 9_000), "demo")) < 200


def test_the_journal_lists_and_explains(here: Path, bad_csr: bytes) -> None:
    """A line each; the id of a line shows the whole entry; --refused keeps to refusals."""
    sandbank("certificate", "new", "--key", "ec-p256", "--name", "laptop")
    sandbank("certificate", "sign", "-", "--name", "bad", stdin=bad_csr)
    good, bad = sandbank("journal").text.splitlines()
    assert "sign 'laptop' for demo  signed" in good and "refused  certificate." in bad
    assert (
        sandbank("journal", "--refused").text.splitlines()
        == [bad]
        == sandbank("journal", "--last", "1").text.splitlines()
    )
    wanted = bad.split()[1]
    told = sandbank("journal", wanted)
    assert told.text.count("    next      ") == 2 and wanted in told.text
    assert told.text == sandbank("journal", "--refused", "--explain").text
    assert sandbank("journal", wanted, "--json").json["id"] == wanted


def test_the_journal_keeps_to_a_client(here: Path) -> None:
    """Whom it names by name or id; one who is not there is an error."""
    sandbank("client", "add", "acme")
    sandbank("certificate", "new", "--key", "ec-p256", "--client", "acme")
    assert sandbank("journal", "--client", "demo").err == "the journal has no such entry yet\n"
    assert "  acme  " in sandbank("journal", "--client", "acme", "--provider", "wise").text
    assert sandbank("journal", "--client", "nobody").code == 1
    assert sandbank("journal", "0000").code == 1


def test_a_client_without_its_provider_is_meant_at_each(here: Path, bad_csr: bytes) -> None:
    """Each provider has a client demo: a refusal at the second is not hidden by the first."""
    assert sandbank("certificate", "sign", "-", "--name", "a", stdin=bad_csr).code == 1
    assert sandbank("certificate", "sign", "-", "--name", "b", "--provider", "treezor", stdin=bad_csr).code == 1
    both = sandbank("journal", "--client", "demo")
    assert "'a'" in both.text and "'b'" in both.text
    assert "'b'" not in sandbank("journal", "--client", "demo", "--provider", "wise").text
    assert "'b'" in sandbank("journal", "--client", "demo", "--last", "1").text


def test_the_journal_in_json_is_an_object_per_line(here: Path) -> None:
    """For programs that read while it grows."""
    for name in ("one", "two"):
        sandbank("certificate", "new", "--key", "ec-p256", "--name", name)
    said = [json.loads(each) for each in sandbank("journal", "--json").text.splitlines()]
    assert [each["title"] for each in said] == ["sign 'one' for demo", "sign 'two' for demo"]


def test_following_shows_what_happens_from_now_on(here: Path) -> None:
    """What was there first, once, and then what comes."""
    sandbank("certificate", "new", "--key", "ec-p256", "--name", "one")
    with started("journal", "--follow", "--last", "1", stdout=subprocess.PIPE) as process:
        assert b"sign 'one'" in process.stdout.readline()
        sandbank("certificate", "new", "--key", "ec-p256", "--name", "two")
        assert b"sign 'two'" in process.stdout.readline()
        process.terminate()


def test_explain_shows_a_row_of_the_table() -> None:
    """Its meaning and what to do; the nearest codes for one that is not there."""
    said = sandbank("explain", "tls.certificate_missing")
    code, *meaning, step = said.text.splitlines()
    assert code == "tls.certificate_missing" and meaning and step.startswith("next: ")
    assert set(sandbank("explain", code, "--json").json) == {"code", "meaning", "next"}
    near = sandbank("explain", "tls.certificate_mising")
    assert near.code == 1 and "did you mean tls.certificate_missing" in near.err
    assert sandbank("explain").code == sandbank("explain", code, "--list").code == 2


def test_explain_lists_all_causes() -> None:
    """As many lines as rows."""
    causes = sandbank("explain", "--list", "--json").json["causes"]
    assert len(sandbank("explain", "--list").text.splitlines()) == len(causes) > 50


def test_the_journal_says_what_is_older_and_shows_all_of_it(here: Path) -> None:
    """Whoever sees the newest knows that there are others; --all, --last and --since reach each that is kept."""
    with opened(here / ".sandbank") as state:
        for number in range(1_205):
            at = read_time(f"2026-01-{1 + number // 1_000:02}T00:00:00.000000Z")
            state.journal.append(entry(id=f"{number:016x}", at=at, title=f"GET /{number}"))
    few = sandbank("journal", "--last", "2")
    assert few.err == "1203 older: sandbank journal --all\n" and len(few.text.splitlines()) == 2
    kept = sandbank("journal", "--last", "2", "--provider", "wise", "--client", "demo")
    assert kept.err == "1203 older: sandbank journal --all --client demo --provider wise\n"
    calls = sandbank("journal", "--last", "2", "--kind", "call")
    assert (len(calls.text.splitlines()), calls.err) == (2, "1203 older: sandbank journal --all --kind call\n")
    assert sandbank("journal", "--kind", "webhook").text == "" and sandbank("journal", "--kind", "calls").code == 2
    first, second = (json.loads(one) for one in sandbank("journal", "--last", "2", "--json").text.splitlines())
    assert (first["older"], second["older"]) == (1_203, 1_204) and first["title"] == "GET /1203"
    for words, many in (("--all", 1_205), ("--last 1100", 1_100), ("--since 2026-01-02", 205), ("--last 9999", 1_205)):
        assert len(sandbank("journal", *words.split()).text.splitlines()) == many, words
    assert sandbank("journal", "--since", "1h").err == "the journal has no such entry yet\n"
    assert sandbank("journal", "--since", "soon").code == sandbank("journal", "--all", "--last", "2").code == 2


def test_the_beginning_of_an_id_stands_for_it(here: Path) -> None:
    """Where one entry begins so; of several, their ids are listed."""
    with opened(here / ".sandbank") as state:
        for name in ("aaaa1111aaaa1111", "aaaa2222aaaa2222"):
            state.journal.append(entry(id=name))
    assert "aaaa1111aaaa1111" in sandbank("journal", "aaaa1").text
    several = sandbank("journal", "aaaa")
    assert several.code == 2 and "aaaa1111aaaa1111, aaaa2222aaaa2222" in several.err
    assert sandbank("journal", "aaa").code == sandbank("journal", "aaab").code == 1


def test_people_read_names(here: Path, bad_csr: bytes) -> None:
    """Of the client and in the next step, where ids are in the file; a program gets both."""
    made = sandbank("client", "add", "acme", "--json").json["id"]
    sandbank("certificate", "sign", "-", "--name", "bad", "--client", "acme", stdin=bad_csr)
    told = sandbank("journal", "--explain").text
    assert "client       acme" in told and made not in told
    said = sandbank("journal", "--json").json
    assert (said["client"], said["client_name"]) == (made, "acme")


@pytest.mark.parametrize("columns", [60, 80])
def test_nothing_is_wider_than_the_terminal(here: Path, bad_csr: bytes, columns: int) -> None:
    """But for a word or a command that is longer, which stands whole on a line of its own."""
    sandbank("certificate", "sign", "-", "--name", "bad", stdin=bad_csr)
    for words in (("--explain",), (), ("--refused", "--last", "1")):
        for one in sandbank("journal", *words, columns=columns).text.splitlines():
            assert len(one) <= columns or commands(one) or " " not in one.strip(), one


def test_a_beginning_that_is_too_short_is_called_so(here: Path) -> None:
    """Of an entry, a delivery and a certificate: with more of it there may be one."""
    for words, least in ((("journal",), 4), (("webhook", "show"), 4), (("certificate", "show"), 6)):
        assert f"a beginning has {least} characters or more" in sandbank(*words, "a1").err
        assert "a beginning has" not in sandbank(*words, "a1b2c3").err
