import pytest

PORT = 8440
GOOD = f"127.0.0.1:{PORT}"
TOKEN = "s3cret-tökén"
OPEN = {"control_bind": ("0.0.0.0",), "control_token": TOKEN}


def bearer(token: str, scheme: str = "Bearer"):
    return "authorization", f"{scheme} {token.encode().decode('latin-1')}"


@pytest.mark.parametrize("host", [GOOD, f"localhost:{PORT}", f"LocalHost:{PORT}", f"[::1]:{PORT}"])
def test_the_door_answers_to_its_own_names(door, host) -> None:
    """Loopback by any of its names, with the door's port."""
    assert door.get("/api/providers", headers=[("host", host)]).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        f"attacker.example:{PORT}",
        f"127.0.0.1.attacker.example:{PORT}",
        f"localhost.attacker.example:{PORT}",
        f"attacker.example@127.0.0.1:{PORT}",
        "127.0.0.1",
        "localhost",
        "127.0.0.1:80",
        f"127.0.0.1:{PORT}0",
        f"0.0.0.0:{PORT}",
        f"::1:{PORT}",
        f"{GOOD},{GOOD}",
        "",
        "\xff\xfe",
    ],
)
def test_a_rebound_name_is_not_let_in(door, host) -> None:
    """A page that has its own name point to 127.0.0.1 still sends its own name as Host."""
    answer = door.get("/api/providers", headers=[("host", host)])
    assert (answer.status, answer.code) == (403, "http.host_not_allowed")


@pytest.mark.parametrize(
    "headers", [[], [("host", GOOD), ("host", GOOD)], [("host", GOOD), ("host", "attacker.example")]]
)
def test_exactly_one_host_is_wanted(door, headers) -> None:
    """None (HTTP/1.0) and two are no Host that one could go by, not even on /health."""
    for path in ("/api/providers", "/health"):
        answer = door.get(path, headers=headers, version="1.0")
        assert (answer.status, answer.code) == (403, "http.host_not_allowed")


@pytest.mark.parametrize("origin", [f"http://{GOOD}", f"http://localhost:{PORT}", f"http://[::1]:{PORT}"])
def test_pages_of_the_door_itself_may_call(door, origin) -> None:
    """An Origin that is the door's own is let in."""
    assert door.get("/api/providers", headers=[("host", GOOD), ("origin", origin)]).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://attacker.example",
        f"https://{GOOD}",
        f"http://{GOOD}.attacker.example",
        "http://127.0.0.1",
        "http://127.0.0.1:3000",
        GOOD,
    ],
)
def test_a_page_of_another_origin_changes_nothing(door, origin) -> None:
    """A browser sends Origin with every POST; other pages' are refused before anything is done."""
    headers = [("host", GOOD), ("origin", origin)]
    answer = door.post("/api/wise/clients", {"name": "evil"}, headers=headers)
    assert (answer.status, answer.code) == (403, "http.origin_not_allowed")
    assert door.get("/api/wise/clients/evil").status == 404
    assert door.post("/api/wise/clients", {"name": "evil"}, headers=headers[:1]).status == 201


def test_a_preflight_is_refused(door) -> None:
    """No page of another origin is told that it may."""
    answer = door.call("OPTIONS", "/api/wise/clients", headers=[("host", GOOD), ("origin", "https://attacker.example")])
    assert answer.status == 403
    assert not any(name.startswith("access-control-") for name in answer.headers)


def test_another_loopback_address_is_a_name_of_the_door(door_with) -> None:
    """Whoever binds the door to 127.0.0.2 calls it by that."""
    door = door_with(control_bind=("127.0.0.2",))
    assert door.get("/health", headers=[("host", f"127.0.0.2:{PORT}")]).status == 200
    assert door.get("/health", headers=[("host", f"127.0.0.3:{PORT}")]).status == 403


def test_beyond_loopback_any_name_will_do_but_not_without_the_token(door_with) -> None:
    """The Host can be anything there, so the token stands in for it."""
    door = door_with(**OPEN)
    host = ("host", "sandbank.internal")
    assert door.get("/api/providers", headers=[host, bearer(TOKEN)]).status == 200
    answer = door.get("/api/providers", headers=[host])
    assert (answer.status, answer.code) == (401, "http.control_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "sent",
    [
        [bearer("")],
        [bearer("wrong")],
        [bearer(TOKEN[:-1])],
        [bearer(TOKEN + "x")],
        [bearer(TOKEN, scheme="Basic")],
        [bearer(TOKEN), bearer(TOKEN)],
        [("authorization", TOKEN.encode().decode("latin-1"))],
        [("x-authorization", f"Bearer {TOKEN}")],
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/providers", "/openapi.json", "/api/wise/clients", "/nowhere", "/health/", "/%68ealth"]
)
def test_every_other_token_is_refused_on_every_path(door_with, sent, path) -> None:
    """Also on paths that do not exist: from outside one cannot even tell."""
    answer = door_with(**OPEN).get(path, headers=[("host", "h"), *sent])
    assert (answer.status, answer.code) == (401, "http.control_token")


def test_health_needs_no_token(door_with) -> None:
    """Load balancers have none."""
    assert door_with(**OPEN).get("/health", headers=[("host", "h")]).status == 200


def test_a_token_given_on_loopback_is_wanted_there_too(door_with) -> None:
    """Nobody gives a token in order not to be asked for it."""
    door = door_with(control_token=TOKEN)
    assert door.get("/api/providers").status == 401
    assert door.get("/api/providers", headers=[("host", GOOD), bearer(TOKEN)]).status == 200


def test_beyond_loopback_an_origin_is_the_host_of_the_call(door_with) -> None:
    """With the token, too, a page of another origin stays outside."""
    door = door_with(**OPEN)
    for origin, status in (("http://sandbank.internal", 200), ("http://attacker.example", 403)):
        headers = [("host", "sandbank.internal"), ("origin", origin), bearer(TOKEN)]
        assert door.get("/api/providers", headers=headers).status == status


def test_a_refusal_of_the_guard_can_be_read_in_the_journal(door) -> None:
    """It says what was seen; calls that came in leave nothing there."""
    door.get("/api/providers?password=hidden", headers=[("host", "attacker.example")])
    door.get("/api/providers")
    (entry,) = door.get("/api/journal").json["entries"]
    assert (entry["kind"], entry["door"], entry["provider"], entry["status"]) == ("call", "control", None, 403)
    assert entry["title"] == "GET /api/providers" and entry["peer"] == "127.0.0.1:50000"
    assert "attacker.example" in entry["reasons"][0]["seen"]


def test_a_wrong_token_is_not_kept(door_with) -> None:
    """It may be the right one of another sandbox."""
    door = door_with(**OPEN)
    door.get("/api/providers", headers=[("host", "h"), bearer("almost-right")])
    assert b"almost-right" not in door.get("/api/journal", headers=[("host", "h"), bearer(TOKEN)]).body


def test_what_is_not_http_is_closed(door) -> None:
    """The control door speaks no WebSocket."""
    import asyncio

    sent = []

    async def send(message) -> None:
        sent.append(message)

    asyncio.run(door._app({"type": "websocket"}, None, send))
    assert sent == [{"type": "websocket.close"}]
