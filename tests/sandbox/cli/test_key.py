from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.sandbox.cli.running import Said, sandbank
from tests.sandbox.cli.test_completion import completed


@pytest.fixture
def pem(here: Path, key: ec.EllipticCurvePrivateKey) -> str:
    """A public key in PUBLIC.pem, its private half in PRIVATE.pem."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    Path("PUBLIC.pem").write_bytes(key.public_key().public_bytes(serialization.Encoding.PEM, form))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    Path("PRIVATE.pem").write_bytes(private)
    return "PUBLIC.pem"


def add(file: str, *words: str) -> Said:
    return sandbank("key", "add", file, "--algorithm", "ES256", *words)


def test_a_new_key_is_shown_with_what_to_do_next(pem: str) -> None:
    """Kid, id and how it stands; on standard error what goes into the header."""
    said = add(pem, "--kid", "signing-1")
    assert said.code == 0
    facts = dict(line.split(maxsplit=1) for line in said.text.splitlines())
    assert facts.keys() == {"kid", "id", "algorithm", "status"}
    assert (facts["kid"], facts["algorithm"], facts["status"]) == ("signing-1", "ES256", "active")
    assert "next: sign calls with alg ES256 and kid signing-1 in the header" in said.err
    assert "(none)" in add(pem).text


def test_a_key_for_encryption(here: Path) -> None:
    """By the name that Wise has for the algorithm; what follows is not to sign. The provider's own decrypts."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = rsa.generate_private_key(65537, 2048).public_key()
    Path("JWE.pem").write_bytes(public.public_bytes(serialization.Encoding.PEM, form))
    said = sandbank("key", "add", "JWE.pem", "--algorithm", "RSA_OAEP_256", "--kid", "jwe-1")
    assert said.code == 0 and "RSA-OAEP-256" in said.text
    assert "encrypted to this key where they name jwe-1" in said.err and "sign calls" not in said.err
    assert sandbank("key", "rotate", "RSA_OAEP_256").text.startswith("wise decrypts with version 2 ")


def test_a_key_that_is_not_good_now_is_not_told_to_be_used(pem: str) -> None:
    """One that has ended, or that has not begun; the negative control is the good one above."""
    ended = add(pem, "--kid", "past", "--expires-at", "2020-01-01")
    assert ended.code == 0 and "next: it has ended already" in ended.err and "sign calls" not in ended.err
    later = add(pem, "--kid", "later", "--active-from", "2099-01-01")
    assert "next: use it from 2099-01-01T00:00:00.000000Z on" in later.err and "sign calls" not in later.err


def test_an_algorithm_may_be_typed_in_small_letters(pem: str) -> None:
    """It is kept as JOSE writes it; one that nobody has is told as it was typed."""
    assert "algorithm  ES256" in sandbank("key", "add", pem, "--algorithm", "es256").text
    assert 'Seen: "hs256"' in sandbank("key", "add", pem, "--algorithm", "hs256").err


def test_a_new_pair_is_written_over_no_key_for_another_purpose(pem: str) -> None:
    """Each purpose has files of its own, and a name of which one is there already is not taken."""

    def step(algorithm: str) -> str:
        return sandbank("key", "add", pem, "--algorithm", algorithm).err

    assert "-out client-new-jwe.key 2048 &&" in " ".join(step("RSA-OAEP-256").split())
    assert "sandbank key add client-new-sca.pem --client demo --algorithm RS256" in step("RS256")
    Path("client-new-sca.key").write_text("the first")
    assert "client-new-2-sca.key" in step("RS256") and "client-new-2-jwe.key" in step("RSA-OAEP-256")


def test_a_key_may_come_from_standard_input(pem: str) -> None:
    """`-`, as everywhere; and from a client of one's own."""
    sandbank("client", "add", "acme")
    said = sandbank(
        "key", "add", "-", "--algorithm", "ES256", "--client", "acme", "--json", stdin=Path(pem).read_bytes()
    )
    assert said.code == 0 and said.err == ""
    assert sandbank("key", "list", "--client", "acme", "--json").json == {"keys": [said.json]}
    assert sandbank("key", "list", "--json").json == {"keys": []}
    assert "sandbank key add PUBLIC.pem --algorithm ES512 --client demo" in sandbank("key", "list").err


def test_times_are_those_of_the_options(pem: str) -> None:
    """UTC without a zone, another zone is brought there; the list shows how the key stands now."""
    times = (
        "--active-from",
        "2099-01-01",
        "--expires-at",
        "2100-01-01T02:00+02:00",
        "--delete-at",
        "2101-01-01T00:00Z",
    )
    said = add(pem, "--kid", "later", *times)
    assert "active from  2099-01-01T00:00:00.000000Z" in said.text and "not_yet_active" in said.text
    add(pem, "--kid", "gone", "--expires-at", "2000-01-01")
    heading, later, gone = sandbank("key", "list").text.splitlines()
    assert heading.split()[:3] == ["KID", "ALGORITHM", "STATUS"]
    expected = [
        "later",
        "ES256",
        "not_yet_active",
        "2099-01-01T00:00:00Z",
        "2100-01-01T00:00:00Z",
        "2101-01-01T00:00:00Z",
    ]
    assert later.split()[:6] == expected
    assert gone.split()[2] == "expired"


def test_a_private_key_is_refused_with_the_advice(pem: str) -> None:
    """It is never shared; nothing of it is repeated or kept, and a new pair is asked for."""
    said = add("PRIVATE.pem")
    assert (said.code, said.out) == (1, b"") and len(said.err.splitlines()) == 2
    assert "signature.key_private_sent" in said.err and "never shared" in said.err and "make a new pair" in said.err
    assert Path("PRIVATE.pem").read_text().splitlines()[1] not in said.err
    error = add("PRIVATE.pem", "--json").error["error"]
    assert error["code"] == "signature.key_private_sent" and error.keys() == {"code", "detail", "next"}
    assert sandbank("key", "list", "--json").json == {"keys": []}


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("add", "nothing.pem", "--algorithm", "ES256"), 1, "there is no file nothing.pem"),
        (("add", "PUBLIC.pem"), 2, "Missing option '--algorithm'"),
        (("add", "PUBLIC.pem", "--algorithm", "RS512"), 1, "signature.alg_unsupported"),
        (("add", "PUBLIC.pem", "--algorithm", "ES512"), 1, "signature.key_does_not_fit"),
        (("add", "PUBLIC.pem", "--algorithm", "ES256", "--kid", "k" * 129), 2, "a kid has 1 to 128"),
        (("add", "PUBLIC.pem", "--algorithm", "ES256", "--expires-at", "soon"), 2, "ISO 8601"),
        (("add", "PUBLIC.pem", "--algorithm", "ES256", "--client", "nobody"), 1, "has no client 'nobody'"),
        (("add", "/dev/zero", "--algorithm", "ES256"), 1, "signature.key_too_large"),
        (("remove", "nothing"), 1, "no key with the kid or id 'nothing'"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_said(pem: str, words: tuple[str, ...], code: int, sentence: str) -> None:
    """In two lines, with what to do next."""
    said = sandbank("key", *words)
    assert (said.code, said.out) == (code, b"") and sentence in said.err
    assert len(said.err.splitlines()) <= 2


def test_a_removed_key_is_deleted_and_its_kid_stays_taken(pem: str) -> None:
    """By kid or by id."""
    add(pem, "--kid", "one")
    second = add(pem, "--json").json["id"]
    assert "its signatures are refused" in sandbank("key", "remove", "one").text
    assert sandbank("key", "remove", second, "--json").json["removed"]["status"] == "deleted"
    assert [key["status"] for key in sandbank("key", "list", "--json").json["keys"]] == ["deleted", "deleted"]
    again = add(pem, "--kid", "one")
    assert again.code == 1 and "provider.not_unique" in again.err


def test_kids_and_algorithms_are_offered(pem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of keys that are not deleted; those that the provider takes."""
    for kid in ("signing-1", "signing-2"):
        add(pem, "--kid", kid)
    sandbank("key", "remove", "signing-1")
    assert completed(monkeypatch, "key remove sig") == ["signing-2"]
    assert completed(monkeypatch, "key add PUBLIC.pem --algorithm es5") == ["ES512"]
    assert completed(monkeypatch, "key add PUBLIC.pem --provider nobody --algorithm e") == []


def test_a_step_names_the_file_the_kid_and_the_algorithm_that_were_given(here: Path, csr: bytes) -> None:
    """Whatever is wrong with the file, and also where there is none."""
    Path("my.csr").write_bytes(csr)
    assert "next: openssl req -in my.csr -noout -pubkey > PUBLIC.pem" in add("my.csr").err
    Path("my.key").write_text("-----BEGIN PRIVATE KEY-----\n")
    said = add("my.key", "--kid", "one").err
    assert "sandbank key add client-new-jws.pem --kid one --client demo --algorithm ES256" in said
    assert "-name prime256v1" in add("none.pem").err
