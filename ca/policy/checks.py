"""The rules that CSRs and uploaded certificates share: key, hash, name of the certificate, number, text around.

Values in, refusals out. Which of them count, and their order, is left to `requests` and `uploads`."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import rsa

from ca.errors import Refusal, refuse
from ca.records import Claim, HolderStatus
from ca.request.weak_keys import shares_prime
from ca.x509.keys import MAX_KEY_BITS, KeyFacts, PublicKey
from ca.x509.names import UPPER_BOUNDS, unprintable

# The name of a certificate is a line in a list; 64 is the bound of a common name, which it may become.
MAX_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRule:
    """One kind of key that a policy accepts: in these sizes (or from a least one on), on these curves (EC), with these
    public exponents (RSA); empty means any."""

    kind: str
    sizes: tuple[int, ...] = ()
    curves: tuple[str, ...] = ()
    at_least: int = 0
    exponents: tuple[int, ...] = ()

    def __str__(self) -> str:
        choices = " or ".join([str(size) for size in self.sizes] + list(self.curves))
        least = f"of {self.at_least} bits or more" if self.at_least else ""
        exponents = f"with exponent {' or '.join(map(str, self.exponents))}" if self.exponents else ""
        return " ".join(part for part in (self.kind, choices, least, exponents) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """Whose rules these are: the policy's name, its page, and whether a certificate is uploaded."""

    name: str
    page: str
    uploading: bool = False

    def around(self, around: str, allowed: bool) -> Iterator[Refusal]:
        if around and not allowed:
            # Counted, not quoted: what stands beside a CSR is sometimes a key without its label.
            yield self.refuse(
                "text_around",
                detail="there is text around the PEM, or a second block beside it",
                seen=f"lines of text around the PEM: {len(around.splitlines())}",
                expected="the PEM and nothing else",
            )

    def key(
        self,
        key: KeyFacts,
        public_key: PublicKey,
        rules: tuple[KeyRule, ...],
        *,
        tried: bool,
        weak: str,
        moduli: Collection[int] = (),
    ) -> Iterator[Refusal]:
        """A key that was too large to be tried is refused, whatever the rules; *weak* says what is known to be wrong
        with its numbers, *moduli* are those of the client's other keys."""
        reason = _key_reason(key, public_key, rules) if tried else "key_too_large"
        if reason:
            allowed = ", ".join(str(rule) for rule in rules) or f"keys of at most {MAX_KEY_BITS} bits"
            detail = f"{self.name} accepts {allowed}; the key is {key}"
            yield self.refuse(reason, detail=detail, seen=_seen(key, public_key, reason), expected=allowed)
        # A key beyond the bound is not computed with at all.
        if tried and (detail := weak or _shared(public_key, moduli)):
            yield self.refuse("key_weak", detail=detail, seen=str(key), expected="a key made at random", rule="")

    def reuse(self, standing: HolderStatus, *, per_purpose: bool, per_client: bool) -> Iterator[Refusal]:
        """A key that is in use already, for something else or by somebody else: who, is not told."""
        if per_purpose and standing.key_purposes:
            yield self.refuse(
                "key_of_other_purpose",
                detail=f"{self.name} asks for a key of its own for every purpose",
                seen=f"a key that also has a certificate for {', '.join(sorted(standing.key_purposes))}",
                expected="a key for this purpose alone",
            )
        if per_client and standing.key_elsewhere:
            yield self.refuse(
                "key_of_other_client",
                detail=f"{self.name} asks for a key of its own from every client",
                seen="a key for which another client has a certificate",
                expected="a key of this client alone",
            )

    def hash(self, name: str, allowed: tuple[str, ...], signed: str) -> Iterator[Refusal]:
        # Ed25519 and Ed448 sign the message itself: there is no hash to judge (RFC 8410 section 3).
        if name and name not in allowed:
            yield self.refuse(
                "hash_refused", detail=f"the {signed} is signed over {name}", seen=name, expected=", ".join(allowed)
            )

    def certificate_name(self, claim: Claim, standing: HolderStatus, *, unique: bool) -> Iterator[Refusal]:
        reason = detail = ""
        if not claim.name.strip():
            reason, detail = "name_missing", "the certificate has no name"
        elif len(claim.name) > MAX_NAME:
            reason, detail = "name_too_long", f"the name has {len(claim.name)} characters"
        elif unprintable(claim.name):
            reason, detail = "name_unprintable", "the name has control characters"
        elif unique and claim.name in standing.names:
            reason, detail = "name_taken", "an active certificate of this client has this name"
        if reason:
            expected = "a name of its own, 1 to 64 printable characters"
            yield self.refuse(reason, detail=detail, seen=claim.name, expected=expected)

    def number(self, standing: HolderStatus, most: int | None) -> Iterator[Refusal]:
        if most is not None and standing.active >= most:
            yield self.refuse(
                "limit_reached",
                detail=f"the client has {standing.active} active certificates of this kind; {self.name} allows {most}",
                seen=f"{standing.active} active certificates",
                expected=f"fewer than {most}",
            )

    def refuse(self, reason: str, *, detail: str, seen: str, expected: str, rule: str | None = None) -> Refusal:
        return refuse(
            f"certificate.{reason}",
            detail=detail,
            seen=seen,
            expected=expected,
            rule=self.page if rule is None else rule,
            uploading=self.uploading,
        )


def holder_fits(text: str) -> bool:
    """Whether a client id can be a common name."""
    # Counted in octets, stricter than RFC 5280: the library that encodes the common name counts so.
    size = len(text.encode("utf-8", errors="replace"))
    return bool(text.strip()) and size <= UPPER_BOUNDS["CN"] and not unprintable(text)


def _shared(key: PublicKey, moduli: Collection[int]) -> str:
    shared = "it has a prime in common with another key of this client: whoever knows both can compute the private keys"
    return shared if moduli and shares_prime(key, moduli) else ""


def _key_reason(key: KeyFacts, public_key: PublicKey, rules: tuple[KeyRule, ...]) -> str:
    """Why no key rule accepts the key, as the reason of a code; "" when one does."""
    of_kind = [rule for rule in rules if rule.kind == key.kind]
    if not rules or any(_fits(key, rule) and _exponent_fits(public_key, rule) for rule in of_kind):
        return ""
    if not of_kind:
        return "key_kind_refused"
    if any(_fits(key, rule) for rule in of_kind):
        return "key_exponent_refused"
    sizes = [size for rule in of_kind for size in (*rule.sizes, rule.at_least) if size]
    if key.curve or not sizes:
        return "curve_refused"
    if key.bits < min(sizes):
        return "key_too_small"
    return "key_too_large" if key.bits > max(sizes) else "key_size_refused"


def _fits(key: KeyFacts, rule: KeyRule) -> bool:
    by_size = (not rule.sizes or key.bits in rule.sizes) and key.bits >= rule.at_least
    by_curve = not rule.curves or key.curve in rule.curves
    return by_size and by_curve


def _exponent_fits(key: PublicKey, rule: KeyRule) -> bool:
    return not rule.exponents or not isinstance(key, rsa.RSAPublicKey) or key.public_numbers().e in rule.exponents


def _seen(key: KeyFacts, public_key: PublicKey, reason: str) -> str:
    if reason == "key_exponent_refused" and isinstance(public_key, rsa.RSAPublicKey):
        return f"{key} with exponent {public_key.public_numbers().e}"
    return str(key)
