"""One whole contract test, as the pytest fixture has it: a new client, its certificate, a token and a signed call over
a connection of its own, and the client removed again; beside the cryptography of the client's side alone."""

import base64
import json
import time
from http.client import HTTPSConnection
from ssl import SSLContext, create_default_context

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from sandbank import Client, Sandbox
from sandbox.jose.jws import SigningKey, make_signing_key, seal_compact
from sandbox.jose.keys import write_spki
from scripts.measure.figures import Sample
from scripts.measure.funding import ALGORITHM, KID
from scripts.measure.load import Failed
from scripts.measure.stage import Stage

SHARE = 8
"""A sample has so many times fewer tests than CSRs: each makes a client, keys and a connection."""
PATH = "/v1/auth/jose/playground/jws"
BODY = b'{"message":"hello"}'
JOSE = {"Content-Type": "application/jose+json", "Accept": "application/jose+json", "X-TW-JOSE-Method": "jws"}


def contract_tests(stage: Stage) -> Sample:
    """Milliseconds of one, with the server in this very process, as in a test run."""
    count = max(2, stage.length.signings // SHARE)
    key = make_signing_key(ALGORITHM)
    with Sandbox() as sandbox:
        _test(sandbox, key, "first")  # which loads and makes what the others find ready
        began, cpu = time.perf_counter(), time.process_time()
        for number in range(count):
            _test(sandbox, key, f"test-{number}")
        seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return Sample(value=seconds / count * 1000, alone=used / count * 1000)


def keys_alone(stage: Stage) -> Sample:
    """Milliseconds of what the test's own side signs: a CSR's key and signature, and a JWS."""
    count = max(2, stage.length.signings // SHARE)
    key = make_signing_key(ALGORITHM)
    began, cpu = time.perf_counter(), time.process_time()
    for _ in range(count):
        ec.generate_private_key(ec.SECP256R1()).sign(BODY, ec.ECDSA(hashes.SHA256()))
        _sealed(key)
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    return Sample(value=seconds / count * 1000, alone=used / count * 1000)


def _test(sandbox: Sandbox, key: SigningKey, name: str) -> None:
    client = sandbox.wise.new_client(name)
    files = client.new_certificate("ci", key="ec-p256")
    client.add_key(write_spki(key.private_key.public_key()), algorithm=ALGORITHM, kid=KID)
    context = create_default_context(cafile=sandbox.ca_file)
    context.load_cert_chain(files.certificate, files.key)
    if not _call(sandbox, client, context, key).count(b".") == 2:
        raise Failed("the answer of a signed call is not a JWS")
    client.remove()


def _call(sandbox: Sandbox, client: Client, context: SSLContext, key: SigningKey) -> bytes:
    """A token, and with it the signed call, on one connection."""
    host = sandbox.wise.urls["mtls"].removeprefix("https://")
    connection = HTTPSConnection(host, context=context, timeout=10)
    try:
        basic = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
        form = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        token = json.loads(_answer(connection, "/oauth/token", b"grant_type=client_credentials", form))
        return _answer(connection, PATH, _sealed(key), {**JOSE, "Authorization": f"Bearer {token['access_token']}"})
    finally:
        connection.close()


def _answer(connection: HTTPSConnection, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        raise Failed(f"{path} was answered with {answer.status}: {said[:200]!r}")
    return said


def _sealed(key: SigningKey) -> bytes:
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": KID, "url": PATH}
    return seal_compact(BODY, key=key, header=header).encode("ascii")
