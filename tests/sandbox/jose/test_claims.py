"""``iss`` names the holder of the certificate, and ``iat`` is not in the future."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.jose.keys import VerifyingKey, key_of
from tests.sandbox.jose.detaching import (
    AT,
    BODY,
    ISS,
    KID,
    SUBJECT,
    certificate,
    header,
    jws,
    key,
    name_of,
    opened,
    private,
    refused,
)


def holder(*pairs: tuple[str, str], grouped: bool = False) -> VerifyingKey:
    return key_of(certificate(subject=name_of(*pairs, grouped=grouped)), algorithm="RS256")


@pytest.mark.parametrize(
    "iss",
    [
        ISS,
        "CN=a2av3py82w, O=Acme, OU=Acme API, L=London, C=GB",
        "OU=Acme API,L=London,O=Acme,C=GB,CN=a2av3py82w",
        "C = GB, L = London, OU = Acme API, O = Acme, CN = a2av3py82w",
        "c=GB,l=London,ou=Acme API,o=Acme,cn=a2av3py82w",
        "/C=GB/L=London/OU=Acme API/O=Acme/CN=a2av3py82w",
    ],
)
@pytest.mark.parametrize("grouped", [False, True], ids=["five RDNs", "one RDN"])
def test_a_name_may_be_written_in_any_way(iss: str, grouped: bool) -> None:
    """Both layouts of certificates that are known, and both official spellings."""
    held = holder(*SUBJECT, grouped=grouped)
    assert opened(jws(header(iss=iss)), held).payload == BODY
    assert refused(jws(header(iss=iss.replace("a2av3py82w", "b2av3py82w"))), held).code == "signature.issuer_wrong"


@pytest.mark.parametrize("keyword", ["ST", "S", "st"])
def test_a_state_goes_by_both_its_names(keyword: str) -> None:
    """It must be there if the certificate has it, and must not if it has none."""
    held = holder(*SUBJECT, ("ST", "Greater London"))
    assert opened(jws(header(iss=f"{ISS}, {keyword}=Greater London")), held).payload == BODY
    assert "without ST=Greater London" in refused(jws(), held).seen
    assert "with ST=Greater London" in refused(jws(header(iss=f"{ISS}, {keyword}=Greater London"))).seen


WRONG = {
    "another CN": (ISS.replace("a2av", "b2av"), "with CN=b2av3py82w"),
    "another case": (ISS.replace("London", "LONDON"), "only upper and lower case"),
    "one left out": (ISS.replace("L=London, ", ""), "without L=London"),
    "one more": (f"{ISS}, OU=x", "with OU=x"),
    "the CN alone": ("a2av3py82w", "no distinguished name"),
    "a URL": ("https://example.test", "no distinguished name"),
    "nothing": ("", "no distinguished name"),
    "the provider": ("O=The Provider", "without C=GB"),
    "a comma that is not escaped": (f"{ISS}, Ltd", "a comma within a value"),
    "many": (", ".join(f"OU={n}" for n in range(100)), "and 96 more"),
    "NUL": (f"{ISS}\0", "with CN=a2av3py82w\\x00"),
}


@pytest.mark.parametrize(("iss", "told"), WRONG.values(), ids=WRONG)
def test_another_name_is_refused_and_the_difference_told(iss: str, told: str) -> None:
    """Signed by the right key. The name that was expected is there to be copied."""
    reason = refused(jws(header(iss=iss)))
    assert reason.code == "signature.issuer_wrong"
    assert told in reason.seen
    assert f'"{ISS}"' in reason.expected


@pytest.mark.parametrize("iss", [7, None, ["C=GB"], {"C": "GB"}, True])
def test_a_name_is_a_text(iss: Any) -> None:
    """And nothing else, whatever it says."""
    assert refused(jws(header(iss=iss))).code == "signature.header_value_wrong"


def test_a_key_without_a_certificate_has_no_name() -> None:
    """It cannot be compared with anything, so it is refused: nothing is taken unseen."""
    bare = VerifyingKey(kid=KID, algorithm="RS256", public_key=private().public_key())
    reason = refused(jws(), bare)
    assert reason.code == "signature.issuer_wrong"
    assert "without a certificate" in reason.seen


def test_a_signature_by_another_holders_key_is_not_saved_by_a_name() -> None:
    """Only keys of the client are there to choose from; iss adds to that, and takes nothing away."""
    assert refused(jws(which=1)).code == "signature.does_not_verify"


@pytest.mark.parametrize("iat", [0, 1, AT, AT // 1000, AT - 1])
def test_a_time_that_has_come_is_taken(iat: int) -> None:
    """0, seconds, and milliseconds to the very one of the call."""
    assert opened(jws(header(iat=iat))).payload == BODY


def test_milliseconds_are_exact() -> None:
    """No floating point: the last of one second is not the first of the next."""
    edge = datetime(2026, 11, 22, 10, 27, 38, 999_999, tzinfo=UTC)
    last = int(datetime(2026, 11, 22, 10, 27, 38, tzinfo=UTC).timestamp()) * 1000 + 999
    assert opened(jws(header(iat=last)), now=edge).payload == BODY
    assert refused(jws(header(iat=last + 1)), now=edge).code == "signature.issued_at_future"
    assert opened(jws(header(iat=last + 1)), now=edge + timedelta(microseconds=1)).payload == BODY


FUTURE = {
    "a millisecond": (AT + 1, "2026-11-22T10:27:38.124000Z"),
    "a year": (AT + 31_536_000_000, "2027-11-22T10:27:38.123000Z"),
    "microseconds": (AT * 1000, "past the year 9999"),
    "nanoseconds": (AT * 1_000_000, "past the year 9999"),
    "a thousand digits": (10**1000, "past the year 9999"),
}


@pytest.mark.parametrize(("iat", "told"), FUTURE.values(), ids=FUTURE)
def test_a_time_to_come_is_refused_with_both_times(iat: int, told: str) -> None:
    """The time in the header and the time here, for the clocks to be compared."""
    if iat >= 10**1000:
        told = "iat: 1000"  # so much of it as fits
    reason = refused(jws(header(iat=iat)))
    assert reason.code == "signature.issued_at_future"
    assert told in reason.seen
    assert str(AT) in reason.expected and "2026-11-22T10:27:38.123456Z" in reason.expected


def test_micro_and_nanoseconds_are_recognised() -> None:
    """A time to come is told from one with too many digits."""
    assert "divide by 1000," in refused(jws(header(iat=AT * 1000 + 7))).next
    assert "divide by 1000000," in refused(jws(header(iat=AT * 1_000_000 + 7))).next
    assert refused(jws(header(iat=AT + 60_000))).next == ""


@pytest.mark.parametrize("iat", ["0", "1795343258123", -1, 0.0, 1.5e12, True, False, None, [0], {}])
def test_what_is_no_time_is_refused(iat: Any) -> None:
    """A text, a negative number, a fraction: whatever is no whole number of 0 or more."""
    reason = refused(jws(header(iat=iat)))
    assert reason.code == "signature.issued_at_wrong"
    assert "without quotes" in reason.expected


def test_claims_are_asked_after_the_signature() -> None:
    """Nothing is said about the claims of whoever has signed nothing."""
    assert refused(jws(header(iss="CN=x"), which=1)).code == "signature.does_not_verify"
    assert refused(jws(header(iat=AT + 1), which=1)).code == "signature.does_not_verify"


def test_a_missing_claim_is_told_where_crit_does_not_name_it() -> None:
    """Where it does, it is crit that tells."""
    from tests.sandbox.jose.detaching import scheme

    for name in ("iss", "iat"):
        head = header(**{name: ...}, crit=["b64"])
        reason = refused(jws(head), scheme=scheme(critical_exactly=frozenset({"b64"})))
        assert (reason.code, reason.seen) == ("signature.header_missing", f"no {name} in the header")
    assert opened(jws(), key()).payload == BODY
