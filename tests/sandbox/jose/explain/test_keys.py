"""The key that the header names, or the only active one; and why not."""

from datetime import timedelta

import pytest

from sandbox.jose.jws import open_compact
from sandbox.jose.keys import VerifyingKey
from tests.sandbox.jose.making import (
    KID,
    NOW,
    OTHER_KID,
    PATH,
    PAYLOAD,
    SCHEME,
    header,
    jws,
    opened,
    public,
    refused,
    shelf,
)

A_DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"expires_at": NOW}, "signature.key_expired"),
        ({"active_from": NOW + TICK}, "signature.key_not_yet_active"),
        ({"deleted_at": NOW}, "signature.key_deleted"),
        ({"deleted_at": NOW - A_DAY, "expires_at": NOW - A_DAY}, "signature.key_deleted"),
        ({"active_from": NOW + A_DAY, "expires_at": NOW - A_DAY}, "signature.key_expired"),
    ],
    ids=["expired", "not yet", "deleted", "deleted and expired", "never active"],
)
@pytest.mark.parametrize("kid", [KID, ...], ids=["with kid", "without kid"])
def test_a_key_out_of_its_time_is_refused(times: dict, code: str, kid: object) -> None:
    """Whether it is named or the only one there is; the reason says which key, and both times."""
    reason = refused(jws(header(kid=kid)), public("ES256", **times))
    assert reason.code == code
    assert KID in reason.seen
    assert "2026-11-22T10:27:38.123456Z" in reason.expected


def test_a_key_is_good_from_its_first_instant_to_before_its_last() -> None:
    """The ends are exact to the microsecond."""
    key = public("ES256", active_from=NOW, expires_at=NOW + TICK, deleted_at=NOW + TICK)
    assert opened(jws(), key).key is key


def test_without_keys_none_can_be_right() -> None:
    """The first thing that a new client meets."""
    from sandbox.errors import Refused

    with pytest.raises(Refused) as error:
        open_compact(jws(), scheme=SCHEME, keys=(), path=PATH, now=NOW)
    assert error.value.code == "signature.no_key"


def test_an_unknown_kid_is_refused_and_the_known_ones_are_said() -> None:
    """A kid that differs in case only is another one (RFC 7515 section 4.1.4), and is told so."""
    reason = refused(jws(header(kid=OTHER_KID)))
    assert (reason.code, reason.next) == ("signature.kid_unknown", "")
    assert OTHER_KID in reason.seen and KID in reason.expected
    assert KID in refused(jws(header(kid=KID[:-1]))).next
    many = [public("ES256", kid=f"key {n}") for n in range(7)]
    assert "2 more" in refused(jws(), *many).expected


def test_a_key_without_kid_is_not_found_by_one() -> None:
    """It is the only one, so the kid is to be left out."""
    key = public("ES256", kid=None)
    assert "without a kid" in refused(jws(), key).expected
    assert opened(jws(header(kid=...)), key).key is key


def test_two_active_keys_need_a_kid() -> None:
    """Also when only one of them is for the algorithm: the guide asks for kid as soon as there are several."""
    first, second = public("ES256"), public("ES512", kid=OTHER_KID)
    reason = refused(jws(header(kid=...)), first, second)
    assert reason.code == "signature.kid_missing"
    assert KID in reason.expected and OTHER_KID in reason.expected
    assert opened(jws(), first, second).key is first


def test_a_key_that_has_ended_does_not_count() -> None:
    """After a rotation one key is active, and kid may be left out again."""
    ended = public("ES256", 1, kid=OTHER_KID, expires_at=NOW)
    assert opened(jws(header(kid=...)), ended, public("ES256")).payload == PAYLOAD


def test_a_kid_may_be_registered_anew() -> None:
    """Of two keys with one name the one that is active counts."""
    deleted = public("ES256", 1, deleted_at=NOW)
    assert opened(jws(), deleted, public("ES256")).payload == PAYLOAD
    assert opened(jws(), public("ES256"), deleted).payload == PAYLOAD


def test_an_algorithm_must_be_the_one_of_the_key() -> None:
    """An RSA key could verify all three; it was registered for one."""
    reason = refused(jws(algorithm="PS512"), public("PS256"))
    assert reason.code == "signature.alg_does_not_fit"
    assert "PS512" in reason.seen
    assert all(word in reason.expected for word in ("PS256", KID, "RSA 2048"))
    wrong = VerifyingKey(kid=KID, algorithm="ES256", public_key=shelf("ES512").public_key)
    assert refused(jws(), wrong).code == "signature.alg_does_not_fit"
