"""``sandbank tour`` and ``sandbank hub``: what a person sees of them."""

import json
import re
import shutil
from pathlib import Path

import pytest

from sandbox.embed.sandbox import Sandbox
from sandbox.services.touring import tours_of
from sandbox.services.visiting import spend_code
from tests.sandbox.cli.running import sandbank


def test_a_tour_plays_both_guides_and_leaves_nothing(nowhere: Path) -> None:
    """Each command with what came back: the same modulus twice, an answer, an alert and its reason, a signed reply."""
    said = sandbank("tour")
    assert said.code == 0, said.err
    sums = re.findall(r"= ([0-9a-f]{64})$", said.text, re.MULTILINE)
    assert len(sums) == 2 and len(set(sums)) == 1
    steps = [re.escape(step.say) for tour in tours_of("wise") for step in tour.steps]
    assert re.search(".*".join(steps), said.text, re.DOTALL), "in their order"
    assert '{"client":{"id":"' in said.text and "alert certificate required" in said.text
    assert "tls.certificate_missing" in said.text and "signature.does_not_verify" in said.text
    assert "sandbank certificate new --client demo" in said.text, "a next step as it is for whoever follows the guide"
    assert "--state" not in said.text and "-m sandbank" not in said.text
    assert re.fullmatch(r"   eyJ[\w-]+\.[\w-]+\.[\w-]+", said.text.rstrip().splitlines()[-1])
    assert list(nowhere.iterdir()) == []


def test_a_tour_without_its_programs_says_which(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3: the surroundings. The control is the test above."""
    monkeypatch.setattr(shutil, "which", lambda program: None if program == "curl" else f"/usr/bin/{program}")
    said = sandbank("tour", "--json")
    assert said.code == 3 and "curl is missing" in said.error["error"]["detail"]


def test_a_provider_without_a_guide_names_those_that_have_one(nowhere: Path) -> None:
    """And nothing is started for it."""
    said = sandbank("tour", "--provider", "nuapay")
    assert said.code == 1 and "sandbank tour --provider wise" in said.err


def test_a_step_that_comes_out_otherwise_is_an_error(nowhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tour that goes wrong must not look like one that went well; the steps before it are told as they end."""
    from sandbox.providers.declare import Tour, TourStep

    steps = (TourStep(say="It works.", command="echo hello"), TourStep(say="It fails.", command="false"))
    wrong = Tour(title="T", url="https://example.org", steps=steps)
    monkeypatch.setattr("sandbox.services.touring.tours_of", lambda provider: (wrong,))
    said = sandbank("tour", "--json-lines")
    assert said.code == 3 and "step 2 ended with 1" in said.err
    assert json.loads(said.out) == {"say": "It works.", "command": "echo hello", "output": "hello", "exit_code": 0}


def test_the_hubs_link_is_good_once(tmp_path: Path, nowhere: Path) -> None:
    """For a state that is served; for another, and after the server's end, the command that serves it."""
    assert sandbank("hub", "--state", str(tmp_path / "none")).code == 3
    with Sandbox(state=tmp_path / "state") as sandbox:
        link = json.loads(sandbank("hub", "--json", "--state", str(tmp_path / "state")).out)["hub"]
        assert link.startswith(f"{sandbox.control}/hub/enter?code=")
        code = link.partition("code=")[2]
        assert spend_code(sandbox.state, code) and not spend_code(sandbox.state, code)
    stopped = sandbank("hub", "--state", str(tmp_path / "state"))
    assert stopped.code == 1 and "no server runs" in stopped.err and not stopped.text
