"""The clock moved by a command in another process, beside a server in this one; ssl, curl and openssl judge."""

import http.client
import json
import ssl
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from ca.clock import read_time
from sandbank import Sandbox
from tests.guide.conftest import curl, make_partner, openssl
from tests.waiting import until

PLAYGROUND = "/v1/authenticated/playground"


@pytest.fixture
def sandbox(tmp_path):
    """A server and a clock of the test's own."""
    with Sandbox(state=tmp_path / "state") as running:
        yield running


@pytest.fixture
def partner(sandbox):
    return make_partner(sandbox, "clock")


def command(sandbox, *words):
    """`sandbank clock ...` in a process of its own; what it shows."""
    verb, *rest = words
    state = ("--state", str(sandbox.state.folder.path))
    said = [sys.executable, "-m", "sandbox.cli", "clock", verb, *state, "--json", *rest]
    done = subprocess.run(said, check=True, capture_output=True, timeout=60, text=True)
    return json.loads(done.stdout)


def connection(partner) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=partner.sandbox.ca_file)
    context.load_cert_chain(partner.certificate, partner.key)
    where = urlsplit(partner.url(""))
    return http.client.HTTPSConnection(where.hostname, where.port, context=context, timeout=20)


def called(one, token) -> tuple[int, str]:
    one.request("GET", PLAYGROUND, headers={"Authorization": f"Bearer {token}"})
    with one.getresponse() as reply:
        reply.read()
        return reply.status, reply.headers.get("x-trace-id", "")


def why(sandbox, **view) -> str:
    return sandbox.journal.last(refused=True, **view).reasons[0].code


def test_thirteen_months_later_the_certificate_has_expired(sandbox, partner):
    """The handshake ends with the alert certificate_expired, by ssl and by curl; moved back, the same one is good."""
    token = partner.token()
    assert partner.playground(token=token).status == 200
    assert command(sandbox, "move", "+13months")["real"] is False
    with closing(connection(partner)) as late, pytest.raises(ssl.SSLError) as refused:
        called(late, token)
    assert refused.value.reason.upper().endswith("ALERT_CERTIFICATE_EXPIRED")
    entry = sandbox.journal.last(refused=True)
    assert entry.reasons[0].code == "tls.certificate_expired"
    assert entry.at > sandbox.clock.now.replace(year=sandbox.clock.now.year - 1), "the journal's times follow"
    said = partner.playground(token=token)
    assert (said.status, said.exit_code) == (0, 56) and "alert certificate expired" in said.stderr
    assert command(sandbox, "move", "--", "-13months")["real"] is True
    with closing(connection(partner)) as again:
        assert called(again, token)[0] == 200
    assert partner.playground(token=token).status == 200


def test_a_connection_that_stands_is_refused_at_its_next_call(sandbox, partner):
    """There is no handshake that could notice; and it is good again when the clock is back."""
    token = partner.token()
    with closing(connection(partner)) as one:
        assert called(one, token)[0] == 200
        first = one.sock
        command(sandbox, "move", "+13months")
        status, trace = called(one, token)
        assert (status, sandbox.journal.find(trace).reasons[0].code) == (403, "certificate.expired")
        command(sandbox, "reset")
        assert called(one, token)[0] == 200
        assert one.sock is first


def test_a_token_expires_and_is_good_again(sandbox, partner):
    """After its twelve hours; and also when years later another was given out in between."""
    token = partner.token()
    command(sandbox, "move", "11h")
    assert partner.playground(token=token).status == 200
    command(sandbox, "move", "2h")
    assert partner.playground(token=token).status == 401
    assert why(sandbox, path=PLAYGROUND) == "token.expired"
    command(sandbox, "reset")
    assert partner.playground(token=token).status == 200
    sandbox.clock.move(months=11)
    later = partner.token()
    assert partner.playground(token=later).status == 200
    assert partner.playground(token=token).status == 401
    sandbox.clock.reset()
    assert partner.playground(token=token).status == 200


def test_before_the_sandboxs_birth(sandbox, partner, tmp_path):
    """A certificate issued then is good then and, as long as its year lasts, today; one of today is not good then."""
    today = partner.token()
    command(sandbox, "move", "--", "-6months")
    early = partner.playground(token=today)
    assert early.exit_code != 0 and early.status == 0
    assert why(sandbox) == "tls.certificate_not_yet_valid"
    key, csr, pem = tmp_path / "k.pem", tmp_path / "c.csr", tmp_path / "c.pem"
    openssl("req", "-nodes", "-newkey", "rsa:2048", "-keyout", key, "-out", csr, "-subj", "/C=EU/O=Acme")
    issued = sandbox.wise.client(partner.id).sign(csr.read_bytes(), name="old")
    pem.write_text(issued.pem + issued.chain)
    old = type(partner)(
        sandbox=sandbox, id=partner.id, secret=partner.secret, name=partner.name, certificate=pem, key=key
    )
    then = old.token()
    assert old.playground(token=then).status == 200
    command(sandbox, "reset")
    assert old.playground(token=then).status == 401
    assert why(sandbox, path=PLAYGROUND) == "token.expired"
    assert old.playground(token=old.token()).status == 200
    root = tmp_path / "clients.pem"
    root.write_bytes(curl(sandbox.control + "/api/ca?clients=true").text.encode())
    chain = tmp_path / "chain.pem"
    chain.write_text(issued.chain)
    verify = ("verify", "-CAfile", root, "-untrusted", chain, pem)
    assert "OK" in openssl(*verify), "openssl judges by real time"
    assert "certificate has expired" in openssl("verify", "-attime", "2000000000", *verify[1:], check=False)
    command(sandbox, "move", "+7months")
    assert old.playground().exit_code != 0
    assert why(sandbox) == "tls.certificate_expired"


def test_before_its_authority_nothing_is_issued(sandbox, partner, csr_text):
    """Eleven years before: a refusal that says so, and the handshake refuses too."""
    command(sandbox, "move", "--", "-11y")
    said = curl(
        "--data-binary", f"@{csr_text}", f"{sandbox.control}/api/wise/clients/{partner.id}/certificates?name=old"
    )
    assert said.status == 422
    assert said.json["refusals"][0]["code"] == "certificate.authority_out_of_time"
    assert partner.playground().exit_code != 0


@pytest.fixture
def csr_text(tmp_path):
    openssl(
        "req", "-nodes", "-newkey", "rsa:2048", "-keyout", tmp_path / "k", "-out", tmp_path / "c", "-subj", "/C=EU/O=A"
    )
    return tmp_path / "c"


def test_a_certificate_near_its_end_is_told_once_for_each_step(sandbox, partner):
    """At the first handshake after a step is reached, as the provider writes to its clients; anew after moving back."""

    def told() -> list[str]:
        entries = sandbox.journal.entries(client=partner.id)
        return [entry.outcome for entry in entries if entry.title == "'first' is near its end"]

    ends = read_time(curl(f"{sandbox.control}/api/wise/certificates/first").json["not_after"])
    for days in (40, 28, 27, 14, 14, 1, 0):
        sandbox.clock.freeze(ends - timedelta(days=days))
        assert partner.playground().status == 401
    said = ["ends in 28 days", "ends in 14 days", "ends in 1 day", "ends today"]
    assert told() == said
    sandbox.clock.reset()
    assert partner.playground().status == 401
    assert told() == said
    sandbox.clock.freeze(ends - timedelta(days=14))
    assert partner.playground().status == 401
    assert told() == [*said, "ends in 14 days"]
    entry = next(entry for entry in sandbox.journal.entries() if entry.outcome == "ends today")
    assert (entry.kind, entry.door, entry.refused) == ("certificate", "wise.mtls", False)
    assert "have another signed" in entry.explain()


def test_a_program_around_the_server_has_the_time_within_a_second(sandbox, partner):
    """Without a call or a handshake: services in Python go by the clock that another process has moved."""
    state = sandbox.state
    command(sandbox, "freeze", "2030-01-01T00:00:00Z")
    until(lambda: not state.clock.real, 60)  # a loaded machine may need more than the second
    made = sandbox.wise.client(partner.id).new_certificate("then")
    assert "notBefore=Jan  1 00:00:00 2030 GMT" in openssl("x509", "-noout", "-dates", "-in", made.certificate)
