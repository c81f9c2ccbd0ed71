"""Each next step that is a command can be run as it stands: by whoever reads it, in the folder where that person is."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.rules import RULES
from sandbox.cli.commands import root
from sandbox.errors import SandbankError
from sandbox.journal.causes import CAUSES, for_client, with_provider
from sandbox.journal.reader import Audience, commands
from sandbox.journal.webhooks import OF_A_DELIVERY
from sandbox.providers import PROVIDERS, USUAL
from tests.sandbox.cli.running import ROOT, Said, sandbank

SPOKEN = ("journal", "services", "storage", "server", "providers", "oauth", "jose", "tls", "webhooks", "cli", "embed")
"""The rooms whose sentences a person reads."""
SERVES = {"serve", "webhook listen"}
"""Commands that go on until somebody stops them."""
FRAGMENTS = {"sandbank key add PUBLIC.pem", "sandbank webhook listen --client demo --port x", "sandbank x"}
"""Beginnings of commands, which the code goes on with; one with a number; and the version."""
WANTS_MORE = {
    "webhook send-test",
    "webhook show",
    "webhook resend",
    "webhook configure --client demo --certificate",
    "webhook csr",
    "certificate upload",
}
"""Those that want a subscription, a CA of one's own, or another provider than the usual one."""


def every_kind(error: type[Exception]) -> Iterator[type[Exception]]:
    for one in error.__subclasses__():
        yield one
        yield from every_kind(one)


def ours(text: str) -> list[str]:
    """Our commands in a text, each without what it is redirected to."""
    return [one.partition(" > ")[0] for one in commands(text) if one.startswith("sandbank ")]


def understood(line: str) -> None:
    """Have the command line take the words apart as it does when they are typed. Raises what Click would say."""
    left, command = shlex.split(line)[1:], root
    ctx = click.Context(root, info_name="sandbank", **root.context_settings)
    while isinstance(command, click.Group) and not left[0].startswith("-"):
        _, found, left = command.resolve_command(ctx, left)
        assert found is not None
        command, ctx = found, click.Context(found, ctx, info_name=found.name)
    if "--help" not in left and not isinstance(command, click.Group):
        command.make_context(command.name, list(left), parent=ctx.parent).close()


def tables() -> Iterator[tuple[str, str]]:
    yield from ((cause.code, cause.next) for cause in CAUSES.values())
    yield from ((rule.code, rule.uploading) for rule in RULES.values())
    yield from ((code, step.format(id="3f1c09aa")) for code, step in OF_A_DELIVERY.items())
    for provider in PROVIDERS:
        advice = provider.advice.items()
        yield from (
            (code, with_provider(step, "" if provider.name == USUAL else provider.name)) for code, step in advice
        )


STEPS = [(code, line) for code, step in tables() for line in ours(step)]


def test_every_command_of_the_tables_is_understood() -> None:
    """Also for another client, another provider, another folder and another name of the program."""
    assert len(STEPS) > 60
    for code, line in STEPS:
        for provider in ("", "treezor"):
            said = Audience(state="'a b'").step(with_provider(for_client(line, "acme"), provider))
            assert "demo" not in said
            assert "--state 'a b'" in said or Audience(state="x").step(line) == line, code
            understood(said)
            understood(line)
    assert Audience(program=".venv/bin/sandbank").step("so: sandbank ca > x") == "so: .venv/bin/sandbank ca > x"


def sentences(node: ast.AST) -> Iterator[str]:
    """Every text of the code that is no docstring; what is filled in is a word."""
    if isinstance(node, ast.JoinedStr):
        text = ""
        for part in node.values:
            filled = "" if text[-1:].isalnum() else "1" if text.endswith("+") else "x"
            text += str(part.value) if isinstance(part, ast.Constant) else filled
        yield text
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        for part in ast.iter_child_nodes(node):
            yield from sentences(part)


def test_every_command_in_a_sentence_of_the_code_is_understood() -> None:
    """Services, providers and the command line itself: no NAME or ID stands where the reader's own is known."""
    wrong, seen = [], 0
    for room in SPOKEN:
        for path in sorted((ROOT / "sandbox" / room).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            for text in sentences(ast.parse(source)) if "sandbank " in source else ():
                for line in ours(text if "\n" not in text else ""):
                    if line in FRAGMENTS:
                        continue
                    seen += 1
                    try:
                        understood(line)
                        assert not {"NAME", "DELIVERY", "ID", "KIND"} & set(shlex.split(line)[2:]) or "serve" in line
                    except (click.ClickException, click.exceptions.Exit, AssertionError, ValueError) as error:
                        wrong.append(f"{path.relative_to(ROOT)}: {line}: {error}")
    assert seen > 100
    assert wrong == [], "\n".join(wrong)


RAISED = {one.__name__ for one in (SandbankError, *every_kind(SandbankError))} - {"Refused"}
"""Errors that bring their next step with them; the refusals of the table have it there."""
WITHOUT = {
    "seed_file.py: 'empty; leave this line out to have one made'": "one line among all of a file, which has a step"
}
"""Those that have none, with the reason."""


def test_every_refusal_has_a_next_step() -> None:
    """Each row of the table, and each error where it is raised, but for a short list with reasons."""
    assert [cause.code for cause in CAUSES.values() if not cause.next.strip()] == []
    found, mute = 0, set()
    for path in sorted((ROOT / "sandbox").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED:
                found += 1
                told = next((one.value for one in node.keywords if one.arg == "next_step"), None)
                if told is None or (isinstance(told, ast.Constant) and not told.value):
                    mute.add(f"{path.name}: {ast.unparse(node.args[0])}")
    assert found > 100
    assert mute == set(WITHOUT), "an error that nobody is told how to mend"


@pytest.fixture
def prepared(here: Path, csr: bytes) -> Path:
    """A folder with the files that next steps speak of, and a state in another place than the usual one."""
    (here / ".sandbank").rename(here / "other")
    Path("FILE.csr").write_bytes(csr)
    Path("ca.pem").write_bytes(sandbank("ca", "--state", "other").out)
    public = ec.generate_private_key(ec.SECP521R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    for name in ("PUBLIC.pem", "client-new-jws.pem"):
        Path(name).write_bytes(public.public_bytes(serialization.Encoding.PEM, form))
    for_encryption = rsa.generate_private_key(65537, 2048).public_key()
    for name in ("JWE.pem", "client-new-jwe.pem"):
        Path(name).write_bytes(for_encryption.public_bytes(serialization.Encoding.PEM, form))
    approving = rsa.generate_private_key(65537, 2048).public_key()
    for name in ("SCA.pem", "client-new-sca.pem"):
        Path(name).write_bytes(approving.public_bytes(serialization.Encoding.PEM, form))
    return here


def typed(line: str) -> Said:
    return sandbank(*shlex.split(line)[1:])


def test_the_commands_of_the_tables_run(prepared: Path) -> None:
    """Those that need nothing but a state: none ends in wrong usage, and none says that there is no sandbox."""
    lines = {line for _, line in STEPS if not any(line[9:].startswith(one) for one in (*SERVES, *WANTS_MORE))}
    assert len(lines) > 20
    for line in sorted(lines):
        said = typed(Audience(state="other").step(line))
        assert said.code == 0, (line, said.err)


FAILING = (
    "client show acme",
    "client add demo",
    "client set demo",
    "client show demo --provider nobody",
    "certificate show nothing",
    "certificate show nothing --provider nuapay",
    "certificate sign FILE.csr --name twice",
    "certificate upload FILE.csr",
    "certificate sign FILE.csr --provider nuapay",
    "certificate bundle twice --format p12",
    "key add PUBLIC.pem --algorithm ES256",
    "key add PUBLIC.pem --algorithm ES512 --provider treezor",
    "key remove nothing",
    "resource show transfer 0",
    "journal --client somebody",
    "journal ffffffff",
    "webhook show nothing",
    "webhook send-test",
    "webhook send-test --provider nuapay",
    "explain tls.certificate_mising",
    "tour --provider nuapay",
    "state new",
    "hub",
    "stop",
    "cert list",
)


def test_the_next_step_of_a_failure_runs(prepared: Path) -> None:
    """Whatever fails over a state in another folder: the commands that it names find that state, and are no usage."""
    assert sandbank("certificate", "sign", "FILE.csr", "--name", "twice", "--state", "other").code == 0
    checked = 0
    for words in FAILING:
        failed = sandbank(*words.split(), "--state", "other", "--json")
        assert failed.code, words
        steps = [failed.error["error"]] if "error" in failed.error else failed.error["refusals"]
        for line in (line for step in steps for line in ours(step["next"])):
            understood(line)
            if any(line[9:].startswith(one) for one in (*SERVES, *WANTS_MORE, "tour", "certificate sign FILE")):
                continue
            checked += 1
            assert typed(line).code in (0, 1), (words, line, typed(line).err)
    assert checked >= 20


GUIDES = ("cli/guide.py", "services/making.py", "providers/wise/tours.py")
"""Where the commands stand that people type first; what they make must outlive every next step."""
MADE_FIRST = re.compile(
    r"sandbox-[\w-]+\.(?:key|csr|pem)|signing-[\w-]+\.pem|my\.(?:key|pem)|jws\.(?:key|csr|crt)|company_.*"
)
"""The files of the guides, of the READMEs and of the helps of commands."""
WRITTEN = re.compile(r"(?:-keyout|-out|>) ([\w./-]+)")


def test_no_next_step_writes_a_file_of_the_guides() -> None:
    """Neither a table's step nor a sentence of the code: the key that is there stays. The guides do write them."""
    said = [text for _, text in tables()]
    written: dict[str, set[str]] = {}
    for path in sorted((*(ROOT / "sandbox").rglob("*.py"), *(ROOT / "ca").rglob("*.py"))):
        source = path.read_text(encoding="utf-8")
        kind = "guide" if str(path.relative_to(ROOT / path.relative_to(ROOT).parts[0])) in GUIDES else "step"
        for text in sentences(ast.parse(source)) if "openssl" in source else ():
            written.setdefault(kind, set()).update(WRITTEN.findall(text))
    steps = written["step"].union(*map(WRITTEN.findall, said))
    assert {"client-new.key", "client-new.csr", "client-new-jws.key", "clean.csr"} <= steps
    assert not {file for file in steps if MADE_FIRST.fullmatch(file)}
    assert {"sandbox-certificate-request.csr", "signing-PRIVATE-KEY.pem"} <= {
        *filter(MADE_FIRST.match, written["guide"])
    }


def test_a_second_new_key_leaves_the_first_alone(here: Path) -> None:
    """The command's names are free in this folder, each time; what follows reads the new file."""
    words = ("certificate", "sign", "gone.csr")
    first = sandbank(*words).err
    assert "-keyout client-new.key -out client-new.csr" in first
    Path("client-new.key").write_text("the first")
    second = sandbank(*words).err
    assert "-keyout client-new-2.key -out client-new-2.csr" in second and "client-new.key" not in second
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    Path("no.pem").write_bytes(public.public_bytes(serialization.Encoding.PEM, form))
    third = sandbank("key", "add", "no.pem", "--algorithm", "ES512").err
    assert "-out client-new-2-jws.key &&" in third and "key add client-new-2-jws.pem --client demo" in third


def test_hints_are_made_of_what_was_given(prepared: Path) -> None:
    """The algorithm, the file, the client, the name: not those of an example."""
    made = sandbank("client", "add", "acme", "--state", "other")
    assert made.code == 0
    words = ("--client", "acme", "--state", "other")
    wrong = sandbank("key", "add", "PUBLIC.pem", "--algorithm", "ES256", "--kid", "k1", *words).err
    assert "sandbank key add --state other PUBLIC.pem --kid k1 --client acme --algorithm ES512; or make a key" in wrong
    assert "ecparam -name prime256v1" in wrong and "--client acme --algorithm ES256" in wrong
    put = sandbank("resource", "put", "transfer", "777", *words).err
    assert "sandbank resource show transfer 777 --client acme --state other" in put
    assert sandbank("client", "set", "acme", "--state", "other").code == 2
    signed = sandbank("certificate", "sign", "FILE.csr", "--out", "cert.pem", "--name", "mine", *words)
    assert signed.code == 0
    env = sandbank("client", "env", "acme", "--state", "other").err
    assert "certificate and key are missing" not in env and "the key of certificate mine is yours" in env
    taken = sandbank("certificate", "sign", "FILE.csr", "--out", "cert.pem", "--name", "mine", *words)
    assert "sandbank certificate release --state other mine --client acme" in taken.err and taken.code == 1
    assert Path("cert.pem").read_text().startswith("-----BEGIN CERTIFICATE")
    assert sandbank("certificate", "sign", "FILE.csr", "--out", "cert.pem", *words).code == 0
