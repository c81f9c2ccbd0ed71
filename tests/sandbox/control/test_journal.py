import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from sandbox.providers import PROVIDERS
from sandbox.services.journal import MAX_ENTRIES

SIGN = "/api/wise/clients/demo/certificates"
END = b"-----END X509 CRL-----\n"


def test_a_follower_loses_nothing_and_reads_nothing_twice(door) -> None:
    """`newest` of one answer is `after` of the next."""
    first = door.get("/api/journal").json
    assert first == {"entries": [], "newest": 0}
    door.post(f"{SIGN}?name=a", b"junk")
    second = door.get(f"/api/journal?after={first['newest']}").json
    assert [entry["number"] for entry in second["entries"]] == [second["newest"]]
    assert door.get(f"/api/journal?after={second['newest']}").json == {"entries": [], "newest": second["newest"]}


def test_a_view_has_what_was_asked_for(door, csr) -> None:
    """By client, provider, path, refusals and number; what belongs to nobody is in every client's view."""
    door.post(f"{SIGN}?name=a", csr)
    door.post(f"{SIGN}?name=a", b"junk")
    door.get("/api/providers", headers=[("host", "attacker.example")])

    def titles(query: str) -> list[str]:
        return [entry["title"] for entry in door.get(f"/api/journal?{query}").json["entries"]]

    signs = ["sign 'a' for demo"] * 2
    assert titles("") == titles("client=demo") == [*signs, "GET /api/providers"]
    assert titles("provider=wise") == signs
    assert titles("refused=true") == [signs[0], "GET /api/providers"]
    assert titles("door=control") == titles("cause=http.") == ["GET /api/providers"] and titles("before=2") == signs[:1]
    assert titles("kind=certificate") == signs and titles("kind=call") == ["GET /api/providers"]
    assert titles("path=/api/providers") == titles("limit=1") == ["GET /api/providers"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=-1",
        f"limit={MAX_ENTRIES + 1}",
        "limit=ten",
        "after=-1",
        "after=9223372036854775808",
        "after=" + "9" * 5000,
        "refused=perhaps",
        "clint=demo",
        "kind=calls",
        "client=%ff",
    ],
    ids=lambda query: query[:20],
)
def test_a_view_that_cannot_be_meant_is_refused(door, query) -> None:
    """A typing error is not answered with the wrong entries."""
    answer = door.get(f"/api/journal?{query}")
    assert (answer.status, answer.code) == (400, "http.call_malformed")


def test_the_largest_number_is_a_number(door) -> None:
    """The bound of the store is a good value; there is nothing after it."""
    assert door.get("/api/journal?after=9223372036854775807").json["entries"] == []


@pytest.mark.parametrize("query", ["client=nobody", "provider=wise&client=%00"])
def test_the_view_of_an_unknown_client_is_not_there(door, query) -> None:
    """An empty list would say that it had been quiet."""
    assert door.get(f"/api/journal?{query}").status == 404


def test_an_entry_is_found_by_its_id(door) -> None:
    """The entry is the same as in the list; an unknown id is a 404."""
    door.post(f"{SIGN}?name=a", b"junk")
    (entry,) = door.get("/api/journal").json["entries"]
    del entry["number"]
    assert door.get(f"/api/journal/{entry['id']}").json == entry
    for unknown in ("0" * 16, "%00", "a%2Fb", "x" * 5000):
        assert door.get(f"/api/journal/{unknown}").status == 404


def test_causes_are_explained(door) -> None:
    """Each row of the table by its code; a wrong one leads to the nearest."""
    causes = door.get("/api/causes").json["causes"]
    assert door.get("/api/causes/http.control_token").json in causes
    answer = door.get("/api/causes/http.controltoken")
    assert answer.status == 404 and "http.control_token" in answer.json["error"]["detail"]
    assert door.get("/api/causes/" + "x" * 20_000).status == 404


def test_the_root_comes_in_its_forms(door) -> None:
    """pem, der and p12 hold the same certificate; the clients' root is another."""
    pem, der = door.get("/api/ca"), door.get("/api/ca?format=der")
    root = x509.load_pem_x509_certificate(pem.body)
    assert pem.headers["content-type"] == "application/x-pem-file"
    assert der.headers["content-type"] == "application/pkix-cert"
    assert x509.load_der_x509_certificate(der.body) == root
    for query, password in (("", b"changeit"), ("&password=%C3%A4 %F0%9F%92%A3", "ä 💣".encode())):
        p12 = door.get(f"/api/ca?format=p12{query}")
        (entry,) = pkcs12.load_pkcs12(p12.body, password).additional_certs
        assert entry.certificate == root and p12.headers["content-type"] == "application/x-pkcs12"
    assert x509.load_pem_x509_certificate(door.get("/api/ca?clients=true").body) != root


def test_the_crls_come_as_the_command_prints_them(door) -> None:
    """PEM, of the clients' root and of each issuing CA: every signature verifies with a CA of this state."""
    answer = door.get("/api/ca/crls")
    assert answer.headers["content-type"] == "application/x-pem-file"
    lists = [x509.load_pem_x509_crl(block + END) for block in answer.body.split(END)[:-1]]
    with door.state.store.read() as work:
        names = ("client-root", *(f"client-ca:{provider.name}" for provider in PROVIDERS))
        keys = [door.state.authority.own(work, name).certificate.public_key() for name in names]
    assert [[crl.is_signature_valid(key) for key in keys].index(True) for crl in lists] == list(range(len(keys)))


@pytest.mark.parametrize(
    "query", ["format=txt", "format=p12&password=", f"format=p12&password={'x' * 257}", "clients=2"]
)
def test_a_root_in_no_form_is_refused(door, query) -> None:
    """Also a trust store with an empty password, which no two programs agree on."""
    answer = door.get(f"/api/ca?{query}")
    assert (answer.status, answer.code) == (400, "http.call_malformed")


@pytest.mark.parametrize("password", ["%00", "a%00b", "%F0%9F%92%A3", "x" * 256])
def test_odd_passwords_are_no_fault(door, password) -> None:
    """Whatever can be written in a URL is a password or a refusal."""
    assert door.get(f"/api/ca?format=p12&password={password}").status in (200, 400)
