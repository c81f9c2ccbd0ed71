"""Wise's tokens by curl: who may call what on which door, consent, personal tokens, versions of paths."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from ca.clock import MovableClock
from sandbank import Sandbox
from tests.guide.conftest import Said, curl, make_partner

BACK = "https://partner.example/back?from=wise"
JSON = ("-H", "Content-Type: application/json")


class OnTls:
    """A program of the client's on the TLS door, without a certificate."""

    def __init__(self, partner, token: str = "") -> None:
        self.partner, self.token = partner, token

    def call(self, path: str, *more: object) -> Said:
        bearer = ("-H", f"Authorization: Bearer {self.token}") if self.token else ()
        return curl("--cacert", self.partner.sandbox.ca_file, *bearer, *more, self.partner.url(path, door="api"))

    def grant(self, **form: str) -> Said:
        fields = [part for name, value in form.items() for part in ("--data-urlencode", f"{name}={value}")]
        return self.call("/oauth/token", "-u", f"{self.partner.id}:{self.partner.secret}", *fields)


def cause(said: Said) -> str:
    return said.headers.get("x-sandbank-cause", "")


@pytest.fixture
def personal(partner):
    return OnTls(partner, partner.sandbox.wise.client(partner.name).personal_token())


def test_a_personal_token_sends_money_on_the_tls_door(personal):
    """As nearly all public clients do it: balances, quote, recipient, transfer, funds."""
    assert len(personal.call("/v4/profiles/12345/balances?types=STANDARD").json) == 3
    assert personal.call("/v1/me").json["id"] == 12970746
    asked = '{"sourceCurrency":"GBP","targetCurrency":"EUR","sourceAmount":100}'
    quote = personal.call("/v3/profiles/12345/quotes", *JSON, "-d", asked).json
    looked_at = personal.call("/v3/quotes", *JSON, "-d", asked).json
    assert [(one["user"], one["clientId"]) for one in (quote, looked_at)] == [
        (12970746, "transferwise-personal-tokens")
    ] * 2
    mail = '{"currency":"EUR","type":"email","accountHolderName":"Rita R","profile":12345,"details":{"email":"a@b.cd"}}'
    account = personal.call("/v1/accounts", *JSON, "-d", mail).json
    made = personal.call(
        "/v1/transfers",
        *JSON,
        "-d",
        f'{{"targetAccount":{account["id"]},"quoteUuid":"{quote["id"]}",'
        '"customerTransactionId":"54a6bc09-cef9-49a8-9041-f1f0c654cd88"}',
    ).json
    paid = personal.call(f"/v3/profiles/12345/transfers/{made['id']}/payments", *JSON, "-d", '{"type":"BALANCE"}')
    assert (paid.status, paid.json["status"]) == (201, "COMPLETED")
    assert OnTls(personal.partner, "00000000").call("/v1/me").status == 401


def test_which_tokens_a_call_takes(partner, personal):
    """On the TLS door those that its description names; on the mTLS door the client's own may do everything."""
    own = OnTls(partner, partner.token())
    refused = own.call("/v1/transfers")
    assert (refused.status, refused.json["error"], cause(refused)) == (403, "access_denied", "token.kind_wrong")
    assert personal.call("/v1/transfers").status == 200
    keys = "/v1/auth/jose/response/public-keys?algorithm=ES256&scope=PAYLOAD_SIGNING"
    assert own.call(keys).status == 200
    wrong = personal.call(keys)
    assert cause(wrong) == "token.kind_wrong"
    for said, step, not_this in ((refused, "a personal", "client_cred"), (wrong, "client_cred", "a personal")):
        told = partner.sandbox.journal.find(said.headers["x-trace-id"]).reasons[0].next
        assert step in told and not_this not in told, "where one of the expected kind comes from, and no other"
    bearer = ("-H", f"Authorization: Bearer {own.token}")
    assert curl(*partner.tls, *bearer, partner.url("/v1/transfers")).status == 200


def consent(partner, answer: str, *, redirect_uri: str = BACK, state: str = "s t") -> Said:
    query = ("--data-urlencode", f"client_id={partner.id}", "--data-urlencode", f"redirect_uri={redirect_uri}")
    page = OnTls(partner).call("/oauth/authorize/", "-G", *query, "--data-urlencode", f"state={state}")
    if page.status != 200:
        return page
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    profile = re.search(r'value="(12345)"', page.text)
    assert profile, page.text
    form = ("--data-raw", f"profile={profile[1]}&answer={answer}")
    encoded = f"client_id={partner.id}&redirect_uri={redirect_uri.replace('?', '%3F').replace('=', '%3D')}&state=s%20t"
    return OnTls(partner).call(f"/oauth/authorize?{encoded}", *form)


def test_a_user_consents(partner):
    """Back with code, profile and state; the code gives a user's token once, and only with the same address."""
    partner.sandbox.wise.client(partner.name).put("redirect", "1", url=BACK)
    said = consent(partner, "allow")
    assert said.status == 302
    to = urlsplit(said.headers["location"])
    back = {name: values[0] for name, values in parse_qs(to.query).items()}
    assert (to.netloc, back["from"], back["profileId"], back["state"]) == ("partner.example", "wise", "12345", "s t")
    program = OnTls(partner)
    asked = {"grant_type": "authorization_code", "client_id": partner.id, "code": back["code"]}
    given = program.grant(**asked, redirect_uri=BACK)
    assert given.status == 200
    names = "access_token token_type expires_in expires_at scope refresh_token refresh_token_expires_in"
    assert list(given.json)[:7] == names.split()
    assert OnTls(partner, given.json["access_token"]).call("/v2/profiles").status == 200
    again = program.grant(**asked, redirect_uri=BACK)
    assert (again.status, again.json["error"], cause(again)) == (401, "invalid_grant", "token.grant_refused")
    second = parse_qs(urlsplit(consent(partner, "allow").headers["location"]).query)["code"][0]
    wrong = program.grant(**{**asked, "code": second}, redirect_uri="https://partner.example/other")
    assert (wrong.status, cause(wrong)) == (401, "token.grant_refused")


def test_a_user_who_says_no_is_sent_back_with_an_error(partner):
    """And nobody is sent to an address that is not registered, to the letter."""
    partner.sandbox.wise.client(partner.name).put("redirect", "1", url=BACK)
    denied = parse_qs(urlsplit(consent(partner, "deny").headers["location"]).query)
    assert denied["error"] == ["access_denied"] and "code" not in denied
    for wrong in (f"{BACK}x", "https://evil.example/"):
        said = consent(partner, "allow", redirect_uri=wrong)
        assert said.status == 400 and "location" not in said.headers
        assert "resource put redirect" in said.text
    nobody = OnTls(partner).call("/oauth/authorize?client_id=nobody")
    assert (nobody.status, cause(nobody)) == (400, "token.client_unknown")


def test_tokens_of_five_parts(partner):
    """By a setting at once; strings of 500 to 800 characters that are good, and are kept as hashes."""
    command = [sys.executable, "-m", "sandbox.cli", "client", "set", partner.name, "--token-format", "jwe"]
    state = ["--state", str(partner.sandbox.state.folder.path)]
    subprocess.run([*command, *state], check=True, capture_output=True, timeout=60)
    token = partner.token()
    assert 500 <= len(token) <= 800 and len(token.split(".")) == 5
    assert partner.playground(token=token).status == 200
    assert partner.playground(token=token[:-1]).status == 401


def test_from_2027_on_tokens_are_of_five_parts(tmp_path):
    """The day before they are UUIDs."""
    clock = MovableClock(datetime(2027, 1, 6, 23, 59, 30, tzinfo=UTC))
    with Sandbox(state=tmp_path / "state", clock=clock) as sandbox:
        partner = make_partner(sandbox, "later")
        assert len(partner.token()) == 36
        clock.freeze(datetime(2027, 1, 7, tzinfo=UTC))
        assert len(partner.token().split(".")) == 5


def test_versions_by_date_and_slashes(personal):
    """The same calls; an unknown version is a 404, and what Wise has and we have not says so."""
    same = [personal.call(path) for path in ("/v1/transfers", "/2026Q3/transfers", "/2026Q4/transfers/")]
    assert [said.status for said in same] == [200, 200, 200]
    assert same[0].json == same[1].json == same[2].json
    assert personal.call("/v2/accounts/?currency=EUR").status == 200
    for path in ("/2027Q1/transfers", "/bogus/transfers"):
        said = personal.call(path)
        assert (said.status, cause(said)) == (404, "route.not_imitated")
        assert said.json["message"]


def test_what_wise_has_and_the_sandbox_has_not(personal):
    """A method of a known path too: that is a 404 with its cause, and no 405; a method that Wise has not is."""
    for method, path in (
        ("POST", "/v4/profiles/1/balances/hold-limit-breach"),
        ("PATCH", "/v1/profiles/1/kyc-reviews/1"),
    ):
        said = personal.call(path, "-X", method)
        assert (said.status, cause(said)) == (404, "route.not_imitated")
        entry = personal.partner.sandbox.journal.find(said.headers["x-trace-id"])
        assert "does not imitate it yet" in entry.reasons[0].expected
    said = personal.call("/v1/transfers", "-X", "DELETE")
    assert (said.status, said.headers["allow"]) == (405, "GET, POST")


def test_the_manner_of_replies(personal):
    """A trace id that does not begin with 0, Vary, and accept on a 415."""
    said = personal.call("/v1/transfers")
    assert not said.headers["x-trace-id"].startswith("0")
    assert "origin" in said.headers["vary"]
    wrong = personal.call("/v3/profiles/12345/quotes", "-H", "Content-Type: text/plain", "-d", "{}")
    assert (wrong.status, wrong.headers["accept"]) == (415, "application/json")
    assert wrong.json["instance"] == "/public/v3/profiles/12345/quotes"


def test_http_1_1_has_reason_phrases(personal):
    """Hypercorn sends none; HTTP/2 has none."""
    command = ["curl", "-sS", "-i", "--http1.1", "--noproxy", "*", "--cacert", str(personal.partner.sandbox.ca_file)]
    url = personal.partner.url("/v1/nothing", door="api")
    done = subprocess.run([*command, url], check=True, capture_output=True, timeout=30, text=True)
    assert done.stdout.splitlines()[0].strip() == "HTTP/1.1 404 Not Found"
