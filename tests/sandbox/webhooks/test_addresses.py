"""Where webhooks may go: anywhere from a developer's own machine, and nowhere private from one that others reach."""

import pytest

from sandbox.errors import Misuse
from sandbox.settings import Settings
from sandbox.webhooks.addresses import Reach

PRIVATE = [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "192.168.0.7",
    "169.254.169.254",
    "fe80::1%eth0",
    "fd00::1",
    "0.0.0.0",
    "::ffff:10.1.2.3",
    "64:ff9b::a01:203",
    "2002:a01:203::1",
    "224.0.0.1",
    "100.64.0.1",
]
PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]


@pytest.mark.parametrize("address", [*PRIVATE, *PUBLIC])
def test_behind_loopback_everything_is_allowed(address: str) -> None:
    """Nobody else can ask for anything there."""
    assert Reach(exposed=False).forbids("receiver.test", address) is None


@pytest.mark.parametrize("address", PRIVATE)
def test_a_server_that_others_reach_sends_nothing_to_private_addresses(address: str) -> None:
    """However they are written; the reason names the option."""
    reason = Reach(exposed=True).forbids("receiver.test", address)
    assert reason is not None and reason.code == "webhook.address_forbidden"
    assert "--webhook-allow receiver.test" in reason.next


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_always_allowed(address: str) -> None:
    """The control."""
    assert Reach(exposed=True).forbids("receiver.test", address) is None


@pytest.mark.parametrize("word", ["receiver.test", "10.1.2.3", "10.0.0.0/8"])
def test_what_is_named_is_allowed(word: str) -> None:
    """As a name, an address or a network; and nothing beside it."""
    reach = Reach(exposed=True, allowed=(word,))
    assert reach.forbids("receiver.test", "10.1.2.3") is None
    assert reach.forbids("other.test", "192.168.1.1") is not None


def test_redirects_are_followed_to_named_hosts_only() -> None:
    """Where others reach the server."""
    assert Reach(exposed=False).forbids_redirect("a.test", "b.test") is None
    assert Reach(exposed=True).forbids_redirect("a.test", "b.test") is not None
    assert Reach(exposed=True, allowed=("B.test",)).forbids_redirect("a.test", "b.test") is None


def test_settings_know_whether_others_reach_the_server() -> None:
    """By any door; and refuse a word that allows nothing."""
    assert not Settings().is_exposed
    assert Settings(bind=("127.0.0.1", "0.0.0.0")).is_exposed
    assert Settings(control_bind=("10.0.0.1",), control_token="t").is_exposed
    with pytest.raises(Misuse, match="neither"):
        Settings(webhook_allow=("http://receiver.test",))
