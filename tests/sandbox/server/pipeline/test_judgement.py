"""What changes between the judgement of a call and its work counts: the change is made right in between."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sandbox.journal.entry import View
from sandbox.oauth.clients import digest
from sandbox.providers import named
from sandbox.providers.declare import Chapters, Provider
from sandbox.server.cache import MOST_JUDGEMENTS, Judgement, Overtaken, ReadCache, require_unmoved
from sandbox.server.pipeline import work
from sandbox.server.pipeline.message import Peer
from sandbox.server.pipeline.pipeline import Pipeline
from sandbox.server.pipeline.work import ServerContext
from sandbox.server.rates import CallRates
from sandbox.server.secrets import SecretVerifier
from sandbox.server.writer import Writer
from sandbox.services import certificates, clients, clock, keys, making
from sandbox.services.state import State, open_state
from sandbox.storage import clients as rows
from sandbox.storage.facts import KeptClock, read_generation
from sandbox.webhooks.addresses import Reach

WISE = named("wise")
VIEW = View(limit=1)
(API,) = (door for door in WISE.doors if door.name == "api")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[State]:
    state = open_state(tmp_path_factory.mktemp("judged") / "state")
    yield state
    state.close()


@pytest.fixture
def other(state: State) -> Iterator[State]:
    """The same state as another process has it."""
    other = open_state(state.folder.path)
    yield other
    other.close()


class Interrupted(Writer):
    """Something happens after each judgement and before the work."""

    between: Callable[[], None]

    async def together(self, prepare: Callable[[], Callable[[Any], Any]]) -> Any:
        self.between()
        return await super().together(prepare)


@pytest.fixture
def writer(state: State) -> Iterator[Interrupted]:
    writer = Interrupted(state.store)
    writer.start()
    yield writer
    writer.close()


def ask_for_token(state: State, writer: Writer, client: str, secret: str) -> tuple[int, dict[str, Any]]:
    basic = base64.b64encode(f"{client}:{secret}".encode())
    return ask(state, writer, "POST", b"/oauth/token", b"Basic " + basic, b"grant_type=client_credentials")


def ask(
    state: State,
    writer: Writer,
    method: str,
    path: bytes,
    authorization: bytes,
    form: bytes = b"",
    provider: Provider = WISE,
) -> tuple[int, Any]:
    """A call through a whole pipeline, without sockets."""
    proofs = SecretVerifier()
    context = ServerContext(
        state=state,
        register=ReadCache(state),
        proofs=proofs,
        writer=writer,
        body_seconds=5,
        reach=lambda: Reach(exposed=False),
        rates=CallRates(),
        wake=lambda: None,
    )
    headers = {
        b"authorization": authorization,
        b"content-type": b"application/x-www-form-urlencoded",
        b"content-length": b"%d" % len(form),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": form, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "raw_path": path,
        "query_string": b"",
        "headers": list(headers.items()),
        "http_version": "1.1",
        "extensions": {"sandbank.peer": Peer(id=1, door="wise.api", address=("::1", 5000), handshake=None)},
    }
    asyncio.run(Pipeline(provider, API, context)(scope, receive, send))
    proofs.close()
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


def test_a_client_that_is_removed_after_its_judgement_gets_no_token(
    state: State, other: State, writer: Interrupted
) -> None:
    """Nor does the next client of that id inherit one; where nothing changes, or something else, the token is given."""
    first = clients.add_client(state, "wise", "first", id="the-id")
    writer.between = lambda: None
    assert ask_for_token(state, writer, "the-id", first.secret)[0] == 200
    writer.between = lambda: clients.new_secret(other, "wise", "demo") and None
    status, given = ask_for_token(state, writer, "the-id", first.secret)
    assert status == 200

    def removed() -> None:
        clients.remove_client(other, "wise", "first")
        clients.add_client(other, "wise", "next", id="the-id")
        writer.between = lambda: None

    writer.between = removed
    status, said = ask_for_token(state, writer, "the-id", first.secret)
    assert status == 401 and "access_token" not in said
    assert state.journal.read(VIEW)[-1][1].reasons[0].code == "token.secret_wrong"
    with state.store.read() as work:
        assert rows.tokens_of(work, "wise", "the-id") == ()
        assert rows.find_token(work, digest(given["access_token"])) is None
    clients.remove_client(other, "wise", "next")


def test_a_first_call_waits_for_no_other_chapter(state: State, writer: Interrupted) -> None:
    """What most clients call first is answered before all calls are loaded; any other call has them loaded."""
    writer.between = lambda: None
    loaded = []

    def chapters() -> Chapters:
        loaded.append(True)
        return WISE.chapters()

    slow = replace(WISE, chapters=chapters)
    bearer = b"Bearer nobody-has-it"
    assert ask(state, writer, "POST", b"/oauth/token", b"Basic bm9ib2R5Og==", b"grant_type=password", slow)[0] == 401
    assert not loaded
    assert ask(state, writer, "GET", b"/v1/profiles", bearer, provider=slow)[0] == 401
    assert loaded


def test_a_client_that_changes_all_the_time_is_told_to_try_again(
    state: State, other: State, writer: Interrupted
) -> None:
    """After so many judgements, and nothing is written."""
    asked = []

    def renamed() -> None:
        asked.append(
            clients.set_client(other, "wise", "changing", require_mtls=False, token_format=("", "jwe")[len(asked) % 2])
        )

    made = clients.add_client(state, "wise", "changing", token_format="jwe")
    writer.between = renamed
    assert ask_for_token(state, writer, made.client.id, made.secret)[0] == 503
    assert len(asked) == MOST_JUDGEMENTS
    with state.store.read() as work:
        assert rows.tokens_of(work, "wise", made.client.id) == ()


def test_what_is_read_in_a_thread_is_not_the_next_clients(
    state: State, other: State, writer: Interrupted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client is removed while its rows are looked through, and another has its id: its token is unknown, and no row
    of the other's is told. The control: where nothing happens, it has its own."""
    clients.add_client(state, "wise", "old", id="read-id")
    bearer = b"Bearer " + clients.new_personal_token(state, "wise", "old").encode()
    real = asyncio.to_thread
    monkeypatch.setattr(work, "MOST_ON_LOOP", 0)
    status, before = ask(state, writer, "GET", b"/v1/profiles", bearer)
    assert status == 200 and before

    async def overtaken(*asked: Any, **more: Any) -> Any:
        monkeypatch.setattr(asyncio, "to_thread", real)
        clients.remove_client(other, "wise", "old")
        clients.add_client(other, "wise", "new", id="read-id")
        return await real(*asked, **more)

    monkeypatch.setattr(asyncio, "to_thread", overtaken)
    assert ask(state, writer, "GET", b"/v1/profiles", bearer)[0] == 401
    assert state.journal.read(VIEW)[-1][1].reasons[0].code == "token.unknown"


def public_pem() -> str:
    key = ec.generate_private_key(ec.SECP521R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


CHANGES: dict[str, Callable[[State], object]] = {
    "revoked": lambda state: certificates.revoke(state, "wise", "judged", reason="unspecified"),
    "key deleted": lambda state: keys.remove_key(state, "wise", "judged", "the-kid"),
    "key added": lambda state: keys.add_key(state, "wise", "judged", keys.new_key("ES512", public_pem(), kid="more")),
    "another secret": lambda state: clients.new_secret(state, "wise", "judged"),
    "reset with all": lambda state: clients.reset_client(state, "wise", "judged", everything=True),
    "the clock": lambda state: clock.move_clock(state, timedelta(days=1)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_of_what_a_call_was_judged_by_counts(state: State, other: State, tmp_path: Path, change: str) -> None:
    """One of them changes in another process, and the call is judged again; with nothing changed, or with another
    client's, it is not."""
    judged = clients.add_client(state, "wise", "judged").client
    record = making.new_certificate(state, "wise", "judged", name="judged", out=tmp_path / "files").record
    keys.add_key(state, "wise", "judged", keys.new_key("ES512", public_pem(), kid="the-kid"))
    token = digest(clients.new_personal_token(state, "wise", "judged"))
    register = ReadCache(state)
    register.refresh()
    assert isinstance(state.clock, KeptClock)
    judgement = Judgement(
        provider=WISE,
        generation=register.generation,
        clock=state.clock.setting,
        fingerprint=record.fingerprint_sha256,
        certificate=register.certificate("wise", record.fingerprint_sha256),
        client=register.client("wise", judged.id),
        token=register.token(token),
        keys=register.keys(WISE, judged.id),
    )
    require_unmoved(register, register.changes)
    with state.store.write() as work:
        judgement.require(work)
    clients.new_secret(other, "wise", "demo")
    with state.store.write() as work:
        assert read_generation(work) != judgement.generation
        judgement.require(work)
    CHANGES[change](other)
    with pytest.raises(Overtaken), state.store.write() as work:
        judgement.require(work)
    with pytest.raises(Overtaken):
        require_unmoved(register, register.changes)
    clients.remove_client(other, "wise", "judged")
