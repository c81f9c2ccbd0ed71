"""Signed calls that pay for transfers: the key, a transfer for each call, the calls; and what signing alone costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA512

from sandbox.jose.jws import SigningKey, make_signing_key, seal_compact
from sandbox.jose.keys import write_spki
from sandbox.jose.reading import read_compact
from sandbox.providers.context import NewKey
from sandbox.services.keys import add_key
from sandbox.services.resources import put
from sandbox.services.state import opened
from scripts.measure import http
from scripts.measure.home import PROVIDER, Home
from scripts.measure.load import Failed

ALGORITHM = "ES512"
"""The guide's."""
KID = "bench"
PROFILE = 12345
FIRST_TRANSFER = 1_000_000
PRICE = "0.01"
"""Of each transfer: a new client's balance pays for a hundred million of them."""
PAYLOAD = b'{"type":"BALANCE"}'
SIGNED_BYTES = 200
"""Of header and payload, as they are signed; hashing some more or less of them is not noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fundings:
    """Calls that can be made: each pays for a transfer of its own, which can be done once."""

    key: SigningKey = field(repr=False)
    paths: Sequence[str]

    def requests(self, home: Home) -> Sequence[bytes]:
        """The calls as they are sent, all but one: that one is made here, and its answer looked at."""
        first, *others = self.paths
        self._try(home, first)
        return [http.request("POST", path, home.mtls, _headers(home), self._signed(path)) for path in others]

    def _try(self, home: Home, path: str) -> None:
        """One call. It also has the server make the key of its replies, which is done once and not measured."""
        said = http.call(home.mtls, home.client.tls, "POST", path, _headers(home), self._signed(path), expect=201)
        if read_compact(said).header.get("alg") != ALGORITHM:
            raise Failed(f"the answer to {path} is not signed with {ALGORITHM}: {said[:200]!r}")

    def _signed(self, path: str) -> bytes:
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": KID, "url": path}
        return seal_compact(PAYLOAD, key=self.key, header=header).encode("ascii")


def add_transfers(folder: Path, client_id: str, count: int) -> Fundings:
    """Register a key and put so many transfers that wait for their money, and one to try."""
    key = make_signing_key(ALGORITHM)
    numbers = range(FIRST_TRANSFER, FIRST_TRANSFER + count + 1)
    with opened(folder) as state:
        add_key(state, PROVIDER, client_id, NewKey(kid=KID, algorithm=ALGORITHM, material=write_spki(key.public_key)))
        given, now = {"profile": PROFILE, "sourceValue": PRICE}, state.clock.now()
        with state.store.write() as work:
            for number in numbers:
                put(work, PROVIDER, client_id, "transfer", str(number), given, now)
    return Fundings(key=key, paths=[f"/v3/profiles/{PROFILE}/transfers/{number}/payments" for number in numbers])


def verify_sign() -> Callable[[], object]:
    """What no signed call can do without: verify one signature and make one. Nothing is read, judged or stored."""
    key, how, said = ec.generate_private_key(ec.SECP521R1()), ec.ECDSA(SHA512()), bytes(SIGNED_BYTES)
    public_key, signature = key.public_key(), key.sign(said, how)

    def work() -> object:
        public_key.verify(signature, said, how)
        return key.sign(said, how)

    return work


def _headers(home: Home) -> dict[str, str]:
    media_type = "application/jose+json"
    return {**home.bearer, "Content-Type": media_type, "Accept": media_type, "X-TW-JOSE-Method": "jws"}
