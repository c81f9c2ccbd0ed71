"""The judgement of a CSR: what a provider asks is data, and every broken rule is told at once.

Reading it is left to `csr`, the certificate's contents to `profile`. Only what `judge` approved can be issued."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field

from ca.csr import Csr
from ca.errors import Refusal, refuse
from ca.hygiene import weakness
from ca.names import COUNTRY, UPPER_BOUNDS, unprintable

# The name of a certificate is a line in a list; 64 is the bound of a common name, which it may become.
MAX_NAME = 64
# Whoever holds this made the value here: an Approved comes from judge and from nowhere else.
_JUDGED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRule:
    """One kind of key that a policy accepts, in these sizes (RSA) or on these curves (EC); empty means any."""

    kind: str
    sizes: tuple[int, ...] = ()
    curves: tuple[str, ...] = ()

    def __str__(self) -> str:
        choices = [str(size) for size in self.sizes] + list(self.curves)
        return f"{self.kind} {' or '.join(choices)}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class CsrPolicy:
    """What one provider asks of a CSR and of whoever sends it; `page` is where the provider says so."""

    name: str
    page: str
    keys: tuple[KeyRule, ...]
    hashes: tuple[str, ...] = ("sha256", "sha384", "sha512")
    required: tuple[str, ...] = ()
    text_around: bool = False
    max_active: int | None = None
    unique_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Who asks for a certificate, under which name, and what for; `holder` is the client id."""

    provider: str
    holder: str
    name: str
    purpose: str = "transport"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the holder already has that is neither expired nor revoked."""

    active: int = 0
    names: frozenset[str] = frozenset()


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


def judge(csr: Csr, policy: CsrPolicy, claim: Claim, standing: Standing) -> Approved | tuple[Refusal, ...]:
    """The CSR approved, or every rule it breaks, in the order: file, key, signature, subject, name, number."""
    refusals = (
        *_around(csr, policy),
        *_key(csr, policy),
        *_hash(csr, policy),
        *_possession(csr),
        *_required(csr, policy),
        *_attributes(csr),
        *_holder(claim),
        *_name(claim, policy, standing),
        *_number(policy, standing),
    )
    return refusals or Approved(csr=csr, policy=policy, claim=claim, seal=_JUDGED)


def _around(csr: Csr, policy: CsrPolicy) -> Iterator[Refusal]:
    if csr.around and not policy.text_around:
        # Counted, not quoted: what stands beside a CSR is sometimes a key without its label.
        yield refuse(
            "certificate.text_around",
            detail="there is text around the PEM, or a second block beside it",
            seen=f"{len(csr.around.splitlines())} lines of text around the PEM",
            expected="the PEM and nothing else",
            rule=policy.page,
        )


def _key(csr: Csr, policy: CsrPolicy) -> Iterator[Refusal]:
    reason = _key_reason(csr, policy)
    if reason:
        allowed = ", ".join(str(rule) for rule in policy.keys)
        yield refuse(
            f"certificate.{reason}",
            detail=f"the key is {csr.key}; {policy.name} accepts {allowed}",
            seen=str(csr.key),
            expected=allowed,
            rule=policy.page,
        )
    # A key beyond the bound is not computed with at all.
    weak = weakness(csr.public_key) if csr.signature_ok is not None else ""
    if weak:
        yield refuse("certificate.key_weak", detail=weak, seen=str(csr.key), expected="a key made at random")


def _key_reason(csr: Csr, policy: CsrPolicy) -> str:
    """Why no key rule accepts the key, as the reason of a code; "" when one does."""
    rules = [rule for rule in policy.keys if rule.kind == csr.key.kind]
    if csr.signature_ok is None:
        return "key_too_large"
    if not rules:
        return "key_kind_refused"
    if any(_fits(csr, rule) for rule in rules):
        return ""
    sizes = [size for rule in rules for size in rule.sizes]
    if csr.key.curve or not sizes:
        return "curve_refused"
    if csr.key.bits < min(sizes):
        return "key_too_small"
    return "key_too_large" if csr.key.bits > max(sizes) else "key_size_refused"


def _fits(csr: Csr, rule: KeyRule) -> bool:
    by_size = not rule.sizes or csr.key.bits in rule.sizes
    by_curve = not rule.curves or csr.key.curve in rule.curves
    return by_size and by_curve


def _hash(csr: Csr, policy: CsrPolicy) -> Iterator[Refusal]:
    # Ed25519 and Ed448 sign the message itself: there is no hash to judge (RFC 8410 section 3).
    if csr.hash and csr.hash not in policy.hashes:
        yield refuse(
            "certificate.hash_refused",
            detail=f"the CSR is signed over {csr.hash}",
            seen=csr.hash,
            expected=", ".join(policy.hashes),
            rule=policy.page,
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


def _required(csr: Csr, policy: CsrPolicy) -> Iterator[Refusal]:
    counts = Counter(each.short for each in csr.subject)
    values = {each.short: each.value for each in csr.subject}
    for short in policy.required:
        reason, seen = _required_reason(counts[short], values.get(short, ""))
        if reason:
            yield refuse(
                f"certificate.{reason}",
                detail=f"{policy.name} asks for {short} in the subject, once and with a value",
                seen=seen,
                expected=f"{short}=...",
                rule=policy.page,
            )


def _required_reason(count: int, value: str) -> tuple[str, str]:
    if count == 0:
        return "attribute_missing", "not there"
    if count > 1:
        return "attribute_repeated", f"there {count} times"
    return ("", "") if value.strip() else ("attribute_empty", "there, and empty")


def _attributes(csr: Csr) -> Iterator[Refusal]:
    for short, value in csr.subject:
        seen = f"{short}={value}"
        bound = UPPER_BOUNDS.get(short)
        if bound is not None and len(value) > bound:
            detail = f"{short} has {len(value)} characters"
            yield _attribute("attribute_too_long", detail, seen, f"{bound} characters at most")
        if unprintable(value):
            yield _attribute("attribute_unprintable", f"{short} has control characters", seen, "printable text")
        elif short == "C" and not COUNTRY.fullmatch(value):
            yield _attribute("country_malformed", "C is not two letters", seen, "two letters, such as EU")


def _attribute(reason: str, detail: str, seen: str, expected: str) -> Refusal:
    return refuse(f"certificate.{reason}", detail=detail, seen=seen, expected=expected, rule="RFC 5280 appendix A.1")


def _holder(claim: Claim) -> Iterator[Refusal]:
    # Counted in octets, stricter than RFC 5280: the library that encodes the common name counts so.
    size = len(claim.holder.encode("utf-8", errors="replace"))
    if not claim.holder.strip() or size > UPPER_BOUNDS["CN"] or unprintable(claim.holder):
        yield _attribute("holder_unfit", "the client id can not be a common name", claim.holder, "1 to 64 characters")


def _name(claim: Claim, policy: CsrPolicy, standing: Standing) -> Iterator[Refusal]:
    reason = detail = ""
    if not claim.name.strip():
        reason, detail = "name_missing", "the certificate has no name"
    elif len(claim.name) > MAX_NAME:
        reason, detail = "name_too_long", f"the name has {len(claim.name)} characters"
    elif unprintable(claim.name):
        reason, detail = "name_unprintable", "the name has control characters"
    elif policy.unique_names and claim.name in standing.names:
        reason, detail = "name_taken", "an active certificate of this client has this name"
    if reason:
        yield refuse(
            f"certificate.{reason}",
            detail=detail,
            seen=claim.name,
            expected="a name of its own, 1 to 64 printable characters",
            rule=policy.page,
        )


def _number(policy: CsrPolicy, standing: Standing) -> Iterator[Refusal]:
    if policy.max_active is not None and standing.active >= policy.max_active:
        yield refuse(
            "certificate.limit_reached",
            detail=f"the client has {standing.active} active certificates; {policy.name} allows {policy.max_active}",
            seen=f"{standing.active} active certificates",
            expected=f"fewer than {policy.max_active}",
            rule=policy.page,
        )
