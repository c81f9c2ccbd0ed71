import io
import json
import sqlite3
import zipfile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.embed.handles import ProviderHandle
from sandbox.journal.entry import View
from sandbox.services.bundling import Given, bundle_with_key
from sandbox.services.making import new_certificate
from tests.sandbox.cli.running import sandbank

SIGN = "/api/wise/clients/demo/certificates"
FORM = (("host", "127.0.0.1:8440"), ("content-type", "application/x-www-form-urlencoded"))
JSON = (("host", "127.0.0.1:8440"), ("content-type", "application/json"))


@pytest.mark.parametrize("headers", [FORM, JSON, FORM[:1]], ids=["form", "json", "none"])
@pytest.mark.parametrize("kind", ["pem", "json", "json after space"])
def test_a_csr_is_signed_whatever_the_content_type_says(door, csr, headers, kind) -> None:
    """The first byte decides between JSON and PEM: curl -d names both a form."""
    if kind == "pem":
        answer = door.post(f"{SIGN}?name=laptop", csr, headers=headers)
    else:
        body = json.dumps({"name": "laptop", "csr": csr.decode()}).encode()
        answer = door.post(SIGN, body if kind == "json" else b" \r\n\t" + body, headers=headers)
    assert answer.status == 201, answer.json
    (listed,) = door.get(SIGN).json["certificates"]
    assert answer.json.keys() == listed.keys() | {"certificate", "chain", "changed"}


def test_the_answer_is_a_certificate_and_says_what_was_changed(door, csr) -> None:
    """Leaf and issuer fit each other, and the overwritten CN is told."""
    said = door.post(f"{SIGN}?name=laptop", csr).json
    leaf = x509.load_pem_x509_certificate(said["certificate"].encode())
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(said["chain"].encode()))
    assert f"{leaf.serial_number:X}" == said["serial"].lstrip("0")
    change = next(change for change in said["changed"] if change["field"] == "CN")
    assert change["from"] == "anything" and change["to"] == door.get("/api/wise/clients/demo").json["id"]


def test_a_certificate_that_is_not_kept_is_neither_told_nor_in_the_journal(state, door, csr) -> None:
    """It is signed in a transaction that it shares with others, and only the commit makes it one."""
    with state.store.write() as work:
        work.connection.execute("CREATE TABLE above (id INTEGER PRIMARY KEY)")
        work.connection.execute("CREATE TABLE below (id INTEGER REFERENCES above (id) DEFERRABLE INITIALLY DEFERRED)")
        work.connection.execute(
            "CREATE TRIGGER orphan AFTER INSERT ON ca_certificates BEGIN INSERT INTO below VALUES (1); END"
        )
    assert door.post(f"{SIGN}?name=laptop", csr).code == "provider.fault"
    assert state.journal.read(View()) == ()
    with state.store.write() as work:
        work.connection.execute("DROP TRIGGER orphan")
    assert door.post(f"{SIGN}?name=laptop", csr).status == 201
    assert [entry.outcome for _, entry in state.journal.read(View())] == ["signed"]


def test_a_store_held_by_another_is_told_as_busy(state, door, csr) -> None:
    """Half a second of waiting, then 503 and nothing in the journal that did not happen."""
    other = sqlite3.connect(state.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = door.post(f"{SIGN}?name=laptop", csr)
    finally:
        other.close()
    assert (answer.status, answer.code) == (503, "provider.busy")
    assert state.journal.read(View()) == ()


def test_a_name_goes_into_the_body_or_the_query(door, csr) -> None:
    """With JSON the name may stand in the query; in both it is a contradiction; in neither the authority refuses."""
    said = {"csr": csr.decode()}
    assert door.post(f"{SIGN}?name=laptop", said).status == 201
    assert door.post(f"{SIGN}?name=a", {**said, "name": "b"}).code == "http.call_malformed"
    assert door.post(SIGN, said).codes == ["certificate.name_missing"]
    assert door.post(SIGN, csr).codes == ["certificate.name_missing"]


def test_a_refusal_tells_everything(door, csr) -> None:
    """Each broken rule has its six fields, and one that is known from the table of causes."""
    answer = door.post(f"{SIGN}?name=laptop", b"hello")
    assert answer.status == 422
    for refusal in answer.json["refusals"]:
        assert refusal.keys() == {"code", "detail", "seen", "expected", "rule", "next"}
        assert refusal["code"] and refusal["detail"] and refusal["next"]
        assert door.get(f"/api/causes/{refusal['code']}").status == 200


def test_a_private_key_is_not_repeated(door) -> None:
    """Neither as PEM nor in JSON, good or broken, does a private key come back or reach the journal."""
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    line = key.splitlines()[1]
    broken = b'{"csr": "' + key
    answers = [door.post(f"{SIGN}?name=a", key), door.post(SIGN, {"csr": key.decode(), "name": "a"})]
    assert [answer.codes for answer in answers] == [["certificate.private_key_sent"]] * 2
    answers += [door.post(SIGN, broken), door.get("/api/journal")]
    assert all(line not in answer.body for answer in answers)


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", "certificate.empty"),
        (b"\n\n", "certificate.empty"),
        (b"\x30\x82" + b"\0" * 300, "certificate."),
        (b"A" * 1_048_576, "certificate.too_large"),
        (b"\xff" * 1_048_576, "certificate.too_large"),
        (b"\0" * 5000, "certificate.not_text"),
        (b"[]", "certificate.other_file_sent"),
        (b'"{"', "certificate.other_file_sent"),
        (b"name=a&csr=b", "certificate.begin_missing"),
        (b"-----BEGIN CERTIFICATE REQUEST-----", "certificate.end_missing"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_junk_is_refused_by_the_authority(door, sent, code) -> None:
    """What is not JSON is a CSR or what somebody took for one; a megabyte of it is no 5xx either."""
    answer = door.post(f"{SIGN}?name=laptop", sent)
    assert answer.status == 422 and answer.codes[0].startswith(code)
    assert door.get(SIGN).json["certificates"] == []


def test_curl_d_folds_lines_and_is_told(door, csr) -> None:
    """`curl -d @FILE` takes the line ends away; the answer names --data-binary."""
    answer = door.post(f"{SIGN}?name=laptop", csr.replace(b"\n", b""), headers=FORM)
    assert answer.codes == ["certificate.one_line"]
    assert "--data-binary" in answer.json["refusals"][0]["next"]


@pytest.mark.parametrize("name", ["n" * 65, "n" * 60_000, "a\0b", "a\nb", "\x1b[2J"], ids=lambda name: repr(name)[:20])
def test_names_that_nobody_could_find_are_refused(door, csr, name) -> None:
    """Too long, or with control characters: the authority says which."""
    answer = door.post(SIGN, {"csr": csr.decode(), "name": name})
    assert answer.status == 422 and answer.codes[0].startswith("certificate.name_")


def test_certificates_are_listed_and_shown(door, csr) -> None:
    """By client, by provider, by serial, by fingerprint and by name it is the same certificate."""
    serial = door.post(f"{SIGN}?name=laptop", csr).json["serial"]
    (listed,) = door.get(SIGN).json["certificates"]
    assert listed["serial"] == serial and listed["name"] == "laptop" and listed["status"] == "active"
    assert door.get("/api/wise/certificates").json["certificates"] == [listed]
    for wanted in (serial, listed["fingerprint_sha256"], "laptop"):
        shown = door.get(f"/api/wise/certificates/{wanted}").json
        pem = shown["pem"]
        assert {**listed, "certificate": pem, "pem": pem} == shown and pem.startswith("-----BEGIN CERTIFICATE-----")


def test_a_list_comes_in_pages(door, csr) -> None:
    """Each answer tells where the next one begins, the last one null; of a client as of a provider."""
    serials = [door.post(f"{SIGN}?name=number-{n}", csr).json["serial"] for n in range(5)]
    for path in (SIGN, "/api/wise/certificates"):
        listed, after = [], ""
        while after is not None:
            said = door.get(f"{path}?limit=2&after={after}").json
            assert 1 <= len(said["certificates"]) <= 2
            listed += [one["serial"] for one in said["certificates"]]
            after = said["next"]
        assert listed == serials
        assert door.get(path).json["next"] is None
    assert door.get("/api/wise/certificates?after=nothing").status == 404
    assert door.get(f"/api/nuapay/certificates?after={serials[0]}").status == 404
    assert door.get("/api/wise/certificates?limit=1001").status == 400


def test_a_name_may_have_a_slash(door, csr) -> None:
    """Percent-encoded, a slash belongs to the name and not to the path."""
    assert door.post(f"{SIGN}?name=team%2Flaptop%3F", csr).status == 201
    assert door.get("/api/wise/certificates/team%2Flaptop%3F").json["name"] == "team/laptop?"
    assert door.get("/api/wise/certificates/team/laptop").status == 404


@pytest.mark.parametrize(
    ("form", "media_type", "blocks"),
    [
        ("pem", "application/x-pem-file", 2),
        ("leaf", "application/x-pem-file", 1),
        ("chain", "application/x-pem-file", 2),
        ("der", "application/pkix-cert", 0),
    ],
)
def test_a_bundle_comes_in_its_forms(door, csr, form, media_type, blocks) -> None:
    """pem has the issuer after the leaf, leaf only the leaf, der its binary."""
    door.post(f"{SIGN}?name=laptop", csr)
    answer = door.get(f"/api/wise/certificates/laptop/bundle?format={form}")
    assert (answer.status, answer.headers["content-type"]) == (200, media_type)
    assert answer.body.count(b"BEGIN CERTIFICATE") == blocks
    if form == "pem":
        assert door.get("/api/wise/certificates/laptop/bundle").body == answer.body
    if form == "der":
        x509.load_der_x509_certificate(answer.body)


@pytest.mark.parametrize("form", ["p12", "p12-legacy"])
def test_a_private_key_never_travels(state, door, form) -> None:
    """There is no PKCS#12 of a client certificate here, not even where its key lies in the state."""
    new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    answer = door.get(f"/api/wise/certificates/laptop/bundle?format={form}")
    assert (answer.status, answer.code) == (400, "http.call_malformed")


def test_the_archive_is_one_without_a_key(state, door) -> None:
    """Though the same archive has it on the command line."""
    new_certificate(state, "wise", "demo", name="laptop", key="ec-p256")
    answer = door.get("/api/wise/certificates/laptop/bundle?format=zip")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    assert "leaf.pem" in contents and not {"private.key", "keystore.p12"} & contents.keys()
    assert not [name for name, data in contents.items() if b"PRIVATE KEY-----" in data]
    whole = bundle_with_key(state, "wise", "laptop", format="zip", given=Given()).data
    assert "private.key" in zipfile.ZipFile(io.BytesIO(whole)).namelist()


def test_every_signing_leaves_an_entry(door, csr) -> None:
    """Signed and refused alike can be read in the journal, with the cause."""
    door.post(f"{SIGN}?name=laptop", csr)
    door.post(f"{SIGN}?name=laptop", csr)
    entries = door.get("/api/journal?client=demo").json["entries"]
    assert [entry["outcome"] for entry in entries] == ["signed", "refused"]
    assert entries[1]["reasons"][0]["code"] == "certificate.name_taken"


def test_a_certificate_is_told_alike_everywhere(state, door, csr) -> None:
    """On the command line, over the control API and in Python: the same fields with the same values."""
    signed = door.post(f"{SIGN}?name=laptop", csr).json
    place = ("--state", str(state.folder.path), "--json")
    shown = sandbank("certificate", "show", "laptop", *place).json
    assert shown == door.get("/api/wise/certificates/laptop").json
    assert shown == ProviderHandle(state, "wise", {"wise.mtls": 1, "wise.api": 2}).client("demo").certificate("laptop")
    assert {**shown, "chain": signed["chain"], "changed": signed["changed"]} == {**signed, "pem": shown["pem"]}
    listed = sandbank("certificate", "list", *place).json["certificates"]
    assert listed == door.get("/api/wise/certificates").json["certificates"]
    (one,) = listed
    assert {**one, "certificate": shown["pem"], "pem": shown["pem"]} == shown
    revoked = sandbank("certificate", "revoke", "laptop", *place).json
    assert revoked == door.get("/api/wise/certificates").json["certificates"][0] != one
