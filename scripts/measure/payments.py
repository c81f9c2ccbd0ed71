"""Full payments a second: a quote, a transfer on it, and the signed call that pays for it, on one connection."""

import json
import time
import uuid
from contextlib import closing
from http.client import HTTPSConnection

from sandbox.jose.jws import SigningKey, make_signing_key, seal_compact
from sandbox.jose.keys import write_spki
from sandbox.providers.context import NewKey
from sandbox.services.keys import add_key
from sandbox.services.resources import put_resource
from sandbox.services.state import opened
from scripts.measure import http
from scripts.measure.figures import Sample
from scripts.measure.funding import ALGORITHM, PAYLOAD, PROFILE
from scripts.measure.home import PROVIDER
from scripts.measure.stage import Stage

SHARE = 6
"""A sample has so many times fewer payments than signed calls: each is three calls, one after the other."""
RECIPIENT = 999_999
QUOTE = {"sourceCurrency": "GBP", "targetCurrency": "EUR", "sourceAmount": 1}
JSON = {"Content-Type": "application/json"}
JOSE = {"Content-Type": "application/jose+json", "Accept": "application/jose+json", "X-TW-JOSE-Method": "jws"}


def payments(stage: Stage) -> Sample:
    """From the quote to the signed answer that money has moved."""
    count, key, kid = max(1, stage.length.fundings // SHARE), make_signing_key(ALGORITHM), str(uuid.uuid4())
    with opened(stage.home.folder) as state:
        client = stage.home.client.id
        add_key(state, PROVIDER, client, NewKey(kid=kid, algorithm=ALGORITHM, material=write_spki(key.public_key)))
        put_resource(state, PROVIDER, client, "recipient", str(RECIPIENT), {"currency": "EUR"})
    with closing(http.secure(stage.port["ours"], stage.home.client.tls)) as connection:
        _pay(stage, connection, key, kid)
        used, began = stage.running["ours"].cpu_seconds(), time.perf_counter()
        for _ in range(count):
            _pay(stage, connection, key, kid)
        seconds = time.perf_counter() - began
        used = stage.running["ours"].cpu_seconds() - used
    return Sample(value=count / seconds, alone=count / used)


def _pay(stage: Stage, connection: HTTPSConnection, key: SigningKey, kid: str) -> None:
    bearer = stage.home.bearer
    path = f"/v3/profiles/{PROFILE}/quotes"
    quote = json.loads(http.ask(connection, "POST", path, {**bearer, **JSON}, json.dumps(QUOTE).encode()))
    asked = {"targetAccount": RECIPIENT, "quoteUuid": quote["id"], "customerTransactionId": str(uuid.uuid4())}
    made = json.loads(http.ask(connection, "POST", "/v1/transfers", {**bearer, **JSON}, json.dumps(asked).encode()))
    path = f"/v3/profiles/{PROFILE}/transfers/{made['id']}/payments"
    signed = seal_compact(PAYLOAD, key=key, header={"alg": ALGORITHM, "typ": "JWT", "kid": kid, "url": path})
    http.ask(connection, "POST", path, {**bearer, **JOSE}, signed.encode("ascii"), expect=201)
