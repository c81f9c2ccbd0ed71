"""Everything of one certificate in a zip archive, with a page that says what each file is for."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cryptography import x509

from ca.clock import SystemClock
from ca.errors import visible
from ca.records import CertificateRecord
from ca.x509.bundle import KeystoreKey, keystore_p12, pem, truststore_p12
from ca.x509.keys import write_key_pem
from sandbox.services.authority import DEFAULT_PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All there is of one certificate, from which each form of it takes what it wants."""

    record: CertificateRecord
    leaf: x509.Certificate
    above: tuple[x509.Certificate, ...]
    """Issuing CA and client root; none where the certificate was uploaded, for its issuer is somebody else's."""
    trusted: x509.Certificate
    """The root of the servers."""
    urls: Mapping[str, str]
    key: KeystoreKey | None = field(repr=False)
    password: str = field(repr=False)


_ABOUT = {
    "leaf.pem": "the certificate alone, PEM",
    "leaf.der": "the same, binary; some forms and tools ask for it (.cer, .crt on Windows)",
    "chain.pem": "what stands above it: the CA that issued it, then the root above the clients' certificates",
    "fullchain.pem": "the certificate and the CA that issued it: what a client shows to a server",
    "private.key": "its private key, PEM without a password: keep it to yourself",
    "keystore.p12": "key, certificate and chain in one file (PKCS#12), for Java, .NET and Windows",
    "ca.pem": "the CA that your programs must trust in order to reach the sandbox; in programs under test only",
    "truststore.p12": f"the same for Java; its password is {DEFAULT_PASSWORD}, there is nothing secret in it",
}
_WIDTH = max(map(len, _ABOUT))
_UPLOADED = (
    "It was uploaded: who issued it is not known here, so its chain is not in this archive. Where a server wants the\n"
    "chain, put it below the certificate in leaf.pem."
)
_NO_KEY = (
    "Its private key is not in this archive. Put the key that you made beside these files as private.key, or make\n"
    "them again with it:\n"
    "  sandbank certificate bundle {serial} --provider {provider} \\\n"
    "      --format zip --key FILE --out FILE"
)
_OLD = (
    "Java before 8u301 and 11.0.12, Windows before 10 1709 and macOS's keychain may not read keystore.p12. For those:\n"
    "  sandbank certificate bundle {serial} --provider {provider} \\\n      --format p12-legacy --out keystore.p12"
)
_LINES = """\
curl
  curl --cert {shown} --key private.key --cacert ca.pem {url}/

openssl
  openssl s_client -connect {address} -cert {shown} -key private.key -CAfile ca.pem -verify_return_error

Python (ssl, httpx)
  ctx = ssl.create_default_context(cafile="ca.pem")
  ctx.load_cert_chain("{shown}", "private.key")

Python (requests)
  requests.get("{url}/", cert=("{shown}", "private.key"), verify="ca.pem")

Node.js
  new https.Agent({{ cert: readFileSync("{shown}"), key: readFileSync("private.key"), ca: readFileSync("ca.pem") }})

Java
{keystore}  java -Djavax.net.ssl.keyStore=keystore.p12 -Djavax.net.ssl.keyStorePassword={password} \\
    -Djavax.net.ssl.trustStore=truststore.p12 -Djavax.net.ssl.trustStorePassword={trust} ...
"""
_EXPORT = "  openssl pkcs12 -export -in {shown} -inkey private.key -out keystore.p12\n"


def bundle_readme(held: Held, files: Sequence[str]) -> str:
    """The page, for an archive that holds *files*."""
    record = held.record
    until = f"{record.not_after:%Y-%m-%d %H:%M:%S} UTC"
    heading = (
        f"{visible(record.name)}: a certificate of {record.provider}'s stand-in in Sandbank. Not for real trust.",
        f"Subject {visible(record.subject)}",
        f"Serial {record.serial}, good until {until}",
    )
    listed = (f"{name:<{_WIDTH}}  {_ABOUT[name]}" for name in _ABOUT if name in files)
    parts = ("\n".join(heading), "\n".join(listed), *_remarks(held), _lines(held))
    return "\n\n".join(parts)


def _remarks(held: Held) -> Sequence[str]:
    uploaded = () if held.above else (_UPLOADED,)
    return *uploaded, (_OLD if held.key else _NO_KEY).format(serial=held.record.serial, provider=held.record.provider)


def _lines(held: Held) -> str:
    url = next(iter(held.urls.values()))
    shown = "fullchain.pem" if held.above else "leaf.pem"
    return _LINES.format(
        shown=shown,
        url=url,
        address=url.removeprefix("https://"),
        keystore="" if held.key else _EXPORT.format(shown=shown),
        # The password may be one that the person keeps elsewhere: it does not go beside what it opens.
        password=DEFAULT_PASSWORD if held.password == DEFAULT_PASSWORD and held.key else "PASSWORD",
        trust=DEFAULT_PASSWORD,
    )


PRIVATE = ("private.key", "keystore.p12")
_FILE, _OWNERS_FILE = 0o100644 << 16, 0o100600 << 16
"""Kind and rights, where Info-ZIP keeps them for Unix."""
_UNIX = 3


def archive(held: Held) -> bytes:
    """The zip archive. A private key is in it, twice, where it is at hand."""
    files = _files(held)
    files = {"README.txt": bundle_readme(held, tuple(files)).encode("utf-8"), **files}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(_entry(name), data, zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _files(held: Held) -> Mapping[str, bytes]:
    files = {
        "leaf.pem": pem((held.leaf,)).encode(),
        "leaf.der": held.record.der,
        "ca.pem": pem((held.trusted,)).encode(),
        "truststore.p12": truststore_p12((held.trusted,), DEFAULT_PASSWORD),
    }
    if held.above:
        files |= {"chain.pem": pem(held.above).encode(), "fullchain.pem": pem((held.leaf, *held.above[:1])).encode()}
    if held.key:
        keystore = keystore_p12(held.record.name, held.key, held.leaf, held.above, held.password)
        files |= {"private.key": write_key_pem(held.key).encode(), "keystore.p12": keystore}
    return files


def _entry(name: str) -> zipfile.ZipInfo:
    # By real time: the sandbox's clock can stand at a year that zip cannot write (before 1980).
    made = SystemClock().now()
    entry = zipfile.ZipInfo(name, (made.year, made.month, made.day, made.hour, made.minute, made.second))
    entry.create_system = _UNIX
    entry.external_attr = _OWNERS_FILE if name in PRIVATE else _FILE
    return entry
