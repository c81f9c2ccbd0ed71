"""`sandbank serve` in a process of its own, asked over its doors: what may be killed, starved and lied to."""

import base64
import contextlib
import http.client
import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sandbox.cli.running import sandbank, started

PATIENCE = 60.0
CLIENT_CA = "client-ca:wise"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a door said."""

    status: int
    json: Any

    @property
    def code(self) -> str:
        """Of the first refusal or of the error at the control door; "" for what went well."""
        said = self.json if isinstance(self.json, dict) else {}
        return str((said.get("refusals") or [said.get("error") or {"code": ""}])[0]["code"])


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    """Of the test: the ready file and what the server says are in it."""
    state: Path
    ready: dict[str, Any]

    @property
    def demo(self) -> dict[str, str]:
        """Wise's demo client: name, id and secret."""
        return dict(self.ready["providers"]["wise"]["clients"][0])

    def dial(self) -> http.client.HTTPConnection:
        """A connection to the control door."""
        where = urlsplit(self.ready["control"])
        return http.client.HTTPConnection(where.hostname or "", where.port, timeout=PATIENCE)

    def control(self, method: str, path: str, body: str | bytes | None = None) -> Answer:
        """A call at the control door, on a connection of its own."""
        with contextlib.closing(self.dial()) as connection:
            return ask(connection, method, path, body)

    def sign(self, client: str, name: str) -> Answer:
        """A CSR handed in for *client*."""
        return self.control("POST", signing(client, name), CSR)

    def revoke(self, serial: str) -> Answer:
        return self.control("POST", f"/api/wise/certificates/{serial}/revoke")

    def certificates(self, client: str) -> list[dict[str, Any]]:
        answer = self.control("GET", f"/api/wise/clients/{client}/certificates")
        assert answer.status == 200, answer
        return list(answer.json["certificates"])

    def journal(self, after: int = 0) -> Answer:
        return self.control("GET", f"/api/journal?limit=1000&after={after}")

    def token(self) -> Answer:
        """A login of the demo client at Wise's api door: a provider's call that writes."""
        demo = self.demo
        basic = base64.b64encode(f"{demo['id']}:{demo['secret']}".encode()).decode()
        head = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        return self.call("api", "POST", "/oauth/token", "grant_type=client_credentials", head)

    def playground(self, identity: "Identity | None", token: str) -> Answer:
        """Wise's playground behind mutual TLS: a provider's call that only reads."""
        head = {"authorization": f"Bearer {token}"}
        return self.call("mtls", "GET", "/v1/authenticated/playground", None, head, identity)

    def call(
        self,
        door: str,
        method: str,
        path: str,
        body: str | None,
        head: dict[str, str],
        identity: "Identity | None" = None,
    ) -> Answer:
        """A call at one of Wise's doors. Raises ssl.SSLError for an alert."""
        context = ssl.create_default_context(cafile=self.ready["ca_file"])
        if identity:
            context.load_cert_chain(identity.certificate, identity.key)
        port = urlsplit(self.ready["providers"]["wise"]["doors"][door]).port
        with contextlib.closing(
            http.client.HTTPSConnection("localhost", port, timeout=PATIENCE, context=context)
        ) as connection:
            return ask(connection, method, path, body, head)

    def identity(self, name: str) -> "Identity":
        """A certificate of the demo client's with its key, as files."""
        answer = self.sign(self.demo["name"], name)
        assert answer.status == 201, answer
        certificate, key = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        certificate.write_text(answer.json["certificate"] + answer.json["chain"])
        key.write_bytes(_KEY_PEM)
        return Identity(certificate=certificate, key=key, serial=answer.json["serial"])

    def crl_number(self) -> int:
        """Of the CRL that the authority's door has now."""
        return self.crl()[0]

    def crl(self) -> tuple[int, set[str]]:
        """Number and revoked serials of the CRL that the authority's door has now, read by openssl."""
        where = urlsplit(self.ready["authority"])
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", f"/crl/{quote(CLIENT_CA)}.crl")
            reply = connection.getresponse()
            der = reply.read()
            assert reply.status == 200, der
        said = openssl(der, "crl", "-inform", "DER", "-noout", "-crlnumber", "-text")
        (number,) = re.findall(r"^crlNumber=(?:0x)?([0-9A-F]+)$", said, re.MULTILINE)
        return int(number, 16), set(re.findall(r"Serial Number: ([0-9A-F]+)", said))

    def kill(self) -> None:
        """As `kill -9` does it: nothing is finished, flushed or tidied up."""
        self.process.kill()
        self.process.wait()


@dataclass(frozen=True, kw_only=True)
class Identity:
    """With what a client shows itself."""

    certificate: Path
    key: Path
    serial: str


def signing(client: str, name: str) -> str:
    """The path under which a CSR is handed in."""
    return f"/api/wise/clients/{quote(client)}/certificates?name={quote(name)}"


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: str | bytes | None = None,
    head: dict[str, str] | None = None,
) -> Answer:
    """One call on a connection."""
    connection.request(method, path, body, head or {})
    reply = connection.getresponse()
    said = reply.read()
    return Answer(status=reply.status, json=json.loads(said) if said.startswith((b"{", b"[")) else said)


def openssl(given: bytes, *words: object) -> str:
    """Somebody else's reading."""
    done = subprocess.run(["openssl", *map(str, words)], input=given, capture_output=True, timeout=30, check=True)
    return done.stdout.decode().strip()


@contextlib.contextmanager
def served(folder: Path, *words: str, state: Path | None = None, **options: Any) -> Iterator[Served]:
    """A server over the state in *folder* until the end of the block, where it must still be there and go quietly,
    unless it was killed. The state stays."""
    with starting(folder, *words, state=state, **options) as running:
        yield running
        if running.process.poll() is None:
            running.process.terminate()
            assert running.process.wait(PATIENCE) == 0, (folder / "err.txt").read_text()


@contextlib.contextmanager
def starting(folder: Path, *words: str, state: Path | None = None, **options: Any) -> Iterator[Served]:
    """The same, however it ends."""
    folder.mkdir(exist_ok=True)
    state = state or folder / "state"
    (folder / "ready.json").unlink(missing_ok=True)
    line = ["--state", str(state), "--port-base", "0", "--ready-file", "ready.json", *words]
    with (folder / "out.txt").open("wb") as out, (folder / "err.txt").open("wb") as err:
        process = started("serve", *line, cwd=folder, stdout=out, stderr=err, **options)
    try:
        said = sandbank("wait", "--ready-file", str(folder / "ready.json"), "--timeout", f"{PATIENCE:g}")
        assert said.code == 0, said.err + (folder / "err.txt").read_text()
        ready = json.loads((folder / "ready.json").read_text())
        yield Served(process=process, folder=folder, state=state, ready=ready)
    finally:
        process.kill()
        process.wait()


def _make_csr(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "EU"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme")]
    )
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM)


_KEY = ec.generate_private_key(ec.SECP256R1())
_KEY_PEM = _KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
CSR = _make_csr(_KEY)
"""A good one; a key may have many certificates with Wise."""
