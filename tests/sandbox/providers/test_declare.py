"""A door knows the names in its certificate, and whose host a call is for."""

import pytest

from sandbox.providers.declare import Door

DOOR = Door(
    name="api",
    offset=1,
    client_certificate="none",
    hosts=("hooks.sandbox.example", "{client}.sandbox.example", "{client}-pci.other.example"),
)


def test_a_host_of_each_client_is_a_wildcard_in_the_certificate():
    """RFC 9525 section 6.3: one label, the leftmost."""
    assert DOOR.server_names == ("hooks.sandbox.example", "*.sandbox.example", "*-pci.other.example")


@pytest.mark.parametrize(
    ("authority", "client"),
    [
        ("acme.sandbox.example", "acme"),
        ("ACME.sandbox.example:8446", "acme"),
        ("acme-pci.other.example", "acme"),
        ("hooks.sandbox.example:443", None),
        (".sandbox.example", None),
        ("sandbox.example", None),
        ("localhost:8446", None),
        ("[::1]:8446", None),
        ("", None),
    ],
)
def test_the_host_of_a_call_may_name_a_client(authority, client):
    """Whatever the case of its letters, with a port or without; a host that is nobody's names none."""
    assert DOOR.client_at(authority) == client
