"""Credentials, tokens and signatures that are right but for their wrapping are refused for that, and named: curl calls,
and the journal says why."""

import base64
import contextlib
import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from itertools import count

import h2.connection
import h2.events
import pytest

from sandbank import Sandbox
from sandbox.errors import Refusal
from sandbox.journal.causes import CAUSES
from sandbox.journal.entry import Entry
from tests.live.stage import PATIENCE, command
from tests.waiting import until

NUMBERS = count(1)
PLAYGROUND = "/v1/authenticated/playground"


class Caller:
    """The demo client with a certificate, calling by curl."""

    def __init__(self, sandbox: Sandbox, provider: str = "wise") -> None:
        self.sandbox = sandbox
        self.handle = getattr(sandbox, provider)
        self.client = self.handle.client()
        self.port = sandbox.ports[f"{provider}.mtls"]
        self.name = f"laptop-{next(NUMBERS)}"
        self.files = self.client.new_certificate(self.name)

    def curl(self, path: str, *options: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and body."""
        base = ["curl", "-sS", "-i", "--cacert", self.sandbox.ca_file, "--cert", self.files.certificate]
        done = command(*base, "--key", self.files.key, *options, f"https://localhost:{self.port}{path}")
        head, _, body = done.stdout.decode().replace("\r\n", "\n").rpartition("\n\n")
        assert done.returncode == 0, done.stderr
        first, *lines = head.split("\n\n")[-1].splitlines() or [""]
        headers = dict(line.lower().split(": ", 1) for line in lines if ": " in line)
        return int(first.split()[1]), headers, body

    def token(self) -> str:
        login = f"{self.client.id}:{self.client.secret}"
        _, _, body = self.curl("/oauth/token", "-u", login, "-d", "grant_type=client_credentials")
        return str(json.loads(body)["access_token"])

    def refused(self) -> Entry:
        """The newest refusal; its cause is in the table, and every text of it is said."""
        entry = self.sandbox.journal.last(refused=True)
        (reason,) = entry.reasons
        assert reason.code in CAUSES
        assert reason.seen and reason.expected and reason.next
        return entry


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture(scope="module")
def wise(sandbox: Sandbox) -> Caller:
    return Caller(sandbox)


def basic(text: str) -> str:
    return f"Authorization: Basic {base64.b64encode(text.encode()).decode()}"


@pytest.mark.parametrize(
    ("wrapped", "seen"),
    [
        ('"{}"', 'within " and "'),
        ("'{}'", "within ' and '"),
        ('\\"{}\\"', 'within " and "'),
        ("Bearer {}", "with the word Bearer before it once more"),
        ("bearer: {}", "with the word bearer before it once more"),
        ("<{}>", "within < and >"),
        ("{}\\n", "the two characters"),
        ("{},", "with , after it"),
        ("access_token={}", "access_token="),
        ('{{"access_token":"{}","token_type":"bearer"}}', "whole answer"),
        ('"{}\\n"', "and"),
    ],
)
def test_a_good_token_in_a_wrapping(wise: Caller, wrapped: str, seen: str) -> None:
    """The wrapping is named, and fetching a new token is not the advice: that would repeat the mistake."""
    token = wise.token()
    status, headers, _ = wise.curl(PLAYGROUND, "-H", f"Authorization: Bearer {wrapped.format(token)}")
    assert status == 401
    assert headers["www-authenticate"].startswith("bearer ")
    reason = wise.refused().reasons[0]
    assert (reason.code, seen in reason.seen) == ("login.token_wrapped", True), reason
    assert "new token" not in reason.next
    assert token not in str(reason)
    assert wise.curl(PLAYGROUND, "-H", f"Authorization: Bearer {token}")[0] == 200


@pytest.mark.parametrize(
    "word", ["undefined", "null", "None", "$TOKEN", "${ACCESS_TOKEN}", "<TOKEN>", "[object Object]"]
)
def test_a_word_in_place_of_a_token(wise: Caller, word: str) -> None:
    """What a program writes where it has no value is told as that."""
    assert wise.curl(PLAYGROUND, "-H", f"Authorization: Bearer {word}")[0] == 401
    reason = wise.refused().reasons[0]
    assert (reason.code, word in reason.seen) == ("login.placeholder", True)


def test_a_token_in_another_place(wise: Caller) -> None:
    """In the query, in another header, and without the word Bearer."""
    token = wise.token()
    for path, option, cause in (
        (f"{PLAYGROUND}?access_token={token}", [], "login.token_elsewhere"),
        (PLAYGROUND, ["-H", f"X-Access-Token: {token}"], "login.token_elsewhere"),
        (PLAYGROUND, ["-H", f"Authorization: {token}"], "login.token_wrapped"),
        (PLAYGROUND, ["-H", f"Authorization: Bearer {wise.client.id}"], "login.not_a_token"),
        (PLAYGROUND, ["-H", f"Authorization: Bearer {wise.client.secret}"], "login.not_a_token"),
        (PLAYGROUND, ["-H", "Authorization: Bearer nonsense"], "token.unknown"),
    ):
        assert wise.curl(path, *option)[0] == 401
        reason = wise.refused().reasons[0]
        assert reason.code == cause
        assert token not in str(reason)


@pytest.mark.parametrize(
    ("wrapped", "cause", "seen"),
    [
        ("{id}:{secret}\n", "login.secret_wrapped", "a line feed after it"),
        ("{id}:{secret}\r\n", "login.secret_wrapped", "a carriage return and a line feed after it"),
        ('{id}:"{secret}"', "login.secret_wrapped", "within"),
        ("{id}: {secret}", "login.secret_wrapped", "a space before it"),
        ("{id}:undefined", "login.secret_placeholder", "undefined"),
        ("{id}:", "login.secret_placeholder", "empty"),
        (" {id}:{secret}", "login.id_wrapped", "a space before it"),
        ("{secret}:{id}", "login.swapped", "id"),
        ("{id}:nonsense", "token.secret_wrong", "8 characters"),
    ],
)
def test_a_good_secret_in_a_wrapping(wise: Caller, wrapped: str, cause: str, seen: str) -> None:
    """Most come from `echo`, which adds a line feed, in place of `printf %s`."""
    sent = basic(wrapped.format(id=wise.client.id, secret=wise.client.secret))
    assert wise.curl("/oauth/token", "-H", sent, "-d", "grant_type=client_credentials")[0] == 401
    reason = wise.refused().reasons[0]
    assert (reason.code, seen in reason.seen) == (cause, True), reason
    assert wise.client.secret not in str(reason)


def test_an_api_key_in_a_wrapping(sandbox: Sandbox) -> None:
    """A line feed after the colon, or before it; the key itself comes in."""
    client = sandbox.nuapay.client()
    key = client.secret
    port = sandbox.ports["nuapay.api"]
    base = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", sandbox.ca_file]
    url = f"https://localhost:{port}/tokens"
    ask = ["-H", "Content-Type: application/json", "-d", '{"scopes":["accounts_read"],"expiresIn":60}', url]
    for text, status, seen in (
        (f"{key}:", b"2", ""),
        (f"{key}:\n", b"401", "a line feed after the colon"),
        (f'"{key}":', b"401", "within"),
        (f"{key}\n:", b"401", "a line feed after it"),
    ):
        assert command(*base, "-H", basic(text), *ask).stdout.startswith(status), text
        if seen:
            reason = sandbox.journal.last(refused=True).reasons[0]
            assert (reason.code, seen in reason.seen) == ("login.key_wrapped", True), reason
            assert key not in str(reason)


def test_a_form_encoded_secret_is_taken(sandbox: Sandbox) -> None:
    """RFC 6749 section 2.3.1: a space comes as + or as %20; a wrong secret is refused all the same."""
    gopher = sandbox.wise.new_client("gopher", secret="north sea+1")
    port = sandbox.ports["wise.api"]
    base = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", sandbox.ca_file]
    url = ["-d", "grant_type=client_credentials", f"https://localhost:{port}/oauth/token"]
    for secret, status in (
        ("north sea+1", b"200"),
        ("north+sea%2B1", b"200"),
        ("north%20sea%2B1", b"200"),
        ("north%2Bsea+1", b"401"),
    ):
        assert command(*base, "-u", f"{gopher.id}:{secret}", *url).stdout == status, secret


@pytest.mark.parametrize(
    ("options", "path", "seen"),
    [
        (["-H", "Content-Type: application/json", "-d", '{"grant_type":"client_credentials"}'], "", "a JSON body"),
        (["-X", "POST"], "?grant_type=client_credentials", "the query"),
        (["-H", "Content-Type: text/plain", "-d", "grant_type=client_credentials"], "", "text/plain"),
    ],
)
def test_a_grant_in_another_place(wise: Caller, options: list[str], path: str, seen: str) -> None:
    """It is found where it stands."""
    login = f"{wise.client.id}:{wise.client.secret}"
    assert wise.curl(f"/oauth/token{path}", "-u", login, *options)[0] == 400
    reason = wise.refused().reasons[0]
    assert (reason.code, seen in reason.seen) == ("login.grant_elsewhere", True), reason


def test_a_client_id_or_a_scope_in_the_form(wise: Caller) -> None:
    """The same id and any scope change nothing, nor does a multipart form; the id of another is refused."""
    login = ["-u", f"{wise.client.id}:{wise.client.secret}", "-d"]
    assert wise.curl("/oauth/token", *login[:2], "-F", "grant_type=client_credentials")[0] == 200
    usual = f"grant_type=client_credentials&scope=everything&client_id={wise.client.id}"
    status, _, body = wise.curl("/oauth/token", *login, usual)
    assert (status, json.loads(body)["scope"]) == (200, "transfers")
    assert wise.curl("/oauth/token", *login, "grant_type=client_credentials&client_id=somebody")[0] == 400
    assert wise.refused().reasons[0].code == "login.id_differs"


def test_credentials_in_the_body(wise: Caller) -> None:
    """client_secret_post, which this endpoint does not take."""
    form = f"grant_type=client_credentials&client_id={wise.client.id}&client_secret={wise.client.secret}"
    assert wise.curl("/oauth/token", "-d", form)[0] == 401
    reason = wise.refused().reasons[0]
    assert reason.code == "login.credentials_elsewhere"
    assert wise.client.secret not in str(reason)


JWS = "eyJhbGciOiJQUzI1NiJ9.eyJ0eXBlIjoiQkFMQU5DRSJ9.c2ln"
SIGNED = ["Content-Type: application/jose+json", "Accept: application/jose+json", "X-TW-JOSE-Method: jws"]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (f'{{"jws":"{JWS}"}}', "the member 'jws'"),
        (f'{{"data":{{"signed":["{JWS}"]}}}}', "the member 'data.signed[0]'"),
        (f"jws={JWS}", "a form whose field 'jws'"),
    ],
)
def test_a_jws_within_something_else(wise: Caller, body: str, seen: str) -> None:
    """The member that holds it is named."""
    headers = [part for line in (*SIGNED, f"Authorization: Bearer {wise.token()}") for part in ("-H", line)]
    assert wise.curl("/v3/profiles/12345/transfers/12345/payments", *headers, "-d", body)[0] == 400
    reason = wise.refused().reasons[0]
    assert (reason.code, seen in reason.seen) == ("signature.in_json", True), reason


# Headers


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_white_space_around_a_header_is_no_part_of_it(wise: Caller, version: str) -> None:
    """Over HTTP/2 as over HTTP/1.1 (RFC 9110 section 5.5)."""
    assert wise.curl(PLAYGROUND, version, "-H", f"Authorization: Bearer {wise.token()} ")[0] == 200


def test_a_bad_header_is_named_over_http_1(wise: Caller) -> None:
    """The name and what is in it, never the value; and a reason phrase stands behind each status."""
    token = wise.token()
    status, _, body = wise.curl(PLAYGROUND, "--http1.1", "-H", f"Authorization: Bearer {token}\r")
    assert (status, "authorization, with a carriage return in it" in body) == (400, True)
    reason = wise.refused().reasons[0]
    assert "authorization, with a carriage return in it" in reason.seen
    assert token not in str(reason)
    base = ["curl", "-sS", "-i", "--http1.1", "--cacert", wise.sandbox.ca_file]
    url = f"https://localhost:{wise.sandbox.ports['wise.api']}"
    for path, line in (("/nowhere", b"HTTP/1.1 404 Not Found"), ("/oauth/token", b"HTTP/1.1 405 Method Not Allowed")):
        assert command(*base, url + path).stdout.startswith(line)


def test_no_nearest_path_where_none_is_near(wise: Caller) -> None:
    """A slip is mended; what looks like nothing here is not led to something."""
    assert wise.curl("/v1/authenticated/playgroud")[0] == 404
    assert wise.refused().reasons[0].expected == PLAYGROUND
    assert wise.curl("/wp-login.php")[0] == 404
    assert "none of them" in wise.refused().reasons[0].expected


# Certificates


def test_a_certificate_that_has_been_replaced(sandbox: Sandbox) -> None:
    """Whoever still shows the old one is told of the new one, in the handshake and on a standing connection, which is
    closed after that refusal, over HTTP/2 too."""
    caller = Caller(sandbox)
    token = caller.token()
    head = {"authorization": f"Bearer {token}"}
    context = ssl.create_default_context(cafile=str(sandbox.ca_file))
    context.load_cert_chain(caller.files.certificate, caller.files.key)
    standing = http.client.HTTPSConnection("localhost", caller.port, context=context, timeout=PATIENCE)
    standing.request("GET", PLAYGROUND, headers=head)
    assert standing.getresponse().read()
    context.set_alpn_protocols(["h2"])
    raw = socket.create_connection(("localhost", caller.port), timeout=PATIENCE)
    with contextlib.closing(standing), context.wrap_socket(raw, server_hostname="localhost") as other:
        assert get_by_http2(other, head, stream=1)[:2] == (200, False)
        newer = caller.client.new_certificate(f"{caller.name}-renewed")
        caller.client.revoke(caller.name)

        standing.request("GET", PLAYGROUND, headers=head)
        answer = standing.getresponse()
        assert (answer.status, answer.headers["connection"]) == (403, "close")
        reason = caller.refused().reasons[0]
        assert (reason.code, f"{newer.serial}" in reason.expected) == ("certificate.revoked", True)
        assert f"{caller.name}-renewed is active until" in reason.next
        assert get_by_http2(other, head, stream=3) == (403, True)

    base = ["curl", "-sS", "--cacert", sandbox.ca_file, "--cert", caller.files.certificate, "--key", caller.files.key]
    assert b"revoked" in command(*base, f"https://localhost:{caller.port}{PLAYGROUND}").stderr
    reason = caller.refused().reasons[0]
    assert (reason.code, "renewed is active until" in reason.next) == ("tls.certificate_revoked", True)
    caller.files = newer
    assert caller.curl(PLAYGROUND, "-H", f"Authorization: Bearer {token}")[0] == 200


def get_by_http2(connection: ssl.SSLSocket, head: dict[str, str], *, stream: int) -> tuple[int, bool]:
    """The status of a call, and whether the connection was ended (GOAWAY) after it."""
    client = CLIENTS.setdefault(connection, h2.connection.H2Connection())
    if stream == 1:
        client.initiate_connection()
    pseudo = {":method": "GET", ":path": PLAYGROUND, ":scheme": "https", ":authority": "localhost"}
    client.send_headers(stream, [*pseudo.items(), *head.items()], end_stream=True)
    connection.sendall(client.data_to_send())
    status, ended = 0, False
    while not ended:
        data = connection.recv(65536)
        for event in client.receive_data(data):
            if isinstance(event, h2.events.ResponseReceived):
                status = int(dict(event.headers)[b":status"])
            ended |= isinstance(event, h2.events.StreamEnded)
    if status == 200:
        return status, False
    while data := connection.recv(65536):
        if any(isinstance(event, h2.events.ConnectionTerminated) for event in client.receive_data(data)):
            return status, True
    return status, False


CLIENTS: dict[ssl.SSLSocket, h2.connection.H2Connection] = {}


def test_a_certificate_of_another_provider(sandbox: Sandbox, wise: Caller) -> None:
    """Whose it is, is told."""
    files = sandbox.nuapay.client().new_certificate("theirs")
    words = ["curl", "-sS", "--cacert", sandbox.ca_file, "--cert", files.certificate, "--key", files.key]
    assert command(*words, f"https://localhost:{wise.port}{PLAYGROUND}").returncode != 0
    reason = wise.refused().reasons[0]
    assert reason.code == "tls.certificate_of_other_provider"
    assert "'theirs' of Nuapay's client demo," in reason.seen
    port = sandbox.ports["nuapay.mtls"]
    words[words.index(files.certificate)] = wise.files.certificate
    words[words.index(files.key)] = wise.files.key
    command(*words, f"https://localhost:{port}/certificates")
    reason = wise.refused().reasons[0]
    assert reason.code == "certificate.of_other_provider"


FAPI = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384"


def test_a_client_of_rsa_suites_only_is_shown_an_rsa_certificate(wise: Caller) -> None:
    """FAPI binds clients to four suites, all with RSA. The first waits for the key; who takes both is shown EC still;
    who takes neither is told so."""

    def shown(*options: str) -> str:
        words = ["openssl", "s_client", "-connect", f"localhost:{wise.port}", "-CAfile", wise.sandbox.ca_file]
        done = command(*words, "-verify_return_error", "-servername", "localhost", "-status", *options)
        assert b"Verify return code: 0 (ok)" in done.stdout, done.stderr
        return re.findall(r"(?:Peer signature type|Server public key is)[: ]*(.*)", done.stdout.decode())[-1].strip()

    usual = shown()
    assert "256 bit" in usual
    status, _, _ = wise.curl(
        PLAYGROUND, "--tls-max", "1.2", "--ciphers", FAPI, "-H", f"Authorization: Bearer {wise.token()}"
    )
    assert status == 200
    assert "2048 bit" in shown("-tls1_2", "-cipher", FAPI)
    assert "2048 bit" in shown("-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256")
    assert shown() == usual
    assert shown("-tls1_2") == usual
    base = ["curl", "-sS", "--cacert", wise.sandbox.ca_file, "--tls-max", "1.2"]
    url = f"https://localhost:{wise.port}/"
    assert command(*base, "--ciphers", "AES128-SHA", url).returncode != 0
    assert wise.refused().reasons[0].code == "tls.no_shared_cipher"


def test_a_name_that_the_certificate_lacks_is_in_the_command(wise: Caller) -> None:
    """The next step can be pasted; a name that is none for a shell is in none."""
    base = ["curl", "-sS", "--cacert", wise.sandbox.ca_file, "--cert", wise.files.certificate, "--key", wise.files.key]
    for name, step in (("pay.example", "server_names=('pay.example',)"), ("pay_x", "server_names=('NAME',)")):
        url = f"https://{name}:{wise.port}/"
        assert command(*base, "--resolve", f"{name}:{wise.port}:127.0.0.1", url).returncode == 60
        reason = until(partial(not_covered, wise, name), PATIENCE)  # curl is gone before we hear of it
        assert reason and step in reason.next


def not_covered(caller: Caller, name: str) -> Refusal | None:
    """The newest refusal, if there is one and it is of that name."""
    with contextlib.suppress(LookupError):
        reason = caller.refused().reasons[0]
        return reason if reason.code == "tls.name_not_covered" and name in reason.seen else None
    return None
