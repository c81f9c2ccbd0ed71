"""The providers' live host names: only where a server is told to, and under a root that nobody trusts by accident."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from ca.authority import PRODUCTION_ROOT
from ca.store import store
from sandbank import Sandbox
from sandbox.errors import NotThere, Refusal
from sandbox.providers.known import PROVIDERS
from sandbox.server.front import front_routes
from sandbox.server.listener import OpenDoor
from sandbox.server.observer import by_name
from sandbox.services.authority import ca_certificate, cover_production_names
from sandbox.tls.verdict import HandshakeRefused
from tests.guide.conftest import curl
from tests.live.test_front import hello_for
from tests.waiting import until

DOORS = [
    (f"{provider.name}.{door.name}", host.replace("{client}", "acme"))
    for provider in PROVIDERS
    for door in provider.doors
    for host in door.production
]
"""Each door with each of the live hosts at which it answers."""
HOSTS = sorted({host for _, host in DOORS})


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """A server that answers to live names too."""
    with Sandbox(state=tmp_path_factory.mktemp("live") / "state", production_names=True) as running:
        yield running


@pytest.fixture(scope="module")
def production(live, tmp_path_factory) -> Path:
    """The root above the live names, as ``sandbank ca --production`` prints it."""
    path = tmp_path_factory.mktemp("ca") / "production.pem"
    path.write_bytes(ca_certificate(live.state, production=True))
    return path


def verified(port: int, host: str, ca: Path) -> bool:
    """Whether the standard library, trusting this root alone, believes the door that it is *host*."""
    context = ssl.create_default_context(cafile=ca)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        try:
            with context.wrap_socket(raw, server_hostname=host):
                return True
        except ssl.SSLCertVerificationError:
            return False


def told(sandbox: Sandbox, cause: str, host: str) -> Refusal:
    """The reason that the journal has for a client which left after it called the Wise TLS door by this name."""

    def found() -> list[Refusal]:
        left = (one for one in sandbox.journal.entries(refused=True, limit=50) if one.door == "wise.api")
        of_host = (one for one in left if any(host in stage.note for stage in one.stages))
        return [one.reasons[0] for one in of_host if one.reasons[0].code == cause]

    return until(found, 20)[-1]


def port_of(sandbox: Sandbox, door: str) -> int:
    return sandbox.ports[door]


@pytest.mark.parametrize(("door", "host"), DOORS)
def test_a_live_host_is_verified_by_the_root_of_its_own_alone(live, production, door, host):
    """By that root, and not by the usual one."""
    assert verified(port_of(live, door), host, production)
    assert not verified(port_of(live, door), host, live.ca_file)


@pytest.mark.parametrize(
    ("door", "host"),
    [
        ("wise.api", "localhost"),
        ("wise.api", "127.0.0.1"),
        ("wise.api", "api.wise-sandbox.com"),
        ("nuapay.mtls", "sandbox.nuapay.com"),
        ("treezor.pci", "acme.preprod.secure.treezor.co"),
        ("transcrypts.mtls", "api-sandbox-mtls.transcrypts.com"),
    ],
)
def test_the_root_of_live_names_verifies_no_other(live, production, door, host):
    """Neither localhost nor a sandbox host; those are verified by the usual root, as ever."""
    assert not verified(port_of(live, door), host, production)
    assert verified(port_of(live, door), host, live.ca_file)


def test_a_client_with_a_certificate_calls_a_live_host(live, production):
    """Both sides of the handshake as at the sandbox host: with the certificate it is in, without one it is refused."""
    client = live.transcrypts.new_client("live")
    files = client.new_certificate()
    port = port_of(live, "transcrypts.mtls")
    who = ("-H", f"X-Access-Client-ID: {client.id}", "-H", f"X-Access-Secret: {client.secret}")
    url = f"https://api-mtls.transcrypts.com:{port}/v1/users/"
    here = ("--connect-to", f"api-mtls.transcrypts.com:{port}:127.0.0.1:{port}", "--cacert", production, *who)
    assert curl(*here, "--cert", files.certificate, "--key", files.key, url).status == 200
    client.revoke(files.certificate.stem)
    assert curl(*here, "--cert", files.certificate, "--key", files.key, url).status == 0
    assert live.journal.last(refused=True).reasons[0].code == "tls.certificate_revoked"
    assert curl(*here, url).status == 0
    assert live.journal.last(refused=True).reasons[0].code == "tls.certificate_missing"


def test_no_staple_is_handed_over_that_speaks_of_the_other_certificate(live, production):
    """Who asks for one gets none, and goes on: what is kept speaks of the usual certificate."""
    port = port_of(live, "wise.api")
    to = ("--connect-to", f"api.wise.com:{port}:127.0.0.1:{port}", "--cacert", production)
    assert curl(*to, f"https://api.wise.com:{port}/v1/rates").status == 401
    asking = curl(*to, "--cert-status", f"https://api.wise.com:{port}/v1/rates")
    assert asking.exit_code == 91 and "No OCSP response" in asking.stderr  # CURLE_SSL_INVALIDCERTSTATUS
    usual = ("--cacert", live.ca_file, "--cert-status")
    assert curl(*usual, f"https://localhost:{port}/v1/rates").status == 401


def test_its_key_is_destroyed_and_it_stays_the_same(live, production):
    """Nobody can have it sign another CA; a server that starts again makes none anew."""
    with live.state.store.read() as work:
        row = store.read_authority(work, PRODUCTION_ROOT)
    assert row is not None and row.key is None
    assert cover_production_names(live.state) is False
    assert ca_certificate(live.state, production=True) == production.read_bytes()


def test_without_the_option_a_live_name_is_refused_with_the_command_that_mends_it(sandbox):
    """No root is made; the client leaves, since our certificate lacks the name, and the journal says what to do."""
    with pytest.raises(NotThere) as missing:
        ca_certificate(sandbox.state, production=True)
    assert missing.value.next_step.endswith("sandbank serve --production-names")
    port = port_of(sandbox, "wise.api")
    assert not verified(port, "api.wise.com", sandbox.ca_file)
    reason = told(sandbox, "tls.name_not_covered", "api.wise.com")
    assert "sandbank serve" in reason.next and "--production-names" in reason.next
    assert reason.next.endswith("--production > production.pem")


def test_who_lacks_the_root_is_told_which_one_it_is(live):
    """The usual root is the wrong one there: the journal names the command for the right one."""
    assert not verified(port_of(live, "wise.api"), "api.transferwise.com", live.ca_file)
    reason = told(live, "tls.client_distrusts_server", "api.transferwise.com")
    assert "sandbank ca" in reason.next and reason.next.endswith("--production > production.pem")


@pytest.mark.parametrize("host", HOSTS)
def test_a_front_door_leads_a_live_name_to_its_door_where_it_is_told_to(host):
    """On the provider's own port; without the option it is a name that nobody has."""
    doors = [
        OpenDoor(name=f"{provider.name}.{door.name}", app=None, contexts=None, sockets=[])
        for provider in PROVIDERS
        for door in provider.doors
    ]

    async def chosen(*, production: bool) -> str:
        reader = asyncio.StreamReader()
        reader.feed_data(hello_for(host))
        door, _ = await front_routes([443], doors, production=production)[443].choose(reader, 5)
        return door.name

    assert (asyncio.run(chosen(production=True)), host) in DOORS
    with pytest.raises(HandshakeRefused) as refused:
        asyncio.run(chosen(production=False))
    assert refused.value.handshake.cause == "tls.front_name_unknown"


def test_a_live_name_at_another_port_is_told_the_names_of_this_one():
    """Where the server answers to live names already, the option is no remedy: the port is the wrong one."""
    doors = [
        OpenDoor(name=f"{provider.name}.{door.name}", app=None, contexts=None, sockets=[])
        for provider in PROVIDERS
        for door in provider.doors
    ]

    async def refused(*, production: bool) -> Refusal:
        reader = asyncio.StreamReader()
        reader.feed_data(hello_for("api.wise.com"))
        with pytest.raises(HandshakeRefused) as caught:
            await front_routes([8443], doors, production=production)[8443].choose(reader, 5)
        seen = caught.value.handshake
        return by_name(Refusal(code=seen.cause, seen=seen.seen, expected=seen.expected), seen)

    without, with_it = (asyncio.run(refused(production=production)) for production in (False, True))
    assert "--production-names" in without.next and "api.nuapay.com" not in without.expected
    assert "--production-names" not in with_it.next and "api.nuapay.com" in with_it.expected
