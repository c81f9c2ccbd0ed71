"""A caller that comes again in the same way is not looked up again; what may change the answer is asked each time."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from ca.records import CertificateRecord
from sandbox.errors import Refused
from sandbox.oauth import secrets
from sandbox.oauth.clients import ClientRecord, Token, digest
from sandbox.oauth.credentials import InHeaders
from sandbox.providers import named
from sandbox.providers.declare import Endpoint
from sandbox.providers.doors import CLIENT as OWNER
from sandbox.providers.doors import Door
from sandbox.server.cache import ReadCache
from sandbox.server.pipeline.admission import Admission
from sandbox.server.pipeline.message import Peer, RequestHead
from sandbox.server.pipeline.trace import Trace
from sandbox.server.rates import CallRates
from sandbox.server.secrets import SecretVerifier
from sandbox.tls.verdict import Handshake

NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
WISE = named("wise")
(MTLS,) = (door for door in WISE.doors if door.name == "mtls")
(PLAYGROUND,) = (one for one in WISE.early() if one.path == "/v1/authenticated/playground")
CLIENT = ClientRecord(
    provider="wise", id="c-1", name="harbour", secret=secrets.keep("x", secrets.sha256(bytes(16))), created_at=NOW
)
TOKEN = Token(
    digest=digest("the-token"),
    provider="wise",
    client="c-1",
    kind="client_credentials",
    scope="transfers",
    issued_at=NOW,
    expires_at=NOW + 12 * HOUR,
)
CERTIFICATE = CertificateRecord(
    id="1",
    provider="wise",
    holder="c-1",
    name="laptop",
    purpose="transport",
    profile="wise",
    origin="issued",
    serial="0A",
    fingerprint_sha256="f" * 64,
    spki_sha256="",
    subject="CN=c-1",
    not_before=NOW - HOUR,
    not_after=NOW + 24 * HOUR,
    der=b"",
    issued_at=NOW,
)


class Register:
    """One client with one token, that counts how often it is asked for a token."""

    def __init__(self, token: Token = TOKEN, client: ClientRecord = CLIENT) -> None:
        self._token, self._client = token, client
        self.asked = 0

    def token(self, sent: str) -> Token | None:
        self.asked += 1
        return self._token if sent == self._token.digest else None

    def client(self, provider: str, sent: str) -> ClientRecord | None:
        return self._client if sent == self._client.id else None

    def clients_by_secret(self, provider: str) -> list[Any]:
        return []

    def successor(self, record: CertificateRecord, now: datetime) -> None:
        return None

    def certificate_elsewhere(self, provider: str, fingerprint: str) -> None:
        return None


def judging(register: Register, *, endpoint: Endpoint = PLAYGROUND, door: Door = MTLS) -> Any:
    """Judges a call at an instant, all by one Admission; gives its trace."""
    admission = Admission(
        provider=WISE,
        door=door,
        register=cast(ReadCache, register),
        proofs=SecretVerifier(),
        rates=CallRates(),
    )

    def judge(
        now: datetime = NOW,
        *,
        certificate: CertificateRecord | None = CERTIFICATE,
        changes: int = 1,
        trace: Trace | None = None,
        **headers: str,
    ) -> Trace:
        handshake = Handshake(ok=True, fingerprint_sha256=certificate.fingerprint_sha256 if certificate else "")
        call = RequestHead(
            method="GET",
            path=endpoint.path,
            query=b"",
            headers={"authorization": "Bearer the-token", **headers},
            http_version="1.1",
            peer=Peer(id=1, door="mtls", address=("::1", 1), handshake=handshake),
        )
        trace = Trace(id="1", now=now, advised=lambda reason: reason) if trace is None else trace
        trace.certificate, trace.changes = certificate, changes
        login = asyncio.run(admission.judge(call, b"", endpoint, {}, trace))
        assert login.record == register._client and trace.client == register._client.id
        return trace

    return judge


def refused(judge: Any, *args: Any, **how: Any) -> str:
    with pytest.raises(Refused) as refused:
        judge(*args, **how)
    return refused.value.code


def test_the_same_call_again_is_let_in_without_a_look() -> None:
    """And its entry has the same stages."""
    register = Register()
    judge = judging(register)
    first, second = judge(), judge(NOW + HOUR)
    assert register.asked == 1
    assert first.stages == second.stages and [stage.name for stage in second.stages] == [
        "certificate",
        "login",
        "binding",
    ]


@pytest.mark.parametrize(
    ("later", "cause"),
    [(timedelta(hours=12), "token.expired"), (timedelta(hours=25), "certificate.expired")],
)
def test_it_ends_with_what_it_rests_on(later: timedelta, cause: str) -> None:
    """To the instant; a moment before it is let in."""
    token = TOKEN if cause == "token.expired" else replace(TOKEN, expires_at=NOW + 48 * HOUR)
    judge = judging(Register(token))
    judge()
    judge(NOW + 12 * HOUR - timedelta(microseconds=1))
    assert refused(judge, NOW + later) == cause


def test_a_clock_that_went_back_is_looked_at() -> None:
    """Before the certificate began, however often it was let in after."""
    judge = judging(Register())
    judge()
    assert refused(judge, NOW - 2 * HOUR) == "certificate.not_yet_valid"


def test_a_change_of_anything_forgets_all() -> None:
    """The same call is judged by what there is now."""
    register = Register()
    judge = judging(register)
    judge()
    register._token = replace(TOKEN, revoked_at=NOW)
    judge()  # the read cache has not heard of it yet
    assert refused(judge, changes=2) == "token.revoked"


def test_a_call_that_comes_in_another_way_is_judged() -> None:
    """Another token, another certificate or none."""
    register = Register()
    judge = judging(register)
    judge()
    assert refused(judge, authorization="Bearer another") == "token.unknown"
    assert refused(judge, certificate=None) == "certificate.missing"
    other = replace(CERTIFICATE, fingerprint_sha256="e" * 64, holder="c-2")
    assert refused(judge, certificate=other) == "binding.other_client"


@pytest.mark.parametrize(
    ("token", "certificate", "endpoint"),
    [
        (replace(TOKEN, revoked_at=NOW + HOUR), CERTIFICATE, PLAYGROUND),
        (TOKEN, replace(CERTIFICATE, revoked_at=NOW + HOUR), PLAYGROUND),
        (TOKEN, CERTIFICATE, replace(PLAYGROUND, login=("bearer", InHeaders(id="x-id", secret="x-secret")))),
    ],
    ids=["a token that ends earlier", "a certificate that ends earlier", "credentials in other headers"],
)
def test_what_may_change_by_itself_is_looked_at_each_time(
    token: Token, certificate: CertificateRecord, endpoint: Endpoint
) -> None:
    """By the clock, or by a header that is not looked at."""
    register = Register(token)
    judge = judging(register, endpoint=endpoint)
    judge(certificate=certificate)
    judge(certificate=certificate)
    assert register.asked == 2


def test_a_host_is_judged_by_whose_it_is() -> None:
    """That of another client is refused; however many others somebody writes, nothing is kept of them."""
    register = Register()
    (door,) = (one for one in named("treezor").doors if one.name == "mtls")
    judge = judging(register, door=door)
    judge(host=door.production[0].replace(OWNER, "harbour"))
    assert refused(judge, host=door.production[0].replace(OWNER, "other")) == "binding.other_client"
    judge(host="localhost:1")
    asked = register.asked
    judge(host="localhost:" + "2" * 60_000)
    assert register.asked == asked


@pytest.mark.parametrize("calls", [1, 2], ids=["judged", "known"])
def test_each_call_is_counted(calls: int) -> None:
    """A caller that is known may not call more often than another; and its entry says whose call it was, and how far
    it came, as that of another does."""
    judge = judging(Register(client=replace(CLIENT, rate_limit=f"{calls}/minute")))
    for _ in range(calls):
        judge(changes=calls)
    over = Trace(id="1", now=NOW, advised=lambda reason: reason)
    assert refused(judge, changes=2, trace=over) == "provider.too_many_calls"
    assert (over.client, [stage.name for stage in over.stages]) == ("c-1", ["certificate", "login"])


def test_what_was_refused_is_judged_again() -> None:
    """A no is never remembered."""
    register = Register(replace(TOKEN, expires_at=NOW))
    judge = judging(register)
    assert refused(judge) == "token.expired"
    register._token = TOKEN
    judge()
