"""The judgement of a certificate that a client uploads: every broken rule is told at once.

Reading it is left to `upload`, keeping it to `authority`. Only what `judge_upload` approved can be pinned."""

from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field
from datetime import datetime

from ca.clock import write_time
from ca.errors import Refusal, refuse
from ca.policy.checks import Checks, KeyRule
from ca.records import Claim, HolderStatus, Twin
from ca.request.upload import Uploaded

__all__ = ["ApprovedUpload", "UploadPolicy", "judge_upload"]

# Whoever holds this made the value here: an ApprovedUpload comes from judge_upload and from nowhere else.
_JUDGED = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPolicy:
    """What one provider asks of a certificate that a client uploads; `page` is where the provider says so.

    No `keys` means any sound key, no `extended_key_usage` that none is asked for. CA:TRUE is never refused: what
    `openssl req -x509` makes is a CA certificate, and a pin is compared as a whole, so that it vouches for no other."""

    name: str
    page: str
    keys: tuple[KeyRule, ...] = ()
    hashes: tuple[str, ...] = ("sha256", "sha384", "sha512")
    self_signed: bool = True
    extended_key_usage: tuple[str, ...] = ()
    text_around: bool = False
    max_active: int | None = None
    unique_names: bool = False
    key_per_purpose: bool = False
    key_per_client: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedUpload:
    """A certificate that satisfies its policy: the only thing that can be pinned, and only judge_upload makes one."""

    uploaded: Uploaded
    policy: UploadPolicy
    claim: Claim
    seal: InitVar[object] = field(repr=False)

    def __post_init__(self, seal: object) -> None:
        if seal is not _JUDGED:
            raise TypeError("only uploads.judge_upload approves a certificate")


def judge_upload(
    uploaded: Uploaded, policy: UploadPolicy, claim: Claim, standing: HolderStatus, now: datetime
) -> ApprovedUpload | tuple[Refusal, ...]:
    """The certificate approved, or every rule it breaks: of the file, key, signature, time, use, name and number."""
    checks = Checks(name=policy.name, page=policy.page, uploading=True)
    refusals = (
        *checks.around(uploaded.around, policy.text_around),
        *checks.key(
            uploaded.key,
            uploaded.public_key,
            policy.keys,
            tried=not uploaded.key_too_large,
            weak=uploaded.weakness,
            moduli=standing.moduli,
        ),
        *checks.reuse(standing, per_purpose=policy.key_per_purpose, per_client=policy.key_per_client),
        *checks.hash(uploaded.hash, policy.hashes, "certificate"),
        *_signature(uploaded, policy),
        *_serial(uploaded),
        *_time(uploaded, now),
        *_use(uploaded, policy),
        *_twin(standing.twin, policy.page),
        *checks.certificate_name(claim, standing, unique=policy.unique_names),
        *checks.number(standing, policy.max_active),
    )
    return refusals or ApprovedUpload(uploaded=uploaded, policy=policy, claim=claim, seal=_JUDGED)


def _signature(uploaded: Uploaded, policy: UploadPolicy) -> Iterator[Refusal]:
    if uploaded.self_signed and not policy.self_signed:
        yield refuse(
            "certificate.self_signed_refused",
            detail=f"{policy.name} does not accept a certificate that signed itself",
            seen="issuer and subject are the same",
            expected="a certificate that an authority issued",
            rule=policy.page,
        )
    if uploaded.signature_ok is False:
        yield refuse(
            "certificate.self_signature_wrong",
            detail="the certificate names itself as its issuer, and its signature does not verify with its own key",
            seen="a signature that does not verify",
            expected="a certificate as it was made",
            rule="RFC 5280 section 6.1.3",
        )


def _serial(uploaded: Uploaded) -> Iterator[Refusal]:
    if uploaded.serial <= 0:
        yield refuse(
            "certificate.serial_not_positive",
            detail="the serial number is not a positive number",
            seen=str(uploaded.serial),
            expected="1 or more",
            rule="RFC 5280 section 4.1.2.2",
        )


def _time(uploaded: Uploaded, now: datetime) -> Iterator[Refusal]:
    clock = f"it is {write_time(now)} by the sandbox's clock"
    if now > uploaded.not_after:
        yield _out("expired", f"the certificate has expired; {clock}", f"notAfter {write_time(uploaded.not_after)}")
    if now < uploaded.not_before:
        seen = f"notBefore {write_time(uploaded.not_before)}"
        yield _out("not_yet_valid", f"the time of the certificate has not begun; {clock}", seen)


def _out(reason: str, detail: str, seen: str) -> Refusal:
    expected, rule = "a certificate that is in time", "RFC 5280 section 4.1.2.5"
    code = f"certificate.{reason}"
    return refuse(code, detail=detail, seen=seen, expected=expected, rule=rule, uploading=True)


def _use(uploaded: Uploaded, policy: UploadPolicy) -> Iterator[Refusal]:
    there = uploaded.extended_key_usage
    missing = [use for use in policy.extended_key_usage if use not in (there or ())]
    if missing:
        yield refuse(
            "certificate.extended_usage_missing",
            detail=f"{policy.name} asks for the extended key usage {', '.join(missing)}",
            seen=", ".join(there) if there is not None else "no extended key usage",
            expected=", ".join(policy.extended_key_usage),
            rule=policy.page,
        )


def _twin(twin: Twin | None, page: str) -> Iterator[Refusal]:
    """The same certificate again. A client is told its own certificate's name, and of another client nothing."""
    if twin is None:
        return
    if not twin.own:
        yield refuse(
            "certificate.of_other_client",
            detail="another client has this very certificate",
            seen="a certificate that is here already, and not this client's",
            expected="a certificate of this client alone",
            rule=page,
        )
        return
    yield refuse(
        "certificate.already_here",
        detail=f"this very certificate is here already, under the name {twin.name!r}, for {twin.purpose}",
        seen=f"a certificate that this client has for {twin.purpose}",
        expected="a certificate that is not here yet",
        rule=page,
    )
