"""A client certificate that OpenSSL refused, in words: whose it is, what is wrong with it, what would be right."""

from datetime import datetime

from cryptography import x509

from ca.errors import Refusal, visible
from ca.x509.der import UNREADABLE, extensions_of, hash_of, issuer_of, subject_of
from ca.x509.extensions import KEY_USAGE_FIELDS, purposes
from ca.x509.keys import describe
from ca.x509.names import rfc4514
from sandbox.tls.alerts import VERIFY_CAUSES
from sandbox.tls.contexts import TrustBook
from sandbox.tls.shim import words_for
from sandbox.tls.verdict import Observed

NAME_SHOWN = 400  # characters of a peer's name; those that are longer are no mistake that a person made


def certificate_refused(observed: Observed, book: TrustBook | None) -> Refusal:
    cause = VERIFY_CAUSES.get(observed.error, "tls.certificate_refused")
    if not observed.chain:
        return Refusal(code=cause, seen="a certificate that cannot be read", expected=wanted(book))
    leaf, stopped = observed.chain[0], observed.chain[min(observed.depth, len(observed.chain) - 1)]
    seen = f"certificate {named(leaf)}"
    by_clock = f" (the sandbox's clock says {_day(book.at)})" if book and book.at else ""
    expected = wanted(book)
    match cause:
        case "tls.certificate_expired":
            seen = f"{seen}, expired {_day(stopped.not_valid_after_utc)}{by_clock}"
            expected = f"{expected}, valid today"
        case "tls.certificate_not_yet_valid":
            seen = f"{seen}, not valid before {_day(stopped.not_valid_before_utc)}{by_clock}"
            expected = f"{expected}, valid today"
        case "tls.certificate_wrong_usage":
            cause, seen, expected = _wrong_usage(stopped, seen, expected)
        case "tls.certificate_key_weak":
            seen = f"{seen}, whose key is too weak: {_key(stopped)}"
            expected = f"{expected}, with RSA of 2048 bits or more, or EC of 224 bits or more"
        case "tls.certificate_hash_weak":
            seen = f"{seen}, signed over the broken hash {hash_of(stopped)}"
            expected = f"{expected}, signed over SHA-256 or better"
        case "tls.certificate_revoked":
            seen = f"{seen}, serial {stopped.serial_number:X}, revoked"
            expected = f"{expected}, not revoked"
        case "tls.certificate_refused":
            seen = f"{seen}: {words_for(observed.error)}"
    if stopped is not leaf and cause != "tls.certificate_unknown_issuer":
        seen = f"{seen}; the check stopped at its issuer {_subject(stopped)}"
    return Refusal(code=cause, seen=seen, expected=expected)


def _wrong_usage(certificate: x509.Certificate, seen: str, expected: str) -> tuple[str, str, str]:
    """OpenSSL has one verdict for what the key may not do and for what the certificate is not for."""
    if _signs_nothing(certificate):
        seen = f"{seen}, whose key usage lacks digitalSignature: {_key_usages(certificate)}"
        return "tls.certificate_key_usage", seen, f"{expected}, whose key may sign (key usage digitalSignature)"
    seen = f"{seen}, for {_usages(certificate)} only"
    return "tls.certificate_wrong_usage", seen, f"{expected}, for client authentication (extended key usage clientAuth)"


def wanted(book: TrustBook | None) -> str:
    issuers = " or ".join(_subject(one) for one in book.authorities) if book else ""
    return f"a certificate issued by this sandbox for this door (by {issuers})" if issuers else "a pinned certificate"


def named(certificate: x509.Certificate) -> str:
    subject, issuer = _subject(certificate), _issuer(certificate)
    return f"{subject}, self-signed" if subject == issuer else f"{subject}, issued by {issuer}"


def _subject(certificate: x509.Certificate) -> str:
    try:
        return visible(rfc4514(subject_of(certificate)), NAME_SHOWN) or "without a name"
    except UNREADABLE:
        return "with an unreadable name"


def _issuer(certificate: x509.Certificate) -> str:
    try:
        return visible(rfc4514(issuer_of(certificate)), NAME_SHOWN) or "somebody without a name"
    except UNREADABLE:
        return "somebody with an unreadable name"


def _usages(certificate: x509.Certificate) -> str:
    try:
        usages = extensions_of(certificate).get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return "another use"
    return ", ".join(purposes(usages))


def _signs_nothing(certificate: x509.Certificate) -> bool:
    """Whether the key may be used, but not to sign, as every client does in TLS 1.3."""
    return (granted := _granted(certificate)) is not None and "digitalSignature" not in granted


def _key_usages(certificate: x509.Certificate) -> str:
    return ", ".join(_granted(certificate) or ()) or "nothing"


def _granted(certificate: x509.Certificate) -> list[str] | None:
    try:
        granted = extensions_of(certificate).get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, *UNREADABLE):
        return None
    return [name for name, attribute in KEY_USAGE_FIELDS.items() if getattr(granted, attribute)]


def _key(certificate: x509.Certificate) -> str:
    try:
        facts = describe(certificate.public_key())
    except UNREADABLE:
        return "one that cannot be read"
    return f"{facts.kind}, {facts.bits} bits"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
