"""A certificate in the forms that programs want: alone, with its chain, with its key, or everything in one archive.

Whose key it is, `own_key` knows; none goes into a file unless it is handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from cryptography import x509

from ca.bundle import KeystoreKey, keystore_p12, pem
from ca.errors import visible
from sandbox.errands.archive import archive
from sandbox.errands.authority import DEFAULT_PASSWORD
from sandbox.errands.certificates import show_certificate
from sandbox.errands.doors import door_urls
from sandbox.errands.held import Held
from sandbox.errands.own_key import kept_key, own_key
from sandbox.errands.state import State
from sandbox.errors import Misuse, NotThere
from sandbox.providers import named

PEM, DER, P12, ZIP = "application/x-pem-file", "application/pkix-cert", "application/x-pkcs12", "application/zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A certificate in the form that some program wants."""

    data: bytes = field(repr=False)
    media_type: str
    private: bool = False
    """Whether a private key is in it."""


def bundle(
    state: State,
    provider: str,
    wanted: str,
    *,
    format: str = "pem",
    key: KeystoreKey | None = None,
    password: str = DEFAULT_PASSWORD,
) -> Bundle:
    """The certificate in one of BUNDLE_FORMATS; *key* is its own, and *password* that of the files which hold it.

    Raises NotThere (no such certificate, or not what the form needs) and Misuse.
    """
    if format not in _FORMS:
        raise Misuse(f"{format!r} is not a form of a certificate; there are: {', '.join(BUNDLE_FORMATS)}")
    if not password:  # RFC 7292 appendix B.1: programs do not agree on what an empty one is
        raise Misuse("a PKCS#12 file needs a password", next_step=f"leave it away, and it is {DEFAULT_PASSWORD}")
    record = show_certificate(state, provider, wanted)
    with state.store.read() as work:
        ours = record.origin == "issued"
        above = (state.authority.issuing(work, provider), state.authority.client_root(work)) if ours else ()
        held = Held(
            record=record,
            leaf=x509.load_der_x509_certificate(record.der),
            above=above,
            trusted=state.authority.server_root(work),
            urls=door_urls(work, named(provider)),
            key=key,
            password=password,
        )
    return _FORMS[format](held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A key file that a person names, and the password that opens it where it is encrypted."""

    key: bytes | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)


def bundle_with_key(
    state: State, provider: str, wanted: str, *, format: str = "pem", password: str = DEFAULT_PASSWORD, given: Given
) -> Bundle:
    """The same with the certificate's own key, for those who may have it: the one given, else the one in the state."""
    record = show_certificate(state, provider, wanted)
    key: KeystoreKey | None = None
    if format in WITH_KEY:
        key = kept_key(state, record) if given.key is None else own_key(given.key, record, password=given.password)
    # By its id: a newer one of the same name may have come since.
    return bundle(state, provider, record.id, format=format, key=key, password=password)


def _pem(held: Held) -> Bundle:
    """What a TLS client shows: the root stays away, the server has it."""
    return Bundle(data=pem((held.leaf, *held.above[:1])).encode(), media_type=PEM)


def _leaf(held: Held) -> Bundle:
    return Bundle(data=pem((held.leaf,)).encode(), media_type=PEM)


def _der(held: Held) -> Bundle:
    return Bundle(data=held.record.der, media_type=DER)


def _chain(held: Held) -> Bundle:
    if not held.above:
        raise NotThere(
            f"who issued {visible(held.record.name)} is not known here: the certificate was uploaded",
            next_step="whoever issued it has its chain; --format leaf gives the certificate",
        )
    return Bundle(data=pem(held.above).encode(), media_type=PEM)


def _p12(held: Held, *, legacy: bool = False) -> Bundle:
    if held.key is None:
        raise NotThere(
            f"the key of {visible(held.record.name)} is not here, and a p12 holds it: only certificate new puts a key "
            "into the state, and only without --out",
            next_step="name the key that you made: --key FILE; or have key and certificate made: "
            "sandbank certificate new",
        )
    data = keystore_p12(held.record.name, held.key, held.leaf, held.above, held.password, legacy=legacy)
    return Bundle(data=data, media_type=P12, private=True)


def _zip(held: Held) -> Bundle:
    return Bundle(data=archive(held), media_type=ZIP, private=held.key is not None)


_FORMS: Mapping[str, Callable[[Held], Bundle]] = {
    "pem": _pem,
    "leaf": _leaf,
    "chain": _chain,
    "der": _der,
    "p12": _p12,
    "p12-legacy": partial(_p12, legacy=True),
    "zip": _zip,
}
BUNDLE_FORMATS = tuple(_FORMS)
WITH_KEY = ("p12", "p12-legacy", "zip")
"""Those into which a key goes, where there is one."""
