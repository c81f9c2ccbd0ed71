"""Treezor's page on mutual TLS, followed line by line with openssl and curl; its README; tokens and doors."""

import itertools
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography import x509

from sandbank import Refused, Sandbox
from sandbox.embed.handles import Client
from tests.guide.conftest import Said, curl, openssl
from tests.guide.test_readme import (
    ROOT,
    blocks,
    objects,
    run,
    served,  # noqa: F401 - served is a fixture
)
from tests.live.receivers import answers, receiver
from tests.ports import free_port

SUBJECT = {
    "C": "FR",
    "ST": "IdF",
    "L": "Paris",
    "O": "Acme SAS",
    "CN": "https://acme.example",
    "emailAddress": "pki@acme.example",
}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Partner:
    """A client of Treezor's, with what its program has."""

    sandbox: Sandbox
    client: Client
    folder: Path

    def key(self, name: str, bits: int = 2048) -> Path:
        openssl("genrsa", "-out", self.folder / f"{name}.key", bits)
        return self.folder / f"{name}.key"

    def csr(self, key: Path, subject: dict[str, str] | None = None, **changed: str | None) -> bytes:
        wanted = {**SUBJECT, **changed} if subject is None else subject
        said = "".join(f"/{name}={value.replace('/', chr(92) + '/')}" for name, value in wanted.items() if value)
        openssl("req", "-new", "-key", key, "-out", key.with_suffix(".csr"), "-subj", said)
        return key.with_suffix(".csr").read_bytes()

    def pair(self, name: str, purpose: str = "") -> tuple[str, ...]:
        """A certificate for this, as arguments of curl."""
        key = self.key(name)
        key.with_suffix(".pem").write_text(self.client.sign(self.csr(key), name=name, purpose=purpose).pem)
        return ("--cert", str(key.with_suffix(".pem")), "--key", str(key))

    def call(self, path: str, *arguments: object, door: str = "mtls", host: str = "localhost") -> Said:
        port = urlsplit(self.sandbox.treezor.urls[door]).port
        resolved = ("--resolve", f"{host}:{port}:127.0.0.1")
        return curl("--cacert", self.sandbox.ca_file, *resolved, *arguments, f"https://{host}:{port}{path}")

    def token(self, *arguments: object, door: str = "api") -> Said:
        """With a multipart form, as the page has it."""
        asked = {"grant_type": "client_credentials", "client_id": self.client.id, "client_secret": self.client.secret}
        fields = [word for name, value in asked.items() for word in ("--form", f"{name}={value}")]
        return self.call("/oauth/token", *fields, *arguments, door=door)

    def bearer(self) -> tuple[str, str]:
        return ("-H", f"Authorization: Bearer {self.token().json['access_token']}")

    def why(self) -> str:
        return self.sandbox.journal.last(refused=True).reasons[0].code


@pytest.fixture
def partner(sandbox, tmp_path):
    client = sandbox.treezor.new_client(f"partner-{next(_numbers)}")
    return Partner(sandbox=sandbox, client=client, folder=tmp_path)


# --- the page, and the README ---


def test_the_readmes_commands_run_as_they_stand(served):  # noqa: F811 - the fixture
    """Two CSRs, their certificates, a call; renewal and revocation; money; a proof; the PCI host."""
    text = (ROOT / "sandbox/providers/treezor/README.md").read_text(encoding="utf-8")
    printed = run(served, ['export PATH="$PWD/.venv/bin:$PATH"', *blocks("run", "sh", text)], (2, 5))
    starts, ends = re.findall(r"^not(?:Before|After)=(.+)$", printed, re.MULTILINE)
    begin, end = (datetime.strptime(one, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC) for one in (starts, ends))
    # As on the page: 12:25:04 in one year, 13:25:04 in the next.
    assert (end.hour - begin.hour) % 24 == 1 and (end.minute, end.second) == (begin.minute, begin.second)
    said = objects("\n".join(line for line in printed.splitlines() if line.startswith("{")).replace("}{", "}\n{"))
    wallet, first, second, payin, transfer, payout, balances, proved, users = said
    assert wallet["wallets"][0]["walletId"] == 1001
    assert [one["balances"][0]["currentBalance"] for one in (first, second)] == [1000, 1000]
    assert payin["payinId"] == 1 and transfer["transfers"][0]["amount"] == "10.34"
    assert payout["payouts"][0]["payoutStatus"] == "PENDING"
    shown = [(one["currentBalance"], one["authorizations"]) for one in balances["balances"]]
    assert shown == [(1009.66, 9.66), (10.34, 0)]
    assert proved["payouts"][0]["amount"] == "1.00"
    assert users["users"][0]["email"] == "alex.oak@example.com"


def test_a_webhook_arrives_as_the_readme_has_it(served):  # noqa: F811 - the fixture
    """Treezor's own code, in Node, finds both signatures identical."""
    text = (ROOT / "sandbox/providers/treezor/README.md").read_text(encoding="utf-8")
    port = free_port()
    on_path = 'export PATH="$PWD/.venv/bin:$PATH"'
    printed = run(served, [on_path, *blocks("run-webhook", "sh", text)], (6,), **{"9080": str(port)})
    assert "hook.confirmation text/plain identical\n" in printed and "payin.create text/plain identical\n" in printed
    # The receiver writes beside curl: its line may follow the answer's, which has no line end.
    answer, _ = json.JSONDecoder().raw_decode(printed[printed.rindex('{"payins"') :])
    assert answer["payins"][0]["amount"] == "20.00"


def test_a_webhook_that_fails_is_tried_every_minute(tmp_path):
    """Thirty times, by the sandbox's clock; then it is dead. The calls of webhooks are not at the PCI door."""
    with Sandbox(state=tmp_path / "state") as alone, receiver(None, answers(500)) as there:
        client = alone.treezor.client()
        partner = Partner(sandbox=alone, client=client, folder=tmp_path)
        made = partner.call(
            *("/settings/hooks", *partner.bearer(), "-H", "Content-Type: application/json"),
            *("-d", json.dumps({"url": there.url})),
            door="api",
        )
        assert (made.status, made.json["status"]) == (200, "PENDING")
        there.wait()
        alone.clock.move(timedelta(minutes=5))
        alone.webhooks.drain()
        (found,) = alone.webhooks.all(provider="treezor")
        assert (found.status, len(found.attempts), len(there.came)) == ("waiting", 6, 6)
        assert [b.at - a.at for a, b in itertools.pairwise(found.attempts)][1:] == [timedelta(minutes=1)] * 4
        alone.clock.move(timedelta(minutes=40))
        alone.webhooks.drain()
        (dead,) = alone.webhooks.all(provider="treezor")
        assert (dead.status, len(dead.attempts)) == ("dead", 31)
        pci = partner.call("/settings/hooks", *partner.pair("pci", "pci"), *partner.bearer(), door="pci")
        assert (pci.status, pci.headers["x-sandbank-cause"]) == (404, "route.other_door")


def test_the_page_line_by_line(partner):
    """The lines as they stand, but for the line numbers at their ends. openssl asks for each row of the table; the
    certificate has what was answered, and begins an hour before its year."""
    here = partner.folder
    openssl("genrsa", "-out", "acme.example_privatekey_mtls.pem", "2048", cwd=here)
    lines = ["FR", "IdF", "Paris", "Acme SAS", "", "https://acme.example", "pki@acme.example", "", ""]
    openssl(
        *("req", "-new", "-key", "acme.example_privatekey_mtls.pem", "-out", "acme.example_csr_mtls.pem"),
        cwd=here,
        stdin="".join(f"{line}\n" for line in lines).encode(),
    )
    before = datetime.now(UTC).replace(microsecond=0)
    pem = partner.client.sign((here / "acme.example_csr_mtls.pem").read_bytes(), name="mtls").pem
    (here / "acme.example_csr_signed.pem").write_text(pem)
    said = openssl("x509", "-startdate", "-enddate", "-noout", "-in", "acme.example_csr_signed.pem", cwd=here)
    assert re.fullmatch(r"notBefore=.* GMT\nnotAfter=.* GMT\n", said)
    signed = ("-in", "acme.example_csr_signed.pem")
    read = openssl("x509", "-subject", "-nameopt", "multiline", "-noout", *signed, cwd=here)
    assert [line.partition("= ")[2] for line in read.splitlines()[1:]] == list(SUBJECT.values())
    certificate = x509.load_pem_x509_certificate(pem.encode())
    made = certificate.not_valid_before_utc.timestamp() + 3600
    assert 0 <= made - before.timestamp() <= 60
    assert certificate.not_valid_after_utc.year == certificate.not_valid_before_utc.year + 1
    key = ("--cert", here / "acme.example_csr_signed.pem", "--key", here / "acme.example_privatekey_mtls.pem")
    assert partner.token(*key, door="mtls").status == 200


@pytest.mark.parametrize("missing", list(SUBJECT))
def test_every_row_of_the_table_but_one_is_required(partner, missing):
    """With the organizational unit and without it is fine, without any other row it is refused."""
    key = partner.key("k")
    with pytest.raises(Refused) as refused:
        partner.client.sign(partner.csr(key, **{missing: None}), name="x")
    assert [one.code for one in refused.value.reasons] == ["certificate.attribute_missing"]
    assert missing in refused.value.reasons[0].detail
    if missing == "C":
        partner.client.sign(partner.csr(key, OU="IT Department"), name="with")


def test_the_key_is_rsa_of_2048_bits(partner):
    """1024, 3072 and a curve are refused."""
    for bits, code in ((1024, "key_too_small"), (3072, "key_too_large")):
        with pytest.raises(Refused) as refused:
            partner.client.sign(partner.csr(partner.key(f"k{bits}", bits)), name="x")
        assert f"certificate.{code}" in [one.code for one in refused.value.reasons]
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", partner.folder / "ec.key")
    with pytest.raises(Refused, match="key_kind_refused"):
        partner.client.sign(partner.csr(partner.folder / "ec.key"), name="x")


def test_each_csr_has_a_key_of_its_own(partner):
    """The one rule of the page that a CSR can show: for another purpose the same key is refused, and told how to go on;
    for the same purpose, at a renewal, it may come again."""
    key = partner.key("mtls")
    partner.client.sign(partner.csr(key), name="first")
    for purpose in ("signature", "pci"):
        with pytest.raises(Refused) as refused:
            partner.client.sign(partner.csr(key), name="second", purpose=purpose)
        (told,) = refused.value.reasons
        assert told.code == "certificate.key_of_other_purpose" and "genrsa" in told.next
    partner.client.sign(partner.csr(key), name="renewed")


def test_a_private_key_that_was_sent_means_to_start_again(partner):
    """In words, and nothing of it is kept."""
    key = partner.key("mtls").read_bytes()
    with pytest.raises(Refused) as refused:
        partner.client.sign(key, name="x")
    (told,) = refused.value.reasons
    assert told.code == "certificate.private_key_sent" and told.next.startswith("Start the process from scratch")
    assert key.decode().splitlines()[1] not in str(refused.value) + json.dumps(partner.sandbox.journal.last().as_json())


def test_certificates_overlap_and_are_revoked_at_once(partner):
    """Two for the same purpose are good side by side; the revoked one ends in the next handshake."""
    old, new = partner.pair("old"), partner.pair("new")
    assert partner.token(*old, door="mtls").status == partner.token(*new, door="mtls").status == 200
    partner.client.revoke("old")
    refused = partner.token(*old, door="mtls")
    assert refused.exit_code != 0 and "certificate revoked" in refused.stderr.replace("_", " ")
    assert partner.token(*new, door="mtls").status == 200


def test_a_door_takes_the_certificates_of_its_purpose(partner):
    """Each opens its own door and no other; the one to sign with opens none. Without one there is an alert."""
    pairs = {"mtls": partner.pair("mtls"), "pci": partner.pair("pci", "pci"), "": partner.pair("sign", "signature")}
    bearer = partner.bearer()
    for door in ("mtls", "pci"):
        for of, pair in pairs.items():
            said = partner.call("/v1/users", *pair, *bearer, door=door)
            assert said.status == (200 if of == door else 403), (door, of)
            if of != door:
                assert said.headers["x-sandbank-cause"] == "certificate.wrong_purpose"
                assert said.json["errors"][0]["code"] == "authorization_error"
        assert partner.call("/v1/users", *bearer, door=door).exit_code != 0
    text = openssl("x509", "-in", partner.folder / "sign.pem", "-noout", "-ext", "extendedKeyUsage,keyUsage")
    assert "Non Repudiation" in text and "Client Authentication" not in text


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_every_client_has_hosts_of_its_own(partner, version):
    """In the server certificate they are wildcards, which curl checks; another client's host refuses, whatever the case
    of its letters; the webhook host is nobody's."""
    mtls, pci, bearer = partner.pair("mtls"), partner.pair("pci", "pci"), partner.bearer()
    name = partner.client.name
    for host in (f"{name}.sandbox.treezor.co", f"{name.upper()}.sandbox.treezor.co", "webhook.sandbox.treezor.co"):
        assert partner.call("/v1/users", version, *mtls, *bearer, host=host).status == 200
    own = partner.call("/v1/users", version, *pci, *bearer, door="pci", host=f"{name}.preprod.secure.treezor.co")
    assert own.status == 200
    other = partner.call("/v1/users", version, *mtls, *bearer, host="demo.sandbox.treezor.co")
    assert (other.status, other.headers["x-sandbank-cause"]) == (403, "binding.other_client")
    deeper = partner.call("/v1/users", version, *mtls, *bearer, host=f"a.{name}.sandbox.treezor.co")
    assert deeper.exit_code == 60  # no name in the certificate


def test_another_clients_certificate_is_refused(partner, sandbox, tmp_path):
    """The certificate and the token are of one client."""
    (tmp_path / "other").mkdir()
    rival = Partner(sandbox=sandbox, client=sandbox.treezor.new_client("rival"), folder=tmp_path / "other")
    said = partner.call("/v1/users", *rival.pair("mtls"), *partner.bearer())
    assert (said.status, said.headers["x-sandbank-cause"]) == (403, "binding.other_client")


# --- tokens ---


def test_a_token_is_asked_for_in_three_kinds_of_bodies(partner):
    """Multipart as on the page, a form, and JSON in which the client id is a number."""
    number, secret = partner.client.id, partner.client.secret
    assert number.isdecimal()
    form = f"grant_type=client_credentials&client_id={number}&client_secret={secret}&scope=read_only"
    as_json = json.dumps({"grant_type": "client_credentials", "client_id": int(number), "client_secret": secret})
    for said in (
        partner.token(),
        partner.call("/oauth/token", "-d", form, door="api"),
        partner.call("/oauth/token", "-H", "Content-Type: application/json", "-d", as_json, door="api"),
    ):
        assert said.status == 200 and list(said.json) == ["token_type", "expires_in", "access_token"]
        assert (said.json["token_type"], said.json["expires_in"]) == ("Bearer", 3600)
        told = jwt.decode(said.json["access_token"], options={"verify_signature": False})
        assert told["trz:sca"] is False and told["exp"] - told["iat"] == 3600
        assert jwt.get_unverified_header(said.json["access_token"])["alg"] == "RS256"


def test_who_is_not_known_gets_no_token(partner):
    """Each in the published shape of an error, with a cause of its own in the journal."""
    for fields, status, cause in (
        (("client_id=1", f"client_secret={partner.client.secret}"), 401, "token.client_unknown"),
        ((f"client_id={partner.client.id}", "client_secret=x"), 401, "token.secret_wrong"),
        ((f"client_id={partner.client.id}",), 400, "token.credentials_missing"),
    ):
        said = partner.call(
            "/oauth/token",
            *(word for field in ("grant_type=client_credentials", *fields) for word in ("--form", field)),
            door="api",
        )
        assert (said.status, said.headers["x-sandbank-cause"], partner.why()) == (status, cause, cause)
        assert list(said.json["errors"][0]) == ["type", "code", "message", "docUrl"]
    in_header = ("-u", f"{partner.client.id}:{partner.client.secret}", "-d", "grant_type=client_credentials")
    assert partner.call("/oauth/token", *in_header, door="api").status == 400


def test_scopes_are_asked_for(partner):
    """``read_only`` reads and writes nothing; ``legal`` does neither."""
    user = json.dumps({"userTypeId": 1, "email": "new@example.com", "specifiedUSPerson": 0})
    post = ("-H", "Content-Type: application/json", "-d", user)
    for scope, reads, writes in (("read_only", 200, 403), ("legal", 403, 403), ("admin read_all", 200, 200)):
        token = partner.token("--form", f"scope={scope}").json["access_token"]
        bearer = ("-H", f"Authorization: Bearer {token}")
        assert partner.call("/v1/users", *bearer, door="api").status == reads
        assert partner.call("/v1/users", *bearer, *post, door="api").status == writes


def test_a_token_lives_an_hour(tmp_path):
    """By the sandbox's clock; then it is a 401."""
    with Sandbox(state=tmp_path / "state") as alone:
        partner = Partner(sandbox=alone, client=alone.treezor.client(), folder=tmp_path)
        bearer = partner.bearer()
        alone.clock.move(timedelta(minutes=59))
        assert partner.call("/v1/users", *bearer, door="api").status == 200
        alone.clock.move(timedelta(minutes=1))
        said = partner.call("/v1/users", *bearer, door="api")
        assert (said.status, said.headers["x-sandbank-cause"]) == (401, "token.expired")
        assert said.json["errors"][0]["type"] == "invalid_client"
