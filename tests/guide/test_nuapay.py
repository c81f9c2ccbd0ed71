"""Nuapay's security pages, done with openssl and curl: certificates, the mTLS door, API keys and tokens, console."""

import base64
import itertools
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key

from ca.clock import MovableClock
from sandbank import Sandbox
from sandbox.services import keys
from sandbox.services.clients import set_client
from tests.guide.conftest import curl, openssl
from tests.guide.nuapay import SUBJECT, Organisation, Pair, self_signed
from tests.live.certificates import DAY, make

DENIED = {"returnCode": "10091", "returnDescription": "Access denied", "details": None}
SILENT = {"returnCode": None, "returnDescription": None, "details": None}
_numbers = itertools.count(1)


@pytest.fixture
def organisation(sandbox, tmp_path):
    return Organisation(sandbox=sandbox, client=sandbox.nuapay.new_client(f"org-{next(_numbers)}"), folder=tmp_path)


@pytest.fixture(scope="module")
def rsa_key(tmp_path_factory):
    key = tmp_path_factory.mktemp("keys") / "signing.key"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key)
    return key


# --- the mTLS door


def test_an_uploaded_certificate_opens_the_door_at_once(organisation, tmp_path):
    """Before the upload it is a 403 in HTTP, after a successful handshake; after it, on a new connection, a 200."""
    mine = self_signed(tmp_path, "mine")
    before = organisation.call("GET", "/certificates", door="mtls", by=mine)
    assert (before.status, before.json) == (403, DENIED)
    assert before.headers["x-sandbank-cause"] == "certificate.unknown"
    uploaded = organisation.upload(mine)
    assert uploaded.status == 201
    data = uploaded.json["data"]
    assert data["uri"] == uploaded.json["uri"] == f"/certificates/{data['id']}"
    assert (data["status"], data["type"], data["links"], data["cert"]) == ("ACTIVE", "MTLS", [], mine.pem.strip())
    after = organisation.call("GET", "/certificates", door="mtls", by=mine)
    assert after.status == 200
    assert [one["id"] for one in after.json["data"]] == [data["id"]]


def test_the_door_refuses_in_http(organisation, tmp_path, rsa_key):
    """No certificate, a stranger's, one for signing: each a 403 in Nuapay's envelope with a cause of its own."""
    none = organisation.call("GET", "/certificates", door="mtls")
    assert (none.status, none.json, organisation.why()) == (403, DENIED, "certificate.missing")
    stranger = organisation.call("GET", "/certificates", door="mtls", by=self_signed(tmp_path, "stranger"))
    assert (stranger.status, stranger.json, organisation.why()) == (403, DENIED, "certificate.unknown")
    signing = organisation.call("GET", "/certificates", door="mtls", by=organisation.signing_pair(rsa_key))
    assert (signing.status, signing.json, organisation.why()) == (403, DENIED, "certificate.wrong_purpose")


def test_a_sister_of_the_pinned_certificate_is_a_stranger(organisation, tmp_path):
    """Of the same CA, with the same subject: what is pinned is the certificate, not who made it."""
    root = self_signed(tmp_path, "root", subject="/CN=Some CA")
    pairs = []
    for name in ("first", "second"):
        pair = Pair(certificate=tmp_path / f"{name}.pem", key=tmp_path / f"{name}.key")
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=same")
        openssl("req", *kind, "-keyout", pair.key, "-out", tmp_path / f"{name}.csr")
        issuer = ("-CA", root.certificate, "-CAkey", root.key, "-CAcreateserial", "-days", "30")
        openssl("x509", "-req", "-in", tmp_path / f"{name}.csr", *issuer, "-out", pair.certificate)
        pairs.append(pair)
    assert organisation.upload(pairs[0]).status == 201
    assert organisation.call("GET", "/certificates", door="mtls", by=pairs[0]).status == 200
    assert organisation.call("GET", "/certificates", door="mtls", by=pairs[1]).status == 403


def test_certificate_and_api_key_are_of_one_organisation(organisation, sandbox, tmp_path):
    """Also for two calls on one connection: the first with the owner's key, the second with another's."""
    mine = self_signed(tmp_path, "mine")
    organisation.upload(mine)
    other = sandbox.nuapay.client("other")
    url = sandbox.nuapay.urls["mtls"] + "/certificates"
    said = curl(
        *("--cacert", sandbox.ca_file, *mine.tls, "-u", f"{organisation.client.secret}:", url),
        *("--next", "-sS", "-i", "--cacert", sandbox.ca_file, *mine.tls, "-u", f"{other.secret}:", url, "-v"),
    )
    assert said.status == 200
    assert "Re-using existing connection" in said.stderr or "Reusing existing" in said.stderr
    assert "403" in said.text and '"returnCode":"10091"' in said.text
    assert organisation.why() == "binding.other_client"


def test_a_certificate_belongs_to_one_organisation(organisation, sandbox, tmp_path):
    """Uploaded by a second one it is refused, and of the first nothing is told."""
    mine = self_signed(tmp_path, "mine")
    assert organisation.upload(mine).status == 201
    rival = Organisation(sandbox=sandbox, client=sandbox.nuapay.new_client(f"rival-{next(_numbers)}"), folder=tmp_path)
    said = rival.upload(mine)
    assert (said.status, said.json["returnCode"]) == (422, "9999")
    assert organisation.id not in said.text and organisation.client.name not in said.text


def test_without_mtls_nobody_is_asked(organisation):
    """The api door takes the API key alone."""
    assert organisation.call("GET", "/certificates").status == 200


# --- the certificate resource


def test_mtls_can_be_enforced_for_an_organisation(organisation, sandbox, tmp_path):
    """The check box of the console: calls without a certificate are a 403 that says which door to call, with the key
    and with a token, which says so itself; with the certificate both are let in."""
    client = sandbox.nuapay.new_client(f"careful-{next(_numbers)}", require_mtls=True)
    careful = Organisation(sandbox=sandbox, client=client, folder=tmp_path)
    pair = self_signed(tmp_path, "careful")
    client.upload(pair.pem, name="careful")
    made = careful.call("POST", "/tokens", {"scopes": ["admin", "accounts_read"]}, door="mtls", by=pair).json["data"]
    assert made["mtlsFilter"] is True
    for login in (None, made["accessToken"]):
        refused = careful.call("GET", "/accounts/6bee3razby", login=login)
        assert (refused.status, refused.json["returnCode"]) == (403, "10091")
        assert sandbox.journal.last(refused=True).reasons[0].code == "binding.mtls_required"
        assert careful.call("GET", "/accounts/6bee3razby", door="mtls", by=pair, login=login).status == 200
    assert organisation.call("POST", "/tokens", {"scopes": ["admin"]}).json["data"]["mtlsFilter"] is False


def test_a_client_may_be_held_to_a_rate(organisation, sandbox, tmp_path):
    """The call after the last one is a 429 with the seconds to wait; the journal says what to do. Other organisations
    are not held to it, and the one is not when the setting is gone."""
    client = sandbox.nuapay.new_client(f"slow-{next(_numbers)}", rate_limit="2/hour")
    slow = Organisation(sandbox=sandbox, client=client, folder=tmp_path)
    assert [slow.call("GET", "/schemes").status for _ in range(2)] == [200, 200]
    refused = slow.call("GET", "/schemes")
    assert (refused.status, refused.json) == (429, SILENT)
    assert 3_500 < int(refused.headers["x-rate-limit-reset"]) <= 3_600
    reason = sandbox.journal.last(refused=True).reasons[0]
    assert reason.code == "provider.too_many_calls"
    assert reason.next.endswith(f"--provider nuapay {client.name} --rate-limit off")
    assert organisation.call("GET", "/schemes").status == 200
    set_client(sandbox._state, "nuapay", client.name, rate_limit="off")
    assert slow.call("GET", "/schemes").status == 200


def test_at_most_two_are_active_and_deleting_makes_room(organisation, tmp_path):
    """Per type. A deleted one is refused at the door, stays in the list, and cannot be deleted twice."""
    pairs = [self_signed(tmp_path, f"own-{number}") for number in range(3)]
    first, second, third = (organisation.upload(pair) for pair in pairs)
    assert [said.status for said in (first, second, third)] == [201, 201, 422]
    assert third.json["details"][0]["field"] == "mtlsCert"
    uri = first.json["uri"]
    gone = organisation.call("DELETE", uri)
    assert (gone.status, gone.text) == (200, "")
    assert organisation.call("GET", "/certificates", door="mtls", by=pairs[0]).status == 403
    assert organisation.why() == "certificate.revoked"
    assert organisation.upload(pairs[2]).status == 201
    statuses = [one["status"] for one in organisation.call("GET", "/certificates").json["data"]]
    assert statuses == ["ACTIVE", "ACTIVE", "DELETED"]
    again = organisation.call("DELETE", uri)
    assert (again.status, again.json["returnCode"]) == (404, "10093")
    assert organisation.call("DELETE", "/certificates/0123456789").status == 404


def test_a_deleted_certificate_may_come_again(organisation, tmp_path):
    """Deleting cannot be undone, but what was uploaded once may be uploaded once more: our own choice."""
    mine = self_signed(tmp_path, "mine")
    first = organisation.upload(mine).json["data"]["id"]
    organisation.call("DELETE", f"/certificates/{first}")
    second = organisation.upload(mine)
    assert second.status == 201 and second.json["data"]["id"] != first
    assert organisation.call("GET", "/certificates", door="mtls", by=mine).status == 200


@pytest.mark.parametrize("body", [{}, {"csr": "x", "mtlsCert": "y"}, {"mtlsCert": None}, {"csr": 7}, [], "{", ""])
def test_one_of_the_two_and_nothing_else(organisation, body):
    """Both at once, neither, or no JSON object: 400."""
    said = organisation.call("POST", "/certificates", body if isinstance(body, str) else json.dumps(body))
    assert said.status == 400
    assert said.json["returnCode"] in ("8888", "10002")


def test_a_bad_upload_says_every_rule(organisation, tmp_path):
    """Each rule is a detail, in our words; a private key is not repeated anywhere."""
    old = make("old", start=datetime.now(UTC) - 40 * DAY, days=1)
    expired = organisation.call("POST", "/certificates", {"mtlsCert": old.pem().decode()})
    assert expired.status == 400 and "expired" in expired.json["details"][0]["description"]
    assert organisation.why() == "certificate.expired"
    weak = Pair(certificate=tmp_path / "weak.pem", key=tmp_path / "weak.key")
    kind = ("-newkey", "rsa:1024", "-nodes", "-sha1", "-subj", "/CN=weak")
    openssl("req", "-x509", *kind, "-keyout", weak.key, "-out", weak.certificate)
    assert len(organisation.upload(weak).json["details"]) == 2
    key = organisation.call("POST", "/certificates", {"mtlsCert": weak.key.read_text()})
    assert key.status == 400 and organisation.why() == "certificate.private_key_sent"
    kept = json.dumps(organisation.sandbox.journal.last().as_json())
    assert weak.key.read_text().splitlines()[1] not in key.text + kept


def test_the_type_is_asked_for_in_both_spellings(organisation, tmp_path, rsa_key):
    """The description of the query has one, that of the reply the other; what is shown may be chosen."""
    organisation.upload(self_signed(tmp_path, "mine"))
    organisation.signing_pair(rsa_key)
    for asked in ("NON_REPUDIATION", "NON-REPUDIATION"):
        (only,) = organisation.call("GET", f"/certificates?type={asked}").json["data"]
        assert only["type"] == "NON-REPUDIATION"
    organisation.client.put("configuration", "certificates", typeSpelling="NON_REPUDIATION")
    (only,) = organisation.call("GET", "/certificates?type=NON-REPUDIATION").json["data"]
    assert only["type"] == "NON_REPUDIATION"
    (only,) = organisation.call("GET", "/certificates?type=MTLS").json["data"]
    assert only["type"] == "MTLS"
    assert organisation.call("GET", "/certificates?type=OTHER").status == 400
    page = organisation.call("GET", "/certificates?pagenumber=2&pagesize=1").json
    assert page["page"] == {"pageNumber": 2, "pageSize": 1, "totalElements": 2, "totalPages": 2}


def test_the_same_upload_with_the_same_key_is_done_once(organisation, tmp_path):
    """Idempotency-Key: the reply comes again; with another body it is refused, which is our own choice."""
    mine = self_signed(tmp_path, "mine")
    key = ("-H", "Idempotency-Key: 5f0c")
    first, second = organisation.upload(mine, *key), organisation.upload(mine, *key)
    assert (first.status, second.status, first.json) == (201, 201, second.json)
    assert organisation.upload(self_signed(tmp_path, "other"), *key).status == 422
    assert organisation.call("GET", "/certificates").json["page"]["totalElements"] == 1
    assert organisation.upload(mine, "-H", f"Idempotency-Key: {'x' * 51}").status == 400


def test_the_signing_certificate_is_as_published(organisation, rsa_key):
    """Ten years, three key usages, clientAuth, no basicConstraints and no SKI, a serial of five bytes."""
    signing = organisation.signing_pair(rsa_key)
    text = openssl("x509", "-in", signing.certificate, "-noout", "-text")
    assert "Digital Signature, Non Repudiation, Key Encipherment" in text
    assert "TLS Web Client Authentication" in text and "X509v3 Authority Key Identifier" in text
    assert "Basic Constraints" not in text and "Subject Key Identifier" not in text
    assert signing.serial.bit_length() <= 40
    subject = openssl("x509", "-in", signing.certificate, "-noout", "-subject", "-nameopt", "sep_multiline")
    assert [line.strip() for line in subject.splitlines()[1:]] == [
        "C=GB",
        "L=London",
        "O=Nuapay",
        "OU=Nuapay API",
        f"CN={organisation.id}",
    ]
    organisation.client.put("configuration", "certificates", rdnLayout="single")
    single = organisation.signing_pair(rsa_key)
    asn1 = openssl("asn1parse", "-in", single.certificate)
    assert asn1.count("SET") == openssl("asn1parse", "-in", signing.certificate).count("SET") - 4


@pytest.mark.parametrize(
    ("subject", "cause"),
    [
        ("/C=GB/L=London/O=Nuapay/OU=Nuapay API/CN=0123456789", "certificate.common_name_wrong"),
        ("/C=GB/L=London/O=Acme/OU=Nuapay API/CN={}", "certificate.attribute_wrong"),
        ("/C=GB/L=London/O=Nuapay/CN={}", "certificate.attribute_missing"),
    ],
)
def test_the_subject_is_what_nuapay_asks_for(organisation, rsa_key, subject, cause):
    """OU, O, L and C are fixed, the common name is the organisation's id."""
    csr = openssl("req", "-new", "-key", rsa_key, "-subj", subject.format(organisation.id))
    said = organisation.call("POST", "/certificates", {"csr": csr})
    assert said.status == 400
    assert organisation.why() == cause


def test_the_published_example_csr_is_refused_clearly(organisation, rsa_key):
    """It has no attributes field, which PKCS#10 asks for, and six hyphens in its footer: both are told."""
    csr = openssl("req", "-new", "-key", rsa_key, "-subj", SUBJECT.format(organisation.id))
    strict = x509.load_pem_x509_csr(csr.encode())
    # CertificationRequestInfo ends with its attributes, [0] and a length of 0: two bytes, and two lengths above them.
    info = strict.tbs_certrequest_bytes
    assert info[-2:] == b"\xa0\x00" and info[:2] == b"\x30\x82"
    cut = b"\x30\x82" + (len(info) - 6).to_bytes(2, "big") + info[4:-2]
    key = load_pem_private_key(rsa_key.read_bytes(), None)
    signature = key.sign(cut, PKCS1v15(), SHA256())
    tail = bytes.fromhex("300d06092a864886f70d01010b0500") + b"\x03\x82\x01\x01\x00" + signature
    der = b"\x30\x82" + len(cut + tail).to_bytes(2, "big") + cut + tail
    lines = base64.encodebytes(der).decode()
    loose = f"-----BEGIN CERTIFICATE REQUEST-----\n{lines}-----END CERTIFICATE REQUEST------"
    checked = openssl("req", "-verify", "-noout", stdin=loose[:-1].encode() + b"\n")
    assert "verify OK" in checked  # openssl takes it, and so did the CA that published a certificate for it
    said = organisation.call("POST", "/certificates", {"csr": loose})
    assert said.status == 400
    told = " ".join(detail["description"] for detail in said.json["details"])
    assert "hyphens" in told and "attributes" in told
    causes = {reason.code for reason in organisation.sandbox.journal.last(refused=True).reasons}
    assert "certificate.attributes_field_missing" in causes


def test_the_console_does_the_same(sandbox, tmp_path, rsa_key):
    """By command line and control API what the console's PKI management does; here in Python."""
    client = sandbox.nuapay.new_client(f"console-{next(_numbers)}")
    organisation = Organisation(sandbox=sandbox, client=client, folder=tmp_path)
    made = client.new_certificate("laptop")
    pair = Pair(certificate=made.certificate, key=made.key)
    assert organisation.call("GET", "/certificates", door="mtls", by=pair).status == 200
    mine = self_signed(tmp_path, "mine")
    uploaded = client.upload(mine.pem, name="mine")
    assert organisation.call("GET", "/certificates", door="mtls", by=mine).status == 200
    csr = openssl("req", "-new", "-key", rsa_key, "-subj", SUBJECT.format(client.id))
    assert client.sign(csr, name="signing").serial
    client.revoke(uploaded)
    assert organisation.call("GET", "/certificates", door="mtls", by=mine).status == 403
    signing = client.new_certificate("second", purpose="signature")
    assert "Nuapay API" in openssl("x509", "-in", signing.certificate, "-noout", "-subject")


# --- API keys and tokens


@pytest.mark.parametrize(
    ("header", "cause"),
    [
        ("X-None: 1", "token.missing"),
        ("Authorization: Basic {key}", "login.key_wrapped"),
        ("Authorization: Basic {key_and_password}", "token.credentials_malformed"),
        ("Authorization: Basic {unknown}", "token.key_unknown"),
        ("Authorization: Digest x", "token.scheme_wrong"),
        ("Authorization: Bearer x", "token.unknown"),
    ],
)
def test_a_call_says_who_it_is_of(organisation, header, cause):
    """The API key as the user of Basic with an empty password, or a token; all else is a 401 that says nothing."""
    encoded = {
        "key": organisation.client.secret,
        "key_and_password": f"{organisation.client.secret}:x",
        "unknown": f"{'0' * 64}:",
    }
    basic = {name: _basic(text) for name, text in encoded.items()}
    said = organisation.call("GET", "/certificates", None, "-H", header.format(**basic), login="")
    assert (said.status, said.json) == (401, SILENT)
    assert organisation.why() == cause


def _basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_token_is_an_rs256_jwt_with_nuapays_claims(organisation, sandbox):
    """Read by somebody else's library; it opens what its scopes say and nothing else."""
    said = organisation.call("POST", "/tokens", {"scopes": ["accounts_read", "admin"], "expiresIn": 360})
    assert said.status == 201
    data = said.json["data"]
    assert said.json["uri"] == data["uri"] == f"/tokens/{data['id']}"
    assert (data["tokenType"], data["status"], data["scopes"]) == ("BEARER", "ACTIVE", ["accounts_read", "admin"])
    assert data["expiryTime"] - data["createdTimestamp"] == 360_000
    assert data["requestedOrganisation"] == data["requestingOrganisation"] == organisation.id
    with sandbox.state.store.write() as work:
        spki = keys.public_reply_key(
            work, sandbox.state.vault, "nuapay", "RS256", None, ids=sandbox.state.ids, now=sandbox.state.clock.now()
        ).spki
    key = load_der_public_key(base64.b64decode(spki))
    claims = jwt.decode(data["accessToken"], key, algorithms=["RS256"], audience="gk")
    assert claims["jti"] == data["id"] and claims["scope"] == data["scopes"]
    assert claims["originator_org_id"] == organisation.id
    assert list(claims)[:3] == ["ip_filtering", "aud", "originator_org_id"]
    token = data["accessToken"]
    assert organisation.call("POST", "/accounts/list", {}, login=token).status == 200
    refused = organisation.call("GET", "/certificates", login=token)
    assert (refused.status, refused.json, organisation.why()) == (403, DENIED, "token.scope_missing")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"scopes": ["admin"]}, 201),
        ({"scopes": ["admin"], "expiresIn": 10}, 201),
        ({"scopes": ["admin"], "expiresIn": 31_556_926}, 201),
        ({"scopes": ["admin"], "expiresIn": 9}, 400),
        ({"scopes": ["admin"], "expiresIn": 31_556_927}, 400),
        ({"scopes": ["admin"], "expiresIn": "60"}, 400),
        ({"scopes": []}, 400),
        ({"scopes": "admin"}, 400),
        ({"scopes": ["a b"]}, 400),
        ({}, 400),
    ],
)
def test_how_long_a_token_lives(organisation, asked, status):
    """10 to 31,556,926 seconds, 10 unless told; scopes are asked for."""
    said = organisation.call("POST", "/tokens", asked)
    assert said.status == status
    if status == 201:
        data = said.json["data"]
        assert data["expiryTime"] - data["createdTimestamp"] == 1000 * asked.get("expiresIn", 10)


def test_a_token_is_revoked_alone_or_with_all_the_others(organisation):
    """The reply shows the same token again; a revoked one is a 401, and is not revoked twice."""
    tokens = [organisation.call("POST", "/tokens", {"scopes": ["admin"], "expiresIn": 600}).json["data"] for _ in "abc"]
    first = tokens[0]
    said = organisation.call("POST", f"/tokens/{first['id']}/revoke")
    assert said.status == 200
    assert (said.json["data"]["status"], said.json["data"]["links"]) == ("REVOKED", [])
    assert said.json["data"]["accessToken"] == first["accessToken"]
    assert said.json["data"]["revokedTimestamp"] >= first["createdTimestamp"]
    assert organisation.call("POST", "/tokens/revoke", login=first["accessToken"]).status == 401
    assert organisation.why() == "token.revoked"
    assert organisation.call("POST", f"/tokens/{first['id']}/revoke").status == 422
    assert organisation.call("POST", "/tokens/nothing/revoke").status == 404
    everything = organisation.call("POST", "/tokens/revoke")
    assert everything.json == {
        "uri": "/tokens/revoke",
        "data": {"uri": "/tokens/revoke", "revokedTokensCount": 2, "links": []},
    }
    assert organisation.call("POST", "/tokens/revoke", login=tokens[1]["accessToken"]).status == 401


def test_a_partner_asks_for_the_merchants_below_it(organisation, sandbox, tmp_path):
    """Only for those that are below; the token speaks for the merchant, and passes with the partner's certificate."""
    merchant = sandbox.nuapay.new_client(f"merchant-{next(_numbers)}")
    path, asked = f"/organisations/{merchant.id}/tokens", {"scopes": ["accounts_read"], "expiresIn": 600}
    assert organisation.call("POST", path, asked).status == 404
    organisation.client.put("organisation", merchant.id)
    said = organisation.call("POST", path, asked)
    data = said.json["data"]
    assert said.status == 201 and said.json["uri"] == f"{path}/{data['id']}"
    assert (data["parentId"], data["requestedOrganisation"]) == (organisation.id, merchant.id)
    assert (data["accessType"], data["requestingAccessType"]) == ("CR", "BN")
    mine = self_signed(tmp_path, "mine")
    organisation.upload(mine)
    token = data["accessToken"]
    assert organisation.call("POST", "/accounts/list", {}, door="mtls", by=mine, login=token).status == 200
    assert organisation.call("POST", f"{path}/{data['id']}/revoke").json["data"]["status"] == "REVOKED"
    organisation.call("POST", path, asked)
    assert organisation.call("POST", f"{path}/revoke").json["data"]["revokedTokensCount"] == 1


def test_an_application_token_is_good_for_its_resource_alone(organisation):
    """Against another it is a 401."""
    account = "6bee3razby"
    asked = {"products": ["credit_transfers"], "resourceId": account}
    said = organisation.call("POST", "/applications/tokens", asked)
    data = said.json["data"]
    assert (said.status, data["resourceId"], data["applicationToken"]) == (201, account, True)
    token = data["accessToken"]
    assert organisation.call("GET", f"/accounts/{account}/balances", login=token).status == 200
    other = organisation.call("GET", "/accounts/w24y3dzo2p/balances", login=token)
    assert (other.status, organisation.why()) == (401, "token.other_resource")
    for bad in ({"products": [], "resourceId": "x"}, {"products": ["nothing"], "resourceId": "x"}, {"products": []}):
        assert organisation.call("POST", "/applications/tokens", bad).status == 400


def test_a_token_ends_and_a_pin_does(tmp_path):
    """By the sandbox's clock: ten seconds later the token is expired, a year later the certificate."""
    clock = MovableClock()
    with Sandbox(clock=clock) as sandbox:
        organisation = Organisation(sandbox=sandbox, client=sandbox.nuapay.client(), folder=tmp_path)
        token = organisation.call("POST", "/tokens", {"scopes": ["admin"]}).json["data"]["accessToken"]
        mine = self_signed(tmp_path, "mine", "-days", "300")
        organisation.upload(mine)
        clock.move(timedelta(seconds=11))
        assert organisation.call("POST", "/tokens/revoke", login=token).status == 401
        assert organisation.why() == "token.expired"
        assert organisation.call("GET", "/certificates", door="mtls", by=mine).status == 200
        clock.move(timedelta(days=300))
        assert organisation.call("GET", "/certificates", door="mtls", by=mine).status == 403
        assert organisation.why() == "certificate.expired"
        clock.move(timedelta(days=-301))
        assert organisation.call("GET", "/certificates", door="mtls", by=mine).status == 403
        assert organisation.why() == "certificate.not_yet_valid"
