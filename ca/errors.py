"""The refusals and errors of the authority: refusals (values, one per broken rule) and one tree of exceptions; and the
reasons for which a certificate is revoked.

    AuthorityError
      NotIssued           the CSR or the uploaded certificate, or the standing of its holder, breaks rules
      NotRevoked          the certificate can not be revoked, or not for this reason
      NotFounded          there is no authority in this store yet
      LintFailed          what we made (certificate, CRL, OCSP answer) is not as planned: a bug here, nothing was stored
      NameNotCovered      a server name outside the name constraints of the server CA
      BadServerName       a text that is neither a DNS name nor an IP address
      NoSuchCertificate   the store has no such certificate

The meaning of each code and what to do next stand in `rules`; how a refusal looks over HTTP is left to others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ca.rules import RefusalRule

__all__ = [
    "CESSATION",
    "PRIVATE_KEY",
    "REASONS",
    "AuthorityError",
    "BadServerName",
    "LintFailed",
    "NameNotCovered",
    "NoSuchCertificate",
    "NotFounded",
    "NotIssued",
    "NotRevoked",
    "Refusal",
    "has_private_key",
    "refuse",
    "visible",
]

# What came from outside is shown, not reprinted: enough to recognise it, too short to fill a page or a log.
SEEN_LIMIT = 120
# The labels of PEM in any spelling, and PuTTY's file: wherever one of these came in, nothing of it goes out again.
# "writing new private key to" is not one: openssl says so beside a CSR, when its messages go into the same file.
# Nor is "Trend Private Limited", hence the hyphens.
PRIVATE_KEY = re.compile(
    r"[-\u2013\u2014]\s*(?:BEGIN|END)[\s\w+%#]{0,40}PRIVATE|(?-i:BEGIN (?:\w+ )?PRIVATE KEY)|PuTTY-User-Key-File",
    re.IGNORECASE,
)
# A sentence of ours, which may quote a piece of what came.
DETAIL_LIMIT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One broken rule, the same for the authority and the sandbox: what came, what was expected, what to do next."""

    code: str
    """``layer.reason``, a row of the table of causes; never renamed."""
    detail: str = ""
    """A sentence about this case; empty: the table's meaning says it all."""
    seen: str = ""
    expected: str = ""
    rule: str = ""
    """Who says so: a section of an RFC, a page of the provider."""
    next: str = ""
    """More exact than the table's own step; empty: the table's."""


def refuse(
    code: str, *, detail: str, seen: str, expected: str, rule: str = "", next: str = "", uploading: bool = False
) -> Refusal:
    """A refusal with its next step from RULES, for a CSR or (uploading) a certificate, unless a better one is known."""
    row = _row(code)
    usual = (row.uploading if uploading else "") or row.next
    return Refusal(
        code=code,
        detail=visible(detail, DETAIL_LIMIT),
        seen=visible(seen),
        expected=visible(expected, DETAIL_LIMIT),
        rule=rule,
        next=next or usual,
    )


def _row(code: str) -> "RefusalRule":
    from ca.rules import RULES  # a long table, loaded with the first refusal

    return RULES[code]


def has_private_key(text: str) -> bool:
    """Whether there are marks of a private key in the text."""
    if text.isascii():
        # The pattern tries every hyphen and every letter; a text without these words, as most are, it cannot match.
        lower = text.lower()
        if "private" not in lower and "putty" not in lower:
            return False
    return PRIVATE_KEY.search(text) is not None


def visible(text: str, limit: int = SEEN_LIMIT) -> str:
    """The text on one printable line no longer than the limit; what cannot be printed is escaped."""
    if has_private_key(text):
        return "(a private key, not shown)"
    # Cut first: escaping a megabyte to show 120 characters would be work for nothing.
    shown = text[: limit + 1]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


class AuthorityError(Exception):
    """Anything that the authority could not do; `code` is stable and has a row in RULES."""

    code = "certificate.not_issued"

    def advice(self) -> str:
        """What the person in front of it can do next."""
        return _row(self.code).next


class NotIssued(AuthorityError):
    """The CSR or uploaded certificate, or its holder's standing, breaks rules: all of them are in `refusals`."""

    code = "certificate.not_issued"

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(f"{refusal.code}: {refusal.detail}" for refusal in refusals))
        self.refusals = refusals

    def advice(self) -> str:
        # Two rules may be mended by the same step; it is said once, in the order of the refusals.
        return "\n".join(dict.fromkeys(refusal.next for refusal in self.refusals))


class NotRevoked(AuthorityError):
    """The certificate can not be revoked, or not for this reason: why is in `refusals`."""

    code = "certificate.not_revoked"

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__("; ".join(f"{refusal.code}: {refusal.detail}" for refusal in refusals))
        self.refusals = refusals

    def advice(self) -> str:
        return "\n".join(dict.fromkeys(refusal.next for refusal in self.refusals))


class NotFounded(AuthorityError):
    """There is no authority of this name in this store yet."""

    code = "certificate.no_authority"

    def __init__(self, name: str) -> None:
        super().__init__(f"this store has no authority named {visible(name)!r}")
        self.name = name


class LintFailed(AuthorityError):
    """Our own certificate, CRL or OCSP answer does not match its plan: a bug in Sandbank, and nothing was stored."""

    code = "certificate.lint_failed"

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("; ".join(findings))
        self.findings = findings


class NameNotCovered(AuthorityError):
    """Server names that the name constraints of the server CA do not permit."""

    code = "certificate.name_not_covered"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("outside the server CA's name constraints: " + visible(", ".join(names)))
        self.names = names


class BadServerName(AuthorityError):
    """Texts that are neither a DNS name nor an IP address, so that no certificate can carry them."""

    code = "certificate.server_name_invalid"

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("neither DNS names nor IP addresses: " + (visible(", ".join(names)) or "none given"))
        self.names = names


class NoSuchCertificate(AuthorityError):
    """The store has no certificate with this id, serial or fingerprint."""

    code = "certificate.not_found"

    def __init__(self, wanted: str) -> None:
        super().__init__(f"no certificate {visible(wanted)!r}")
        self.wanted = wanted


# RFC 5280 section 5.3.1, those that make sense for a client's certificate. What a CRL or an OCSP answer makes of them
# is left to `status`.

# The client is gone, its certificates have nothing to say any more.
CESSATION = "cessationOfOperation"

# Not offered: certificateHold and removeFromCRL, for revoking is for good here and the record keeps one instant and one
# reason; cACompromise and aACompromise, which are about authorities.
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "unspecified": "no reason is given (a CRL then leaves the reason out)",
        "keyCompromise": "the private key was lost, or is known to somebody else",
        "affiliationChanged": "the name in the certificate is no longer right",
        "superseded": "another certificate is used instead",
        CESSATION: "the certificate is no longer needed",
        "privilegeWithdrawn": "the client may no longer do what the certificate is for",
    }
)
