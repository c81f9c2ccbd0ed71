"""How often a client may call, as a person writes it."""

from datetime import timedelta

import pytest

from sandbox.oauth.clients import RateLimit, in_force, read_limit

PUBLISHED = RateLimit(calls=300, per=timedelta(minutes=1))


@pytest.mark.parametrize(("written", "seconds"), [("1/second", 1), ("300/minute", 60), ("100000/hour", 3600)])
def test_a_limit_is_read_and_said_again(written, seconds):
    limit = read_limit(written)
    assert limit and limit.per.total_seconds() == seconds and str(limit) == written


@pytest.mark.parametrize(
    "written",
    ["", "0/minute", "-1/minute", "1.5/minute", "5/day", "5 / minute", "100001/hour", "5/minutes", "٣/minute"],
)
def test_what_is_no_limit_is_none(written):
    assert read_limit(written) is None


def test_a_clients_own_setting_goes_before_what_the_provider_publishes():
    """Nothing set: what is published, where it counts from the start; else only in words, or a limit of its own."""
    assert in_force("", PUBLISHED, counts=True) == PUBLISHED
    assert in_force("", PUBLISHED, counts=False) is None
    assert in_force("published", PUBLISHED, counts=False) == PUBLISHED
    assert in_force("off", PUBLISHED, counts=True) is None
    assert in_force("2/second", PUBLISHED, counts=True) == RateLimit(calls=2, per=timedelta(seconds=1))
