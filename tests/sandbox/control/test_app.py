import pytest

from sandbox import errors
from sandbox.control.operation import STATUS_OF_CODE, trouble
from sandbox.control.operations import OPERATIONS
from sandbox.errors import Refused, SandbankError, Surroundings, refuse
from sandbox.journal.causes import CAUSES


def test_it_says_that_it_runs(door) -> None:
    """GET /health is the short answer that scripts wait for; HEAD says the same without words."""
    assert door.get("/health").json["status"] == "ok"
    assert door.call("HEAD", "/health").status == 200


@pytest.mark.parametrize("path", ["/health", "/api/providers", "/api/wise/clients/nobody", "/nowhere"])
def test_no_answer_is_kept_or_guessed_at(door, path) -> None:
    """Every answer forbids caches and guesses, and says how long it is."""
    answer = door.get(path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"] == "application/json"
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_providers_and_their_doors_are_told(door) -> None:
    """With the URLs under which they listen."""
    wise, nuapay, *_ = door.get("/api/providers").json["providers"]
    assert [(each["name"], each["url"], each["client_certificate"]) for each in wise["doors"]] == [
        ("mtls", "https://localhost:8443", "handshake"),
        ("api", "https://localhost:8444", "none"),
    ]
    assert [(each["name"], each["url"], each["client_certificate"]) for each in nuapay["doors"]] == [
        ("mtls", "https://localhost:8447", "call"),
        ("api", "https://localhost:8448", "none"),
    ]


@pytest.mark.parametrize(
    ("path", "nearest"),
    [
        ("/api/provider", "/api/providers"),
        ("/api/wise/client", "/api/{provider}/clients"),
        ("/heath", "/health"),
        ("/health/", "/health"),
        ("/", "/"),
        ("/" + "x" * 60_000, "/"),
        ("/\xff%00", "/"),
        ("*", "/"),
    ],
    ids=lambda path: path[:20],
)
def test_an_unknown_path_gets_the_nearest_one(door, path, nearest) -> None:
    """A 404 of the control door helps on, and is short."""
    answer = door.get(path)
    assert (answer.status, answer.code) == (404, "sandbank.not_there")
    assert f"the nearest is {nearest}" in answer.json["error"]["detail"]
    assert "a provider's calls go to its doors: sandbank status" in answer.json["error"]["next"]
    assert len(answer.body) < 1000


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_wrong_method_gets_the_right_ones(door, method) -> None:
    """In the header that HTTP has for it (RFC 9110 section 15.5.6), and in words."""
    answer = door.call(method, "/api/wise/clients")
    assert (answer.status, answer.code) == (405, "route.method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def classes(kind: type[SandbankError]):
    yield kind
    for below in kind.__subclasses__():
        yield from classes(below)


@pytest.mark.parametrize(
    "kind", sorted(set(classes(SandbankError)) - {SandbankError, Refused}, key=lambda k: k.__name__)
)
def test_every_error_of_ours_has_an_answer(kind) -> None:
    """What a caller can mend is answered by its class; what ails the machine is not the caller's to mend."""
    reply = trouble(kind("no", next_step="that"))
    if issubclass(kind, Surroundings):
        assert reply is None
    else:
        assert reply.status in (400, 404, 409) and reply.json == {
            "error": {"code": kind.code, "detail": "no", "next": "that"}
        }


@pytest.mark.parametrize("code", CAUSES)
def test_every_cause_has_an_answer(code) -> None:
    """A refused service is a 4xx with the cause and what to do, whatever layer it comes from."""
    reply = trouble(refuse(code, seen="this", expected="that"))
    if code in STATUS_OF_CODE:
        assert reply.json["error"]["code"] == code and reply.json["error"]["next"]
        assert (reply.status >= 500) is code.startswith("provider.")
    else:
        (refusal,) = reply.json["refusals"]
        assert reply.status == 422 and refusal["code"] == code and refusal["next"]


def test_codes_with_a_status_are_in_the_table() -> None:
    """A code that nobody could explain would help nobody."""
    assert STATUS_OF_CODE.keys() <= CAUSES.keys()


def test_a_fault_of_ours_is_kept_and_not_shown(door, monkeypatch) -> None:
    """A traceback helps its finder, in the state's folder, and never goes over the wire."""

    def broken(*_: object) -> None:
        raise KeyError("/some/path of ours")

    monkeypatch.setattr("sandbox.services.clients.list_clients", broken)
    answer = door.get("/api/wise/clients")
    assert (answer.status, answer.code) == (500, "provider.fault")
    assert b"Traceback" not in answer.body and b"/some/path" not in answer.body
    kept = door.state.folder.faults.read_text()
    assert "Traceback" in kept and "GET /api/{provider}/clients" in kept


def test_a_locked_store_is_busy_and_later_is_not(door) -> None:
    """Another process that writes for too long makes a 503; nothing was changed, and the next call works."""
    with door.state.store.write():
        answer = door.post("/api/wise/clients", {"name": "acme"})
    assert (answer.status, answer.code) == (503, "provider.busy")
    assert door.post("/api/wise/clients", {"name": "acme"}).status == 201


def test_a_store_that_is_gone_shows_no_path(door, monkeypatch) -> None:
    """What the machine lacks is no fault of ours: 503, and a path is nobody's business outside."""
    path = str(door.state.folder.path)

    def broken(*_: object) -> None:
        raise errors.StateUnusable(f"the store {path} cannot be used", next_step=f"look at {path}")

    monkeypatch.setattr("sandbox.services.clients.list_clients", broken)
    answer = door.get("/api/wise/clients")
    assert answer.status == 503 and path.encode() not in answer.body
    assert not door.state.folder.faults.exists()


def test_only_env_and_the_folder_itself_name_files(door, csr) -> None:
    """No other answer has a path of this machine in it, good or bad."""
    path = str(door.state.folder.path).encode()
    door.post("/api/wise/clients/demo/certificates?name=a", csr)
    door.post("/api/wise/clients/demo/certificates?name=a", b"junk")
    with door.state.store.write():
        assert path not in door.post("/api/wise/clients", {"name": "acme"}).body
    for operation in sorted(OPERATIONS, key=lambda operation: operation.method == "DELETE"):
        target = operation.path.format(
            **dict.fromkeys(("id", "code", "key", "kind", "row", "delivery", "algorithm"), "x"),
            provider="wise",
            client="demo",
            wanted="a",
        )
        answer = door.call(operation.method, target)
        assert (path in answer.body) is (operation.name in ("clientEnvironment", "whereItIs")), operation.name
