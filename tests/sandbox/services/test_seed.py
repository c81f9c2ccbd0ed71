"""A seed file makes a state what it asks for: the same each time, all of it or nothing, its mistakes told at once."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from sandbox.errors import NotThere, SandbankError, SeedRefused, Surroundings
from sandbox.services.clients import add_client, list_clients, remove_client, reset_client, show_client
from sandbox.services.keys import list_keys, remove_key
from sandbox.services.resources import list_resources, put_resource, show_resource
from sandbox.services.seed import MAX_SEED_BYTES, apply_seed, read_seed
from sandbox.storage import facts

ACME = """
[[wise.clients]]
name = "acme"
id = "acme-id"
secret = "s3cret"
require_jws = true
require_mtls = true
rate_limit = "300/minute"
sca = true
check_callbacks = true
redirect_uris = ["https://acme.example/callback", "http://localhost:3000/callback?of=wise"]

[[wise.clients.keys]]
kid = "signing-1"
algorithm = "ES256"
file = "keys/acme.pem"
expires_at = 2099-01-01

[[wise.clients.balances]]
id = 1
currency = "GBP"
amount = 500.25

[[wise.clients.transfers]]
id = 777
sourceValue = 10
"""


def pem(key, *, private=False) -> str:
    if private:
        form = serialization.PrivateFormat.PKCS8
        return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def seed(state, tmp_path, key):
    """Applies a text as a seed file that has its key in a folder beside it."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "acme.pem").write_text(pem(key))
    (tmp_path / "keys" / "private.pem").write_text(pem(key, private=True))
    file = tmp_path / "sandbank.toml"

    def apply(text):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return apply_seed(state, read_seed(file))

    return apply


def generation_of(state) -> int:
    with state.store.read() as work:
        return facts.read_generation(work)


def problems_of(seed, text) -> tuple[str, ...]:
    with pytest.raises(SeedRefused) as refused:
        seed(text)
    assert refused.value.exit_code == 2 and refused.value.advice()
    return refused.value.problems


def everything(state):
    with state.store.read() as work:
        tables = ("clients", "client_keys", "resources", "seeded_rows", "facts")
        return [work.connection.execute(f"SELECT * FROM sandbank_{name} ORDER BY 1, 2").fetchall() for name in tables]


def test_what_the_file_asks_for_is_there(state, seed):
    """Client, key, redirect URIs and rows, completed by the provider; the usual rows stand beside them."""
    (applied,) = seed(ACME)
    assert applied.added and applied.changes[0] == "key signing-1"
    acme = show_client(state, "wise", "acme")
    assert (acme.id, acme.secret.is_of("s3cret"), acme.require_jws) == ("acme-id", True, True)
    assert acme.require_mtls and acme.sca and acme.rate_limit == "300/minute" and acme.check_callbacks
    (registered,) = list_keys(state, "wise", "acme")
    assert (registered.kid, registered.algorithm) == ("signing-1", "ES256")
    assert registered.expires_at == datetime(2099, 1, 1, tzinfo=UTC)
    assert show_resource(state, "wise", "acme", "balance", "1").body["amount"] == "500.25"
    assert show_resource(state, "wise", "acme", "transfer", "777").body["sourceValue"] == "10.00"
    assert show_resource(state, "wise", "acme", "transfer", "12345").body["sourceValue"] == "1000.00"
    uris = [row.body["uri"] for row in list_resources(state, "wise", "acme", "redirect_uri")]
    assert uris == ["http://localhost:3000/callback?of=wise", "https://acme.example/callback"]


def test_the_same_file_changes_nothing(state, seed, clock):
    """Not a byte, a day later, although a transfer has moved and a key was removed by hand."""
    seed(ACME)
    put_resource(state, "wise", "acme", "transfer", "777", {"status": "processing"})
    remove_key(state, "wise", "acme", "signing-1")
    before = everything(state)
    clock.move(timedelta(days=1))
    (again,) = seed(ACME)
    assert (again.added, again.changes) == (False, ())
    assert everything(state) == before


def test_a_reset_brings_the_seeded_rows_back(state, seed, clock):
    """To the letter, and those that came since are gone; a removed client leaves nothing to its successor."""
    seed(ACME)
    kinds = ("transfer", "balance", "profile", "redirect_uri")
    first = [list_resources(state, "wise", "acme", kind) for kind in kinds]
    put_resource(state, "wise", "acme", "transfer", "777", {"status": "processing"})
    put_resource(state, "wise", "acme", "balance", "1", {"amount": 0})
    put_resource(state, "wise", "acme", "transfer", "778", {})
    reset_client(state, "wise", "acme")
    assert [list_resources(state, "wise", "acme", kind) for kind in kinds] == first
    reset_client(state, "wise", "acme", everything=True)
    assert [list_resources(state, "wise", "acme", kind) for kind in kinds] == first
    remove_client(state, "wise", "acme")
    add_client(state, "wise", "acme", id="acme-id")
    assert [row.id for row in list_resources(state, "wise", "acme", "transfer")] == ["12345"]


def test_a_seeded_row_stands_in_the_place_of_a_usual_one(state, seed):
    """Also after a reset."""
    seed('[[wise.clients]]\nname = "acme"\n[[wise.clients.balances]]\nid = 236839\namount = 5')
    reset_client(state, "wise", "acme")
    assert show_resource(state, "wise", "acme", "balance", "236839").body["amount"] == "5.00"


def test_a_changed_file_changes_what_it_names(state, seed):
    """Secret, require_jws, a new key and a changed row; the rest stays, and a server is told to look again."""
    seed(ACME)
    put_resource(state, "wise", "acme", "transfer", "777", {"status": "processing"})
    before = generation_of(state)
    second_key = '[[wise.clients.keys]]\nkid = "signing-2"\nalgorithm = "ES256"\nfile = "keys/acme.pem"\n'
    changed = (
        ACME.replace("s3cret", "other").replace("= true", "= false").replace("500.25", "7").replace("300/", "9/")
        + second_key
    )
    (applied,) = seed(changed)
    more = ("check_callbacks", "key signing-2", "balance 1")
    assert applied.changes == ("secret", "require_jws", "require_mtls", "rate_limit", "sca", *more)
    assert generation_of(state) > before
    secret = show_client(state, "wise", "acme").secret
    assert secret.is_of("other") and not secret.is_of("s3cret")
    assert show_resource(state, "wise", "acme", "balance", "1").body["amount"] == "7.00"
    assert show_resource(state, "wise", "acme", "transfer", "777").body["status"] == "processing"


def test_what_the_file_leaves_open_is_made_or_stays(state, seed):
    """Id and secret of a new client, everything of one that is there, the demo client among them."""
    demo = show_client(state, "wise", "demo")
    acme, same = seed('[[wise.clients]]\nname = "acme"\n[[wise.clients]]\nname = "demo"')
    assert acme.added and len(acme.id) == 36
    assert acme.secret and show_client(state, "wise", "acme").secret.is_of(acme.secret) and same.secret is None
    assert (same.added, same.changes) == (False, ()) and show_client(state, "wise", "demo") == demo


def test_an_empty_file_asks_for_nothing(state, seed):
    """That is no mistake."""
    assert seed("") == seed("[wise]") == ()


def test_signed_and_approved_calls_are_asked_for_where_there_are_some(state, seed):
    """A provider without them would pass the word over in silence."""
    text = '[[{}.clients]]\nname = "acme"\nrequire_jws = true\n'
    (problem,) = problems_of(seed, text.format("treezor"))
    assert problem == "treezor.clients[0].require_jws: treezor has no signed calls"
    assert seed(text.format("nuapay"))[0].added
    (problem,) = problems_of(seed, '[[nuapay.clients]]\nname = "other-one"\nsca = true\n')
    assert problem.startswith("nuapay.clients[0].sca: nuapay has no calls")


def test_every_mistake_is_told_with_its_place(state, seed):
    """At once, without applying anything, and without a word of the private key or the secret."""
    before = everything(state)
    problems = problems_of(
        seed,
        """
        [[wise.clients]]
        nmae = "acme"
        id = "a/b"
        secret = 17
        require_jws = "yes"
        redirect_uris = ["/callback", "https://x.example/#f", 3, "https://[::1", "ftp://x.example", "https://x y"]
        [[wise.clients.keys]]
        algorithm = "ES256"
        file = "keys/private.pem"
        [[wise.clients.keys]]
        kid = "a"
        algorithm = "RS512"
        file = "keys/acme.pem"
        active_from = "tomorrow"
        expires_at = 7
        delete_at = 12:00:00
        [[wise.clients.keys]]
        algorithm = "ES256"
        file = "keys/nobody.pem"
        [[wise.clients.keys]]
        algorithm = "ES256"
        file = "keys/acme.pem"
        material = "AAAA"
        [[wise.clients.keys]]
        material = "AAAA"
        [[wise.clients.balances]]
        id = 1
        currency = "gbp"
        amount = "much"
        colour = 2
        [[wise.clients.transfers]]
        sourceValue = [1]
        [[wise.clients.transfers]]
        id = 0
        [[wise.clients.transfers]]
        id = 1.5
        reference = 0xFFFFFFFFFFFFFFFFFF
        [[wise.clients.tranfsers]]
        [wise.client]
        [wsie]
        """,
    )
    expected = [
        "wise.clients[0].name: missing",
        "wise.clients[0].id: 'a/b' is not a client id",
        "wise.clients[0].secret: must be a text, not a number",
        "wise.clients[0].require_jws: must be true or false, not a text",
        "wise.clients[0].redirect_uris[0]: '/callback' is not an absolute URL",
        "wise.clients[0].redirect_uris[1]: 'https://x.example/#f' has a fragment",
        "wise.clients[0].redirect_uris[2]: must be a text, not a number",
        "wise.clients[0].redirect_uris[3]: 'https://[::1' is not an absolute URL",
        "wise.clients[0].redirect_uris[4]: 'ftp://x.example' is not an absolute URL",
        "wise.clients[0].redirect_uris[5]: 'https://x y' is not a URL of at most",
        "wise.clients[0].keys[0]: signature.key_private_sent: This is, or contains, a private key. A",
        "wise.clients[0].keys[1]: signature.alg_unsupported",
        "wise.clients[0].keys[1].active_from: 'tomorrow' is not a time",
        "wise.clients[0].keys[1].expires_at: must be a time such as",
        "wise.clients[0].keys[1].delete_at: must be a time such as",
        "wise.clients[0].keys[2]: there is no file ",
        "wise.clients[0].keys[3]: must have either file or material",
        "wise.clients[0].keys[4].algorithm: missing",
        "wise.clients[0].balances[0]: unknown field 'colour'; there are: currency, amount, profile, type",
        "wise.clients[0].balances[0]: currency must be a currency code",
        "wise.clients[0].balances[0]: amount must be 0 to 1000000000000 with at most two decimals, not 'much'",
        "wise.clients[0].transfers[0].id: missing",
        "wise.clients[0].transfers[0].sourceValue: must be a text, a number, true or false, not a list",
        "wise.clients[0].transfers[1]: id must be a positive number",
        "wise.clients[0].transfers[2].id: must be a text or a whole number",
        "wise.clients[0].transfers[2].reference: must be a number of at most 64 bits",
        "wise.clients[0].nmae: unknown; did you mean name?",
        "wise.clients[0].tranfsers: unknown; did you mean transfers?",
        "wise.client: unknown; did you mean clients?",
        "wsie: unknown; did you mean wise?",
    ]
    for start in expected:
        assert [problem for problem in problems if problem.startswith(start)], start
    assert len(problems) == len(expected), problems
    assert everything(state) == before


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("[[wise.clients]", "not TOML: "),
        ("a = " + "1" * 5000, "not TOML: "),
        ("a = " + "[" * 100_000, "not TOML: "),
        (b"a = '\xff'", "not UTF-8 at byte 5"),
        ("# a\n" * (MAX_SEED_BYTES // 4) + "#", "over 1048576 bytes"),
        ('[wise.clients]\nname = "a"', "wise.clients: must be tables, each headed [[wise.clients]], not a table"),
        ("wise = 3", "wise: must be a table, not a number"),
        ("[wise]\nclients = [1]", "wise.clients: must be tables"),
        ("[[wise.clients]]\nname = ''", "wise.clients[0].name: '' is not a client name"),
        ("[[wise.clients]]\nname = 'a'\nsecret = ''", "wise.clients[0].secret: empty"),
        ('[[wise.clients]]\nname = "a"\n"\\u001b[2J" = 1', "wise.clients[0].\\x1b[2J: unknown; there are: name, id"),
        (
            "[[wise.clients]]\nname = 'a'\n[[wise.clients]]\nname = 'a'",
            "wise.clients[1]: 'a' is already the name or the id",
        ),
        (
            "[[wise.clients]]\nname = 'a'\nid = 'x'\n[[wise.clients]]\nname = 'b'\nid = 'x'",
            "wise.clients[1]: 'x' is already the name or the id of wise.clients[0]",
        ),
        (
            "[[wise.clients]]\nname = 'a'\n" + "[[wise.clients.transfers]]\nid = 7\n" * 2,
            "wise.clients[0]: has the row transfer 7 twice",
        ),
        (
            "[[wise.clients]]\nname = 'a'\n"
            + "[[wise.clients.keys]]\nkid = 'k'\nalgorithm = 'ES256'\nfile = 'keys/acme.pem'\n" * 2,
            "wise.clients[0]: has the kid k twice",
        ),
        (
            "[[wise.clients]]\nname = 'a'\n[[wise.clients.keys]]\nalgorithm = 'ES256'\nfile = 'keys'",
            "wise.clients[0].keys[0]: ",
        ),
        (
            "[[wise.clients]]\nname = 'a'\n[[wise.clients.keys]]\nalgorithm = 'ES256'\nfile = \"a\\u0000\"",
            "wise.clients[0].keys[0]: ",
        ),
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
def test_a_file_that_says_nothing_sensible_is_a_sentence(state, seed, text, start):
    """One problem each, and the state stays as it was."""
    before = everything(state)
    (problem,) = problems_of(seed, text)
    assert problem.startswith(start)
    assert everything(state) == before


def test_a_seed_file_that_is_not_there_is_said(tmp_path):
    """Missing, a folder: each its own sentence."""
    with pytest.raises(NotThere, match="there is no file"):
        read_seed(tmp_path / "missing.toml")
    with pytest.raises(SandbankError, match="is a folder"):
        read_seed(tmp_path)
    with pytest.raises(Surroundings, match="cannot be read"):
        read_seed(tmp_path / ("x" * 300))


def test_what_stands_against_a_file_is_told_at_once_and_nothing_is_applied(state, seed, key):
    """Another id, an id that is somebody's, a kid that names another key: all of them, and no client more."""
    seed(ACME)
    add_client(state, "wise", "other", id="other-id")
    remade = pem(ec.generate_private_key(ec.SECP256R1()))
    before = everything(state)
    problems = problems_of(
        seed,
        f"""
        [[wise.clients]]
        name = "first"
        [[wise.clients]]
        name = "acme"
        id = "new-id"
        [[wise.clients.keys]]
        kid = "signing-1"
        algorithm = "ES256"
        material = '''{remade}'''
        [[wise.clients]]
        name = "second"
        id = "other-id"
        [[wise.clients]]
        name = "other-id"
        """.replace('name = "other-id"', 'name = "third"\n        id = "other"'),
    )
    assert problems[0].startswith("wise.clients[1].id: the client acme already has the id acme-id")
    assert problems[1].startswith("wise.clients[1].keys[0]: acme already has this key with another public key and ")
    assert "`sandbank client reset acme --all`" in problems[1]
    assert problems[2].startswith("wise.clients[2]: ") and problems[3].startswith("wise.clients[3]: ")
    assert len(problems) == 4
    assert everything(state) == before


def test_a_key_without_a_kid_is_known_by_itself(state, seed):
    """Twice the same file is one key; another algorithm makes another."""
    text = "[[wise.clients]]\nname = 'acme'\n[[wise.clients.keys]]\nalgorithm = 'ES256'\nfile = 'keys/acme.pem'\n"
    assert seed(text)[0].changes and not seed(text)[0].changes
    assert len(list_keys(state, "wise", "acme")) == 1


def test_a_key_for_encryption_is_seeded_by_either_name(state, seed):
    """As Wise spells the algorithm, and as JOSE does: it is the same key."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = rsa.generate_private_key(65537, 2048).public_key()
    material = base64.b64encode(public.public_bytes(serialization.Encoding.DER, form)).decode()
    text = (
        f"[[wise.clients]]\nname = 'acme'\n[[wise.clients.keys]]\nalgorithm = 'RSA_OAEP_256'\nmaterial = '{material}'\n"
    )
    assert seed(text)[0].changes and not seed(text.replace("RSA_OAEP_256", "RSA-OAEP-256"))[0].changes
    assert [key.algorithm for key in list_keys(state, "wise", "acme")] == ["RSA-OAEP-256"]


def test_times_without_a_zone_are_utc(state, seed):
    """In every form that TOML has, and as a text."""
    for number, said in enumerate(
        ("2026-05-11", "2026-05-11T00:00:00", "2026-05-11T02:00:00+02:00", '"2026-05-11 00:00"', '"2026-05-11T00:00Z"')
    ):
        key_table = (
            f"[[wise.clients.keys]]\nkid = 'k'\nalgorithm = 'ES256'\nfile = 'keys/acme.pem'\nactive_from = {said}"
        )
        seed(f"[[wise.clients]]\nname = 'c{number}'\n{key_table}")
        assert list_keys(state, "wise", f"c{number}")[0].active_from == datetime(2026, 5, 11, tzinfo=UTC)
    assert len(list_clients(state, "wise")) == 6
