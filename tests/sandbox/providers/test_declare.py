"""A door knows the names in its certificate, and whose host a call is for."""

from dataclasses import replace

import pytest

from sandbox.ids import Ids
from sandbox.providers.declare import Registration
from sandbox.providers.doors import Door

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


REGISTRATION = Registration(
    id=Ids.uuid,
    secret=Ids.uuid,
    id_name="id",
    secret_name="secret",
    secret_alone=False,
    demo=("demo",),
    environments=("dev", "prod"),
)


@pytest.mark.parametrize(
    ("secret", "environment", "forms"),
    [
        ("dev-a-b", "dev", ("dev-a-b", "prod-a-b")),
        ("prod-a", "prod", ("prod-a", "dev-a")),
        ("test-a", "dev", ("test-a",)),
        ("prod", "dev", ("prod",)),
        ("", "dev", ("",)),
    ],
)
def test_a_secret_names_its_environment(secret, environment, forms):
    """By the word before its first hyphen; behind it, it is the same in all."""
    assert REGISTRATION.environment_of(secret) == environment
    assert REGISTRATION.forms_of(secret) == forms


def test_without_environments_a_secret_names_none():
    """Whatever stands in it."""
    plain = replace(REGISTRATION, environments=())
    assert (plain.environment_of("dev-a"), plain.forms_of("dev-a")) == ("", ("dev-a",))
