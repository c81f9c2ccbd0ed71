"""Wise's JWE and JWS+JWE guides, with curl, jwcrypto and PyJWT (never with our own jose): good and refused."""

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwcrypto import jwe, jwk
from jwcrypto.common import json_encode

from sandbox.services.keys import rotate
from tests.guide.conftest import Partner, Said, curl, make_partner

PLAYGROUND = "/v1/auth/jose/playground"
PAYMENT = "/v3/profiles/12345/transfers/12345/payments"
MESSAGE = {"message": "This is an example from docs.wise.com"}
SAID_BACK = {"message": "jose-playground-response-This is an example from docs.wise.com", "method": "POST"}
RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
HEADER = {"alg": "RSA-OAEP-256", "enc": "A256GCM"}


def spki(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()


def header_of(token: str) -> dict[str, object]:
    part = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def encrypted(payload: bytes, to: jwk.JWK, content_key: bytes = b"", **header: object) -> str:
    """By jwcrypto."""
    made = jwe.JWE(payload, json_encode({**HEADER, **header}))
    if content_key:
        made.cek = content_key
    made.add_recipient(to)
    return made.serialize(compact=True)


def decrypted(token: str, key: jwk.JWK) -> bytes:
    read = jwe.JWE()
    read.allowed_algs = ["RSA-OAEP-256", "A256GCM", "dir"]
    read.deserialize(token, key=key)
    return read.payload


@dataclass
class Holder:
    """A partner with a key for signatures and one for encryption, both registered by Wise's own call."""

    partner: Partner
    token: str
    signing_kid: str
    encryption_kid: str

    @property
    def own(self) -> jwk.JWK:
        return jwk.JWK.from_pyca(RSA)

    @property
    def wises(self) -> jwk.JWK:
        """Wise's public key for encryption, as its endpoint gives it."""
        return jwk.JWK.from_pyca(serialization.load_der_public_key(base64.b64decode(self.fetched()["keyMaterial"])))

    def fetched(self) -> dict[str, str]:
        said = self.call(
            "/v1/auth/jose/response/public-keys?algorithm=RSA_OAEP_256&scope=PAYLOAD_ENCRYPTION", jose=False
        )
        assert (said.status, said.json["scope"]) == (200, "PAYLOAD_ENCRYPTION"), said
        return said.json["keyMaterial"]

    def register(self, kid: str | None, scope: str, algorithm: str, key: Any, **times: str) -> Said:
        material = {"algorithm": algorithm, "keyMaterial": spki(key)}
        body = {"keyId": kid, "scope": scope, "publicKeyMaterial": material, **times}
        json_body = ("-H", "Content-Type: application/json", "-d", json.dumps(body))
        return self.call("/v1/auth/jose/request/public-keys", *json_body, jose=False)

    def call(self, path: str, *more: str, method: str = "jwe", jose: bool = True) -> Said:
        headers = ("Accept: application/jose+json", f"X-TW-JOSE-Method: {method}") if jose else ()
        bearer = (f"Authorization: Bearer {self.token}", *headers)
        return curl(*self.partner.tls, *(x for one in bearer for x in ("-H", one)), *more, self.partner.url(path))

    def post(self, path: str, body: str, *more: str, method: str = "jwe") -> Said:
        sent = ("-H", "Content-Type: application/jose+json", "--data-binary", body)
        return self.call(path, *sent, *more, method=method)

    def signed(self, path: str, payload: bytes) -> str:
        header = {"alg": "ES256", "typ": "JWT", "kid": self.signing_kid, "url": path}
        return jwt.api_jws.encode(payload, EC, algorithm="ES256", headers=header)

    def reply_of(self, said: Said, key: jwk.JWK | None = None) -> bytes:
        """What a reply says to the holder of the key, and to nobody else."""
        assert said.headers["content-type"] == "application/jose+json", said
        with pytest.raises(jwe.InvalidJWEData):
            decrypted(said.text, jwk.JWK.generate(kty="oct", size=256) if key else other_key())
        return decrypted(said.text, key or self.own)

    def refused(self, said: Said, cause: str) -> None:
        """Wise's one answer, in plain JSON; the journal and a header of ours know which it was."""
        trace = said.headers["x-trace-id"]
        assert said.status == 500 and said.json == {"message": "An unexpected error occurred", "request_id": trace}
        assert said.headers["content-type"] == "application/json"
        assert said.headers["x-sandbank-cause"] == f"encryption.{cause}"
        entry = self.partner.sandbox.journal.find(trace)
        assert [reason.code for reason in entry.reasons] == [f"encryption.{cause}"] and entry.reasons[0].expected


OTHER: list[jwk.JWK] = []


def other_key() -> jwk.JWK:
    """A key that nobody has registered; made once."""
    if not OTHER:
        OTHER.append(jwk.JWK.generate(kty="RSA", size=2048))
    return OTHER[0]


@pytest.fixture(scope="module")
def holder(sandbox):
    partner = make_partner(sandbox, "jwe")
    made = Holder(partner, partner.token(), str(uuid.uuid4()), str(uuid.uuid4()))
    assert made.register(made.signing_kid, "PAYLOAD_SIGNING", "ES256", EC).status == 201
    said = made.register(made.encryption_kid, "PAYLOAD_ENCRYPTION", "RSA_OAEP_256", RSA)
    assert (said.status, said.json["scope"]) == (201, "PAYLOAD_ENCRYPTION"), said
    assert said.json["publicKeyMaterial"]["algorithm"] == "RSA_OAEP_256"
    return made


def test_encrypted_both_ways(holder):
    """The call decrypts, and the reply is to the client's key, named in its header, with a content key of its own."""
    body = encrypted(json.dumps(MESSAGE).encode(), holder.wises)
    first, second = (holder.post(f"{PLAYGROUND}/jwe", body) for _ in range(2))
    assert header_of(first.text) == {"kid": holder.encryption_kid, "enc": "A256GCM", "alg": "RSA-OAEP-256"}
    assert json.loads(holder.reply_of(first)) == SAID_BACK
    assert first.text.split(".")[1] != second.text.split(".")[1]
    stages = {
        stage.name: stage.note for stage in holder.partner.sandbox.journal.find(first.headers["x-trace-id"]).stages
    }
    assert stages["encryption"].startswith("RSA-OAEP-256, version 1; the reply to the key ")


def test_a_get_is_answered_encrypted(holder):
    """It has no body, and names the key for the reply; one that the client does not have is refused."""
    said = holder.call(f"{PLAYGROUND}/jwe", "-H", f"X-TW-JOSE-Encryption-kid: {holder.encryption_kid}")
    assert json.loads(holder.reply_of(said)) == {"message": "jose-playground-response-", "method": "GET"}
    announced = holder.call(f"{PLAYGROUND}/jwe", "-H", "Content-Type: application/jose+json")
    assert json.loads(holder.reply_of(announced))["method"] == "GET"
    for kid in (str(uuid.uuid4()), holder.signing_kid):
        wrong = holder.call(f"{PLAYGROUND}/jwe", "-H", f"X-TW-JOSE-Encryption-kid: {kid}")
        holder.refused(wrong, "client_key_unknown")
    plain = holder.call(f"{PLAYGROUND}/jwe", jose=False)
    holder.refused(plain, "required")
    reason = holder.partner.sandbox.journal.find(plain.headers["x-trace-id"]).reasons[0]
    assert reason.expected == "jwe as the method, and an Accept of application/jose+json, in the headers"


def test_direct_encryption(holder):
    """The reply has no encrypted key: it is by the content key of the call."""
    content_key = bytes(range(32))
    body = encrypted(json.dumps(MESSAGE).encode(), holder.wises, content_key)
    said = holder.post(f"{PLAYGROUND}/jwe-direct-encryption", body)
    assert header_of(said.text) == {"enc": "A256GCM", "alg": "dir"} and said.text.split(".")[1] == ""
    key = jwk.JWK(kty="oct", k=base64.urlsafe_b64encode(content_key).rstrip(b"=").decode())
    assert json.loads(holder.reply_of(said, key)) == SAID_BACK


def test_signed_then_encrypted(holder):
    """The call is decrypted, then verified; the reply is signed, then encrypted. A signature that is bad is a 400."""
    path = f"{PLAYGROUND}/jwsjwe"
    jws = holder.signed(path, json.dumps(MESSAGE).encode())
    said = holder.post(path, encrypted(jws.encode(), holder.wises), method="jws+jwe")
    within = holder.reply_of(said).decode()
    assert header_of(within) == {"version": 1, "alg": "ES256"}
    query = "/v1/auth/jwt-public-key?algorithm=ES256&scope=PAYLOAD_SIGNING"
    key = base64.b64decode(holder.call(query, jose=False).json["keyMaterial"]["keyMaterial"])
    payload = jwt.api_jws.decode(within, serialization.load_der_public_key(key), algorithms=["ES256"])
    assert json.loads(payload) == SAID_BACK
    forged = holder.post(path, encrypted(f"{jws[:-4]}AAAA".encode(), holder.wises), method="jws+jwe")
    assert (forged.status, forged.json["error"]) == (400, "jws_error")
    unsigned = holder.post(path, encrypted(b'{"message":"x"}', holder.wises), method="jws+jwe")
    assert unsigned.headers["x-sandbank-cause"] == "signature.plain_json"
    for said in (forged, unsigned):  # that it decrypted is told, although what was within is refused
        stages = holder.partner.sandbox.journal.find(said.headers["x-trace-id"]).stages
        assert [(one.name, one.ok) for one in stages[-2:]] == [("encryption", True), ("signature", False)]


def test_a_transfer_is_funded_by_an_encrypted_call(holder):
    """Where a signature is taken, so is a JWE, alone or around it; what is refused of it moves nothing."""
    body = b'{"type":"BALANCE"}'
    holder.refused(holder.post(PAYMENT, encrypted(body, other_key())), "does_not_decrypt")
    said = holder.post(PAYMENT, encrypted(holder.signed(PAYMENT, body).encode(), holder.wises), method="jws+jwe")
    assert said.status == 201 and b"." in holder.reply_of(said)
    again = holder.post(PAYMENT, encrypted(body, holder.wises))
    assert (again.status, again.text, again.headers["content-type"]) == (422, "transfer.invalid-state", "text/plain")


def test_what_was_encrypted_to_a_key_of_before_is_refused(holder):
    """Until the client has fetched the new one, as Wise's page says."""
    before = holder.wises
    rotate(holder.partner.sandbox.state, "wise", "RSA_OAEP_256")
    body = json.dumps(MESSAGE).encode()
    holder.refused(holder.post(f"{PLAYGROUND}/jwe", encrypted(body, before)), "old_key")
    assert json.loads(holder.reply_of(holder.post(f"{PLAYGROUND}/jwe", encrypted(body, holder.wises)))) == SAID_BACK


@pytest.mark.parametrize(
    ("path", "method", "cause"),
    [
        ("jws", "jwe", "signature.method_wrong"),
        ("jwe", "jws", "signature.method_wrong"),
        ("jwe", "jws+jwe", "signature.method_wrong"),
        ("jwsjwe", "jwe", "signature.method_wrong"),
        ("jwe", "", "signature.method_missing"),
    ],
)
def test_a_method_that_the_call_does_not_take(holder, path, method, cause):
    """The answer is that to a bad signature; the journal names the methods that it takes."""
    said = holder.post(f"{PLAYGROUND}/{path}", "eyJhbGciOiJub25lIn0.e30.", method=method)
    assert (said.status, said.json["error"], said.headers["x-sandbank-cause"]) == (400, "jws_error", cause)


def test_what_is_not_encrypted_is_refused(holder):
    """Plain JSON, a JWS in the place of a JWE, and a direct call without a body."""
    path = f"{PLAYGROUND}/jwe"
    plain = ("-H", "Content-Type: application/json", "-d", json.dumps(MESSAGE))
    holder.refused(holder.call(path, *plain, jose=False), "required")
    holder.refused(holder.post(path, holder.signed(path, b"{}")), "signed_only")
    holder.refused(holder.post(f"{PLAYGROUND}/jwe-direct-encryption", ""), "required")


def test_keys_of_the_other_scope(holder):
    """Each scope has its own algorithms, and the elder of the two calls knows signing alone."""
    query = "algorithm=ES256&scope=PAYLOAD_ENCRYPTION"
    said = holder.call(f"/v1/auth/jose/response/public-keys?{query}", jose=False)
    assert (said.status, said.json["errors"][0]["path"]) == (400, "algorithm")
    old = holder.call("/v1/auth/jwt-public-key?algorithm=RSA_OAEP_256&scope=PAYLOAD_ENCRYPTION", jose=False)
    assert old.status == 400
    unnamed = holder.register(None, "PAYLOAD_ENCRYPTION", "RSA_OAEP_256", RSA)
    assert (unnamed.status, unnamed.json["errors"][0]["path"]) == (400, "keyId")
    for scope, algorithm in (
        ("PAYLOAD_SIGNING", "RSA_OAEP_256"),
        ("PAYLOAD_SIGNING", "RSA-OAEP-256"),  # its name in a JOSE header, which this call does not use
        ("PAYLOAD_ENCRYPTION", "RSA-OAEP-256"),
        ("PAYLOAD_ENCRYPTION", "PS256"),
    ):
        wrong = holder.register(str(uuid.uuid4()), scope, algorithm, RSA)
        assert (wrong.status, wrong.json["errors"][0]["path"]) == (400, "publicKeyMaterial.algorithm")


def test_what_no_call_is_signed_with_is_told_by_wises_own_names(holder):
    """RS256 approves calls and signs none: the answer lists what this call takes, as it takes it."""
    said = holder.register(str(uuid.uuid4()), "PAYLOAD_SIGNING", "RS256", RSA)
    assert (said.status, said.headers["x-sandbank-cause"]) == (400, "signature.alg_unsupported")
    assert said.json["errors"][0]["message"].endswith("PS384, PS512, RSA_OAEP_256")


def test_a_key_that_ends_before_it_begins_is_not_taken(holder):
    """As when the two times are exchanged: such a key would never be good. The right way round it is taken."""
    times = "2026-01-01 00:00:00", "2099-01-01 00:00:00"
    for begins, ends, status in ((*times[::-1], 400), (*times, 201)):
        said = holder.register(
            str(uuid.uuid4()), "PAYLOAD_ENCRYPTION", "RSA_OAEP_256", RSA, validFrom=begins, validTill=ends
        )
        assert said.status == status, said
        assert status == 201 or said.json["errors"][0]["path"] == "validTill"
