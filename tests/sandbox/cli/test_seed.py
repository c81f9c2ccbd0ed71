import json
from pathlib import Path

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
    """Added, changed, as asked; in JSON the same, and never the secret."""
    Path("sandbank.toml").write_text(ACME)
    first = sandbank("seed", "sandbank.toml")
    assert (first.code, first.text) == (0, "acme of wise was added, with transfer 777\n")
    assert sandbank("seed", "sandbank.toml").text == "acme of wise is as asked\n"
    Path("sandbank.toml").write_text(ACME.replace("s3cret", "other").replace("777", "778"))
    assert sandbank("seed", "sandbank.toml").text == "acme of wise was changed: secret, transfer 778\n"
    said = sandbank("seed", "sandbank.toml", "--json")
    assert said.json == {
        "clients": [{"provider": "wise", "name": "acme", "id": "acme-id", "added": False, "changes": []}]
    }
    Path("sandbank.toml").write_text("")
    assert sandbank("seed", "sandbank.toml").text == "the file names no client\n"


def test_every_problem_has_a_line(nowhere: Path) -> None:
    """For programs a list beside the sentence; exit code 2, and no state is made for a file that cannot be read."""
    Path("sandbank.toml").write_text('[[wise.clients]]\nnmae = "acme"\nid = "a/b"\n')
    said = sandbank("seed", "sandbank.toml")
    assert (said.code, said.out) == (2, b"")
    first, *problems, advice = said.err.splitlines()
    assert first == "sandbank: sandbank.toml has 3 problems"
    assert "  wise.clients[0].nmae: unknown; did you mean name?" in problems and len(problems) == 3
    assert advice.startswith("next: mend the file")
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
    """Only the one that is named: a sandbank.toml that merely lies there is not read."""
    Path("sandbank.toml").write_text("nonsense")
    Path("acme.toml").write_text(ACME)
    words = ("serve", "--port-base", "0", "--quiet", "--ready-file", "ready.json", "--seed", "acme.toml")
    with started(*words) as server:
        assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "20").code == 0
        clients = json.loads(Path("ready.json").read_text())["providers"]["wise"]["clients"]
        server.terminate()
        server.wait(10)
    assert {"name": "acme", "id": "acme-id", "secret": "s3cret"} in clients
