"""Nuapay's JWS pages: a detached signature over the body's very bytes, made by openssl and sent by curl."""

import itertools
import json
import time

import pytest

from tests.guide.conftest import openssl
from tests.guide.nuapay import Organisation

BODY = '{"beneficiary":{"name":"Acme"},"beneficiaryAccount":{"iban":"GB47SELN00999912345678"}}'
REQUIRED = {"returnCode": "7200", "returnDescription": "JWS-Signature header is required.", "details": None}
INVALID = {"returnCode": "7201", "returnDescription": "JWS-Signature is invalid.", "details": None}
PRETTY = {"indent": 2}
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def rsa_keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    for name in ("first", "second"):
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder / name)
    return folder / "first", folder / "second"


@pytest.fixture
def organisation(sandbox, tmp_path):
    return Organisation(sandbox=sandbox, client=sandbox.nuapay.new_client(f"jws-{next(_numbers)}"), folder=tmp_path)


@pytest.fixture
def signing(organisation, rsa_keys):
    return organisation.signing_pair(rsa_keys[0])


def send(organisation, signature, body=BODY, path="/beneficiaries", method="POST"):
    return organisation.call(method, path, body, "-H", f"JWS-Signature: {signature}")


@pytest.mark.parametrize("layout", [{}, PRETTY, {"separators": (",", ":")}], ids=["spaced", "pretty", "compact"])
@pytest.mark.parametrize(
    "body",
    [
        BODY,
        json.dumps(json.loads(BODY), indent=2),
        json.dumps(json.loads(BODY), indent=2).replace("\n", "\r\n") + "\r\n",
    ],
    ids=["compact", "pretty", "crlf"],
)
def test_a_signed_beneficiary(organisation, signing, layout, body):
    """However header and body are written: what counts are the bytes. The same without a signature is a 403."""
    signature = organisation.sign(signing, body.encode(), json.dumps(organisation.header(signing), **layout))
    said = send(organisation, signature, body)
    assert said.status == 201, said
    assert organisation.call("GET", said.json["uri"]).status == 200
    unsigned = organisation.call("POST", "/beneficiaries", body)
    assert (unsigned.status, unsigned.json, organisation.why()) == (403, REQUIRED, "signature.required")


@pytest.mark.parametrize(
    "iss",
    [
        "OU=Nuapay API,L=London,O=Nuapay,C=GB,CN={}",
        "CN={}, OU=Nuapay API, O=Nuapay, L=London, C=GB",
        "/C=GB/L=London/O=Nuapay/OU=Nuapay API/CN={}",
    ],
)
def test_the_issuer_is_a_set_of_attributes(organisation, signing, iss):
    """Nuapay's own two examples order and space it differently."""
    header = organisation.header(signing, iss=iss.format(organisation.id), crit=["b64", "iss", "iat"])
    signature = organisation.sign(signing, BODY.encode(), json.dumps(header))
    assert send(organisation, signature).status == 201


@pytest.mark.parametrize(
    ("changed", "cause"),
    [
        ({"kid": "1"}, "signature.kid_unknown"),
        ({"kid": None}, "signature.header_missing"),
        ({"alg": "PS256"}, "signature.alg_unsupported"),
        ({"alg": "none"}, "signature.alg_none"),
        ({"b64": True}, "signature.b64_wrong"),
        ({"b64": None}, "signature.b64_wrong"),
        ({"crit": ["b64"]}, "signature.crit_incomplete"),
        ({"crit": ["b64", "iat", "iss", "kid"]}, "signature.crit_malformed"),
        ({"crit": ["b64", "iat", "iss", "iss"]}, "signature.crit_malformed"),
        ({"crit": None}, "signature.crit_missing"),
        ({"iss": "C=GB, L=London, OU=Nuapay API, O=Nuapay, CN=another"}, "signature.issuer_wrong"),
        ({"iss": None}, "signature.header_missing"),
        ({"iat": "0"}, "signature.issued_at_wrong"),
        ({"iat": -1}, "signature.issued_at_wrong"),
        ({"iat": 4_000_000_000_000}, "signature.issued_at_future"),
    ],
    ids=str,
)
def test_a_header_that_is_not_as_nuapay_has_it(organisation, signing, changed, cause):
    """Each is a 7201 with HTTP 403, and the journal has a cause of its own; as it should be, the same call is a 201."""
    good = organisation.header(signing)
    assert send(organisation, organisation.sign(signing, BODY.encode(), json.dumps(good))).status == 201
    header = json.dumps(organisation.header(signing, **changed))
    body = BODY.replace("Acme", "Beta")
    said = send(organisation, organisation.sign(signing, body.encode(), header), body)
    assert (said.status, said.json) == (403, INVALID)
    assert organisation.why() == cause


def test_iat_may_be_now_or_in_seconds(organisation, signing):
    """One page says milliseconds, another always 0; a number of seconds lies in the past when it is read so."""
    for number, iat in enumerate((int(time.time() * 1000) - 5000, int(time.time()))):
        body = BODY.replace("Acme", f"Acme {number}")
        header = json.dumps(organisation.header(signing, iat=iat))
        assert send(organisation, organisation.sign(signing, body.encode(), header), body).status == 201


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (BODY.replace("Acme", "Acne"), None),
        (json.dumps(json.loads(BODY)), "signature.payload_reserialized"),
        (BODY + "\n", "signature.payload_reserialized"),
    ],
)
def test_a_body_that_was_changed_after_signing(organisation, signing, sent, cause):
    """One letter, another layout, a line feed at the end."""
    said = send(organisation, organisation.sign(signing, BODY.encode(), json.dumps(organisation.header(signing))), sent)
    assert (said.status, said.json) == (403, INVALID)
    assert cause in (None, organisation.why())


def test_the_signature_is_judged_before_the_body(organisation, signing):
    """A bad body is a 400 when its signature is good, and a 403 when that is not: "then you know that your JWS is
    correct". In both the body is not even JSON, and has dots in it."""
    body = "..not.json.."
    header = json.dumps(organisation.header(signing))
    assert send(organisation, organisation.sign(signing, body.encode(), header), body).status == 400
    assert send(organisation, organisation.sign(signing, b"other", header), body).status == 403
    good = organisation.sign(signing, b"{}", header)
    said = send(organisation, good, "{}")
    assert (said.status, said.json["returnCode"]) == (400, "7084")


def test_a_certificate_that_is_gone_signs_nothing(organisation, signing, rsa_keys):
    """Deleted, it is told so; another certificate of the organisation goes on."""
    header = json.dumps(organisation.header(signing))
    other = organisation.signing_pair(rsa_keys[1])
    wrong = organisation.sign(other, BODY.encode(), header)
    assert send(organisation, wrong).status == 403
    assert organisation.why() == "signature.other_key"
    (mine,) = [
        one["id"]
        for one in organisation.call("GET", "/certificates").json["data"]
        if one["cert"] == signing.pem.strip()
    ]
    organisation.call("DELETE", f"/certificates/{mine}")
    assert send(organisation, organisation.sign(signing, BODY.encode(), header)).status == 403
    assert organisation.why() == "signature.key_deleted"
    again = organisation.sign(other, BODY.encode(), json.dumps(organisation.header(other)))
    assert send(organisation, again).status == 201


def test_where_a_signature_is_optional_it_must_be_good(organisation, signing):
    """On other POSTs it may be left out; a bad one is refused all the same. On GET nobody looks."""
    path, body = "/accounts/list", "{}"
    header = json.dumps(organisation.header(signing))
    assert organisation.call("POST", path, body).status == 200
    assert send(organisation, organisation.sign(signing, b"{}", header), body, path).status == 200
    assert send(organisation, organisation.sign(signing, b"[]", header), body, path).status == 403
    assert organisation.call("GET", "/certificates", None, "-H", "JWS-Signature: junk").status == 200


@pytest.mark.parametrize(
    "signature", ["", "a", "a.b", "a.b.c.d", "..", "a..b", "eyJhbGciOiJSUzI1NiJ9..x", "é..é", "{}"]
)
def test_what_is_no_signature(organisation, signing, signature):
    """Whatever stands in the header, it is a 403 that says nothing more; an empty header is none."""
    said = send(organisation, signature) if signature else organisation.call("POST", "/beneficiaries", BODY)
    assert said.status == 403
    assert said.json == (INVALID if signature else REQUIRED)
