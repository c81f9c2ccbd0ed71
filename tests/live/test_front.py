"""Front doors: the providers' own host names and ports, by which a client with fixed hosts gets here."""

import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from sandbank import Sandbox
from sandbox.errors import Misuse, PortTaken
from sandbox.providers import PROVIDERS
from sandbox.server.front import front_routes
from sandbox.settings import Settings
from sandbox.tls.hello import server_name
from tests.ports import base_of_free_ports

ROOT = Path(__file__).parents[2]
HOSTS = (
    "api-mtls.wise-sandbox.com",
    "api.wise-sandbox.com",
    "api.sandbox.transferwise.tech",
    "sandbox.nuapay.com",
    "demo.sandbox.treezor.co",
)


def hello_for(name: str | None) -> bytes:
    """The ClientHello of the standard library."""
    context, incoming, outgoing = ssl.create_default_context(), ssl.MemoryBIO(), ssl.MemoryBIO()
    context.check_hostname = name is not None
    client = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_the_name_is_read_from_a_real_hello() -> None:
    """However it is cut into records and packets; a hello without a name has none, and what is none has none either."""
    hello = hello_for("API.wise-sandbox.com")
    assert server_name(hello) == "api.wise-sandbox.com"
    assert all(server_name(hello[:end]) is None for end in range(len(hello)))
    body, half = hello[5:], 60
    records = (hello[:3] + len(part).to_bytes(2) + part for part in (body[:half], body[half:]))
    assert server_name(b"".join(records)) == "api.wise-sandbox.com"
    assert server_name(hello_for(None)) == ""
    assert server_name(b"GET / HTTP/1.1\r\n") == ""


@pytest.mark.parametrize("cut", range(5, 200, 13))
def test_a_hello_that_lies_about_its_lengths_has_no_other_name(cut: int) -> None:
    """Nothing that is sent ends in an exception."""
    hello = bytearray(hello_for("api.wise-sandbox.com"))
    for value in (0x00, 0x7F, 0xFF):
        hello[cut % len(hello)] = value
        assert server_name(bytes(hello)) in (None, "", "api.wise-sandbox.com") or cut > 5


def test_a_port_that_a_door_has_too_is_refused() -> None:
    """With the option that moves the doors; and nothing stays open."""
    base = base_of_free_ports(21_440)
    with pytest.raises(PortTaken, match=rf"front port {base + 3} is the wise\.mtls door's") as caught:
        Sandbox(port_base=base, front=(base + 3,)).start()
    assert "--port-base" in caught.value.next_step


@pytest.mark.parametrize("ports", [(0,), (70_000,), (443, 443)])
def test_what_is_no_port_is_refused(ports: tuple[int, ...]) -> None:
    """Before anything is opened."""
    with pytest.raises(Misuse):
        Settings(front=ports)


def test_the_names_of_the_example_are_those_of_the_doors() -> None:
    """Each alias in the example with containers leads to a door, and each door with a host has one; the files that its
    Dockerfile copies are there."""
    compose = (ROOT / "examples/compose.yaml").read_text(encoding="utf-8")
    aliases = re.findall(r"^ {10}- ([a-z0-9.-]+)", compose, re.MULTILINE)
    doors = [door for provider in PROVIDERS for door in provider.doors if door.front in (443, 8443) and door.hosts]
    assert aliases and all(any(door.at(name) for door in doors) for name in aliases)
    assert all(any(door.at(name) for name in aliases) for door in doors)
    for line in re.findall(
        r"^COPY (.*) \S+$", (ROOT / "examples/Dockerfile").read_text(encoding="utf-8"), re.MULTILINE
    ):
        assert all((ROOT / name).exists() for name in line.split())


SCRIPT = r"""
set -eu
ip link set lo up
printf '127.0.0.1 localhost HOSTS\n' > hosts
mount --bind hosts /etc/hosts
sandbank serve --front 443,8443 --port-base 9440 --production-names --ready-file ready.json --quiet --state state &
trap 'kill $!; wait $!' EXIT
sandbank wait --ready-file ready.json --timeout 60
sandbank certificate new --client demo --name laptop --out made --state state > /dev/null
eval "$(sandbank client env demo --format sh --state state)"
tls="--key made/sandbox-PRIVATE-KEY.key --cert made/sandbox-CERTIFICATE.pem --cacert state/ca.pem"
token=$(curl -sS $tls -u "$WISE_CLIENT_ID:$WISE_CLIENT_SECRET" -d grant_type=client_credentials \
    https://api-mtls.wise-sandbox.com/oauth/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
say() { printf '%s %s\n' "$1" "$2"; }
status() { curl -sS -o /dev/null -w '%{http_code}' --cacert state/ca.pem "$@"; }
say playground "$(status $tls -H "Authorization: Bearer $token" https://api-mtls.wise-sandbox.com/v1/authenticated/playground)"
say api "$(status -H "Authorization: Bearer $token" https://api.wise-sandbox.com/v1/profiles)"
say old-api "$(status https://api.sandbox.transferwise.tech/v1/profiles)"
say nuapay "$(status https://sandbox.nuapay.com/schemes)"
say nuapay-mtls "$(status https://sandbox.nuapay.com:8443/schemes)"
say client-host "$(status --resolve acme.preprod.secure.treezor.co:443:127.0.0.1 $tls \
    https://acme.preprod.secure.treezor.co/v1/users || true)"
say without-certificate "$(status https://api-mtls.wise-sandbox.com/oauth/token || true)"
sandbank ca --production --state state > production.pem
live() { curl -sS -o /dev/null -w '%{http_code}' --resolve api.wise.com:443:127.0.0.1 --cacert "$1" \
    https://api.wise.com/v1/profiles || true; }
say live "$(live production.pem)"
say live-by-usual-root "$(live state/ca.pem)"
say stranger "$(status --resolve example.org:443:127.0.0.1 https://example.org/ || true)"
sandbank journal --refused --json --state state | grep -o 'tls.front_name_unknown' | head -1
"""


def test_a_client_with_fixed_hosts_needs_an_entry_in_the_hosts_file(tmp_path: Path) -> None:
    """Wise on 443, Nuapay on 443 and, with certificates, on 8443; a name that no provider has is told."""
    isolated = ["unshare", "--net", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*isolated, "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("not run: this machine lets nobody make a network namespace")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sandbank").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sandbox.cli "$@"\n')
    (tools / "sandbank").chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tools}:{os.environ['PATH']}"}
    script = SCRIPT.replace("HOSTS", " ".join(HOSTS))
    done = subprocess.run(
        [*isolated, "bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    told = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    assert done.returncode == 0, done.stdout + done.stderr
    assert told["playground"] == "200" and told["api"] == "200" and told["old-api"] == "401"
    assert told["nuapay"] == "401" and told["nuapay-mtls"] == "403"
    assert told["without-certificate"] == "000" and told["stranger"] == "000"
    assert told["live"] == "401" and told["live-by-usual-root"] == "000"
    assert "tls.front_name_unknown" in done.stdout


@pytest.mark.parametrize("ports", [(10_443,), (443, 10_443)])
def test_a_port_at_which_no_provider_has_a_host_is_refused(ports: tuple[int, ...]) -> None:
    """A door there would refuse every name; the refusal says which ports there are."""
    with pytest.raises(Misuse, match="no provider has a host at port 10443") as caught:
        front_routes(ports, [])
    assert caught.value.next_step.startswith("--front 443,8443")
