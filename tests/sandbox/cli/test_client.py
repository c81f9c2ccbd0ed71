import json
import shlex
import subprocess
from pathlib import Path

import pytest

from sandbox.cli.environment import dotenv_line, sh_line
from tests.sandbox.cli.running import sandbank


def test_a_new_client_is_shown_once_with_its_secret(here: Path) -> None:
    """Later nobody tells it: what shows the client says how to get a new one, and ends with 0."""
    said = sandbank("client", "add", "acme")
    assert said.code == 0
    facts = dict(line.split(maxsplit=1) for line in said.text.splitlines())
    assert facts["client"] == "acme of wise"
    forms = [("env", "acme", "--format", form) for form in ("sh", "dotenv", "json")]
    for words in (("list",), ("show", "acme"), ("list", "--json"), ("show", facts["id"], "--json"), *forms):
        shown = sandbank("client", *words)
        assert shown.code == 0 and facts["id"] in shown.text
        assert facts["secret"] not in shown.text + shown.err
    assert "secret        kept as a hash; make a new one: sandbank client secret acme" in (
        sandbank("client", "show", "acme").text
    )
    assert "secret        readable; print it: sandbank client env demo" in sandbank("client", "show", "demo").text
    assert [one["secret_readable"] for one in sandbank("client", "list", "--json").json["clients"]] == [True, False]


def test_env_leaves_out_what_only_its_owner_knows(here: Path) -> None:
    """The variable is a comment with the command, at the end, so that it harms no eval; one's own value stays."""
    assert sandbank("client", "add", "acme").code == 0
    said = sandbank("client", "env", "acme")
    assert said.text.splitlines()[-2:] == [
        "# only the hash of the secret is kept; make a new one: sandbank client secret acme",
        "# export WISE_CLIENT_SECRET=''",
    ]
    assert "sandbank client secret acme" in said.err
    assert '# WISE_CLIENT_SECRET=""' in sandbank("client", "env", "acme", "--format", "dotenv").text
    in_json = sandbank("client", "env", "acme", "--format", "json")
    assert "WISE_CLIENT_ID" in in_json.json and "WISE_CLIENT_SECRET" not in in_json.json
    assert "sandbank client secret acme" in in_json.err
    for quote in ('"', ""):
        script = f'WISE_CLIENT_SECRET=mine; eval {quote}$(cat){quote}; printf %s "$WISE_CLIENT_SECRET $WISE_CA_FILE"'
        done = subprocess.run(["sh", "-c", script], input=said.out, capture_output=True, check=True)
        assert done.stdout.decode() == f"mine {in_json.json['WISE_CA_FILE']}"


def test_a_new_secret_is_shown_once(here: Path) -> None:
    """It is another one; of a demo client it can be read afterwards as before."""
    first = sandbank("client", "add", "acme", "--json").json
    second = sandbank("client", "secret", "acme", "--json").json
    assert {**second, "secret": ""} == {**first, "secret": ""} and second["secret"] != first["secret"]
    shown = dict(line.split(maxsplit=1) for line in sandbank("client", "secret", "acme").text.splitlines())
    assert shown["secret"] not in (first["secret"], second["secret"])
    assert shown["secret"] not in sandbank("client", "env", "acme").text
    demo = sandbank("client", "secret", "demo", "--json").json
    assert sandbank("client", "env", "demo", "--json").json["WISE_CLIENT_SECRET"] == demo["secret"]
    key = sandbank("client", "secret", "demo", "--provider", "nuapay", "--json").json["secret"]
    assert f"NUAPAY_API_KEY={key}" in sandbank("client", "env", "demo", "--provider", "nuapay").text


def test_id_and_secret_can_be_fixed(here: Path) -> None:
    """The same in every run of a CI job."""
    said = sandbank("client", "add", "acme", "--id", "acme-1", "--secret", "s3cret", "--json")
    assert {**said.json, "created_at": ""} == {
        "provider": "wise",
        "id": "acme-1",
        "name": "acme",
        "created_at": "",
        "require_jws": False,
        "require_mtls": False,
        "token_format": "",
        "sca": False,
        "rate_limit": "",
        "check_callbacks": False,
        "secret_readable": False,
        "secret": "s3cret",
    }


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "demo"), 1, "already has a client"),
        (("add", "no blanks"), 2, "is not a client name"),
        (("add", "x", "--provider", "nobody"), 1, "there is no provider 'nobody'"),
        (("show", "nobody"), 1, "has no client 'nobody'"),
        (("env", "nobody"), 1, "has no client 'nobody'"),
        (("secret", "nobody"), 1, "has no client 'nobody'"),
        (("remove", "nobody"), 1, "has no client 'nobody'"),
        (("reset", "nobody"), 1, "has no client 'nobody'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said(here: Path, words: tuple[str, ...], code: int, sentence: str) -> None:
    """Exit code 2 for what cannot be meant, 1 for what is taken or not there; in two lines, and the same in JSON."""
    said = sandbank("client", *words)
    assert (said.code, said.out) == (code, b"")
    assert sentence in said.err and len(said.err.splitlines()) <= 2
    in_json = sandbank("client", *words, "--json")
    assert (in_json.code, in_json.out) == (code, b"")
    assert sentence in in_json.error["error"]["detail"] and in_json.error["error"]["code"].startswith("sandbank.")


def test_a_client_may_have_to_sign(here: Path) -> None:
    """What was asked for at the start is shown by add, list and show."""
    assert "jws     required" in sandbank("client", "add", "signer", "--require-jws").text
    for words in (("add", "idle"), ("set", "demo")):
        said = sandbank("client", *words, "--require-jws", "--provider", "treezor")
        assert said.code == 2 and "treezor has no signed calls" in said.err and "nuapay" in said.err
    assert "jws           required" in sandbank("client", "show", "signer").text
    assert "jws           optional" in sandbank("client", "show", "demo").text
    assert [line.split()[-1] for line in sandbank("client", "list").text.splitlines()] == [
        "JWS",
        "optional",
        "required",
    ]
    listed = sandbank("client", "list", "--json").json["clients"]
    assert [one["require_jws"] for one in listed] == [False, True]


def test_a_client_may_have_to_come_with_its_certificate(here: Path) -> None:
    """What was asked for at the start is shown by add, list and show."""
    assert "mtls    required" in sandbank("client", "add", "careful", "--require-mtls").text
    assert "mtls          required" in sandbank("client", "show", "careful").text
    assert "mtls          optional" in sandbank("client", "show", "demo").text
    listed = sandbank("client", "list", "--json").json["clients"]
    assert [one["require_mtls"] for one in listed] == [False, True]


def test_sh_reads_back_what_env_prints(here: Path) -> None:
    """Whatever the value is."""
    value = """it's "$HOME" `id` \\ & ; *"""
    script = f'{sh_line("N", value)}\nprintf %s "$N"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == value
    said = sandbank("client", "env", "demo")
    assert all(line.startswith("export WISE_") for line in said.text.splitlines())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", 'N="plain"'),
        ('say "yes"', 'N="say \\"yes\\""'),
        ("C:\\sandbank\\ca.pem", 'N="C:\\\\sandbank\\\\ca.pem"'),
        ("cost$HOME", "N='cost$HOME'"),
        ("it's $1", 'N="it\'s \\$1"'),
    ],
)
def test_dotenv_lines_are_quoted(value: str, written: str) -> None:
    """Double quotes with escapes; single ones where a dollar would be taken for a variable."""
    assert dotenv_line("N", value) == written


def test_env_has_the_files_once_there_is_a_certificate(here: Path) -> None:
    """Before that, a remark on standard error says how one is made, and standard output stays clean."""
    before = sandbank("client", "env", "demo")
    assert "sandbank certificate new --client demo" in before.err and "CERTIFICATE" not in before.text
    assert sandbank("certificate", "new", "--key", "ec-p256").code == 0
    after = sandbank("client", "env", "demo", "--format", "json")
    assert after.err == ""
    for name in ("WISE_CERTIFICATE_FILE", "WISE_KEY_FILE", "WISE_CA_FILE"):
        assert Path(after.json[name]).is_file()
    shell = dict(shlex.split(line)[1].split("=", 1) for line in sandbank("client", "env", "demo").text.splitlines())
    assert shell == after.json == json.loads(sandbank("client", "env", "demo", "--json").out)


def test_reset_keeps_id_and_secret_and_with_all_releases_certificates(here: Path) -> None:
    """Without --all only rows are put back; and remove lets nothing be."""
    assert sandbank("certificate", "new", "--key", "ec-p256", "--name", "laptop").code == 0
    before = sandbank("client", "env", "demo", "--json").json["WISE_CLIENT_SECRET"]
    kept = sandbank("client", "reset", "demo")
    assert kept.code == 0 and "everything else stays" in kept.text
    assert sandbank("client", "show", "demo", "--json").json["active_certificates"] == 1
    assert sandbank("client", "reset", "demo", "--all").code == 0
    assert sandbank("client", "env", "demo", "--json").json["WISE_CLIENT_SECRET"] == before
    assert sandbank("client", "show", "demo", "--json").json["active_certificates"] == 0
    assert sandbank("client", "remove", "demo", "--json").json["removed"]["name"] == "demo"
    assert sandbank("client", "list", "--json").json == {"clients": []}
    assert "client add acme" in sandbank("client", "list").err


def test_listing_makes_no_state(nowhere: Path) -> None:
    """Who only looks, in the wrong folder, leaves nothing behind."""
    said = sandbank("client", "list")
    assert said.code == 3 and "there is no sandbox in .sandbank" in said.err
    assert list(nowhere.iterdir()) == []


def test_personal_tokens_are_shown_once(here: Path) -> None:
    """With a new client or later, each another; a provider without them says so."""
    first = sandbank("client", "add", "reader", "--personal-token", "--json").json["personal_token"]
    second = sandbank("client", "token", "reader").text.strip()
    assert len({first, second}) == 2 and all(len(one) == 36 for one in (first, second))
    assert first not in sandbank("client", "show", "reader", "--json").text
    assert "no personal tokens" in sandbank("client", "token", "demo", "--provider", "nuapay").err


def test_settings_are_changed(here: Path) -> None:
    """What is not named stays; what the provider has not is refused, with what there is."""
    sandbank("client", "add", "acme", "--require-jws", "--token-format", "jwe")
    said = sandbank("client", "set", "acme", "--require-mtls", "--json").json["set"]
    assert (said["require_jws"], said["require_mtls"], said["token_format"]) == (True, True, "jwe")
    said = sandbank("client", "set", "acme", "--token-format", "", "--no-require-jws", "--json").json["set"]
    assert (said["require_jws"], said["require_mtls"], said["token_format"]) == (False, True, "")
    sandbank("client", "set", "acme", "--rate-limit", "20/minute")
    assert "20/minute" in sandbank("client", "show", "acme").text
    assert sandbank("client", "set", "acme", "--no-require-mtls", "--json").json["set"]["rate_limit"] == "20/minute"
    checks = sandbank("client", "set", "acme", "--check-callbacks", "on")
    assert "new addresses called first" in checks.text and "called before" in sandbank("client", "show", "acme").text
    said = sandbank("client", "set", "acme", "--check-callbacks", "off", "--json").json["set"]
    assert (said["check_callbacks"], said["require_mtls"]) == (False, False)
    wrong = sandbank("client", "set", "acme", "--rate-limit", "20")
    assert wrong.code == 2 and "300/minute" in wrong.err and "1000/minute" in wrong.err
    none = sandbank("client", "set", "demo", "--rate-limit", "published", "--provider", "nuapay")
    assert none.code == 2 and "publishes no rate limit" in none.err
    sandbank("client", "set", "acme", "--sca", "on")
    assert ["sca", "on"] in [line.split() for line in sandbank("client", "show", "acme").text.splitlines()]
    assert sandbank("client", "set", "acme", "--sca", "off", "--json").json["set"]["sca"] is False
    none = sandbank("client", "set", "demo", "--sca", "on", "--provider", "nuapay")
    assert none.code == 2 and "strong customer authentication" in none.err and "known of: wise" in none.err
    others = sandbank("client", "set", "demo", "--check-callbacks", "on", "--provider", "treezor")
    assert others.code == 2 and "does not call the address" in others.err and "wise" in others.err
    wrong = sandbank("client", "set", "acme", "--token-format", "gold")
    assert wrong.code == 2 and "uuid, jwe" in wrong.err
