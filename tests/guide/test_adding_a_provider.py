"""`docs/adding-a-provider.md` tells the truth: its blocks are written to their files, and the provider is called."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "adding-a-provider.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^`(sandbox/providers/\S+\.py)`\n\n```python\n(.*?)```$", PAGE, re.DOTALL | re.MULTILINE)
FOLDER, LIST = "sandbox/providers/acme/", "sandbox/providers/known.py"
# Run in a Python of its own: a process has its list of providers once and for all.
PROGRAM = """
import json, ssl, sys, urllib.error, urllib.request
from base64 import b64encode

import sandbox.providers
sandbox.providers.__path__.append(sys.argv[1])
import sandbox.providers.known as known
exec(open(sys.argv[2]).read(), known.__dict__)
known.DOMAINS += known.ACME.domains
from sandbank import Sandbox

with Sandbox() as running:
    demo = running.acme.client("demo")
    context = ssl.create_default_context(cafile=running.ca_file)
    login = "Basic " + b64encode(f"{demo.id}:{demo.secret}".encode()).decode()
    demo.put("note", 300, title="Put", colour="blue", state="done")
    said = []
    for method, path, body in json.loads(sys.argv[3]):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": login, "Content-Type": "application/json"}
        call = urllib.request.Request(running.acme.urls["api"] + path, data=data, method=method, headers=headers)
        try:
            answer = urllib.request.urlopen(call, context=context, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        said.append([answer.status, answer.headers.get("content-type"), answer.read().decode()])
    print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The files of the page; a file that is named twice goes on."""
    folder = tmp_path_factory.mktemp("providers")
    (folder / "acme").mkdir()
    (folder / "acme" / "__init__.py").touch()
    for path, text in BLOCKS:
        name = f"acme/{path.removeprefix(FOLDER)}" if path.startswith(FOLDER) else "known.py"
        with (folder / name).open("a", encoding="utf-8") as file:
            file.write(text)
    return folder


def call(folder: Path, *calls: tuple[str, str, object]) -> list[tuple[int, str, object]]:
    """Status, media type and body of each call, one after the other at the door of a new sandbox."""
    program = [sys.executable, "-c", PROGRAM, str(folder), str(folder / "known.py"), json.dumps(calls)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    return [(status, kind, json.loads(text) if kind == "application/json" else text) for status, kind, text in said]


def test_the_page_names_a_file_for_each_block():
    """Every block is executed, and only of this folder and the list of providers."""
    assert len(BLOCKS) == PAGE.count("```python") == 6
    assert {path for path, _ in BLOCKS if not path.startswith(FOLDER)} == {LIST}


def test_the_provider_of_the_page_answers_at_its_door(folder):
    """A resource made, refused, listed, changed, finished and removed; the list also finds what a person has put."""
    said = call(
        folder,
        ("GET", "/v1/notes/101", None),
        ("POST", "/v1/notes", {"title": "Call mum", "colour": "blue"}),
        ("POST", "/v1/notes", {"title": "Call mum"}),
        ("POST", "/v1/notes", {"colour": "red"}),
        ("POST", "/v1/notes", []),
        ("GET", "/v1/notes?colour=blue&per_page=1", None),
        ("GET", "/v1/notes?colour=red", None),
        ("PATCH", "/v1/notes/102", {"colour": "yellow"}),
        ("POST", "/v1/notes/102/finish", None),
        ("POST", "/v1/notes/102/finish", None),
        ("GET", "/v1/notes/102/print", None),
        ("DELETE", "/v1/notes/102", None),
        ("GET", "/v1/notes/102", None),
    )
    first, made, taken, wrong, malformed, listed, unlisted, changed, done, again, printed, removed, gone = said
    assert first[0] == 200 and list(first[2]) == ["noteId", "title", "colour", "state", "created"]
    assert made[0] == 201 and made[2] | {"created": ""} == {
        "noteId": 102,
        "title": "Call mum",
        "colour": "blue",
        "state": "open",
        "created": "",
    }
    assert (taken[0], taken[2]["errors"][0]["code"]) == (409, "taken")
    assert wrong[0] == 400
    assert [(one["code"], one["field"]) for one in wrong[2]["errors"]] == [("missing", "title"), ("wrong", "colour")]
    assert (malformed[0], malformed[2]["errors"][0]["code"]) == (400, "malformed")
    assert listed[2]["total"] == 2 and [note["noteId"] for note in listed[2]["notes"]] == [102]
    assert unlisted[0] == 400
    assert (changed[0], changed[2]["colour"], changed[2]["title"]) == (200, "yellow", "Call mum")
    assert (done[0], done[2]["state"], again[0]) == (200, "done", 409)
    assert printed == (200, "text/plain", "Call mum")
    assert (removed[0], gone[0]) == (204, 404)
