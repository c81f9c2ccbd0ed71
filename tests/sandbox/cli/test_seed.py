import json
from pathlib import Path
from urllib.request import Request, urlopen

from tests.sandbox.cli.running import sandbank, started

ACME = """
[[wise.clients]]
name = "acme"
id = "acme-id"
secret = "s3cret"
[[wise.clients.transfers]]
id = 777
sourceValue = 10
"""


def test_seed_says_what_became_of_each_client(here: Path) -> None:
    """Added, changed, as asked; in JSON the same, and never the secret that the file gives."""
    Path("sandbank.toml").write_text(ACME)
    first = sandbank("seed", "sandbank.toml")
    assert (first.code, first.text) == (0, "acme of wise was added, with transfer 777\n")
    assert sandbank("seed", "sandbank.toml").text == "acme of wise is as asked\n"
    Path("sandbank.toml").write_text(ACME.replace("s3cret", "other").replace("777", "778"))
    assert sandbank("seed", "sandbank.toml").text == "acme of wise was changed: secret, transfer 778\n"
    said = sandbank("seed", "sandbank.toml", "--json")
    assert said.json == {
        "clients": [
            {"provider": "wise", "name": "acme", "id": "acme-id", "added": False, "changes": [], "secret": None}
        ]
    }
    Path("sandbank.toml").write_text("")
    assert sandbank("seed", "sandbank.toml").text == "the file has no clients\n"


def test_a_secret_that_the_file_leaves_open_is_shown_once(here: Path) -> None:
    """To whoever adds the client; the next time there is nothing to tell."""
    Path("sandbank.toml").write_text('[[wise.clients]]\nname = "acme"\n[[wise.clients]]\nname = "other"\n')
    first, second = sandbank("seed", "sandbank.toml").text.splitlines()
    assert first.startswith("acme of wise was added; its secret, shown once: ") and second != first
    again = sandbank("seed", "sandbank.toml")
    assert again.text == "acme of wise is as asked\nother of wise is as asked\n"
    assert first.split()[-1] not in sandbank("client", "show", "acme").text
    Path("more.toml").write_text('[[wise.clients]]\nname = "third"\n')
    assert len(sandbank("seed", "more.toml", "--json").json["clients"][0]["secret"]) == 36


def test_every_problem_has_a_line(nowhere: Path) -> None:
    """For programs a list beside the sentence; exit code 2, and no state is made for a file that cannot be read."""
    Path("sandbank.toml").write_text('[[wise.clients]]\nnmae = "acme"\nid = "a/b"\n')
    said = sandbank("seed", "sandbank.toml")
    assert (said.code, said.out) == (2, b"")
    first, *problems, advice = said.err.splitlines()
    assert first == "sandbank: sandbank.toml has 3 problems"
    assert "  wise.clients[0].nmae: unknown; did you mean name?" in problems and len(problems) == 3
    assert advice.startswith("next: fix the file")
    error = sandbank("seed", "sandbank.toml", "--json").error["error"]
    assert error["code"] == "sandbank.seed_refused"
    assert [f"  {problem}" for problem in error["problems"]] == problems
    assert not Path(".sandbank").exists()
    assert sandbank("serve", "--seed", "sandbank.toml").code == 2
    assert not Path(".sandbank").exists()


def test_a_file_that_is_not_there_is_said(nowhere: Path) -> None:
    """Exit code 1, and no state is made."""
    said = sandbank("seed", "nothing.toml")
    assert said.code == 1 and "there is no file nothing.toml" in said.err
    assert not Path(".sandbank").exists()


def test_a_server_begins_with_what_its_seed_asks_for(here: Path) -> None:
    """Only the one that is named: a sandbank.toml that merely lies there is not read.

    The ready file has the secret that was made at this start; of others, and later, where a new one is to be had."""
    Path("sandbank.toml").write_text("nonsense")
    Path("acme.toml").write_text(ACME + '[[wise.clients]]\nname = "made"\nid = "made-id"\n')
    (demo, acme, made), _ = served_clients("acme.toml")
    assert demo["secret"] and "new_secret" not in demo
    assert acme["secret"] is None and len(made["secret"]) == 36 and "new_secret" not in made
    (demo_again, acme, later), told = served_clients("acme.toml")
    assert demo_again == demo and later["secret"] is None
    assert acme["new_secret"].endswith("/api/wise/clients/acme-id/secret")
    assert told["id"] == "made-id" and told["secret"] != made["secret"]


def served_clients(seed: str) -> tuple[list[dict[str, str]], dict[str, str]]:
    """The clients in the ready file of a server with that seed, by name, and what it answers where that says so."""
    words = ("serve", "--port-base", "0", "--quiet", "--ready-file", "ready.json", "--seed", seed)
    with started(*words) as server:
        assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "60").code == 0
        clients = json.loads(Path("ready.json").read_text())["providers"]["wise"]["clients"]
        said: dict[str, str] = {}
        for url in [one["new_secret"] for one in clients if one["name"] == "made" and "new_secret" in one]:
            with urlopen(Request(url, method="POST")) as reply:
                said = json.load(reply)
        server.terminate()
        server.wait(60)
    return sorted(clients, key=lambda one: ("demo", "acme", "made").index(one["name"])), said


def test_what_an_id_cannot_become_names_the_client_to_remove(here: Path) -> None:
    """Of its own provider and in its own state: another of that name stays."""
    Path("sandbank.toml").write_text('[[nuapay.clients]]\nname = "demo"\nid = "another"\n')
    said = sandbank("seed", "sandbank.toml")
    assert said.code == 2 and "`sandbank client remove demo --provider nuapay`" in said.err, said.err
    Path(".sandbank").rename("other")
    said = sandbank("seed", "sandbank.toml", "--state", "other")
    assert "`sandbank client remove --state other demo --provider nuapay`" in said.err, said.err
