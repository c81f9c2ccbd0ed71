"""An organisation at Nuapay's doors, with what a partner's program has: curl, openssl, an API key, certificates."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbank import Sandbox
from sandbox.embed.handles import Client
from tests.guide.conftest import Said, curl, openssl

SUBJECT = "/C=GB/L=London/O=Nuapay/OU=Nuapay API/CN={}"


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path

    @property
    def tls(self) -> tuple[str, ...]:
        return ("--cert", str(self.certificate), "--key", str(self.key))

    @property
    def pem(self) -> str:
        return self.certificate.read_text()

    @property
    def serial(self) -> int:
        return int(openssl("x509", "-in", self.certificate, "-noout", "-serial").strip().partition("=")[2], 16)


def self_signed(folder: Path, name: str, *more: str, subject: str = "/CN=me") -> Pair:
    """What a partner makes in one line."""
    pair = Pair(certificate=folder / f"{name}.pem", key=folder / f"{name}.key")
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *kind, "-keyout", pair.key, "-out", pair.certificate, "-subj", subject, *more)
    return pair


@dataclass(frozen=True)
class Organisation:
    """One organisation; every call of its is curl's."""

    sandbox: Sandbox
    client: Client
    folder: Path

    @property
    def id(self) -> str:
        return self.client.id

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *more: str,
        door: str = "api",
        by: Pair | None = None,
        login: str | None = None,
    ) -> Said:
        """With the API key unless *login* says otherwise ("" for none, else a token)."""
        who = ("-u", f"{self.client.secret}:") if login is None else ("-H", f"Authorization: Bearer {login}")
        said = body if isinstance(body, str) else None if body is None else json.dumps(body)
        sent = () if said is None else ("-H", "Content-Type: application/json", "--data-binary", said)
        url = self.sandbox.nuapay.urls[door] + path
        certificate = by.tls if by else ()
        head = () if login == "" else who
        return curl("--cacert", self.sandbox.ca_file, *certificate, *head, "-X", method, *sent, *more, url)

    def upload(self, pair: Pair, *more: str) -> Said:
        return self.call("POST", "/certificates", {"mtlsCert": pair.pem}, *more)

    def signing_pair(self, key: Path) -> Pair:
        """A certificate for signing, by Nuapay's own call."""
        csr = openssl("req", "-new", "-key", key, "-subj", SUBJECT.format(self.id))
        said = self.call("POST", "/certificates", {"csr": csr})
        assert said.status == 201, said
        certificate = self.folder / f"signing-{said.json['data']['id']}.pem"
        certificate.write_text(said.json["data"]["cert"] + "\n")
        return Pair(certificate=certificate, key=key)

    def header(self, pair: Pair, **changed: Any) -> dict[str, Any]:
        said = {
            "alg": "RS256",
            "kid": str(pair.serial),
            "iat": 0,
            "iss": f"C=GB, L=London, OU=Nuapay API, O=Nuapay, CN={self.id}",
            "b64": False,
            "crit": ["iat", "iss", "b64"],
        }
        return {name: value for name, value in {**said, **changed}.items() if value is not None}

    def sign(self, pair: Pair, body: bytes, header: str) -> str:
        """The value of JWS-Signature, made by `openssl dgst` over the header as written and the bytes as they are."""
        part = b64url(header.encode())
        target = self.folder / "signature.bin"
        openssl("dgst", "-sha256", "-sign", pair.key, "-out", target, stdin=part.encode() + b"." + body)
        return f"{part}..{b64url(target.read_bytes())}"

    def why(self) -> str:
        """The cause of the newest refusal."""
        return self.sandbox.journal.last(refused=True).reasons[0].code
