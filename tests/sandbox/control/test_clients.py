import pytest

DEMO = "/api/wise/clients/demo"


def test_a_client_is_made_shown_and_removed(door) -> None:
    """A client lives from POST to DELETE, under its name and under its id."""
    made = door.post("/api/wise/clients", {"name": "acme"})
    assert made.status == 201
    assert door.get("/api/wise/clients/acme").json == door.get(f"/api/wise/clients/{made.json['id']}").json
    assert [client["name"] for client in door.get("/api/wise/clients").json["clients"]] == ["demo", "acme"]
    assert door.call("DELETE", "/api/wise/clients/acme").status == 200
    assert door.get("/api/wise/clients/acme").status == 404


def test_id_and_secret_can_be_fixed(door) -> None:
    """Who needs the same credentials in each run gives them."""
    made = door.post("/api/wise/clients", {"name": "acme", "id": "my-id", "secret": "my secret"})
    assert (made.json["id"], made.json["secret"]) == ("my-id", "my secret")


def test_a_client_says_whether_its_calls_must_be_signed(door) -> None:
    """As it was added; not unless it was asked for."""
    assert door.post("/api/wise/clients", {"name": "acme"}).json["require_jws"] is False
    assert door.post("/api/wise/clients", {"name": "signer", "require_jws": True}).json["require_jws"] is True
    assert door.get("/api/wise/clients/signer").json["require_jws"] is True
    assert door.post("/api/wise/clients", {"name": "careful", "require_mtls": True}).json["require_mtls"] is True
    assert door.get("/api/wise/clients/careful").json["require_jws"] is False


def test_settings_are_changed(door) -> None:
    """What is not named stays; what cannot be is refused, and so is a client that is not there."""
    door.post("/api/wise/clients", {"name": "acme", "rate_limit": "5/second"})
    said = door.call("PATCH", "/api/wise/clients/acme", {"require_mtls": True})
    assert (said.status, said.json["rate_limit"], said.json["require_mtls"]) == (200, "5/second", True)
    assert door.call("PATCH", "/api/wise/clients/acme", {"check_callbacks": True}).json["check_callbacks"] is True
    assert door.call("PATCH", "/api/treezor/clients/demo", {"check_callbacks": True}).status == 400
    said = door.call("PATCH", "/api/wise/clients/acme", {"rate_limit": ""})
    assert (said.json["rate_limit"], said.json["require_mtls"]) == ("", True)
    assert door.call("PATCH", "/api/wise/clients/acme", {"rate_limit": "often"}).status == 400
    assert door.call("PATCH", "/api/wise/clients/acme", {"name": "other"}).code == "http.call_malformed"
    assert door.call("PATCH", "/api/wise/clients/nobody", {"rate_limit": "off"}).status == 404


def test_a_secret_is_shown_once(door) -> None:
    """The answers to the POSTs that make one hold it; list, GET, env, reset and DELETE never."""
    made = door.post("/api/wise/clients", {"name": "acme"}).json
    one = "/api/wise/clients/acme"
    renewed = door.post(f"{one}/secret")
    assert renewed.status == 201 and renewed.headers["cache-control"] == "no-store"
    assert {**renewed.json, "secret": ""} == {**made, "secret": ""} and made["secret_readable"] is False
    secrets = {made["secret"], renewed.json["secret"]}
    assert len(secrets) == 2
    paths = [("GET", "/api/wise/clients"), ("GET", one), ("GET", f"{one}/env"), ("POST", f"{one}/reset")]
    for method, path in [*paths, ("DELETE", one)]:
        answer = door.call(method, path)
        assert answer.status == 200 and not any(secret.encode() in answer.body for secret in secrets)


def test_env_tells_a_demo_clients_secret_and_names_what_it_leaves_out(door) -> None:
    """A demo client's is none; of another the variable's name is all."""
    demo = door.get(f"{DEMO}/env").json
    assert demo["secret_missing"] == "" and demo["variables"]["WISE_CLIENT_SECRET"]
    door.post("/api/wise/clients", {"name": "acme", "secret": "s3cret"})
    acme = door.get("/api/wise/clients/acme/env").json
    assert acme["secret_missing"] == "WISE_CLIENT_SECRET" and "WISE_CLIENT_SECRET" not in acme["variables"]
    assert door.get(DEMO).json["secret_readable"] is True


def test_env_says_whether_a_certificate_is_there(door) -> None:
    """No certificate has been made in the state yet, and env says so."""
    answer = door.get(f"{DEMO}/env").json
    assert answer["certificate_missing"] is True
    assert {"WISE_CLIENT_ID", "WISE_CLIENT_SECRET", "WISE_MTLS_URL", "WISE_CA_FILE"} <= answer["variables"].keys()


def test_reset_frees_the_names_of_certificates(door, csr) -> None:
    """After a reset of everything the same name can be used again; after one of the rows alone it can not."""
    sign = f"{DEMO}/certificates?name=laptop"
    assert door.post(sign, csr).status == 201
    assert door.post(sign, csr).codes == ["certificate.name_taken"]
    assert door.post(f"{DEMO}/reset").status == 200
    assert door.post(sign, csr).codes == ["certificate.name_taken"]
    assert door.post(f"{DEMO}/reset?everything=true").status == 200
    assert door.post(sign, csr).status == 201


def test_settings_of_a_client_are_changed_and_the_others_stay(door) -> None:
    """As `client set` does; a form of token that the provider does not have changes nothing."""
    changed = door.call("PATCH", DEMO, {"token_format": "jwe", "require_jws": True})
    assert (changed.json["token_format"], changed.json["require_jws"]) == ("jwe", True)
    again = door.call("PATCH", DEMO, {"require_mtls": True}).json
    assert again == {**changed.json, "require_mtls": True} == door.get(DEMO).json
    again = door.call("PATCH", DEMO, {"sca": True}).json
    assert again == {**changed.json, "require_mtls": True, "sca": True}
    refused = door.call("PATCH", DEMO, {"token_format": "none", "require_mtls": False})
    assert (refused.status, refused.code) == (400, "sandbank.misuse") and "uuid, jwe" in refused.json["error"]["detail"]
    assert door.call("PATCH", DEMO, {"require_mtls": None}).code == "http.call_malformed"
    assert door.get(DEMO).json == again


def test_a_personal_token_is_shown_once(door) -> None:
    """Where the provider has such tokens; each is another."""
    made = [door.post(f"{DEMO}/personal-tokens") for _ in range(2)]
    assert {answer.status for answer in made} == {201} and made[0].headers["cache-control"] == "no-store"
    first, second = (answer.json["personal_token"] for answer in made)
    assert first != second and first.encode() not in door.get(DEMO).body
    refused = door.post("/api/nuapay/clients/demo/personal-tokens")
    assert (refused.status, refused.code) == (400, "sandbank.misuse")


def test_the_key_that_verifies_webhooks_is_told_where_there_is_one(door) -> None:
    """The same each time; a provider that signs by a secret of each subscription has none."""
    key = door.get("/api/wise/webhooks/key")
    assert key.body.startswith(b"-----BEGIN PUBLIC KEY-----") and key.body == door.get("/api/wise/webhooks/key").body
    assert door.get("/api/nuapay/webhooks/key").code == "sandbank.misuse"


@pytest.mark.parametrize(
    "said",
    [
        {"name": ""},
        {"name": "a/b"},
        {"name": "a\0b"},
        {"name": "ä"},
        {"name": "../../etc/passwd"},
        {"name": "acme", "id": "a/b"},
        {"name": "acme", "id": "a:b"},
        {"name": "acme", "id": "a\0"},
        {"name": "acme", "secret": "a\nb"},
    ],
    ids=str,
)
def test_what_cannot_be_a_client_is_refused(door, said) -> None:
    """Names and ids that would break a URL, a path or Basic credentials make no client."""
    answer = door.post("/api/wise/clients", said)
    assert (answer.status, answer.code) == (400, "sandbank.misuse")
    assert len(door.get("/api/wise/clients").json["clients"]) == 1


def test_a_name_that_is_taken_is_a_conflict(door) -> None:
    """409 tells "choose another" apart from "this can be nobody's name"."""
    answer = door.post("/api/wise/clients", {"name": "demo"})
    assert (answer.status, answer.code) == (409, "sandbank.taken")
    assert len(door.get("/api/wise/clients").json["clients"]) == 1


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"nam": "acme"},
        {"name": 1},
        {"name": None},
        {"name": True},
        {"name": ["acme"]},
        {"name": {"name": "acme"}},
        {"name": "a" * 65},
        {"name": "acme", "id": 1.5},
        {"name": "acme", "secret": "s" * 257},
        {"name": "acme", "secret": "\ud800"},
        {"name": "acme", "require_jws": "yes"},
        {"name": "acme", "require_jws": None},
        {"name": "acme", "require_mtls": 1},
    ],
    ids=lambda said: str(said)[:30].encode("ascii", "replace").decode(),
)
def test_fields_have_their_types(door, said) -> None:
    """A field that is missing, unknown, too long or not a text is a call that cannot be read."""
    answer = door.post("/api/wise/clients", said)
    assert (answer.status, answer.code) == (400, "http.call_malformed")


@pytest.mark.parametrize(
    "client", ["nobody", "%00", "a%2Fb", "%ff", "%F0%9F%92%A3", "..%2F..%2Fetc", "x" * 5000, "'--"]
)
@pytest.mark.parametrize("rest", ["", "/env", "/certificates"])
def test_who_is_not_there_is_said_to_be_not_there(door, client, rest) -> None:
    """Whatever stands in the path, an unknown client is a 404 with the clients that there are."""
    answer = door.get(f"/api/wise/clients/{client}{rest}")
    assert (answer.status, answer.code) == (404, "sandbank.not_there")
    assert "demo" in answer.json["error"]["detail"]


def test_an_unknown_provider_is_not_there(door) -> None:
    """The answer names the providers that there are."""
    answer = door.get("/api/nobody/clients")
    assert answer.status == 404 and "wise" in answer.json["error"]["detail"]
