"""Settings are valid by construction."""

import pytest

from sandbox.errors import Misuse
from sandbox.settings import Settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"port_base": -1},
        {"port_base": 65_530},
        {"bind": ("localhost",)},
        {"server_names": ("*.example.com",)},
        {"server_names": ("EXAMPLE.com",)},
        {"server_names": ("a..b",)},
        {"server_names": ("host:8443",)},
        {"handshake_seconds": 0},
        {"control_bind": ("0.0.0.0",)},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    """Each with a sentence, as a usage error."""
    with pytest.raises(Misuse) as misuse:
        Settings(**wrong)
    assert misuse.value.exit_code == 2
    assert str(misuse.value)


@pytest.mark.parametrize(
    "right",
    [
        {"port_base": 0},
        {"bind": ("0.0.0.0", "::")},
        {"server_names": ("sandbank.internal", "172.17.0.1", "my_host")},
        {"control_bind": ("0.0.0.0",), "control_token": "t"},
    ],
)
def test_what_can_be_meant_is_taken(right):
    """Beyond loopback the control door wants its token, and then may."""
    assert Settings(**right)
