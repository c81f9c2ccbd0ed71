"""Transcrypts and Truv at their doors, by curl and openssl: the page "mTLS", and what a client meets beside it."""

import http.client
import itertools
import json
import re
import ssl
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbank import Sandbox
from sandbox.embed.handles import Client
from sandbox.providers import named
from tests.guide.conftest import Said, curl, openssl
from tests.guide.test_readme import ROOT, blocks, objects, run, served
from tests.ports import free_port

__all__ = ["served"]
SUBJECT = "/C=US/ST=Florida/L=Miami/O=Transcrypts Inc/CN=api-mtls.acme.transcrypts.com"
_names = (f"client-{number}" for number in itertools.count(1))


@dataclass(frozen=True)
class Partner:
    """A client of one of the two; every call of its is curl's."""

    sandbox: Sandbox
    client: Client
    provider: str
    certificate: Path
    key: Path

    @property
    def tls(self) -> tuple[str, ...]:
        return ("--cert", str(self.certificate), "--key", str(self.key))

    def headers(self, secret: str | None = None) -> tuple[str, ...]:
        return (
            "-H",
            f"X-Access-Client-ID: {self.client.id}",
            "-H",
            f"X-Access-Secret: {secret or self.client.secret}",
        )

    def call(self, method: str, path: str, body: Any = None, *more: str, secret: str | None = None) -> Said:
        said = () if body is None else ("-H", "Content-Type: application/json", "-d", json.dumps(body))
        return self.bare("mtls", path, "-X", method, *self.tls, *self.headers(secret), *said, *more)

    def bare(self, door: str, path: str, *more: str) -> Said:
        """With nothing but what *more* says."""
        url = getattr(self.sandbox, self.provider).urls[door] + path
        return curl("--cacert", self.sandbox.ca_file, *more, url)

    def good(self, method: str, path: str, body: Any = None, *, secret: str | None = None) -> Any:
        said = self.call(method, path, body, secret=secret)
        assert said.status < 300, said
        return said.json if said.text else None

    def linked(self, body: Any = None) -> tuple[dict, dict]:
        """A user, and the link that came of a token for it."""
        user = self.good("POST", "/v1/users/", {"external_user_id": "12345", "first_name": "John"})
        token = self.good("POST", f"/v1/users/{user['id']}/tokens/", {"product_type": "income", **(body or {})})
        return user, self.good("POST", "/v1/link-access-tokens", {"public_token": token["bridge_token"]})

    def why(self) -> str:
        """The cause of the newest refusal."""
        return self.sandbox.journal.last(refused=True).reasons[0].code


def make_partner(sandbox: Sandbox, provider: str = "transcrypts", **more: bool) -> Partner:
    client = getattr(sandbox, provider).new_client(next(_names), **more)
    files = client.new_certificate("first")
    return Partner(sandbox, client, provider, files.certificate, files.key)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    with Sandbox(state=tmp_path_factory.mktemp("transcrypts") / "state", handshake_seconds=10) as running:
        yield running


@pytest.fixture
def partner(sandbox):
    return make_partner(sandbox, require_mtls=True)


# --- the page ---


def test_the_page_runs_as_it_stands(served):
    """Key, CSR, certificate, a call with both headers, the no without a certificate, employment and income; and a
    webhook whose sender the client's own CA has certified."""
    text = (ROOT / "sandbox/providers/transcrypts/README.md").read_text(encoding="utf-8")
    on_path = 'export PATH="$PWD/.venv/bin:$PATH"'
    printed = run(served, [on_path, *blocks("run", "sh", text)], (9, 10), **{"8459": str(free_port())})
    assert "CN = api-mtls.acme.transcrypts.com" in printed or "CN=api-mtls.acme.transcrypts.com" in printed
    first, second = printed.index('{"id"'), printed.index("X509v3 Subject Alternative Name")
    user, refused, employment, report, production = objects(printed[first:second])
    assert user["external_user_id"] == "12345"
    assert refused["error"]["code"] == "not_authenticated"
    assert report["employments"][0]["id"] == employment["id"]
    assert production["results"] == []
    assert "DNS:webhooks.api-sandbox-mtls.transcrypts.com" in printed[second:]
    assert '"event_type":"task-status-updated"' in printed[second:] and '"status":"login_error"' in printed[second:]
    expected, received = re.findall(r"^expected ([0-9a-f]{64}), received ([0-9a-f]{64})$", printed, re.MULTILINE)[0]
    assert expected == received


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_certificate_of_a_csr_is_good_for_one_year_and_has_its_subject(sandbox, tmp_path, kind):
    """Both kinds of keys that the page names, judged by openssl; a calendar year, to the second."""
    key, csr = tmp_path / "key.pem", tmp_path / "my.csr"
    made = ("rsa:2048",) if kind == "rsa" else ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl("req", "-new", "-nodes", "-sha256", "-newkey", *made, "-keyout", key, "-out", csr, "-subj", SUBJECT)
    demo = sandbox.transcrypts.client("demo")
    signed = demo.sign(csr.read_bytes(), name=f"of-{kind}")
    assert not signed.changed
    (tmp_path / "cert.pem").write_text(signed.pem)
    text = openssl("x509", "-in", tmp_path / "cert.pem", "-noout", "-subject", "-nameopt", "RFC2253", "-dates")
    assert "subject=CN=api-mtls.acme.transcrypts.com,O=Transcrypts Inc,L=Miami,ST=Florida,C=US" in text
    begins, ends = re.findall(r"=(\w{3} +\d+ [\d:]+) (\d{4}) GMT", text)
    assert begins[0] == ends[0] and int(ends[1]) == int(begins[1]) + 1
    both = (
        "-H",
        f"X-Access-Client-Id: {demo.id}",
        "-H",
        f"X-Access-Secret: {demo.secret}",
    )
    tls = ("--cert", tmp_path / "cert.pem", "--key", key, "--cacert", sandbox.ca_file)
    assert curl(*tls, *both, sandbox.transcrypts.urls["mtls"] + "/v1/users/").status == 200


@pytest.mark.parametrize(
    ("subject", "digest", "causes"),
    [
        (SUBJECT.replace("Transcrypts Inc", "Acme"), "sha256", ["certificate.attribute_wrong"]),
        (SUBJECT.replace("api-mtls.acme.transcrypts.com", "acme.com"), "sha256", ["certificate.common_name_wrong"]),
        (SUBJECT.replace("acme.transcrypts", "a.b.transcrypts"), "sha256", ["certificate.common_name_wrong"]),
        (SUBJECT.replace("/L=Miami", ""), "sha256", ["certificate.attribute_missing"]),
        (f"{SUBJECT}/OU=Us", "sha256", ["certificate.attribute_refused"]),
        (SUBJECT, "sha384", ["certificate.hash_refused"]),
    ],
)
def test_a_csr_that_is_not_as_the_page_says_is_refused(sandbox, tmp_path, subject, digest, causes):
    """The provider's own names in it, the client's in the CN, SHA-256; the refusal shows a CN that would do."""
    csr = tmp_path / "my.csr"
    kind = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl(
        "req",
        "-new",
        "-nodes",
        f"-{digest}",
        "-newkey",
        *kind,
        "-keyout",
        tmp_path / "k",
        "-out",
        csr,
        "-subj",
        subject,
    )
    with pytest.raises(Exception) as refused:
        sandbox.transcrypts.client("demo").sign(csr.read_bytes(), name=tmp_path.name[:60])
    assert [one.code for one in refused.value.reasons] == causes
    if "common_name" in causes[0]:
        assert "CN=api-mtls.name.transcrypts.com" in str(refused.value)


# --- both are asked for ---


def test_secret_without_certificate_and_certificate_without_secret_are_refused(partner):
    """The page: "The client ID and access key are still needed". The same call with both is answered."""
    assert partner.call("GET", "/v1/users/").status == 200
    no_certificate = partner.bare("mtls", "/v1/users/", *partner.headers())
    assert no_certificate.status == 0 and "alert certificate required" in no_certificate.stderr
    at_the_other_door = partner.bare("api", "/v1/users/", *partner.headers())
    assert (at_the_other_door.status, partner.why()) == (403, "binding.mtls_required")
    no_secret = partner.bare("mtls", "/v1/users/", *partner.tls, *partner.headers()[:2])
    assert (no_secret.status, no_secret.json["error"]["code"]) == (403, "not_authenticated")
    assert partner.why() == "token.credentials_missing"
    wrong_secret = partner.call("GET", "/v1/users/", secret="dev-" + "0" * 40)
    assert (wrong_secret.status, wrong_secret.json["error"]["message"]) == (401, "No such token")


def test_the_certificate_of_another_client_is_refused(sandbox, partner):
    """Each alone is good."""
    other = make_partner(sandbox)
    mixed = partner.bare("mtls", "/v1/users/", *other.tls, *partner.headers())
    assert (mixed.status, mixed.json["error"]["code"]) == (401, "authentication_failed")
    assert partner.why() == "binding.other_client"
    assert other.call("GET", "/v1/users/").status == partner.call("GET", "/v1/users/").status == 200


def test_mtls_is_enabled_for_each_client(sandbox, partner):
    """A client without it calls at the door that asks for no certificate; one with it does not; the demo has it."""
    without = make_partner(sandbox)
    assert without.bare("api", "/v1/users/", *without.headers()).status == 200
    assert partner.bare("api", "/v1/users/", *partner.headers()).status == 403
    demo = sandbox.transcrypts.client("demo")
    both = ("-H", f"X-Access-Client-Id: {demo.id}", "-H", f"X-Access-Secret: {demo.secret}")
    assert without.bare("api", "/v1/users/", *both).status == 403
    assert re.fullmatch("[0-9a-f]{32} dev-[0-9a-f]{40}", f"{demo.id} {demo.secret}")


def test_one_host_serves_both_environments(partner):
    """By the word at the head of the secret; what is made in one is not there in the other."""
    production = partner.client.secret.replace("dev-", "prod-")
    user = partner.good("POST", "/v1/users/", {"external_user_id": "1"}, secret=production)
    assert partner.call("GET", f"/v1/users/{user['id']}", secret=production).status == 200
    assert partner.call("GET", f"/v1/users/{user['id']}").status == 404
    assert partner.good("GET", "/v1/users/", secret=production)["results"] == [user]
    assert user not in partner.good("GET", "/v1/users/")["results"]
    tokens = f"/v1/users/{user['id']}/tokens/"
    assert partner.call("POST", tokens, {"product_type": "income"}).status == 404
    token = partner.good("POST", tokens, {"product_type": "income"}, secret=production)["bridge_token"]
    exchange = ("POST", "/v1/link-access-tokens", {"public_token": token})
    assert partner.call(*exchange).json["error"]["code"] == "incorrect_token"
    assert partner.good(*exchange, secret=production)["user_id"] == user["id"]
    assert partner.call("GET", "/v1/users/", secret=production.replace("prod-", "test-")).status == 401


def test_a_secret_that_somebody_chose_is_good_for_both_environments(sandbox):
    """It is kept slowly, and found in both of its forms; without a word at its head it is of Development."""
    client = sandbox.transcrypts.new_client(next(_names), secret="prod-chosen")
    plain = sandbox.transcrypts.new_client(next(_names), secret="chosen")
    files = plain.new_certificate("first")
    one = Partner(sandbox, client, "transcrypts", files.certificate, files.key)
    for secret, status in (("prod-chosen", 200), ("dev-chosen", 200), ("chosen", 401), ("prod-other", 401)):
        assert one.bare("api", "/v1/users/", *one.headers(secret)).status == status
    two = Partner(sandbox, plain, "transcrypts", files.certificate, files.key)
    assert len(two.good("GET", "/v1/users/")["results"]) == 1
    assert two.call("GET", "/v1/users/", secret="dev-chosen").status == 401


def test_paths_may_end_in_a_slash_or_not(partner):
    """The pages write some of them one way and some the other; two slashes are another path."""
    for path in ("/v1/users", "/v1/links", "/v1/tasks"):
        assert [partner.call("GET", path + end).status for end in ("", "/", "//")] == [200, 200, 404]
    said = partner.call("PUT", "/v1/users")
    assert (said.status, said.headers["allow"]) == (405, "GET, POST")


def test_the_call_after_three_hundred_in_a_minute_is_too_many(sandbox):
    """429 for this client and secret alone; the limit is over when the sandbox's clock has moved by a minute."""
    partner, other = make_partner(sandbox), make_partner(sandbox)
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    context.load_cert_chain(partner.certificate, partner.key)
    port = int(sandbox.transcrypts.urls["mtls"].rpartition(":")[2])
    door = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    headers = {"X-Access-Client-Id": partner.client.id, "X-Access-Secret": partner.client.secret}

    def call() -> http.client.HTTPResponse:
        door.request("GET", "/v1/tasks", headers=headers)
        answer = door.getresponse()
        answer.read()
        return answer

    assert {call().status for _ in range(300)} == {200}
    refused = call()
    assert (refused.status, partner.why()) == (429, "provider.too_many_calls")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert other.call("GET", "/v1/tasks").status == 200
    assert partner.call("GET", "/v1/tasks", secret=partner.client.secret.replace("dev-", "prod-")).status == 200
    sandbox.clock.move(timedelta(seconds=61))
    assert call().status == 200
    sandbox.clock.reset()
    door.close()


# --- what the API is for ---


def test_a_token_becomes_a_link_with_employment_income_and_a_task(partner):
    """Through the whole lifecycle at once; the token counts once."""
    user, link = partner.linked({"tracking_info": "mine"})
    assert list(link) == ["access_token", "link_id", "user_id", "expires_in"] and link["user_id"] == user["id"]
    shown = partner.good("GET", f"/v1/links/{link['link_id']}")
    assert (shown["status"], shown["tracking_info"], shown["user_external_id"]) == ("done", "mine", "12345")
    assert link["access_token"] not in json.dumps(shown)
    employment = partner.good("GET", f"/v1/links/{link['link_id']}/employment")
    assert (employment["income"], employment["company"]["ein"]) == ("70000.00", "12-345678")
    assert partner.good("GET", f"/v1/links/{link['link_id']}/employments") == [employment]
    report = partner.good("GET", f"/v1/links/{link['link_id']}/income/report")
    assert report["access_token"] == link["access_token"]
    assert report["employments"][0].items() >= employment.items()
    assert report["employments"][0]["profile"]["first_name"] == "John"
    task = partner.good("GET", "/v1/tasks")["results"][0]
    assert (task["link_id"], task["status"], task["product"]) == (link["link_id"], "done", "income")
    made = partner.good("POST", f"/v1/users/{user['id']}/reports/", {})
    assert partner.good("GET", f"/v1/users/{user['id']}/reports/{made['id']}")["employments"] == report["employments"]
    partner.good("DELETE", f"/v1/links/{link['link_id']}")
    assert partner.call("GET", f"/v1/links/{link['link_id']}/income/report").json == {"detail": "Not Found."}


def test_a_public_token_is_refused_when_unknown_used_or_six_hours_old(sandbox, partner):
    """Each with its published code."""
    user = partner.good("POST", "/v1/users/", {"external_user_id": "1"})
    token = partner.good("POST", f"/v1/users/{user['id']}/tokens/", {"product_type": "income"})["bridge_token"]

    def refused(token: str) -> tuple[int, str]:
        said = partner.call("POST", "/v1/link-access-tokens", {"public_token": token})
        return said.status, said.json["error"]["code"]

    assert refused("0" * 32) == (400, "incorrect_token")
    sandbox.clock.move(timedelta(hours=6))
    try:
        assert refused(token) == (410, "expired_token")
    finally:
        sandbox.clock.reset()
    partner.good("POST", "/v1/link-access-tokens", {"public_token": token})
    assert refused(token) == (400, "incorrect_token")


def test_a_refresh_is_a_task_of_its_own(partner):
    """Of the link whose access token it is."""
    _, link = partner.linked()
    task = partner.good("POST", "/v1/refresh/tasks", {"access_token": link["access_token"]})["task_id"]
    shown = partner.good("GET", f"/v1/refresh/tasks/{task}")
    assert list(shown) == ["id", "created_at", "refresh_date", "status"] and shown["status"] == "done"
    assert partner.good("GET", f"/v1/tasks/{task}")["link_id"] == link["link_id"]
    said = partner.call("POST", "/v1/refresh/tasks", {"access_token": "0" * 32})
    assert (said.status, said.json["error"]["code"]) == (400, "incorrect_token")


@pytest.mark.parametrize("status", ["login", "mfa_error", "no_data"])
def test_a_task_is_put_in_any_of_its_states(partner, status):
    """As a person does with `resource put`; a state that there is not is refused."""
    partner.client.put("task", "0a", status=status)
    assert partner.good("GET", "/v1/tasks/0a")["status"] == status
    with pytest.raises(Exception, match="status must be one of new, login"):
        partner.client.put("task", "0b", status="asleep")


def test_an_order_is_completed_by_its_bridge_token_and_made_again(partner):
    """Each employer has a token of its own; the new order names the old one, and the old one the new."""
    asked = {
        "products": ["income"],
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane@example.com",
        "employers": [{"company_name": "Acme", "start_date": "2020-01-31"}, {"company_name": "Initech"}],
    }
    order = partner.good("POST", "/v1/orders", asked)
    assert [one["status"] for one in order["employers"]] == ["sent", "sent"] and order["is_expired"] is False
    link = partner.good("POST", "/v1/link-access-tokens", {"public_token": order["employers"][0]["bridge_token"]})
    first, second = partner.good("GET", f"/v1/orders/{order['id']}")["employers"]
    assert (first["status"], first["link_id"], first["access_token"]) == (
        "completed",
        link["link_id"],
        link["access_token"],
    )
    assert (second["status"], second["link_id"], first["start_date"]) == ("sent", None, "2020-01-31")
    again = partner.good("POST", f"/v1/orders/{order['id']}/")
    assert (again["initial_order"], again["user_id"]) == (order["id"], order["user_id"])
    assert [one["company_name"] for one in again["employers"]] == ["Acme", "Initech"]
    assert partner.good("GET", f"/v1/orders/{order['id']}")["refresh_order"] == again["id"]
    assert partner.good("GET", f"/v1/orders/{order['id']}/certifications") == {"employments": [], "accounts": []}


def test_an_instant_verification_is_processing_and_then_completed(partner):
    """Everything that is wrong with it is told at once, by its place."""
    address = {"street": "742 Evergreen Terrace", "city": "Springfield", "state": "IL", "zip": "62704"}
    said = partner.call(
        "POST", "/v1/instant-verifications/", {"subject": {"first_name": "Jane"}, "addresses": [address, 3]}
    )
    assert said.status == 400 and said.json["error"]["code"] == "validation_error"
    assert {one["field"]: one["message"] for one in said.json["error"]["extra"]["invalid-params"]} == {
        "subject.last_name": "Last name is required",
        "subject.date_of_birth": "Date of birth is required",
        "addresses[0].from_date": "From date is required",
        "addresses[1]": "must be an object",
    }
    subject = {"first_name": "Jane", "last_name": "Doe", "date_of_birth": "1990-05-14"}
    asked = {"subject": subject, "addresses": [{**address, "from_date": "2021-03-01"}], "tracking_info": "mine"}
    made = partner.good("POST", "/v1/instant-verifications/", asked)
    assert re.fullmatch("iv_[0-9a-f]{32}", made["id"]) and (made["status"], made["results"]) == ("processing", None)
    shown = partner.good("GET", f"/v1/instant-verifications/{made['id']}/")
    assert shown["status"] == "completed" and shown["results"]["confidence_score"] == 0.95
    assert shown["addresses"][0] == {**address, "country": "US", "from_date": "2021-03-01", "to_date": None}
    partner.client.put("instantverification", "iv_0a", status="failed")
    failed = partner.good("GET", "/v1/instant-verifications?status=failed")
    assert failed["count"] == 1 and failed["results"][0]["results"] is None
    assert partner.good("GET", "/v1/instant-verifications?created_before=2020-01-01T00:00:00Z")["count"] == 0


def test_pages_name_their_neighbours_by_urls_that_can_be_called(partner):
    """From the first to the last by `next`, and back by `previous`."""
    for number in range(3):
        partner.good("POST", "/v1/users/", {"external_user_id": str(number)})
    first = partner.good("GET", "/v1/users/?page_size=3")
    assert [one["external_user_id"] for one in first["results"]] == ["2", "1", "0"] and first["previous"] is None
    second = curl("--cacert", partner.sandbox.ca_file, *partner.tls, *partner.headers(), first["next"]).json
    assert [one["external_user_id"] for one in second["results"]] == ["12345"] and second["next"] is None
    assert curl("--cacert", partner.sandbox.ca_file, *partner.tls, *partner.headers(), second["previous"]).json == first


def test_a_webhook_is_kept_changed_and_removed(partner):
    """The environment is that of the secret unless it is said, in either spelling."""
    asked = {"name": "mine", "webhook_url": "https://example.com/", "events": ["task-status-updated"]}
    made = partner.good("POST", "/v1/webhooks/", asked)
    assert made["env_type"] == "dev"
    changed = partner.good("PATCH", f"/v1/webhooks/{made['id']}/", {"env_type": "production"})
    assert changed == {**made, "env_type": "prod", "updated_at": changed["updated_at"]}
    for secret in (None, partner.client.secret.replace("dev-", "prod-")):
        assert partner.good("GET", "/v1/webhooks", secret=secret)["results"] == [changed]
    said = partner.call("POST", "/v1/webhooks", {**asked, "events": ["sleep"]})
    assert (said.status, said.json["error"]["extra"]["invalid-params"][0]["field"]) == (400, "events")
    partner.good("DELETE", f"/v1/webhooks/{made['id']}")
    assert partner.good("GET", "/v1/webhooks")["results"] == []


# --- the relative ---


def test_truv_answers_at_its_own_doors(sandbox):
    """Its own CSR, certificate, clients and host; nobody of Transcrypts' is known there."""
    partner, stranger = make_partner(sandbox, "truv"), make_partner(sandbox)
    order = partner.good("POST", "/v1/orders/", {"products": ["income"], "first_name": "J", "last_name": "D"})
    again = partner.good("POST", f"/v1/orders/{order['id']}/refresh/", {"first_name": "K"})
    assert (again["initial_order"], again["first_name"], again["last_name"]) == (order["id"], "K", "D")
    assert partner.call("GET", "/v1/instant-verifications/").status == 404
    text = openssl("x509", "-in", partner.certificate, "-noout", "-subject", "-nameopt", "RFC2253")
    assert "CN=api-mtls.name.truv.com" in text
    theirs = partner.bare("mtls", "/v1/users/", *stranger.tls, *stranger.headers())
    assert theirs.status == 0 and "unknown ca" in theirs.stderr
    mixed = partner.bare("mtls", "/v1/users/", *partner.tls, *stranger.headers())
    assert (mixed.status, partner.why()) == (401, "login.client_of_other_provider")


@pytest.mark.parametrize("provider", ["transcrypts", "truv"])
def test_the_server_certificate_has_the_providers_host(sandbox, provider):
    """As a client calls it that has the host in its settings, and a line in its hosts file."""
    port = getattr(sandbox, provider).urls["mtls"].rpartition(":")[2]
    partner = make_partner(sandbox, provider)
    host = f"api-sandbox-mtls.{provider}.com"
    there = ("--resolve", f"{host}:{port}:127.0.0.1", "--cacert", sandbox.ca_file, *partner.tls, *partner.headers())
    assert curl(*there, f"https://{host}:{port}/v1/users/").status == 200
    production = host.replace("-sandbox", "")
    there = ("--resolve", f"{production}:{port}:127.0.0.1", *there[2:])
    assert curl(*there, f"https://{production}:{port}/v1/users/").exit_code == 60


def test_whatever_is_sent_is_answered_in_the_providers_words(sandbox):
    """Every call with bodies, ids and queries that cannot be: never a fault of the sandbox's own."""
    partner = make_partner(sandbox)
    context = ssl.create_default_context(cafile=sandbox.ca_file)
    port = int(sandbox.transcrypts.urls["api"].rpartition(":")[2])
    door = http.client.HTTPSConnection("localhost", port, context=context, timeout=20)
    headers = {"X-Access-Client-Id": partner.client.id, "Content-Type": "application/json"}
    bodies = (b"", b"[]", b"{", b'{"public_token":"\\u0000"}', b'{"products":["income"],"first_name":"\\ud800"}')
    queries = ("?cursor=0", "?page_size=-1", "?cursor=%00", "?created_before=0001-01-01T00:00:00%2B23:59")
    secrets = itertools.cycle((partner.client.secret, partner.client.secret.replace("dev-", "prod-")))
    for endpoint in named("transcrypts").endpoints:
        for one in ("0", "%00", "%F0%9F") if "{" in endpoint.path else ("0",):
            path = re.sub(r"\{\w+\}", one, endpoint.path)
            for more in queries[:3] if one == "0" and endpoint.method == "GET" else ("",):
                for body in bodies if one == "0" and endpoint.method in ("POST", "PATCH") else (None,):
                    headers["X-Access-Secret"] = next(secrets)
                    door.request(endpoint.method, path + more, body=body, headers=headers)
                    answer = door.getresponse()
                    said = answer.read()
                    assert answer.status < 500, (endpoint.method, path, more, body, said)
    door.request("GET", f"/v1/instant-verifications/{queries[3]}", headers=headers)
    assert door.getresponse().status == 400
    door.close()
