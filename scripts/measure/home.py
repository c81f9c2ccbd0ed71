"""A sandbox's state, ready to be measured: a client with its certificate and token, and where the doors are."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.services import clients, making
from sandbox.services.state import opened
from scripts.measure import http
from scripts.measure.load import Failed, Pass

PROVIDER = "wise"
PLAYGROUND = "/v1/authenticated/playground"
PER_CLIENT = 10
"""Certificates that one client of this provider may have: so many CSRs each of the benchmark's clients can send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The demo client of a state: its credentials, and what it shows in a handshake."""

    id: str
    secret: str
    tls: Pass
    csr: bytes
    """A request that may be sent as often as one likes, under other names."""


def make_client(folder: Path) -> Client:
    """Make the state and what its client needs.

    The handshake's key is EC P-256, the cheapest for the client's own side; the CSR is the RSA one that
    ``certificate new`` makes unless told otherwise.
    """
    with opened(folder) as state:
        client = clients.show_client(state, PROVIDER, "demo")
        made = making.new_certificate(state, PROVIDER, client.id, key="ec-p256")
        other = making.new_certificate(state, PROVIDER, client.id, key="rsa-2048")
        assert other.csr is not None, "the provider measured here signs CSRs"
        tls = Pass(certificate=made.certificate, key=made.key, authority=state.folder.ca_file)
        assert client.secret.readable is not None, "the demo client's is"
        return Client(id=client.id, secret=client.secret.readable, tls=tls, csr=other.csr.read_bytes())


def add_clients(folder: Path, requests: int) -> Sequence[str]:
    """Paths under which so many CSRs may be sent: clients enough, each with names enough."""
    paths: list[str] = []
    with opened(folder) as state:
        for number in range(-(-requests // PER_CLIENT)):
            client = clients.add_client(state, PROVIDER, f"bench-{number}").client
            at = f"/api/{PROVIDER}/clients/{client.id}/certificates"
            paths += [f"{at}?name=bench-{name}" for name in range(PER_CLIENT)]
    return paths[:requests]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A state whose server runs, or has run: its ports stay, and its client's token is good."""

    folder: Path
    client: Client
    mtls: int
    control: int
    authority: int
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def playground(self, port: int) -> bytes:
        """The request that both sides answer."""
        return http.request("GET", PLAYGROUND, port, self.bearer)

    def playground_body(self) -> bytes:
        """What our side answers, for the other to answer as well."""
        return http.call(self.mtls, self.client.tls, "GET", PLAYGROUND, self.bearer)


def home_of(folder: Path, client: Client, ready: dict[str, Any]) -> Home:
    """What is known of a state once its server runs and has written its ready file; fetches a token."""
    mtls = urlsplit(ready["providers"][PROVIDER]["doors"]["mtls"]).port
    control, authority = (urlsplit(ready[door]).port for door in ("control", "authority"))
    if mtls is None or control is None or authority is None:
        raise Failed("the ready file names no port")
    headers = {
        "Authorization": "Basic " + base64.b64encode(f"{client.id}:{client.secret}".encode()).decode("ascii"),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    said = http.call(mtls, client.tls, "POST", "/oauth/token", headers, b"grant_type=client_credentials")
    token = json.loads(said)["access_token"]
    return Home(folder=folder, client=client, mtls=mtls, control=control, authority=authority, token=token)
