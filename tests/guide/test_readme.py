"""The READMEs and docs/ tell the truth: their commands run, what they name is there, and what is there is named."""

import base64
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.journal.causes import CAUSES
from sandbox.providers import PROVIDERS
from tests.ports import base_of_free_ports, free_port

ROOT = Path(__file__).parents[2]
RUN = ("README.md", "docs/certificates.md", "docs/signed-calls.md", "docs/clients.md", "docs/commands.md")
"""The pages whose commands are run in one shell, in this order: each says that the README's block goes before it."""


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(mark: str, language: str, text: str) -> list[str]:
    found = re.findall(rf"<!-- {mark} -->\n```{language}\n(.*?)```", text, re.DOTALL)
    assert found and len(found) == text.count(f"<!-- {mark} -->"), "a mark stands right above its block"
    return found


@pytest.fixture
def served(tmp_path):
    """`sandbank serve` in an empty folder, with `sandbank` on PATH as the README's first line has it."""
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    (tools / "sandbank").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sandbox.cli "$@"\n')
    (tools / "sandbank").chmod(0o755)
    base = base_of_free_ports(18_440)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SANDBANK_")}
    environment |= {"PYTHONPATH": str(ROOT), "NO_PROXY": "*", "SANDBANK_PORT_BASE": str(base)}
    command = [str(tools / "sandbank"), "serve", "--ready-file", "ready.json"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE) as server:
        wait = [str(tools / "sandbank"), "wait", "--ready-file", "ready.json"]
        subprocess.run(wait, cwd=tmp_path, env=environment, check=True, timeout=60)
        yield tmp_path, base, environment
        server.terminate()
        server.communicate(timeout=60)


def run(served, scripts: list[str], offsets: tuple[int, ...], **ports: str) -> str:
    """What the scripts print, in one shell that stops at the first failure; only the ports are moved."""
    folder, base, environment = served
    script = "set -euo pipefail\n" + "\n".join(scripts)
    for offset in offsets:
        script = script.replace(str(8440 + offset), str(base + offset))
    for written, free in ports.items():
        script = script.replace(written, free)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def objects(text: str) -> list[dict]:
    """The JSON objects that curl has printed one after the other."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        said, end = decoder.raw_decode(text)
        found.append(said)
        text = text[end:]
    return found


def test_nuapays_commands_run_as_they_stand(served):
    """From a self-signed certificate to a signed beneficiary, with openssl and curl."""
    text = page("sandbox/providers/nuapay/README.md")
    on_path = 'export PATH="$PWD/.venv/bin:$PATH"'
    uploaded, listed, beneficiary = objects(run(served, [on_path, *blocks("run", "sh", text)], (7, 8)))
    assert [one["id"] for one in listed["data"]] == [uploaded["data"]["id"]]
    assert beneficiary["data"]["beneficiary"]["name"] == "Acme Ltd"
    journal = subprocess.run(
        [served[0] / ".venv/bin/sandbank", "journal", "--refused"],
        cwd=served[0],
        env=served[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert journal.stdout == ""


def test_a_webhook_arrives_as_nuapays_readme_has_it(served):
    """From a subscription to a received notification, over mutual TLS; `openssl` makes the same signature."""
    text = page("sandbox/providers/nuapay/README.md")
    port = free_port()
    on_path = 'export PATH="$PWD/.venv/bin:$PATH"'
    printed = run(served, [on_path, *blocks("run-webhook", "sh", text)], (8,), **{"9443": str(port)})
    (expected, received) = re.findall(r"^expected (\w{64}), received (\w{64})$", printed, re.MULTILINE)[0]
    assert expected == received
    assert '"eventType":"AccountCreation"' in printed and re.search(r"AccountCreation +delivered +200 ", printed)


def test_the_commands_run_as_they_stand(served):
    """Every block marked as run, in the README and then in the pages that go on from it."""
    printed = run(served, [block for name in RUN for block in blocks("run", "sh", page(name))], (0, 1, 3, 4))
    moduli = re.findall(r"^Modulus=(.+)$", printed, re.MULTILINE)
    assert len(moduli) == 2
    assert moduli[0] == moduli[1]
    assert '{"client":{"id":"' in printed
    assert '{"type":"BALANCE","status":"COMPLETED","errorCode":null' in printed  # approved by a signed one-time token
    assert "sandbox-CERTIFICATE.pem: OK" in printed
    assert "Key Compromise" in printed  # openssl's reading of the CRL
    assert "lost.pem: revoked" in printed
    (sealed,) = re.findall(r"^eyJ[\w-]+\.([\w-]+)\.[\w-]+", printed, re.MULTILINE)
    assert json.loads(base64.urlsafe_b64decode(sealed + "=="))["status"] == "COMPLETED"
    assert '{"message":"jose-playground-response-nobody reads this","method":"POST"}' in printed


def test_the_python_runs_as_it_stands(tmp_path):
    """The example of the section "In a Python program", in a process of its own, with warnings as errors."""
    (program,) = blocks("python", "python", page("docs/tests.md"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_PROXY": "*"}
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "token.missing" in done.stdout


def test_every_marked_block_is_executed():
    """No block is lost when a section moves: a page with a mark is a page that a test here or of the wheel executes."""
    names = ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
    marked = {(name, mark) for name in names for mark in re.findall(r"^<!-- ([\w-]+) -->$", page(name), re.MULTILINE)}
    assert marked == {*((name, "run") for name in RUN), ("README.md", "contract"), ("docs/tests.md", "python")}


def test_every_command_is_in_the_table():
    """Whoever reads docs/commands.md has seen every command; and no command stands there that is not."""
    from sandbox.cli.commands import root

    documented = set()
    for row in re.findall(r"^\| `sandbank ([a-z]+)(?: ([a-z\\|-]+))?", page("docs/commands.md"), re.MULTILINE):
        noun, verbs = row
        documented |= {(noun, verb) for verb in (verbs.split("\\|") if verbs else [""])}
    real = set()
    for noun, command in root.commands.items():
        verbs = getattr(command, "commands", None)
        real |= {(noun, verb) for verb in verbs} if verbs else {(noun, "")}
    named = {(noun, verb) if (noun, verb) in real else (noun, "") for noun, verb in documented}
    assert named == real


FOLDERS = {"truv": "transcrypts"}
"""Where a provider's README is, if not in a folder of its own name."""


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.name)
def test_a_providers_readme_is_complete(provider):
    """Its three lists are there, every endpoint and every host is named, and the codes that it names exist."""
    text = (ROOT / "sandbox" / "providers" / FOLDERS.get(provider.name, provider.name) / "README.md").read_text(
        encoding="utf-8"
    )
    for heading in ("Copied from", "Simplified", "Not published; the sandbox's own choice", "Not there"):
        assert f"\n## {heading}\n" in text
    for endpoint in provider.endpoints:
        assert f"`{endpoint.method} {endpoint.path}`" in text
    for door in provider.doors:
        for host in (*door.hosts, *door.production):
            assert f"`{host}`" in text
    for source in provider.sources:
        assert source.url in text
    assert set(re.findall(r"`((?:route|token|binding|certificate|tls|http|body)\.[a-z_]+)`", text)) <= CAUSES.keys()
