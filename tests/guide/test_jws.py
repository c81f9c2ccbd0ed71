"""Wise's JWS guide, with curl and PyJWT (never with our own jose): signed calls, signed replies, and every refusal."""

import base64
import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256, SHA512

from ca.clock import SystemClock
from sandbox.providers.context import NewKey
from sandbox.services.clients import show_client
from sandbox.services.keys import add_key, remove_key
from sandbox.services.resources import put_resource, show_resource
from tests.guide.conftest import Partner, Said, curl, openssl

PAYMENT = "/v3/profiles/12345/transfers/12345/payments"
BALANCE = b'{\n  "type": "BALANCE"\n}'
"""The guide's payload, laid out as the guide has it: what is signed are bytes, not JSON."""
JOSE_HEADERS = ("Content-Type: application/jose+json", "Accept: application/jose+json", "X-TW-JOSE-Method: jws")
JOSE = tuple(part for header in JOSE_HEADERS for part in ("-H", header))
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
RSA = rsa.generate_private_key(65537, 2048)


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_pem(key) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def spki(key) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()


def new_private_key(algorithm: str):
    return ec.generate_private_key(CURVES[algorithm]) if algorithm in CURVES else RSA


@dataclass
class Signer:
    """A partner with a registered key."""

    partner: Partner
    private_key: object
    algorithm: str
    kid: str | None
    token: str

    def header(self, **changes: object) -> dict[str, object]:
        header = {"alg": self.algorithm, "typ": "JWT", "kid": self.kid, "url": PAYMENT, **changes}
        return {name: value for name, value in header.items() if value is not None}

    def jws(self, payload: bytes = BALANCE, **changes: object) -> str:
        header = self.header(**changes)
        return jwt.api_jws.encode(payload, self.private_key, algorithm=str(header["alg"]), headers=header)

    def post(self, body: str, path: str = PAYMENT, headers: tuple[str, ...] = JOSE) -> Said:
        bearer = ("-H", f"Authorization: Bearer {self.token}")
        return curl(*self.partner.tls, *bearer, *headers, "--data-binary", body, self.partner.url(path))

    def get(self, path: str) -> Said:
        return curl(*self.partner.tls, "-H", f"Authorization: Bearer {self.token}", self.partner.url(path))

    def reply_of(self, said: Said) -> tuple[dict[str, object], dict[str, object]]:
        """Header and body of a signed reply, verified by PyJWT with the key that Wise's endpoint gives."""
        header = jwt.get_unverified_header(said.text)
        query = f"algorithm={header['alg']}&scope=PAYLOAD_SIGNING"
        shown = self.get(f"/v1/auth/jwt-public-key?{query}").json
        assert shown["version"] == header["version"]
        assert shown["scope"] == "PAYLOAD_SIGNING"
        der = base64.b64decode(shown["keyMaterial"]["keyMaterial"])
        key = serialization.load_der_public_key(der)
        payload = jwt.api_jws.decode(said.text, key, algorithms=[header["alg"]])
        head, _, signature = said.text.split(".")
        forged = ".".join([head, b64(b'{"type":"BALANCE","status":"REJECTED"}'), signature])
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.api_jws.decode(forged, key, algorithms=[header["alg"]])
        return header, json.loads(payload)


def signer_of(partner: Partner, algorithm: str = "ES256", kid: str | None = "k-1", **times: datetime) -> Signer:
    key = new_private_key(algorithm)
    new = NewKey(kid=kid, algorithm=algorithm, material=public_pem(key), **times)
    add_key(partner.sandbox.state, "wise", partner.id, new)
    return Signer(partner=partner, private_key=key, algorithm=algorithm, kid=kid, token=partner.token())


@pytest.fixture
def signer(partner):
    return signer_of(partner)


def refused_with(signer: Signer, said: Said, cause: str) -> None:
    """Wise's one answer to every bad signature, in plain JSON; the journal knows which it was; nothing has moved."""
    assert said.status == 400, said
    assert said.json == {"error": "jws_error", "error_description": "Unable to verify the request signature"}
    assert said.headers["content-type"] == "application/json"
    entry = signer.partner.sandbox.journal.find(said.headers["x-trace-id"])
    assert [reason.code for reason in entry.reasons] == [f"signature.{cause}"]
    assert entry.reasons[0].seen
    assert entry.client == signer.partner.id
    state = signer.partner.sandbox.state
    assert show_resource(state, "wise", signer.partner.id, "transfer", "12345").body["status"] == WAITING


WAITING = "incoming_payment_waiting"
COMPLETED = {"type": "BALANCE", "status": "COMPLETED", "errorCode": None, "errorMessage": None}


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512"])
def test_the_guide_with_every_algorithm(partner, algorithm):
    """Registered, signed, verified, done, answered with the same algorithm; the reply verifies with Wise's key."""
    signer = signer_of(partner, algorithm, "663a0e44-aa4a-4ff0-a9f8-cd99f5fbad71")
    said = signer.post(signer.jws())
    assert said.status == 201, said
    assert said.headers["content-type"] == "application/jose+json"
    header, body = signer.reply_of(said)
    assert header == {"version": 1, "alg": algorithm}
    assert {name: body[name] for name in COMPLETED} == COMPLETED
    assert isinstance(body["balanceTransactionId"], int)
    assert signer.get("/v1/transfers/12345").json["status"] == "processing"


def test_money_moves_once(signer):
    """A second funding is refused with a bare code, and takes nothing; a reset brings everything back."""
    before = amount_of(signer)
    assert signer.post(signer.jws()).status == 201
    assert amount_of(signer) == before - 1000
    again = signer.post(signer.jws())
    assert (again.status, again.text, again.headers["content-type"]) == (422, "transfer.invalid-state", "text/plain")
    assert amount_of(signer) == before - 1000
    signer.partner.sandbox.wise.client(signer.partner.name).reset()
    assert amount_of(signer) == before
    assert signer.post(signer.jws()).status == 201


def amount_of(signer: Signer) -> float:
    (gbp,) = [b for b in signer.get("/v4/profiles/12345/balances?types=STANDARD").json if b["currency"] == "GBP"]
    return gbp["amount"]["value"]


def test_a_second_transfer_is_moved_by_the_same_code(signer):
    """One of another amount, put by hand, is funded like the guide's own; of one too dear the 201 says REJECTED."""
    state, client = signer.partner.sandbox.state, signer.partner.id
    put_resource(state, "wise", client, "transfer", "777", {"sourceValue": "12.34"})
    put_resource(state, "wise", client, "transfer", "778", {"sourceValue": "999999999"})
    before = amount_of(signer)
    path = PAYMENT.replace("transfers/12345", "transfers/777")
    assert signer.post(signer.jws(url=path), path).status == 201
    assert amount_of(signer) == pytest.approx(before - 12.34)
    dear = PAYMENT.replace("transfers/12345", "transfers/778")
    said = signer.post(signer.jws(url=dear), dear)
    assert said.status == 201
    rejected = {"type": "BALANCE", "status": "REJECTED", "errorCode": "balance.insufficient-funds"}
    assert signer.reply_of(said)[1] == {**rejected, "errorMessage": None}
    assert amount_of(signer) == pytest.approx(before - 12.34)


def test_plain_json_is_taken_too(signer):
    """Unless the client must sign: then it is refused like a bad signature."""
    plain = ("-H", "Content-Type: application/json")
    said = signer.post('{"type":"BALANCE"}', headers=plain)
    assert said.status == 201
    assert said.json["status"] == "COMPLETED"
    strict = signer.partner.sandbox.wise.new_client(f"strict-{signer.partner.name[:20]}", require_jws=True)
    files = strict.new_certificate()
    partner = Partner(
        sandbox=signer.partner.sandbox,
        id=strict.id,
        secret=strict.secret,
        name=strict.name,
        certificate=files.certificate,
        key=files.key,
    )
    other = signer_of(partner)
    refused_with(other, other.post('{"type":"BALANCE"}', headers=plain), "required")
    assert other.post(other.jws()).status == 201


@pytest.mark.parametrize(
    ("path", "body", "status", "cause"),
    [
        (PAYMENT.replace("profiles/12345", "profiles/54321"), "BALANCE", 403, "provider.not_yours"),
        (PAYMENT.replace("transfers/12345", "transfers/54321"), "BALANCE", 404, "provider.not_found"),
        (PAYMENT, "TRUSTED_PRE_FUND_BULK", 422, "provider.not_enabled"),
        (PAYMENT, "MAGIC", 400, "provider.invalid_body"),
    ],
)
def test_wises_own_refusals(signer, path, body, status, cause):
    """Not your profile, no such transfer, a type that is not enabled, one that is none."""
    said = signer.post(json.dumps({"type": body}), path, ("-H", "Content-Type: application/json"))
    assert said.status == status, said
    assert said.headers["x-sandbank-cause"] == cause


def changed(jws: str, part: int, data: bytes) -> str:
    parts = jws.split(".")
    parts[part] = b64(data)
    return ".".join(parts)


def typ_changed(jws: str) -> str:
    header = base64.urlsafe_b64decode(jws.partition(".")[0] + "==")
    assert b'"JWT"' in header
    return changed(jws, 0, header.replace(b'"JWT"', b'"JOSE"'))


def flattened(jws: str) -> str:
    head, body, signature = jws.split(".")
    return json.dumps({"protected": head, "payload": body, "signature": signature})


def padded(jws: str) -> str:
    head, body, signature = jws.split(".")
    return ".".join(part + "=" * (-len(part) % 4) for part in (head, body, signature))


def plain_base64(jws: str) -> str:
    head, body, signature = jws.split(".")
    other = base64.b64encode(base64.urlsafe_b64decode(signature + "==")).decode().rstrip("=")
    return f"{head}.{body}.{other}"


TAMPERED = b'{\n  "type": "BALANCE", "amount": 1\n}'
SPOILED = {
    "does_not_verify": lambda s: changed(s.jws(), 1, TAMPERED),
    "header_tampered": lambda s: typ_changed(s.jws()),
    "payload_reserialized": lambda s: changed(s.jws(), 1, b'{"type":"BALANCE"}'),
    "alg_none": lambda s: ".".join((*changed(s.jws(), 0, b'{"alg":"none"}').split(".")[:2], "")),
    "kid_unknown": lambda s: s.jws(kid="somebody-elses"),
    "url_wrong": lambda s: s.jws(url="/v3/profiles/12345/transfers/99999/payments"),
    "url_absolute": lambda s: s.jws(url=f"https://api-mtls.wise-sandbox.com{PAYMENT}"),
    "url_query": lambda s: s.jws(url=f"{PAYMENT}?a=1"),
    "url_missing": lambda s: s.jws(url=None),
    "crit_unknown": lambda s: s.jws(crit=["exp"], exp=1),
    "base64_padded": lambda s: padded(s.jws()),
    "json_serialization": lambda s: flattened(s.jws()),
}


@pytest.mark.parametrize("cause", SPOILED)
def test_every_way_of_spoiling_a_signature(signer, cause):
    """One answer, and each its own cause; the same call unspoiled is done."""
    refused_with(signer, signer.post(SPOILED[cause](signer)), cause)
    assert signer.post(signer.jws()).status == 201


def test_base64_is_not_base64url(signer):
    """With + and / in place of - and _: said so. Signed again until the signature has one of them."""
    jws = signer.jws()
    while not set("-_") & set(jws.split(".")[2]):
        jws = signer.jws()
    refused_with(signer, signer.post(plain_base64(jws)), "base64_standard")


def test_rs256_is_refused(partner):
    """RFC 7518's most used algorithm is not among Wise's."""
    signer = signer_of(partner, "PS256")
    token = jwt.api_jws.encode(BALANCE, RSA, algorithm="RS256", headers=signer.header(alg="RS256"))
    refused_with(signer, signer.post(token), "alg_unsupported")


def test_an_ecdsa_signature_in_der(partner):
    """What openssl and many libraries write is not what JWS wants: r and s side by side."""
    signer = signer_of(partner, "ES512")
    head, body, _ = signer.jws().split(".")
    der = signer.private_key.sign(f"{head}.{body}".encode(), ec.ECDSA(SHA512()))
    refused_with(signer, signer.post(f"{head}.{body}.{b64(der)}"), "der")
    r, s = utils.decode_dss_signature(der)
    assert signer.post(f"{head}.{body}.{b64(r.to_bytes(66) + s.to_bytes(66))}").status == 201


def test_a_wrong_salt(partner):
    """PS256's salt is as long as its hash (RFC 7518 section 3.5)."""
    signer = signer_of(partner, "PS256")
    head, body, _ = signer.jws().split(".")
    signature = RSA.sign(f"{head}.{body}".encode(), padding.PSS(padding.MGF1(SHA256()), 20), SHA256())
    refused_with(signer, signer.post(f"{head}.{body}.{b64(signature)}"), "salt_wrong")


def test_keys_have_their_time(partner):
    """Not yet active, expired, deleted: each its own cause. By the sandbox's clock."""
    now = SystemClock().now()
    early = signer_of(partner, kid="early", active_from=now + timedelta(hours=1))
    refused_with(early, early.post(early.jws()), "key_not_yet_active")
    late = signer_of(partner, kid="late", expires_at=now - timedelta(hours=1))
    refused_with(late, late.post(late.jws()), "key_expired")
    gone = signer_of(partner, kid="gone")
    remove_key(partner.sandbox.state, "wise", partner.id, "gone")
    refused_with(gone, gone.post(gone.jws()), "key_deleted")
    good = signer_of(partner, kid="good")
    assert good.post(good.jws()).status == 201


def test_rotation(partner):
    """Two keys are good at once, by their kid; without one it is not clear which. One key needs no kid."""
    first = signer_of(partner, kid="first")
    assert first.post(first.jws(kid=None, url=PAYMENT)).status == 201
    partner.sandbox.wise.client(partner.name).reset()
    second = signer_of(partner, kid="second")
    refused_with(first, first.post(first.jws(kid=None)), "kid_missing")
    refused_with(first, first.post(first.jws(kid="second")), "other_key")
    assert second.post(second.jws()).status == 201


def test_a_client_without_a_key(partner):
    """Nothing can be verified, and the journal says what to do."""
    signer = Signer(partner=partner, private_key=RSA, algorithm="PS256", kid=None, token=partner.token())
    refused_with(signer, signer.post(signer.jws()), "no_key")


@pytest.mark.parametrize(
    ("headers", "cause"),
    [
        ((*JOSE[:4],), "method_missing"),
        ((*JOSE[:4], "-H", "X-TW-JOSE-Method: jwt"), "method_wrong"),
        ((*JOSE[:2], *JOSE[4:]), "accept_missing"),
    ],
)
def test_the_headers_beside_it(signer, headers, cause):
    """All three are required, as the guide says."""
    refused_with(signer, signer.post(signer.jws(), headers=headers), cause)


@pytest.mark.parametrize("content_type", ["text/plain", "application/jose", "application/x-www-form-urlencoded"])
def test_another_content_type(signer, content_type):
    """415 in the shape that Wise's sandbox was recorded with."""
    said = signer.post(signer.jws(), headers=("-H", f"Content-Type: {content_type}", *JOSE[2:]))
    assert said.status == 415
    assert said.json == {
        "type": "about:blank",
        "title": "Unsupported Media Type",
        "status": 415,
        "detail": f"Content-Type '{content_type}' is not supported.",
        "instance": f"/public{PAYMENT}",
    }


def test_a_key_is_handed_in_by_the_api(partner):
    """201 with what was sent; then it verifies. The same kid twice, a broken key and a private one are refused."""
    token, path = partner.token(), "/v1/auth/jose/request/public-keys"
    key = new_private_key("ES512")
    signer = Signer(
        partner=partner,
        private_key=key,
        algorithm="ES512",
        kid="e87da464-8e5e-4380-8f2d-4e4e04052672",
        token=token,
    )
    body = {
        "keyId": signer.kid,
        "scope": "PAYLOAD_SIGNING",
        "validFrom": "2023-04-27 00:00:00",
        "validTill": f"{datetime.now(UTC).year + 1}-04-01 00:00:00",
        "publicKeyMaterial": {"algorithm": "ES512", "keyMaterial": spki(key)},
    }
    plain = ("-H", "Content-Type: application/json")
    said = signer.post(json.dumps(body), path, plain)
    assert said.status == 201, said
    assert said.json == {"clientId": None, **body, "deactivationTimestamp": None}
    assert signer.post(signer.jws()).status == 201
    assert signer.post(json.dumps(body), path, plain).json["errors"][0]["code"] == "NOT_UNIQUE"
    bad = {**body, "keyId": None, "publicKeyMaterial": {"algorithm": "ES256", "keyMaterial": spki(key)}}
    said = signer.post(json.dumps(bad), path, plain)
    assert (said.status, said.headers["x-sandbank-cause"]) == (400, "signature.key_does_not_fit")


def test_the_keys_of_replies(signer):
    """Both endpoints give the same key; an unknown algorithm, scope or version does not."""
    query = "?algorithm=ES512&scope=PAYLOAD_SIGNING"
    old = signer.get(f"/v1/auth/jwt-public-key{query}")
    new = signer.get(f"/v1/auth/jose/response/public-keys{query}&version=1")
    assert old.status == new.status == 200
    assert old.json == new.json
    assert old.json["keyMaterial"]["algorithm"] == "ES512"
    for wrong, status in (
        ("?algorithm=RS256&scope=PAYLOAD_SIGNING", 400),
        ("?algorithm=ES512&scope=NONE", 400),
        (f"{query}&version=2", 404),
        (f"{query}&version=x", 400),
        ("", 400),
    ):
        assert signer.get(f"/v1/auth/jose/response/public-keys{wrong}").status == status


def test_the_playground_of_signatures(signer):
    """Says the message back, signed; plain JSON is refused, and more than a hundred characters."""
    path = "/v1/auth/jose/playground/jws"
    message = "This is an example from docs.wise.com"
    said = signer.post(signer.jws(json.dumps({"message": message}).encode(), url=path), path)
    assert said.status == 200, said
    assert signer.reply_of(said)[1] == {"message": f"jose-playground-response-{message}", "method": "POST"}
    plain = signer.post(json.dumps({"message": message}), path, ("-H", "Content-Type: application/json"))
    refused_with(signer, plain, "required")
    long = signer.post(signer.jws(json.dumps({"message": "x" * 101}).encode(), url=path), path)
    assert long.status == 400


def test_the_guides_own_sample(signer):
    """It cannot verify: its middle part is padded, and its signature is 32 bytes long, where ES512's has 132."""
    sample = (
        "ewogICJhbGciOiAiRVM1MTIiLAogICJ0eXAiOiAiSldUIiwKICAia2lkIjogIjY2M2EwZTQ0LWFhNGEtNGZmMC1hOWY4LWNkOTlmNWZiYWQ3MSIs"
        "CiAgInVybCI6ICIvdjMvcHJvZmlsZXMvMTIzNDUvdHJhbnNmZXJzLzEyMzQ1L3BheW1lbnRzIgp9.ewogICJ0eXBlIjogIkJBTEFOQ0UiCn0="
        ".Z-B7ScaZ37U_0CKrv03LTi0O0GWR2Hm5shzoEj8xRmM"
    )
    refused_with(signer, signer.post(sample), "base64_padded")


def test_nothing_of_a_payload_is_kept(signer):
    """Neither a payload nor a whole signature is in the journal."""
    secret = b'{"type":"BALANCE","note":"hush-hush-payload"}'
    jws = signer.jws(secret)
    assert signer.post(jws).status == 201
    assert signer.post(changed(jws, 1, secret + b" ")).status == 400
    said = json.dumps([entry.as_json() for entry in signer.partner.sandbox.journal.entries(client=signer.partner.id)])
    assert "hush-hush" not in said
    assert jws.split(".")[2] not in said


def test_openssl_signs_what_the_sandbox_takes(partner, tmp_path: Path):
    """The whole task without any JOSE library: openssl dgst, and base64url by tr."""
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "k.pem", cwd=tmp_path)
    openssl("pkey", "-in", "k.pem", "-pubout", "-out", "p.pem", cwd=tmp_path)
    add_key(
        partner.sandbox.state,
        "wise",
        partner.id,
        NewKey(kid=None, algorithm="PS256", material=(tmp_path / "p.pem").read_text()),
    )
    header = json.dumps({"alg": "PS256", "typ": "JWT", "url": PAYMENT}, indent=1).encode()
    signing_input = f"{b64(header)}.{b64(BALANCE)}"
    pss = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")
    command = ["openssl", "dgst", "-sha256", "-sign", "k.pem", *pss]
    signed = subprocess.run(command, cwd=tmp_path, input=signing_input.encode(), capture_output=True, check=True)
    signer = Signer(partner=partner, private_key=None, algorithm="PS256", kid=None, token=partner.token())
    assert signer.post(f"{signing_input}.{b64(signed.stdout)}").status == 201
    assert show_client(partner.sandbox.state, "wise", partner.id).id == partner.id
