"""A client's secret is told once and then nobody finds it: callers log in with it, and no file of ours has it."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from sandbox.errors import NotThere
from sandbox.journal.causes import CAUSES
from sandbox.server import secrets
from tests.guide.conftest import curl
from tests.sandbox.cli.running import sandbank, started

CHOSEN = "chosen by somebody & not well"
GRANT = ("-d", "grant_type=client_credentials")
FILES = ("sandbank.sqlite", "journal.sqlite", "ready.json", "said.txt", "told.txt")


def token(partner, secret):
    return curl(*partner.tls, "-u", f"{partner.id}:{secret}", *GRANT, partner.url("/oauth/token"))


def refused(partner, secret):
    said = token(partner, secret)
    assert (said.status, said.json["error"]) == (401, "invalid_client")
    return partner.sandbox.journal.last(client=partner.id, refused=True).reasons[0]


def test_a_new_secret_counts_at_the_next_call(partner):
    """At a running server: the old one is refused with the way out, the token of before is good."""
    client = partner.sandbox.wise.client(partner.name)
    before = partner.token()
    secret = client.new_secret()
    assert secret != partner.secret and client.secret == secret
    assert token(partner, secret).status == 200
    reason = refused(partner, partner.secret)
    assert reason.code == "token.secret_wrong"
    assert reason.next == f"sandbox.wise.client({partner.name!r}).new_secret() makes a new one and shows it once"
    assert partner.playground(token=before).status == 200


def test_a_secret_that_somebody_chose_logs_in(sandbox):
    """As it is and percent-encoded (RFC 6749); a wrong one does not, also when it is sent again."""
    client = sandbox.wise.new_client("chose-its-own", secret=CHOSEN)
    url = sandbox.wise.urls["api"] + "/oauth/token"

    def login(secret):
        return curl("--cacert", sandbox.ca_file, "-u", f"{client.id}:{secret}", *GRANT, url).status

    encoded = CHOSEN.replace(" ", "%20").replace("&", "%26")
    assert [login(secret) for secret in (CHOSEN, encoded, CHOSEN[:-1], CHOSEN[:-1], "", CHOSEN)] == [
        *(200, 200, 401, 401, 401, 200)
    ]
    client.new_secret()
    assert login(CHOSEN) == 401 and login(client.secret) == 200


def test_an_api_key_finds_its_client_however_it_is_kept(sandbox):
    """A demo client's, one that was made, two that were chosen; and nobody's is nobody's."""
    face = sandbox.nuapay
    own = [face.new_client("key-made"), *(face.new_client(f"key-{n}", secret=f"{CHOSEN} {n}") for n in (1, 2))]

    def call(key):
        said = curl("--cacert", sandbox.ca_file, "-u", f"{key}:", face.urls["api"] + "/certificates")
        return said.status, sandbox.journal.last(provider="nuapay").client

    for client in (face.client(), *own):
        assert call(client.secret) == (200, client.id)
    status, who = call(f"{CHOSEN} 3")
    assert status == 401 and who is None
    assert sandbox.journal.last(refused=True).reasons[0].code == "token.key_unknown"
    old, new = own[1].secret, own[1].new_secret()
    assert call(old)[0] == 401 and call(new) == (200, own[1].id)


def test_what_finds_the_line_of_guesses_full_is_refused_in_the_providers_words(sandbox, monkeypatch):
    """A wrong secret, an unknown id and an unknown key; not a demo client's secret, nor one that was right before. The
    control: with room in the line, all three are told no."""
    wise, nuapay = sandbox.wise.new_client("guessed-at", secret=CHOSEN), sandbox.nuapay.new_client("key", secret=CHOSEN)

    def login(user, *, provider="wise", path="/oauth/token"):
        words = () if provider == "nuapay" else GRANT
        return curl("--cacert", sandbox.ca_file, "-u", user, *words, getattr(sandbox, provider).urls["api"] + path)

    def key(user):
        return login(user, provider="nuapay", path="/certificates")

    def cause():
        return sandbox.journal.last(refused=True).reasons[0].code

    assert [login(f"{wise.id}:{CHOSEN}").status, key(f"{nuapay.secret}:").status] == [200, 200]
    assert [login(f"{wise.id}:a").status, login("nobody:a").status, key("a:").status] == [401, 401, 401]
    monkeypatch.setattr(secrets, "MOST_OF_ONE", 0)
    for user in (f"{wise.id}:b", "nobody:b"):
        said = login(user)
        assert (said.status, said.headers["retry-after"], cause()) == (429, "5", "token.too_many_guesses")
        assert said.headers["x-rate-limited-by"] == "wise-public-api" and said.json["error"] == "too_many_requests"
    said = key("b:")
    assert (said.status, said.headers["x-rate-limit-reset"], cause()) == (429, "5", "token.too_many_guesses")
    assert said.json == {"returnCode": None, "returnDescription": None, "details": None}
    demo = sandbox.wise.client()
    assert [login(f"{demo.id}:{demo.secret}").status, login(f"{wise.id}:{CHOSEN}").status] == [200, 200]
    assert [key(f"{sandbox.nuapay.client().secret}:").status, key(f"{nuapay.secret}:").status] == [200, 200]


def test_every_refused_login_is_the_same_work(sandbox, monkeypatch):
    """One slow digest for each spelling of the secret: whose was chosen, whose was made, and nobody's; a second time
    none. So no time tells which ids there are. The right secret that was made costs none."""
    chosen, made = sandbox.wise.new_client("chosen", secret=CHOSEN), sandbox.wise.new_client("made")
    real, counted = hashlib.scrypt, []

    def scrypt(data, **options):
        counted.append(data)
        return real(data, **options)

    monkeypatch.setattr(hashlib, "scrypt", scrypt)

    def work(user):
        counted.clear()
        curl("--cacert", sandbox.ca_file, "-u", user, *GRANT, sandbox.wise.urls["api"] + "/oauth/token")
        return len(counted)

    for secret, slow in (("wrong", 1), ("wr%6Fng one", 2), ("wrong", 0)):
        assert [work(f"{who}:{secret}") for who in (chosen.id, made.id, "nobody-there")] == [slow] * 3
    assert [work(f"{made.id}:{made.secret}"), work(f"{chosen.id}:{CHOSEN}")] == [0, 1]


def test_only_who_made_a_client_knows_its_secret(sandbox):
    """The object that made it, and its environment; another says how to get one. A demo client's anybody knows."""
    made = sandbox.wise.new_client("known-to-one", secret=CHOSEN)
    assert made.secret == CHOSEN == made.environment()["WISE_CLIENT_SECRET"] and CHOSEN not in repr(made)
    found = sandbox.wise.client("known-to-one")
    with pytest.raises(NotThere, match="shown once") as told:
        _ = found.secret
    assert "new_secret()" in told.value.advice()
    assert "WISE_CLIENT_SECRET" not in found.environment() and found.environment()["WISE_CLIENT_ID"] == made.id
    demo = sandbox.wise.client()
    assert demo.secret == demo.environment()["WISE_CLIENT_SECRET"]


def test_what_the_table_of_causes_advises_can_be_done():
    """It sends nobody to a secret that is not told."""
    assert "says how to get a new one" in CAUSES["token.secret_wrong"].next
    assert "says how to get a new one" in CAUSES["token.key_unknown"].next


def test_a_secret_lies_in_no_file(here_with_a_server):
    """Not the ones that were made, chosen, renewed or sent wrongly, at either provider and by each face; neither plain
    nor as Basic credentials. The demo client's is found where it may be, so the search finds what is there."""
    folder, ready = here_with_a_server
    hidden = [sandbank("client", "add", "made", "--json").json["secret"]]
    hidden += [sandbank("client", "secret", "made", "--json").json["secret"], CHOSEN]
    sandbank("client", "add", "chosen", "--secret", CHOSEN)
    hidden += [sandbank("client", "add", "key", "--provider", "nuapay", "--json").json["secret"]]
    asked = Request(f"{ready['control']}/api/wise/clients", b'{"name": "by-api"}', {"content-type": "application/json"})
    by_api = json.load(urlopen(asked))
    hidden += [
        by_api["secret"],
        json.load(urlopen(f"{ready['control']}/api/wise/clients/by-api/secret", b""))["secret"],
    ]
    demo = ready["providers"]["wise"]["clients"][0]
    doors = {name: one["doors"]["api"] for name, one in ready["providers"].items()}
    ids = {one["name"]: one["id"] for one in sandbank("client", "list", "--json").json["clients"]}
    made, renewed, chosen, key = hidden[:4]
    logins = [(ids["made"], made), (ids["made"], renewed), (ids["chosen"], chosen), (ids["demo"], demo["secret"])]
    logins += [(ids["chosen"], f"{CHOSEN}s")]
    trust = ("--cacert", ready["ca_file"])
    codes = [curl(*trust, "-u", ":".join(one), *GRANT, doors["wise"] + "/oauth/token").status for one in logins]
    assert codes == [401, 200, 200, 200, 401]
    assert curl(*trust, "-u", f"{key}:", doors["nuapay"] + "/certificates").status == 200
    told = [("list",), ("show", "made"), ("env", "chosen"), ("list", "--provider", "nuapay")]
    Path("told.txt").write_text("".join(sandbank("client", *words).text for words in told))
    basic = [base64.b64encode(":".join(one).encode()).decode() for one in logins[:3]]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {*FILES, "sandbank.sqlite-wal"}
    everything = subprocess.run(["cat", *map(str, files)], check=True, capture_output=True, timeout=60).stdout
    assert not [secret for secret in hidden + basic if secret.encode() in everything]
    for file in ("ready.json", "said.txt", ".sandbank"):
        found = subprocess.run(["grep", "-rqaF", demo["secret"], folder / file], check=False, timeout=60)
        assert found.returncode == 0, file


@pytest.fixture
def here_with_a_server(tmp_path, monkeypatch):
    """A folder with a server over its state, all that it says in a file, and its ready file's content."""
    monkeypatch.chdir(tmp_path)
    with Path("said.txt").open("wb") as said:
        words = ("serve", "--port-base", "0", "--ready-file", "ready.json")
        with started(*words, stdout=said, stderr=said) as server:
            assert sandbank("wait", "--ready-file", "ready.json", "--timeout", "60").code == 0
            yield tmp_path, json.loads(Path("ready.json").read_text())
            server.terminate()
            server.wait(60)
