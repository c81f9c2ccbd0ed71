"""The judgement of a CSR: what a provider asks is data, and every broken rule is told at once.

Reading it is left to `csr`, the certificate's contents to `profile`. Only what `judge` approved can be issued."""

import re
from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field

from ca.errors import Refusal, refuse
from ca.policy.checks import MAX_NAME, Checks, KeyRule, holder_fits
from ca.policy.subject import (
    AlternativeRule,
    SubjectRule,
    judge_alternatives,
    judge_string_types,
    judge_subject,
    malformed,
)
from ca.records import Claim, HolderStatus
from ca.request.csr import Csr
from ca.x509.keys import is_pss, unusual_form

__all__ = [
    "MAX_NAME",
    "AlternativeRule",
    "Approved",
    "Claim",
    "CsrPolicy",
    "HolderStatus",
    "KeyRule",
    "judge",
]

# Whoever holds this made the value here: an Approved comes from judge and from nowhere else.
_JUDGED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrPolicy(SubjectRule):
    """What one provider asks of a CSR and of whoever sends it; `page` is where the provider says so.

    With `subject_ignored` neither the rules for a subject nor what RFC 5280 says of one count: for a profile that takes
    nothing from it. `key_per_purpose` and `key_per_client` refuse a key that the client uses for something else, or
    that another client uses."""

    name: str
    page: str
    keys: tuple[KeyRule, ...]
    hashes: tuple[str, ...] = ("sha256", "sha384", "sha512")
    subject_ignored: bool = False
    alternative_names: tuple[AlternativeRule, ...] = ()
    text_around: bool = False
    max_active: int | None = None
    unique_names: bool = False
    key_per_purpose: bool = False
    key_per_client: bool = False

    def __post_init__(self) -> None:
        re.compile(self.common_name)  # a pattern that is none shows where it is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A CSR that satisfies its policy: the only thing that can be issued, and only `judge` can make one."""

    csr: Csr
    policy: CsrPolicy
    claim: Claim
    seal: InitVar[object] = field(repr=False)

    def __post_init__(self, seal: object) -> None:
        if seal is not _JUDGED:
            raise TypeError("only policy.judge approves a CSR")


def judge(csr: Csr, policy: CsrPolicy, claim: Claim, standing: HolderStatus) -> Approved | tuple[Refusal, ...]:
    """The CSR approved, or every rule it breaks, in the order: file, key, signature, subject, name, number."""
    checks = Checks(name=policy.name, page=policy.page)
    refusals = (
        *checks.around(csr.around, policy.text_around),
        *checks.key(
            csr.key,
            csr.public_key,
            policy.keys,
            tried=csr.signature_ok is not None,
            weak=csr.weakness,
            moduli=standing.moduli,
        ),
        *_key_form(csr),
        *checks.reuse(standing, per_purpose=policy.key_per_purpose, per_client=policy.key_per_client),
        *checks.hash(csr.hash, policy.hashes, "CSR"),
        *_possession(csr),
        *_names(csr, policy, claim),
        *_holder(claim),
        *checks.certificate_name(claim, standing, unique=policy.unique_names),
        *checks.number(standing, policy.max_active),
    )
    return refusals or Approved(csr=csr, policy=policy, claim=claim, seal=_JUDGED)


def _key_form(csr: Csr) -> Iterator[Refusal]:
    """The certificate would not hold the key to the byte: the library writes it in its usual form."""
    if csr.spki == csr.usual_spki:
        return
    if is_pss(csr.spki):
        yield refuse(
            "certificate.key_rsassa_pss",
            detail="the key is marked as one for RSASSA-PSS alone",
            seen="id-RSASSA-PSS",
            expected="rsaEncryption",
            rule="RFC 4055 section 1.2",
        )
        return
    from ca.rules import SAME_KEY  # with the first refusal

    yield refuse(
        "certificate.key_encoding_refused",
        detail="the key is not written in its usual form",
        seen=unusual_form(csr.spki) or "another form",
        expected="a named curve and an uncompressed point; for RSA, NULL parameters",
        rule="RFC 5480 section 2",
        next=f"Make the CSR again with a program that writes the key as usual: {SAME_KEY}"
        if csr.key.kind == "RSA"
        else "",
    )


def _possession(csr: Csr) -> Iterator[Refusal]:
    if csr.signature_ok is False:
        yield refuse(
            "certificate.signature_wrong",
            detail="the CSR's signature does not verify with the key in it",
            seen="a signature that does not verify",
            expected="a signature by the private key of this CSR",
            rule="RFC 2986 section 4.2",
        )


def _names(csr: Csr, policy: CsrPolicy, claim: Claim) -> Iterator[Refusal]:
    words = claim.placeholders()
    if not policy.subject_ignored:
        yield from judge_string_types(csr.name)
        yield from judge_subject(csr.subject, policy, policy.name, policy.page, words)
    yield from judge_alternatives(csr.alternative_names, policy.alternative_names, policy.name, policy.page, words)


def _holder(claim: Claim) -> Iterator[Refusal]:
    if not holder_fits(claim.holder):
        yield malformed("holder_unfit", "the client id can not be a common name", claim.holder, "1 to 64 characters")
