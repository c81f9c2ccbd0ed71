"""Strong customer authentication without a door: what is asked for, what approves, and what does not."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15

from sandbox.ids import Ids
from sandbox.jose.keys import VerifyingKey
from sandbox.oauth.clients import Token
from sandbox.providers.context import Request, Response
from sandbox.providers.wise.chapters import CHAPTERS
from sandbox.providers.wise.sca import GET_STATEMENT, MOST_KEYS, PAY_TRANSFER, STEP_UP
from tests.sandbox.providers.memory import NOW, Caller, Desk, Rows

OWN, OTHER = "own", "other"
PAY = "/v3/profiles/12345/transfers/12345/payments"
BODY = b'{"type":"BALANCE"}'


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """Made when first asked for, and kept: the user's own, or another."""
    return rsa.generate_private_key(65537, 2048)


class User:
    """A user with a personal token, whose client has registered one key."""

    def __init__(self) -> None:
        self.rows, self.now, self.ids = Rows(CHAPTERS.kinds), NOW, Ids(7)
        self.keys = [VerifyingKey(kid="phone", algorithm="RS256", public_key=key(OWN).public_key())]
        for row in CHAPTERS.starts_with(NOW):
            self.rows.put(row.kind, row.id, row.body)

    def of_client(self, algorithm: str = "") -> list[VerifyingKey]:
        return [key for key in self.keys if algorithm in ("", key.algorithm)]

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes, kind: str) -> Request:
        token = Token(
            digest="d",
            provider="wise",
            client="c",
            kind=kind,
            scope="",
            issued_at=NOW,
            expires_at=NOW + timedelta(days=999),
        )
        return Request(
            method=method,
            path=path,
            query=b"",
            headers=headers,
            payload=body,
            params={},
            client=None,
            token=token,
            certificate=None,
        )

    def ask(
        self, action: str = PAY_TRANSFER, path: str = PAY, method: str = "POST", kind: str = "personal", **headers: str
    ) -> Response | Mapping[str, str]:
        """What is said to a call that needs an approval."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        desk = Desk(self.rows, self.ids, self.now, keys=self)
        return STEP_UP.approve(self._request(method, path, named, BODY, kind), desk, action)

    def token(self, **asked: Any) -> str:
        """A one-time token, out of the 403 that brings it."""
        said = self.ask(**asked)
        assert isinstance(said, Response)
        assert (said.status, said.json, said.headers["x-2fa-approval-result"]) == (
            403,
            {"error": "forbidden"},
            "REJECTED",
        )
        return said.headers["x-2fa-approval"]

    def call(self, method: str, path: str, token: str, body: bytes = b"") -> Response:
        """A call about a one-time token."""
        endpoint = next(one for one in CHAPTERS.endpoints if (one.method, one.path) == (method, path))
        request = self._request(method, path, {"one-time-token": token} if token else {}, body, "personal")
        return endpoint.handler(request, Desk(self.rows, self.ids, self.now, keys=self))

    def verify(self, token: str, code: str = "111111", way: str = "sms") -> Response:
        return self.call("POST", f"/v1/one-time-token/{way}/verify", token, b'{"otpCode":"%s"}' % code.encode())

    def trigger(self, token: str, way: str = "sms") -> Response:
        return self.call("POST", f"/v1/one-time-token/{way}/trigger", token)


@pytest.fixture
def user() -> User:
    return User()


def sign(text: str, by: str = OWN) -> str:
    return base64.b64encode(key(by).sign(text.encode(), PKCS1v15(), hashes.SHA256())).decode()


def cause(said: Response | Mapping[str, str]) -> str:
    assert isinstance(said, Response)
    return said.reasons[0].code


APPROVED = {"x-2fa-approval-result": "APPROVED"}


# --- the signed token ---


def test_a_signed_token_approves_its_call_once(user: User) -> None:
    """Not a second time, no other call, and not with the signature of another token."""
    token, other = user.token(), user.token()
    assert token != other
    assert cause(user.ask(x_2fa_approval=token, x_signature=sign(other))) == "sca.signature_text"
    moved = user.ask(x_2fa_approval=token, x_signature=sign(token), path=PAY.replace("12345/pay", "12346/pay"))
    assert cause(moved) == "sca.token_other_call"
    assert user.ask(x_2fa_approval=token, x_signature=sign(token)) == APPROVED
    assert cause(user.ask(x_2fa_approval=token, x_signature=sign(token))) == "sca.token_used"
    assert user.ask(x_2fa_approval=other, x_signature=sign(other)) == APPROVED


def test_a_clients_own_token_is_never_asked(user: User) -> None:
    """With client credentials strong customer authentication does not apply; with a user's token it does."""
    assert user.ask(kind="client_credentials") == {}
    assert cause(user.ask(kind="user")) == cause(user.ask()) == "sca.required"


def test_a_token_that_cannot_approve_is_answered_with_a_new_one(user: User) -> None:
    """A program that always signs what the last answer brought gets through."""
    token = user.token()
    user.now += timedelta(minutes=59)
    assert user.ask(x_2fa_approval=user.token(), x_signature=sign("x")) != APPROVED
    user.now += timedelta(minutes=1)
    late = user.ask(x_2fa_approval=token, x_signature=sign(token))
    assert cause(late) == "sca.token_expired"
    assert isinstance(late, Response)
    fresh = late.headers["x-2fa-approval"]
    assert fresh != token
    assert user.ask(x_2fa_approval=fresh, x_signature=sign(fresh)) == APPROVED
    assert cause(user.ask(x_2fa_approval="x" * 36, x_signature=sign("x"))) == "sca.token_unknown"
    assert cause(user.ask(x_2fa_approval=user.token())) == "sca.not_cleared"
    user.now += timedelta(days=2)  # nothing is remembered for ever
    user.token()
    assert len(user.rows.all_of("oneTimeToken")) == 1


def test_a_wrong_signature_leaves_the_token_as_it_is(user: User) -> None:
    """The answer names the same token again, and the right signature is still taken."""
    token = user.token()
    wrong = user.ask(x_2fa_approval=token, x_signature=sign(token, OTHER))
    assert isinstance(wrong, Response)
    assert (cause(wrong), wrong.headers["x-2fa-approval"]) == ("sca.signature_key", token)
    assert user.ask(x_2fa_approval=token, x_signature=sign(token)) == APPROVED


def hashed(text: str, hash: hashes.HashAlgorithm) -> str:
    return base64.b64encode(key(OWN).sign(text.encode(), PKCS1v15(), hash)).decode()


def pss(text: str, salt: int) -> str:
    return base64.b64encode(key(OWN).sign(text.encode(), PSS(MGF1(hashes.SHA256()), salt), hashes.SHA256())).decode()


def by_ec(text: str) -> str:
    return base64.b64encode(
        ec.generate_private_key(ec.SECP521R1()).sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    ).decode()


def raw(text: str) -> bytes:
    return base64.b64decode(sign(text))


SLIPS = {
    "a line feed": (lambda t: sign(f"{t}\n"), "sca.signature_text", "a line feed at its end"),
    "quotes": (lambda t: sign(f'"{t}"'), "sca.signature_text", "the token in quotes"),
    "the body": (lambda t: sign(BODY.decode()), "sca.signature_text", "the body of the call"),
    "nothing": (lambda t: sign(""), "sca.signature_text", "an empty text"),
    "something": (lambda t: sign("something"), "sca.signature_text", "something else than the token"),
    "base64url": (lambda t: base64.urlsafe_b64encode(raw(t)).decode(), "sca.signature_encoding", "in base64url"),
    "hexadecimal": (lambda t: raw(t).hex(), "sca.signature_encoding", "in hexadecimal"),
    "folded": (lambda t: f"{sign(t)[:64]} {sign(t)[64:]}", "sca.signature_encoding", "white space"),
    "no padding": (lambda t: sign(t).rstrip("="), "sca.signature_encoding", "without its padding"),
    "twice": (lambda t: base64.b64encode(sign(t).encode()).decode(), "sca.signature_encoding", "in base64 twice"),
    "no base64": (lambda t: "ä", "sca.signature_encoding", "not base64"),
    "SHA-1": (lambda t: hashed(t, hashes.SHA1()), "sca.signature_hash", "sha1 over the token"),
    "SHA-512": (lambda t: hashed(t, hashes.SHA512()), "sca.signature_hash", "sha512 over the token"),
    "PSS": (lambda t: pss(t, 32), "sca.signature_hash", "RSASSA-PSS"),
    "PSS, long salt": (lambda t: pss(t, PSS.MAX_LENGTH), "sca.signature_hash", "RSASSA-PSS"),
    "another key": (lambda t: sign(t, OTHER), "sca.signature_key", "did not sign"),
    "an EC key": (by_ec, "sca.signature_key", "as an EC key makes them"),
    "half of it": (lambda t: base64.b64encode(raw(t)[:128]).decode(), "sca.signature_key", "128 bytes"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_what_is_wrong_with_a_signature_is_told(user: User, slip: str) -> None:
    """The usual slips, each by its own words; and the same call with the right signature is taken."""
    made, code, words = SLIPS[slip]
    token = user.token()
    said = user.ask(x_2fa_approval=token, x_signature=made(token))
    assert isinstance(said, Response)
    assert (cause(said), words in said.reasons[0].seen) == (code, True), said.reasons[0].seen
    assert token not in said.reasons[0].seen
    assert user.ask(x_2fa_approval=token, x_signature=sign(token)) == APPROVED


def test_which_keys_count(user: User) -> None:
    """None registered, one that was deleted, one that was registered for signed calls."""
    token, own = user.token(), user.keys[0]
    user.keys = [replace(own, algorithm="PS256")]
    assert cause(user.ask(x_2fa_approval=token, x_signature=sign(token))) == "sca.no_key"
    user.keys = [replace(own, deleted_at=NOW), replace(own, kid="new", public_key=key(OTHER).public_key())]
    said = user.ask(x_2fa_approval=token, x_signature=sign(token))
    assert isinstance(said, Response)
    assert (cause(said), said.reasons[0].seen) == (
        "sca.signature_key",
        'a good signature by the key "phone", which is not active',
    )
    assert user.ask(x_2fa_approval=token, x_signature=sign(token, OTHER)) == APPROVED
    token, other = user.token(), replace(own, public_key=key(OTHER).public_key())
    for algorithm in ("PS256", "RSA-OAEP-256"):  # the right key, registered for something else: that is told
        told = f'a good signature by the key "phone", which is registered for {algorithm}'
        for keys, code, seen in (
            ([replace(own, algorithm=algorithm)], "sca.no_key", f"no key for RS256; {told}"),
            ([replace(own, algorithm=algorithm), other], "sca.signature_key", told),
        ):
            user.keys = keys
            said = user.ask(x_2fa_approval=token, x_signature=sign(token))
            assert isinstance(said, Response)
            assert (cause(said), said.reasons[0].seen) == (code, seen)
            assert said.reasons[0].next.endswith("sandbank key add SCA.pem --client demo --algorithm RS256")
    assert MOST_KEYS == STEP_UP.most_keys == 5


def test_statements_are_open_for_90_days(user: User) -> None:
    """As the description has it; a payment is asked about each time."""
    path = "/v1/profiles/12345/balance-statements/1/statement.json"
    asked = {"action": GET_STATEMENT, "path": path, "method": "GET"}
    token = user.token(**asked)
    assert user.ask(**asked, x_2fa_approval=token, x_signature=sign(token)) == APPROVED
    user.now += timedelta(days=89)
    assert user.ask(**asked) == {}
    user.token()
    user.now += timedelta(days=1)
    user.token(**asked)


# --- the code ---


def test_a_code_clears_the_challenge(user: User) -> None:
    """The status, the trigger, the code and the token alone, with the members of the guide's samples."""
    token = user.token(action=GET_STATEMENT)
    user.rows.read_only = True
    status = user.call("GET", "/v1/one-time-token/status", token)
    user.rows.read_only = False
    said: Any = status.json
    view = {"attributes": {"userId": 12970746}}
    assert said == {
        "oneTimeTokenProperties": {
            "oneTimeToken": token,
            "challenges": [
                {
                    "primaryChallenge": {"type": "SMS", "viewData": view},
                    "alternatives": [{"type": "WHATSAPP", "viewData": view}, {"type": "VOICE", "viewData": view}],
                    "required": True,
                    "passed": False,
                }
            ],
            "validity": 3600,
            "actionType": "BALANCE__GET_STATEMENT",
            "userId": 12970746,
        }
    }
    assert cause(user.ask(x_2fa_approval=token)) == "sca.not_cleared"
    assert cause(user.verify(token, way="voice")) == "sca.code_not_sent"
    assert user.trigger(token, "voice").json == {"obfuscatedPhoneNo": "*********4567"}
    assert cause(user.verify(token, way="sms")) == "sca.code_not_sent"
    user.now += timedelta(seconds=600)
    cleared = {"oneTimeToken": token, "challenges": [], "validity": 3000}
    assert user.verify(token, way="voice").json == {"oneTimeTokenProperties": cleared}
    assert user.ask(x_2fa_approval=token) == APPROVED
    assert cause(user.call("GET", "/v1/one-time-token/status", token)) == "sca.token_used"


def test_five_wrong_codes_block_the_user_for_15_minutes(user: User) -> None:
    """With every token of that user; the signature of the token is not affected."""
    token = user.token()
    user.trigger(token)
    for number in range(1, 6):
        wrong = user.verify(token, code="000000")
        assert (wrong.status, cause(wrong)) == (422, "sca.code_wrong")
        assert f"number {number}" in wrong.reasons[0].seen
    assert cause(user.verify(token)) == "sca.blocked"
    assert cause(user.trigger(user.token(), "voice")) == "sca.blocked"
    user.now += timedelta(minutes=15)
    assert user.verify(token).status == 200


def test_a_call_about_no_token_says_so(user: User) -> None:
    """No header, an unknown token, and a code that is no text."""
    assert cause(user.call("GET", "/v1/one-time-token/status", "")) == "sca.token_missing"
    unknown = user.call("GET", "/v1/identity/one-time-token/status", "x" * 36)
    assert (unknown.status, cause(unknown)) == (404, "sca.token_unknown")
    token = user.token()
    user.trigger(token)
    for body, code in ((b'{"otpCode":111111}', "NOT_VALID"), (b'{"otpCode":null}', "NotNull"), (b"{}", "NotNull")):
        said = user.call("POST", "/v1/one-time-token/sms/verify", token, body)
        assert (said.status, cause(said), said.json["errors"][0]["code"]) == (400, "provider.invalid_body", code)


# --- the phone ---


def test_a_registered_phone_number_gets_the_code(user: User) -> None:
    """One for each user, which no other user may have; without one it is that of a profile."""
    numbers = Caller(CHAPTERS, provider="wise")
    numbers.rows = user.rows
    path = "/v1/application/users/12970746/phone-numbers"
    made = numbers.call("POST", path, {"phoneNumber": "+6588888888"})
    assert made.json == {
        "id": 1230944,
        "phoneNumber": "+6588888888",
        "type": "PRIMARY",
        "verified": True,
        "clientId": "o",
    }
    assert user.trigger(user.token()).json == {"obfuscatedPhoneNo": "*******8888"}
    second = numbers.call("POST", path, {"phoneNumber": "+6588888889"})
    assert (second.status, cause(second)) == (422, "provider.not_unique")
    numbers.put("user", "12970747", email="other@acme.example")
    other = "/v1/application/users/12970747/phone-numbers"
    taken: Any = numbers.call("POST", other, {"phoneNumber": "+6588888888"}).json
    message = "It's linked to an account with the email ****@sandbox.example"
    assert taken == {"errors": [{"code": "phone.number.repeated", "message": message}]}
    assert numbers.call("POST", other, {"phoneNumber": "tomorrow"}).status == 400
    assert numbers.call("PUT", f"{other}/1230944", {"phoneNumber": "+6588888889"}).status == 404
    assert numbers.call("PUT", f"{path}/1230944", {"phoneNumber": "+6588888889"}).status == 200
    listed: Any = numbers.call("GET", path).json
    assert [one["phoneNumber"] for one in listed] == ["+6588888889"]
    assert numbers.call("DELETE", f"{path}/1230944").status == 204
    assert user.trigger(user.token()).json == {"obfuscatedPhoneNo": "*********4567"}
