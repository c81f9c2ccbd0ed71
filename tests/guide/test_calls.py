"""Calls at Wise's doors, good and bad, by curl: each refusal has Wise's status and body, and the journal says why."""

import errno
import json
import subprocess
import sys
from datetime import timedelta

import pytest
import trustme

from ca.clock import MovableClock, SystemClock
from sandbank import Sandbox
from sandbox.oauth.clients import digest
from sandbox.server.pipeline.context import CallContext
from sandbox.server.pipeline.reading import CallReading
from sandbox.storage import clients, facts
from tests.guide.conftest import curl, make_partner, on_disk, openssl


def why(partner, said) -> str:
    """The cause that the journal has for a reply, by the reply's own trace id; the header must agree."""
    entry = partner.sandbox.journal.find(said.headers["x-trace-id"])
    assert entry.status == said.status
    assert [reason.code for reason in entry.reasons] == [said.headers["x-sandbank-cause"]]
    assert entry.reasons[0].seen
    return entry.reasons[0].code


def test_the_call_that_the_guide_ends_with(partner):
    """With certificate and token the playground answers who it took us for; without either it does not."""
    token = partner.token()
    said = partner.playground(token=token)
    assert said.status == 200
    assert said.json["client"] == {"id": partner.id, "name": partner.name}
    assert said.json["token"]["kind"] == "client_credentials"
    serial = openssl("x509", "-in", partner.certificate, "-noout", "-serial").strip().removeprefix("serial=")
    assert said.json["certificate"]["serial"] == serial
    assert partner.playground().status == 401
    anonymous = curl("--cacert", partner.sandbox.ca_file, partner.url("/v1/authenticated/playground"))
    assert anonymous.exit_code != 0
    assert "certificate required" in anonymous.stderr


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_both_versions_of_http(partner, version):
    """The same call over HTTP/1.1 and HTTP/2."""
    said = partner.playground(version, token=partner.token())
    assert said.status == 200
    assert said.version == ("HTTP/2" if version == "--http2" else "HTTP/1.1")


@pytest.mark.parametrize("tls", ["1.2", "1.3"])
def test_both_versions_of_tls(partner, tls):
    """TLS 1.2 and 1.3."""
    said = partner.playground(f"--tlsv{tls}", "--tls-max", tls, token=partner.token())
    assert said.status == 200


def test_the_providers_own_host_name_leads_here(partner):
    """With --resolve the URL keeps Wise's sandbox name, and the certificate is good for it; for another it is not."""
    port = partner.sandbox.ports["wise.mtls"]
    path = "/v1/authenticated/playground"
    names = {"api-mtls.wise-sandbox.com": 0, "api-mtls.transferwise.com": 60}
    for name, exit_code in names.items():
        said = curl(
            *partner.tls,
            "--resolve",
            f"{name}:{port}:127.0.0.1",
            f"https://{name}:{port}{path}",
            "-H",
            f"Authorization: Bearer {partner.token()}",
        )
        assert said.exit_code == exit_code, name


def test_a_token_has_wises_shape(partner):
    """The five fields of the token page; the end is twelve hours less a second away."""
    said = curl(
        *partner.tls,
        "-u",
        f"{partner.id}:{partner.secret}",
        "-d",
        "grant_type=client_credentials",
        partner.url("/oauth/token"),
    )
    assert said.status == 200
    assert list(said.json) == ["access_token", "token_type", "expires_in", "expires_at", "scope"]
    assert (said.json["token_type"], said.json["expires_in"], said.json["scope"]) == ("bearer", 43199, "transfers")
    assert said.headers["cache-control"] == "no-cache, no-store, max-age=0, must-revalidate"


@pytest.mark.parametrize(
    ("arguments", "status", "error", "cause"),
    [
        (("-u", "{id}:wrong", "-d", "grant_type=client_credentials"), 401, "invalid_client", "token.secret_wrong"),
        (("-u", "{id}:", "-d", "grant_type=client_credentials"), 401, "invalid_client", "login.secret_placeholder"),
        (("-u", "nobody:x", "-d", "grant_type=client_credentials"), 401, "invalid_client", "token.client_unknown"),
        (("-d", "grant_type=client_credentials"), 401, "unauthorized", "token.credentials_missing"),
        (
            ("-H", "Authorization: Basic %%%", "-d", "grant_type=client_credentials"),
            401,
            "invalid_client",
            "token.credentials_malformed",
        ),
        (
            ("-H", "Authorization: Bearer x", "-d", "grant_type=client_credentials"),
            401,
            "invalid_client",
            "token.scheme_wrong",
        ),
        (("-u", "{id}:{secret}", "-d", ""), 400, "invalid_request", "token.grant_missing"),
        (("-u", "{id}:{secret}", "-d", "grant_type="), 400, "invalid_request", "token.grant_missing"),
        (("-u", "{id}:{secret}", "-d", "grant_type=magic"), 400, "unsupported_grant_type", "token.grant_unknown"),
        (
            ("-u", "{id}:{secret}", "-d", "grant_type=client_credentials&grant_type=client_credentials"),
            400,
            "invalid_request",
            "token.form_malformed",
        ),
        (
            (
                "-u",
                "{id}:{secret}",
                "-H",
                "Content-Type: application/json",
                "-d",
                '{"grant_type":"client_credentials"}',
            ),
            400,
            "invalid_request",
            "login.grant_elsewhere",
        ),
    ],
)
def test_a_bad_token_request(partner, arguments, status, error, cause):
    """Each is refused as an OAuth error with its own cause; the same request done right is answered."""
    filled = [argument.replace("{id}", partner.id).replace("{secret}", partner.secret) for argument in arguments]
    said = curl(*partner.tls, *filled, partner.url("/oauth/token"))
    assert (said.status, said.json["error"]) == (status, error)
    assert set(said.json) == {"error", "error_description"}
    assert why(partner, said) == cause
    assert partner.token()


@pytest.mark.parametrize(
    ("header", "body", "cause"),
    [
        (
            None,
            {"error": "missing_token", "error_description": "Missing token"},
            "token.missing",
        ),
        ("Bearer 1234", {"error": "invalid_token", "error_description": "1234"}, "token.unknown"),
        (
            "Basic YTpi",
            {"error": "missing_token", "error_description": "Missing token"},
            "token.scheme_wrong",
        ),
    ],
)
def test_a_call_without_a_good_token(partner, header, body, cause):
    """401 with Wise's bodies; the token that was sent is echoed, as Wise does."""
    said = partner.playground(*(("-H", f"Authorization: {header}") if header else ()))
    assert (said.status, said.json) == (401, body)
    assert why(partner, said) == cause


def test_a_revoked_token_is_echoed_as_an_unknown_one_is(partner, sandbox):
    """Like an expired one: they are answered alike, and told apart in the journal only."""
    good = partner.token()
    assert partner.playground(token=good).status == 200
    with sandbox.state.store.write() as work:
        kept = clients.find_token(work, digest(good))
        assert kept is not None
        clients.revoke_token(work, kept, sandbox.clock.now)
        facts.move_generation(work)
    said = partner.playground(token=good)
    assert (said.status, said.json) == (401, {"error": "invalid_token", "error_description": good})
    assert why(partner, said) == "token.revoked"


@pytest.mark.parametrize("path", ["v1/transfers/1", "v3/profiles/1/transfers/1/payments"], ids=["read", "write"])
def test_an_error_of_the_system_in_a_handler_is_a_fault_of_ours(partner, sandbox, monkeypatch, path):
    """It is kept with its traceback, and nobody is told that the store cannot be used; the next call is answered."""
    faults, token = sandbox.state.folder.faults, partner.token()

    def fail(_):
        raise OSError(errno.ENOSPC, "No space left on a disk of the handler's")

    bearer = ("-H", f"Authorization: Bearer {token}")
    body = ("-d", '{"type":"BALANCE"}', "-H", "Content-Type: application/json") if "payments" in path else ()
    with monkeypatch.context() as failing:
        failing.setattr(CallContext if body else CallReading, "resources", property(fail))
        said = curl(*partner.tls, *bearer, *body, partner.url(f"/{path}"))
    assert said.status == 500 and why(partner, said) == "provider.fault"
    assert "of the handler's" in faults.read_text() and "of the handler's" not in said.text
    faults.unlink()
    assert curl(*partner.tls, *bearer, *body, partner.url(f"/{path}")).status < 500
    assert not faults.exists()


def test_somebody_elses_token(partner, sandbox):
    """Certificate of one client, token of another: 403, and the journal names both clients."""
    other = make_partner(sandbox, "other-than-" + partner.name[:30])
    said = partner.playground(token=other.token())
    assert (said.status, said.json["error"]) == (403, "access_denied")
    assert why(partner, said) == "binding.other_client"
    seen = sandbox.journal.find(said.headers["x-trace-id"]).reasons[0].seen
    assert f"of client {partner.name}, credentials of client {other.name}" in seen
    assert partner.playground(token=partner.token()).status == 200


def test_somebody_elses_credentials_at_the_token_endpoint(partner, sandbox):
    """Certificate of one client, id and secret of another: 401 invalid_client."""
    other = make_partner(sandbox, "other-than-" + partner.name[:30])
    said = curl(
        *partner.tls,
        "-u",
        f"{other.id}:{other.secret}",
        "-d",
        "grant_type=client_credentials",
        partner.url("/oauth/token"),
    )
    assert (said.status, said.json["error"]) == (401, "invalid_client")
    assert why(partner, said) == "binding.other_client"


def test_the_playground_on_the_other_door(partner):
    """The TLS door asks for no certificate: the token endpoint answers there, the playground says 403 and why."""
    url = partner.url("/oauth/token", door="api")
    trust = ("--cacert", partner.sandbox.ca_file)
    token = curl(*trust, "-u", f"{partner.id}:{partner.secret}", "-d", "grant_type=client_credentials", url).json
    said = curl(
        *trust,
        partner.url("/v1/authenticated/playground", door="api"),
        "-H",
        f"Authorization: Bearer {token['access_token']}",
    )
    assert (said.status, said.json["error"]) == (403, "access_denied")
    assert why(partner, said) == "binding.certificate_missing"
    assert partner.playground(token=token["access_token"]).status == 200


def test_a_client_that_may_call_with_its_certificate_only(partner, sandbox):
    """On the TLS door its token request is a 401 and its call a 403; both say why. On the mTLS door it is let in, and
    a client without that rule is let in at both."""
    careful = sandbox.wise.new_client(f"careful-{partner.name[:30]}", require_mtls=True)
    files, trust = careful.new_certificate(), ("--cacert", sandbox.ca_file)
    tls = (*trust, "--cert", files.certificate, "--key", files.key)

    def token(door: str, *more: object, of=careful):
        who = ("-u", f"{of.id}:{of.secret}", "-d", "grant_type=client_credentials")
        return curl(*more, *who, f"{sandbox.wise.urls[door]}/oauth/token")

    refused = token("api", *trust)
    assert (refused.status, refused.json["error"]) == (401, "invalid_client")
    assert why(partner, refused) == "binding.mtls_required"
    assert token("api", *trust, of=partner).status == 200
    bearer = ("-H", f"Authorization: Bearer {token('mtls', *tls).json['access_token']}")
    path = "/v1/transfers/12345"
    said = curl(*trust, *bearer, sandbox.wise.urls["api"] + path)
    assert (said.status, said.json["error"]) == (403, "access_denied")
    assert why(partner, said) == "binding.mtls_required"
    assert curl(*tls, *bearer, sandbox.wise.urls["mtls"] + path).status == 200


def test_a_client_that_is_held_to_a_rate(partner, sandbox):
    """The token request counts as any call; the one too many has the headers that Wise publishes, and how long it takes
    until there is room."""
    slow = sandbox.wise.new_client(f"slow-{partner.name[:30]}", rate_limit="1/minute")
    who = ("--cacert", sandbox.ca_file, "-u", f"{slow.id}:{slow.secret}", "-d", "grant_type=client_credentials")
    first, second = (curl(*who, f"{sandbox.wise.urls['api']}/oauth/token") for _ in range(2))
    assert (first.status, second.status, second.json["error"]) == (200, 429, "too_many_requests")
    assert second.headers["x-rate-limited-by"] == "wise-public-api" and 1 <= int(second.headers["retry-after"]) <= 60
    assert why(partner, second) == "provider.too_many_calls"


def test_an_unknown_path(partner):
    """Wise's 404; the journal says that it is not imitated, and names the nearest path that is."""
    said = curl(*partner.tls, partner.url("/v1/authenticated/playgrounds?x=1"))
    assert said.status == 404
    assert (said.json["status"], said.json["path"]) == (404, "/v1/authenticated/playgrounds")
    assert why(partner, said) == "route.not_imitated"
    assert sandbox_expected(partner, said) == "/v1/authenticated/playground"


def sandbox_expected(partner, said) -> str:
    return partner.sandbox.journal.find(said.headers["x-trace-id"]).reasons[0].expected


def test_a_wrong_method(partner):
    """405 with an Allow header."""
    said = curl(*partner.tls, "-X", "DELETE", partner.url("/oauth/token"))
    assert said.status == 405
    assert said.headers["allow"] == "POST"
    assert why(partner, said) == "route.method_not_allowed"


def test_a_body_over_a_megabyte(partner, tmp_path):
    """413, whether the length was announced or not; the connection is not simply cut."""
    big = tmp_path / "big"
    big.write_bytes(b"x" * (1024 * 1024 + 1))
    for more in ((), ("-H", "Transfer-Encoding: chunked", "-H", "Content-Length:")):
        said = curl(*partner.tls, "--http1.1", *more, "-X", "POST", "-T", big, partner.url("/oauth/token"))
        assert said.status == 413, said
        assert why(partner, said) == "body.too_large"


def test_a_flood_of_headers(partner):
    """431, and an entry that belongs to the client whose certificate it was."""
    flood = [part for n in range(3) for part in ("-H", f"X-Long-{n}: {'x' * 100_000}")]
    said = partner.playground("--http1.1", *flood)
    assert said.status == 431
    entry = partner.sandbox.journal.last(refused=True, client=partner.id)
    assert entry.reasons[0].code == "http.head_too_large"


def test_plain_http_on_a_tls_port(partner):
    """A sentence in plain text that says what to change, and an entry."""
    said = curl(partner.url("/v1/authenticated/playground").replace("https://", "http://"))
    assert said.status == 400
    assert "https://" in said.text
    assert partner.sandbox.journal.last(refused=True).reasons[0].code == "tls.plain_http"


def test_the_correlation_id_comes_back(partner):
    """Up to 36 characters, on refusals too."""
    said = partner.playground("-H", "X-External-Correlation-Id: abc-123")
    assert said.headers["x-external-correlation-id"] == "abc-123"


def test_every_handshake_and_every_call_leaves_one_entry(partner, sandbox):
    """One of each for one curl, also when the handshake fails."""
    before = sandbox.state.journal.newest()
    token = partner.token()
    kinds = [entry.kind for entry in sandbox.journal.entries(after=before)]
    assert kinds == ["handshake", "call"]
    before = sandbox.state.journal.newest()
    curl("--cacert", sandbox.ca_file, partner.url("/v1/authenticated/playground"))
    (entry,) = sandbox.journal.entries(after=before)
    assert (entry.kind, entry.client, entry.reasons[0].code) == ("handshake", None, "tls.certificate_missing")
    assert token


def test_a_strangers_certificate(partner, tmp_path):
    """A certificate of another CA is refused with unknown_ca, and the journal shows whose it was."""
    stranger = trustme.CA().issue_cert(common_name="stranger.example", organization_name="Strangers")
    pem, key = tmp_path / "s.pem", tmp_path / "s.key"
    pem.write_bytes(b"".join(blob.bytes() for blob in stranger.cert_chain_pems))
    key.write_bytes(stranger.private_key_pem.bytes())
    trust = ("--cacert", partner.sandbox.ca_file)
    said = curl(*trust, "--cert", pem, "--key", key, partner.url("/v1/authenticated/playground"))
    assert said.exit_code != 0
    assert "unknown ca" in said.stderr
    entry = partner.sandbox.journal.last(refused=True)
    assert entry.reasons[0].code == "tls.certificate_unknown_issuer"
    assert "stranger.example" in entry.certificate
    assert partner.playground(token=partner.token()).status == 200


def test_no_secret_in_the_journal(partner, sandbox):
    """Neither the secret nor a whole token nor a key, in the file as it lies on the disk."""
    token = partner.token()
    partner.playground(token=token)
    partner.playground(token=token + "x")
    curl(*partner.tls, "-u", f"{partner.id}:{partner.secret}x", "-d", "grant_type=a", partner.url("/oauth/token"))
    kept = on_disk(sandbox, "journal.sqlite*")
    assert partner.id.encode() in kept
    for secret in (token, partner.secret, "PRIVATE KEY"):
        assert secret.encode() not in kept


def test_tokens_are_stored_as_hashes(partner, sandbox):
    """Whoever reads the store cannot use the tokens in it."""
    token = partner.token()
    assert partner.playground(token=token).status == 200
    kept = on_disk(sandbox, "sandbank.sqlite*")
    assert partner.id.encode() in kept
    assert token.encode() not in kept


def test_a_client_that_is_removed_is_refused_at_once(partner, sandbox):
    """By another process, beside the running server: token and certificate end with the client."""
    token = partner.token()
    assert partner.playground(token=token).status == 200
    command = [sys.executable, "-m", "sandbox.cli", "client", "remove", partner.name]
    state = ["--state", str(sandbox.state.folder.path)]
    subprocess.run([*command, *state], check=True, capture_output=True, timeout=60)
    said = partner.playground(token=token)
    assert (said.status, said.exit_code) == (0, 56)
    assert "alert certificate revoked" in said.stderr


def test_a_client_added_by_a_command_works_at_once(sandbox, tmp_path):
    """Added, given a certificate and used, all beside the running server and from other processes."""
    state = ["--state", str(sandbox.state.folder.path), "--json"]
    command = [sys.executable, "-m", "sandbox.cli"]
    added = subprocess.run(
        [*command, "client", "add", "late", *state], check=True, capture_output=True, timeout=60, text=True
    )
    client = json.loads(added.stdout)
    out = tmp_path / "files"
    made = [*command, "certificate", "new", "--client", "late", "--out", str(out), "--key", "ec-p256", *state]
    subprocess.run(made, check=True, capture_output=True, timeout=60)
    tls = ("--cert", out / "sandbox-CERTIFICATE.pem", "--key", out / "sandbox-PRIVATE-KEY.key")
    said = curl(
        *tls,
        "--cacert",
        sandbox.ca_file,
        "-u",
        f"{client['id']}:{client['secret']}",
        "-d",
        "grant_type=client_credentials",
        sandbox.wise.urls["mtls"] + "/oauth/token",
    )
    assert said.status == 200


def test_the_clock_rules_tokens_and_certificates(tmp_path):
    """By the sandbox's own clock a token ends after twelve hours, a certificate after a year; both come back."""
    clock = MovableClock(SystemClock().now())
    start = clock.now()
    with Sandbox(clock=clock) as sandbox:
        partner = make_partner(sandbox, "clock")
        token = partner.token()
        assert partner.playground(token=token).status == 200
        clock.freeze(start + timedelta(seconds=43_200))
        said = partner.playground(token=token)
        assert said.status == 401
        assert why(partner, said) == "token.expired"
        assert partner.playground(token=partner.token()).status == 200
        clock.freeze(start + timedelta(days=367))
        refused = partner.playground(token=token)
        assert "certificate expired" in refused.stderr
        assert sandbox.journal.last(refused=True).reasons[0].code == "tls.certificate_expired"
        clock.freeze(start - timedelta(days=1))
        early = partner.playground(token=token)
        assert early.exit_code != 0
        assert sandbox.journal.last(refused=True).reasons[0].code == "tls.certificate_not_yet_valid"
        clock.freeze(start)
        assert partner.playground(token=token).status == 200
