"""The fixtures of the pytest plugin, each in a test run of its own."""

import socket

import pytest

from tests.plugin.conftest import run_tests
from tests.ports import base_of_free_ports

CALL = """
import base64, json, shutil, ssl
from datetime import timedelta
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen
import pytest

PLAYGROUND = "/v1/authenticated/playground"

def context(sandbank, client):
    files = client.new_certificate()
    context = ssl.create_default_context(cafile=sandbank.ca_file)
    context.load_cert_chain(files.certificate, files.key)
    return context

def call(sandbank, client, path=PLAYGROUND, authorization="", body=None):
    asked = Request(sandbank.wise.urls["mtls"] + path, body, {"Authorization": authorization})
    try:
        with urlopen(asked, context=context(sandbank, client)) as reply:
            return reply.status, json.load(reply)
    except HTTPError as refused:
        with refused:
            return refused.code, refused.read()

def token(sandbank, client):
    basic = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    return call(sandbank, client, "/oauth/token", f"Basic {basic}", b"grant_type=client_credentials")[1]["access_token"]
"""

ISOLATED = (
    CALL
    + """
before = []

@pytest.mark.parametrize("round", [1, 2])
def test_each_has_its_own(sandbank, round):
    wise = sandbank.wise
    assert sandbank.journal.entries() == ()
    acme = wise.new_client("acme", id="acme-id", secret="known")
    bearer = f"Bearer {token(sandbank, wise.client)}"
    assert call(sandbank, wise.client, authorization=bearer)[1]["client"]["id"] == wise.client.id
    assert call(sandbank, acme)[0] == 401
    assert {entry.client for entry in sandbank.journal.entries()} == {wise.client.id, "acme-id"}
    assert sandbank.journal.last(client="acme").client == "acme-id"
    assert sandbank.environment()["WISE_CLIENT_ID"] == wise.client.id
    assert sandbank.environment()["WISE_MTLS_URL"] == wise.urls["mtls"]
    before.append((wise.client, bearer, dict(wise.urls), sandbank.journal.last().id))

def test_what_was_is_gone(sandbank):
    (first, bearer, urls, entry), (second, *_) = before
    assert len({first.id, second.id, sandbank.wise.client.id}) == 3
    assert urls == sandbank.wise.urls
    assert call(sandbank, sandbank.wise.client, authorization=bearer)[0] == 401
    with pytest.raises(Exception, match="no client"):
        first.new_certificate()
    with pytest.raises(Exception, match="no entry"):
        sandbank.journal.find(entry)
    assert sandbank.journal.find(sandbank.journal.last().id).client == sandbank.wise.client.id

def test_nobody_is_in_every_view(sandbank):
    plain = sandbank.wise.urls["mtls"].replace("https", "http")
    with pytest.raises(HTTPError) as refused:
        urlopen(plain)
    refused.value.close()
    (entry,) = sandbank.journal.expect(cause="tls.plain_http", times=1)
    assert entry.client is None and entry.as_json()["client"] is None

def test_and_only_since_the_test_began(sandbank):
    sandbank.journal.expect(cause="tls.plain_http", times=0)
    with pytest.raises(LookupError):
        sandbank.journal.last()
"""
)

CLOCKS = (
    CALL
    + """
def test_shared(sandbank):
    with pytest.raises(Exception, match="sandbank_alone"):
        sandbank.clock.move(timedelta(days=400))
    with pytest.raises(Exception, match="sandbank_alone"):
        sandbank.clock = None

def test_alone(sandbank_alone, sandbank):
    assert sandbank_alone.sandbox.ports != sandbank.wise.urls
    assert sandbank_alone.wise.urls["mtls"] != sandbank.wise.urls["mtls"]
    client = sandbank_alone.wise.client
    held = context(sandbank_alone, client)
    url = sandbank_alone.wise.urls["mtls"] + PLAYGROUND
    sandbank_alone.clock.move(timedelta(days=400))
    with pytest.raises((URLError, ssl.SSLError)):
        urlopen(url, context=held)
    (entry,) = sandbank_alone.journal.expect(cause="tls.certificate_expired")
    assert entry.client == client.id
    sandbank_alone.clock.move(timedelta(days=-400))
    sandbank_alone.clock.freeze(sandbank_alone.clock.now)
    sandbank_alone.clock.move(months=1)
    sandbank_alone.clock.run()
    sandbank_alone.clock.reset()
    with pytest.raises(HTTPError) as refused:
        urlopen(url, context=held)
    refused.value.close()
    sandbank_alone.journal.expect(path=PLAYGROUND, status=401, cause="token.missing", times=1)
    assert sandbank_alone.sandbox.wise.client("demo").id != client.id
    sandbank.journal.expect(path=PLAYGROUND, times=0)
"""
)

FAILING = (
    CALL
    + """
@pytest.fixture
def ready(sandbank):
    assert call(sandbank, sandbank.wise.client, "/nowhere")[0] == 200

def test_refused(sandbank):
    assert call(sandbank, sandbank.wise.client)[0] == 200

def test_never_came(sandbank):
    call(sandbank, sandbank.wise.client, PLAYGROUND)
    sandbank.journal.expect(path=PLAYGROUND, status=200, times=1)

def test_in_setup(ready):
    pass

def test_nothing_refused(sandbank):
    assert token(sandbank, sandbank.wise.client) == "another"

def test_refused_as_expected(sandbank):
    assert call(sandbank, sandbank.wise.client)[0] == 401

def test_stopped(sandbank_alone):
    call(sandbank_alone, sandbank_alone.wise.client)
    sandbank_alone.sandbox.stop()
    assert False

def test_swept(sandbank_alone):
    shutil.rmtree(sandbank_alone.ca_file.parent)
    assert False

def test_never_called(sandbank, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.delenv("NO_PROXY")
    sandbank.wise.client.new_certificate()
    assert False

@pytest.fixture
def left(sandbank, sandbank_alone):
    yield
    assert call(sandbank, sandbank.wise.client, "/shared")[0] == 404
    assert call(sandbank_alone, sandbank_alone.wise.client, "/alone")[0] == 200

def test_as_it_ends(left):  # the last: the shared server ends with it
    pass
"""
)

WHO = """
import os, pathlib, time, pytest

@pytest.mark.parametrize("number", range(4))
def test_who(sandbank, number):
    file = pathlib.Path("who") / f"{number}"
    file.parent.mkdir(exist_ok=True)
    file.write_text(os.environ["PYTEST_XDIST_WORKER"] + " " + sandbank.wise.urls["mtls"] + " " + str(sandbank.ca_file))
"""

SETTINGS = """
import pytest

@pytest.fixture(scope="session")
def sandbank_settings():
    return {settings}
"""


def part(text: str, test: str) -> str:
    """What the report says of one failed test."""
    return text.partition(f" {test} __")[2].partition("\n____")[0]


def test_every_test_has_its_own_client_data_and_journal(tmp_path):
    """At one server: names and ids are free again, tokens and entries of another test are not there."""
    ran = run_tests(
        tmp_path,
        ISOLATED,
        conftest=SETTINGS.format(settings='{"random_seed": 7, "server_names": ("sandbank.internal",)}'),
    )
    assert ran.counts("5 passed"), ran.text


def test_the_clock_is_everybodys_or_ones_own(tmp_path):
    """The shared one is not moved, and the fixture that can is named; there certificates expire and come back."""
    ran = run_tests(tmp_path, CLOCKS)
    assert ran.counts("2 passed"), ran.text


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """What is printed of tests that fail, each for another reason."""
    ran = run_tests(tmp_path_factory.mktemp("failing"), FAILING)
    assert ran.counts("6 failed, 2 passed, 2 errors"), ran.text
    return ran.text


def test_a_failed_test_says_what_was_refused(failed):
    """Every refusal of the test with what to do, also of its set-up; nothing where nothing was refused."""
    said = part(failed, "test_refused")
    assert said.count("Sandbank refused") == 1
    for word in ("token.missing", "    seen  ", "    expected  ", "    next  ", "GET /v1/authenticated/playground"):
        assert word in said
    assert "GET /nowhere  -> 404" in part(failed, "ERROR at setup of test_in_setup").partition("Sandbank refused")[2]
    assert "Sandbank refused" not in part(failed, "test_nothing_refused")
    assert "Sandbank refused" not in part(failed, "test_stopped")
    assert "state was removed" in part(failed, "test_swept").partition("Sandbank could not work")[2]
    ended = part(failed, "ERROR at teardown of test_as_it_ends")
    assert "GET /shared  -> 404" in ended and "GET /alone  -> 404" in ended
    assert "Set NO_PROXY=localhost" in part(failed, "test_never_called").partition("Sandbank was not called")[2]
    assert failed.count("Sandbank was not called") == 1


def test_an_expectation_that_fails_shows_the_nearest(failed):
    """The traceback ends in the test, and the message has what came instead, and why it was refused."""
    said = part(failed, "test_never_came").partition("Sandbank refused")[0]
    assert "expected /v1/authenticated/playground -> 200, once; it came not at all" in said
    assert "the nearest has another status" in said
    assert "token.missing" in said
    assert "<SharedSandbox of test_never_came>" in said
    assert "faces.py" not in said
    assert "expecting.py" not in said


def test_every_worker_has_a_server(tmp_path):
    """Under -n 2 two servers, each used by all tests of its worker; with a state that stays, a folder each."""
    conftest = SETTINGS.format(settings=f"{{'state': {str(tmp_path / 'state')!r}}}")
    ran = run_tests(tmp_path, WHO, "-n", "2", "-p", "xdist.plugin", conftest=conftest)
    assert ran.counts("4 passed"), ran.text
    seen = {tuple(file.read_text().split()) for file in (tmp_path / "who").iterdir()}
    assert {worker for worker, _, _ in seen} == {"gw0", "gw1"}
    assert len({url for _, url, _ in seen}) == 2
    assert {(worker, file) for worker, _, file in seen} == {
        (worker, str(tmp_path / "state" / worker / "ca.pem")) for worker in ("gw0", "gw1")
    }


def test_settings_that_cannot_be_are_a_sentence(tmp_path):
    """A clock for everybody, a port that is taken: an error in the tests that use the fixture, without a traceback."""
    tests = "def test_a(sandbank): pass\ndef test_b(): pass\n"
    ran = run_tests(tmp_path, tests, conftest=SETTINGS.format(settings='{"clock": None}'))
    assert ran.counts("1 passed, 1 error"), ran.text
    assert "take the fixture sandbank_alone" in ran.text
    assert "plugin.py" not in ran.text
    base = base_of_free_ports(27_000)
    port = base + 3
    with socket.create_server(("127.0.0.1", port)):
        ran = run_tests(tmp_path, tests, conftest=SETTINGS.format(settings=f'{{"port_base": {base}}}'))
    assert ran.counts("1 passed, 1 error"), ran.text
    (said,) = [line for line in ran.text.splitlines() if line.startswith("Sandbank did not start: ")]
    assert f"{port}" in said
    assert "--port-base" in said
    assert "plugin.py" not in ran.text


def test_a_run_that_uses_no_fixture_pays_nothing(tmp_path):
    """Nothing of ours is loaded but the one file, whose fixtures are listed with what they are."""
    tests = """
import sys
def test_loaded():
    assert "sandbank" in sys.modules
    assert not [name for name in sys.modules if name.partition(".")[0] in ("sandbox", "ca", "cryptography")]
"""
    assert run_tests(tmp_path, tests).counts("1 passed")
    listed = run_tests(tmp_path, tests, "--fixtures").text
    for said in ("sandbank_settings [session scope]", "sandbank_alone", "A sandbox with a client of this test's own"):
        assert said in listed
    assert "_sandbank_server" not in listed


def test_modules_of_ours_are_not_rewritten(tmp_path):
    """pytest marks the modules of every package that has a plugin; ours stay as they are, the tests are rewritten."""
    tests = """
import sys
import sandbox.errors

def test_sources():
    loaders = {type(module.__loader__).__name__ for name, module in sys.modules.items() if name.startswith("sandbox.")}
    assert loaders == {"SourceFileLoader"}
    assert type(sys.modules[__name__].__loader__).__name__ == "AssertionRewritingHook"
"""
    conftest = """
def pytest_configure(config):
    config.pluginmanager.rewrite_hook.mark_rewrite("sandbox", "ca")  # as for every plugin that pip has installed
"""
    assert run_tests(tmp_path, tests, conftest=conftest).counts("1 passed")
