"""The hub without a browser: what every page sends, and who may ask for it."""

import re
from dataclasses import replace
from html import unescape

import pytest

from sandbox.errors import Refusal, StateLocked
from sandbox.hub import journal
from sandbox.hub.app import PAGES
from sandbox.hub.render import exact, relative, took
from sandbox.journal.entry import Entry, Stage
from sandbox.providers import PROVIDERS
from sandbox.services.clients import list_clients, remove_client
from sandbox.services.clock import read_instant
from tests.sandbox.doors import HOST

NOW = read_instant("2026-05-11T09:30:00Z")


def noted(state, **more) -> Entry:
    """An entry of the journal."""
    entry = Entry(
        id=state.ids.trace(),
        at=state.clock.now(),
        kind="call",
        provider="wise",
        door="wise.mtls",
        title="GET /v1/authenticated/playground",
        status=200,
        outcome="200",
        stages=(Stage(name="route", ok=True), Stage(name="token", ok=True, note="good until tomorrow")),
        extra={"path": "/v1/authenticated/playground"},
    )
    entry = replace(entry, **more)
    state.journal.append(entry)
    return entry


def refused(state, code="token.unknown", **more) -> Entry:
    return noted(
        state,
        status=401,
        outcome="401",
        stages=(Stage(name="route", ok=True), Stage(name="token", ok=False, note=code)),
        reasons=(Refusal(code=code, seen="<b>seen</b>", expected="a token of this client"),),
        **more,
    )


def test_no_page_may_load_anything_from_elsewhere(door) -> None:
    """The policy names this origin only, and no page has a script, a style or an address that it would refuse."""
    answer = door.get("/")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy and "unsafe" not in policy
    text = answer.body.decode()
    assert not re.search(r"<style|<script(?![^>]* src=\"/hub/static/)|\son\w+=|\sstyle=", text)
    assert {path for path in re.findall(r'(?:src|href)="([^"]+)"', text) if not path.startswith(("/", "#"))} == set()


def test_another_host_or_origin_is_refused_as_at_the_api(door) -> None:
    """DNS rebinding and forms of other pages end at the guard, before the hub."""
    assert door.get("/", headers=(("host", "evil.example:8440"),)).status == 403
    foreign = (("host", HOST), ("origin", "http://evil.example"))
    assert door.post("/hub/clock", b"action=reset", headers=foreign).status == 403
    assert door.get("/").status == 200


@pytest.mark.parametrize("path", [row.path for row in PAGES if row.method == "POST"])
def test_a_form_without_its_token_does_nothing(door, path) -> None:
    """Every form is sent from a page of this sandbox, or is not done."""
    target = path.format(
        provider="wise", client="demo", wanted="x", key="x", kind="profile", id="x", row="1", delivery="x"
    )
    sent = (("host", HOST), ("content-type", "application/x-www-form-urlencoded"))
    answer = door.post(target, b"name=x&form_token=wrong", headers=sent)
    assert answer.status == 403 and b"does not come from a page of this sandbox" in answer.body


def test_a_new_sandbox_shows_two_examples_and_says_that_they_are(door, state) -> None:
    """The first page is never empty; once something happened, it shows that instead."""
    assert door.text("/").count(">Example<") == 2
    noted(state)
    text = door.text("/")
    assert ">Example<" not in text and "/v1/authenticated/playground" in text


def test_a_sandbox_without_clients_says_where_one_is_made(door, state) -> None:
    """The first page has no line to copy then, and still every door."""
    for provider in PROVIDERS:
        for client in list_clients(state, provider.name):
            remove_client(state, provider.name, client.name)
    text = door.text("/")
    assert "No client has a readable secret" in text and "https://localhost:8443" in text
    assert "No client yet" in door.get("/hub/providers/wise/generate").body.decode()


def test_an_entry_is_drawn_stage_by_stage_with_its_reason_at_the_broken_one(door, state) -> None:
    """What was seen stands below the stage that stopped, as text and never as markup."""
    entry = refused(state)
    text = door.text(f"/hub/journal/{entry.id}")
    stages = text[text.index('class="steps"') :]
    assert stages.index("passed") < stages.index("stopped here") < stages.index("token.unknown")
    assert "<b>seen</b>" not in text and "<b>seen</b>" in unescape(text)


def route(path: str) -> Stage:
    return Stage(name="route", ok=True, note=path)


@pytest.mark.parametrize(
    ("entry", "command", "to_fill_in"),
    [
        (
            {"title": "POST /v3/profiles/1/quotes", "stages": (route("/v3/profiles/{profileId}/quotes"),)},
            "--key sandbox-PRIVATE-KEY.key -H 'Authorization: Bearer <access_token>' -X POST -d @body.json",
            "the files of the client's certificate and key; a token for <access_token>; the body, in body.json",
        ),
        (
            {"door": "wise.api", "title": "POST /oauth/token", "stages": (route("/oauth/token"),)},
            '-d grant_type=client_credentials "https://localhost:8444/oauth/token"',
            "",
        ),
        (
            {"kind": "handshake", "title": "TLSv1.3", "status": 0},
            "--key sandbox-PRIVATE-KEY.key https://localhost:8443/",
            "the files of the client's certificate and key",
        ),
        (
            {"provider": "transcrypts", "door": "transcrypts.api", "title": "DELETE /v1/users/x y"},
            "-X DELETE https://localhost:8450/v1/users/x%20y",
            "",
        ),
    ],
    ids=["call", "token", "handshake", "unknown"],
)
def test_a_refused_call_shows_the_command_that_repeats_it(door, state, entry, command, to_fill_in) -> None:
    """With what is known here, and what is to be filled in; the hub does not pretend that it could."""
    path = entry["title"].partition(" ")[2]
    given = {"status": 401, "reasons": (Refusal(code="token.unknown"),), "extra": {"path": path or "/"}, **entry}
    made = noted(state, **given)
    text = unescape(door.text(f"/hub/journal/{made.id}"))
    assert "curl --cacert" in text and command in text and "The hub cannot repeat this" in text
    assert (f"To be filled in: {to_fill_in}." in text) is bool(to_fill_in)
    assert door.send(f"/hub/journal/{made.id}/repeat").status == 422


def test_only_a_call_that_had_nothing_secret_to_say_has_a_button(door, state) -> None:
    """At a door without a certificate, with no credentials; what was accepted is repeated by nobody."""
    open_one = {"door": "wise.api", "extra": {"path": "/v1/nothing"}, "title": "GET /v1/nothing"}
    assert "Repeat the call" in door.text(f"/hub/journal/{refused(state, 'route.not_imitated', **open_one).id}")
    assert "Repeat the call" not in door.text(f"/hub/journal/{refused(state, 'route.not_imitated').id}")
    long = {**open_one, "extra": {"path": "/" + "x" * 199}}
    assert "Repeat the call" not in door.text(f"/hub/journal/{refused(state, 'route.not_imitated', **long).id}")
    assert "Repeat it" not in door.text(f"/hub/journal/{noted(state, **open_one).id}")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "ABC"),
        ("provider=nuapay", "C"),
        ("kind=call", "AB"),
        ("kind=handshake", "C"),
        ("kind=none-of-them", "ABC"),
        ("door=wise.api", "B"),
        ("outcome=refused", "B"),
        ("outcome=accepted", "AC"),
        ("cause=token.", "B"),
        ("cause=tls.certificate_missing", ""),
        ("client=demo&provider=wise", "AB"),
    ],
)
def test_the_journal_is_filtered(door, state, query, shown) -> None:
    """By provider, client, kind, door, outcome and cause, or the beginning of one."""
    noted(state, title="CALL A")
    refused(state, title="CALL B", door="wise.api")
    noted(state, title="CALL C", provider="nuapay", door="nuapay.mtls", kind="handshake")
    assert re.findall("CALL ([A-C])</a>", door.text(f"/hub/journal?{query}")) == sorted(shown, reverse=True)


def test_the_journal_goes_back_a_page_at_a_time(door, state, monkeypatch) -> None:
    """With the filters kept, to the oldest that is there; older pages are not live."""
    monkeypatch.setattr(journal, "SHOWN", 2)
    for number in range(5):
        noted(state, title=f"CALL {number}", door="wise.api" if number != 3 else "wise.mtls")
    at, seen = "/hub/journal?door=wise.api", []
    while at:
        text = door.text(at)
        seen.append(re.findall(r"CALL (\d)</a>", text))
        older = re.search(r'href="([^"]+)">Older', text)
        at = unescape(older[1]) if older else ""
    assert seen == [["4", "2"], ["1", "0"]] and "data-live=" not in text and ">Newest<" in text


def test_refusals_are_counted_by_cause(door, state) -> None:
    """The most frequent first."""
    for code in ("token.unknown", "tls.certificate_missing", "tls.certificate_missing"):
        refused(state, code)
    found = re.findall(r'aria-label="(\d+) times".*?<code>([\w.]+)</code>', door.text("/hub/journal/causes"), re.DOTALL)
    assert found == [("2", "tls.certificate_missing"), ("1", "token.unknown")]


def test_what_is_not_there_is_a_page_that_says_so(door) -> None:
    """A page that nobody knows, an entry that is not in the journal."""
    for path in ("/hub/nothing", "/hub/journal/0000000000000000"):
        answer = door.get(path)
        assert answer.status == 404 and b"<h1>Not here</h1>" in answer.body


@pytest.mark.parametrize(
    ("broken", "path", "words"),
    [
        ("sandbox.hub.clock.show_clock", "/hub/clock", b"provider.fault"),
        ("sandbox.hub.render.Renderer.page", "/", b"provider.fault"),
    ],
)
def test_a_fault_of_ours_is_told_without_its_traceback(door, state, monkeypatch, broken, path, words) -> None:
    """Whether the page could not be made or not be written; the traceback is in the state's folder."""
    door.text("/hub/journal")

    def fail(*given: object, **named: object) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr(broken, fail)
    answer = door.get(path)
    assert answer.status == 500 and words in answer.body and b"Traceback" not in answer.body
    assert "a fault of ours" in state.folder.faults.read_text("utf-8")


def test_a_store_that_is_held_is_a_page_too(door, monkeypatch) -> None:
    """And names no place of the file system."""
    door.text("/hub/journal")

    def held(*given: object) -> None:
        raise StateLocked("/somewhere/sandbank.sqlite is held by another process")

    monkeypatch.setattr("sandbox.hub.clock.show_clock", held)
    answer = door.get("/hub/clock")
    assert answer.status == 503 and b"provider.busy" in answer.body and b"/somewhere" not in answer.body


def test_the_api_answers_beside_the_hub_as_before(door) -> None:
    """Paths that are not the hub's are the API's, also the unknown ones."""
    assert door.get("/health").json["status"] == "ok"
    assert door.get("/nothing").code == "sandbank.not_there"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-05-11T09:29:58Z", "just now"),
        ("2026-05-11T09:29:20Z", "40 seconds ago"),
        ("2026-05-11T08:30:00Z", "1 hour ago"),
        ("2026-05-13T09:30:00Z", "in 2 days"),
        ("2027-05-11T09:30:00Z", "in 1 year"),
    ],
)
def test_times_are_told_relative_to_the_clock_of_the_sandbox(at, words) -> None:
    """And exactly, where the pointer rests on them."""
    assert relative(read_instant(at), NOW) == words
    assert exact(NOW) == "2026-05-11 09:30:00 UTC"
    assert [took(190), took(1_900), took(2_500_000)] == ["190 µs", "1.9 ms", "2.5 s"]


def test_a_command_is_whole_for_a_state_that_is_not_beside_the_reader(door, state) -> None:
    """It can be copied and typed as it stands, and ends where the sentence goes on."""
    made = refused(state, "token.client_unknown")
    text = unescape(door.text(f"/hub/journal/{made.id}"))
    shown = re.findall(r'"Command that fixes it"><code>([^<]+)<', text)
    assert shown[0] == f"sandbank client list --state {state.folder.path}" and "lists" not in " ".join(shown)
