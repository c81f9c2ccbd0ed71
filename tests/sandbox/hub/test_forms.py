"""The hub's forms without a browser: what they do, what they refuse, and what they never show again."""

import io
import re
import zipfile
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ca.clock import SystemClock
from sandbox.hub.belongings import field_lines, read_fields
from sandbox.oauth.clients import Token
from sandbox.providers import PROVIDERS
from sandbox.server.writer import Writer
from sandbox.services.certificates import list_certificates
from sandbox.services.clients import list_clients, show_client
from sandbox.services.clock import show_clock
from sandbox.services.keys import list_keys
from sandbox.services.making import new_certificate
from sandbox.services.resources import show_resource
from sandbox.services.state import open_state
from sandbox.services.visiting import hub_link, spend_code
from sandbox.settings import Database, Settings
from sandbox.storage import clients
from tests.sandbox.hub.conftest import HubDoor

WISE, NUAPAY = "/hub/providers/wise", "/hub/providers/nuapay"


def pem_of(key, subject="O=Acme,C=EU") -> str:
    name = x509.Name.from_rfc4514_string(subject)
    request = x509.CertificateSigningRequestBuilder(name).sign(key, hashes.SHA256())
    return request.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture(scope="module")
def key():
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(scope="module")
def private_key(key) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def signed(door, key, name="laptop"):
    """The address of the details of a certificate that was just made."""
    answer = door.send(f"{WISE}/generate", client="demo", name=name, purpose="transport", pem=pem_of(key))
    assert answer.status == 303, unescape(answer.body.decode())
    return answer.headers["location"]


def test_a_secret_is_in_the_answer_to_the_form_and_nowhere_else(door, state) -> None:
    """Neither in an address nor on the page of the client; a new one is shown in the same way."""
    answer = door.send(f"{WISE}/clients", name="acme")
    client = show_client(state, "wise", "acme")
    secret = re.search(r"client_secret</dt><dd>.*?<code>([^<]+)</code>", answer.body.decode())[1]
    assert answer.status == 200 and client.secret.is_of(secret) and "location" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert secret not in door.text(f"{WISE}/clients/acme") and secret not in door.text(WISE)
    again = door.send(f"{WISE}/clients/acme/secret").body.decode()
    assert secret not in again and not show_client(state, "wise", "acme").secret.is_of(secret)


def test_settings_of_a_client_are_a_form(door, state) -> None:
    """What it shows is kept; what it does not show stays: a provider without signed calls has no box for them."""
    sent = {
        "token_format": "jwe",
        "rate_limit": "5/second",
        "shows_require_jws": "yes",
        "require_jws": "yes",
        "shows_require_mtls": "yes",
        "shows_sca": "yes",
        "sca": "yes",
        "shows_check_callbacks": "yes",
        "check_callbacks": "yes",
    }
    assert door.send(f"{WISE}/clients/demo/settings", **sent).status == 303
    demo = show_client(state, "wise", "demo")
    assert (demo.token_format, demo.rate_limit) == ("jwe", "5/second") and demo.require_jws and not demo.require_mtls
    assert demo.sca and 'name="sca" value="yes" checked' in door.text(f"{WISE}/clients/demo")
    assert demo.check_callbacks and 'id="check_callbacks"' not in door.text(f"{NUAPAY}/clients/demo")
    text = door.text(f"{WISE}/clients/demo")
    assert 'value="jwe" selected' in text and 'name="require_jws" value="yes" checked' in text
    refused = door.send(f"{WISE}/clients/demo/settings", token_format="none")
    assert refused.status == 422 and b"no token format" in refused.body
    often = door.send(f"{WISE}/clients/demo/settings", rate_limit="often")
    assert often.status == 422 and b'value="often"' in often.body
    others = door.text("/hub/providers/treezor/clients/demo")
    assert "require_jws" not in others and 'name="sca"' not in others


def test_a_personal_token_is_shown_like_a_secret(door) -> None:
    """Once, where the provider has such tokens, and for nobody else."""
    made = door.send(f"{WISE}/clients/demo/personal-token")
    token = re.search(r"personal token</dt><dd>.*?<code>([^<]+)</code>", made.body.decode())[1]
    assert made.status == 200 and token not in door.text(f"{WISE}/clients/demo")
    assert "personal-token" not in door.text(f"{NUAPAY}/clients/demo")
    assert door.send(f"{NUAPAY}/clients/demo/personal-token").status == 422


@pytest.mark.parametrize(("name", "said"), [("not a name", "is not a client name"), ("demo", "demo")])
def test_a_client_that_cannot_be_is_refused_beside_its_name(door, state, name, said) -> None:
    """The form comes back as it was filled in, and nothing was made."""
    answer = door.send(f"{WISE}/clients", name=name, id="chosen-id")
    text = unescape(answer.body.decode())
    assert answer.status == 422 and said in text[text.index('id="name-errors"') :] and 'value="chosen-id"' in text
    assert len(list_clients(state, "wise")) == 1


def test_a_csr_becomes_a_certificate_with_all_that_was_changed(door, state, key) -> None:
    """The form leads to the details: PEM, files, and each difference from the CSR with its reason."""
    at = signed(door, key)
    text = unescape(door.text(at))
    record = list_certificates(state, "wise")[-1]
    assert record.pem in text and "Nothing, as far as" not in text
    assert "<dd>EC P-256, the certificate signed over SHA256</dd>" in text and "<dd>clientAuth</dd>" in text
    assert re.search(rf"<th scope=\"row\">CN</th><td class=\"wrap\">\(none\) -> {record.holder}</td>", text)
    leaf = door.get(f"{at}/files/leaf")
    assert leaf.body.decode() == record.pem and leaf.headers["content-disposition"].endswith("laptop.leaf.pem")
    names = zipfile.ZipFile(io.BytesIO(door.get(f"{at}/files/zip").body)).namelist()
    assert names and not [name for name in names if name.endswith(".key")]
    assert door.get(f"{at}/files/p12").status == 404


def test_a_pem_as_browsers_send_it_is_read(door, key) -> None:
    """A form's lines end in carriage return and line feed (WHATWG HTML, 4.10.21.3)."""
    pem = pem_of(key).replace("\n", "\r\n")
    assert door.send(f"{WISE}/generate", client="demo", name="crlf", purpose="transport", pem=pem).status == 303


def test_every_refusal_stands_beside_what_it_is_about_all_at_once(door, state) -> None:
    """A short key, a missing organisation and a name that is taken: three rules, at two fields."""
    new_certificate(state, "wise", "demo", name="laptop")
    weak = pem_of(rsa.generate_private_key(65537, 1024), "C=EU")
    answer = door.send(f"{WISE}/generate", client="demo", name="laptop", purpose="transport", pem=weak)
    text = answer.body.decode()
    assert answer.status == 422 and "3 rules are broken" in text
    at_name, at_pem = text[text.index("name-errors") : text.index("pem-errors")], text[text.index("pem-errors") :]
    assert "certificate.name_taken" in at_name and "certificate.name_taken" not in at_pem
    assert "certificate.key_too_small" in at_pem and "certificate.attribute_missing" in at_pem
    assert weak.splitlines()[3] in text, "what was pasted is still there to be mended"
    assert len(list_certificates(state, "wise")) == 1


@pytest.mark.parametrize("field", ["pem", "name"])
def test_a_private_key_is_refused_and_not_repeated(door, state, private_key, field) -> None:
    """Neither the page nor the journal has a line of it, wherever it was pasted."""
    fields = {"client": "demo", "name": "x", "purpose": "transport", "pem": "", field: private_key}
    answer = door.send(f"{WISE}/generate", **fields)
    secret = private_key.splitlines()[1]
    assert answer.status == 422 and secret not in answer.body.decode()
    assert secret not in door.text("/hub/journal")
    if field == "pem":
        assert b"certificate.private_key_sent" in answer.body


def test_a_file_is_taken_in_place_of_the_text(door, key) -> None:
    """As multipart/form-data, which is how browsers send files; also where the text of a first try is still there. Who
    gives no name gets one."""
    parts = {"form_token": door.form_token, "client": "demo", "name": "", "purpose": "transport", "pem": "a first try"}
    body = "".join(f'--XX\r\ncontent-disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in parts.items())
    body += (
        f'--XX\r\ncontent-disposition: form-data; name="pem_file"; filename="a.csr"\r\n\r\n{pem_of(key)}\r\n--XX--\r\n'
    )
    headers = (("host", "127.0.0.1:8440"), ("content-type", "multipart/form-data; boundary=XX"))
    assert door.post(f"{WISE}/generate", body.encode(), headers=headers).status == 303


def test_a_form_that_cannot_be_read_is_a_page_that_says_so(door) -> None:
    """A multipart body whose boundary is another."""
    headers = (("host", "127.0.0.1:8440"), ("content-type", "multipart/form-data; boundary=XX"))
    answer = door.post(f"{WISE}/generate", b"--YY\r\nnothing", headers=headers)
    assert answer.status == 400 and answer.headers["content-type"].startswith("text/html")


def test_a_certificate_of_ones_own_is_uploaded_where_the_provider_takes_such(door, state, key) -> None:
    """And the menu has the page there only."""
    name = x509.Name.from_rfc4514_string("CN=shop")
    now = state.clock.now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 77, now, now.replace(year=now.year + 1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    answer = door.send(f"{NUAPAY}/upload", client="demo", name="till", purpose="transport", pem=pem)
    assert answer.status == 303 and ">till<" in door.text(f"{NUAPAY}/certificates")
    assert "/upload" in door.text(NUAPAY) and "/upload" not in door.text(WISE)
    assert door.get(f"{WISE}/upload").status == 404


def test_a_certificate_is_revoked_once(door, state, key) -> None:
    """With a reason of RFC 5280; a second time is refused in place."""
    at = signed(door, key, "old")
    assert door.send(f"{at}/revoke", reason="keyCompromise").headers["location"] == at
    assert list_certificates(state, "wise")[-1].reason == "keyCompromise"
    assert ">revoked<" in door.text(at) and "/revoke" not in door.text(at)
    again = door.send(f"{at}/revoke", reason="keyCompromise")
    assert again.status == 422 and b"certificate.already_revoked" in again.body


def test_the_line_for_openssl_is_this_providers(door, state) -> None:
    """Each CSR that it makes would be signed: subject and key are what the policy asks for."""
    wise = unescape(door.text(f"{WISE}/generate"))
    assert (
        "openssl req -nodes -newkey rsa:4096 -keyout sandbox-PRIVATE-KEY.key" in wise and '-subj "/C=EU/O=demo"' in wise
    )
    nuapay = unescape(door.text(f"{NUAPAY}/generate"))
    client = show_client(state, "nuapay", "demo").id
    assert f'-subj "/OU=Nuapay API/O=Nuapay/L=London/C=GB/CN={client}"' in nuapay
    assert "-x509 -days 365" in unescape(door.text(f"{NUAPAY}/upload"))


def test_keys_are_registered_and_deleted(door, state, key, private_key) -> None:
    """A public one; a private one is refused and not repeated."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    fields = {"client": "demo", "algorithm": "ES256", "kid": "one"}
    refused = door.send(f"{WISE}/keys", key=private_key, **fields)
    assert refused.status == 422 and private_key.splitlines()[1] not in refused.body.decode()
    assert door.send(f"{WISE}/keys", key=public, **fields).status == 303
    (kept,) = list_keys(state, "wise", "demo")
    assert kept.kid == "one" and ">active<" in door.text(f"{WISE}/keys")
    assert door.send(f"{WISE}/keys/{kept.id}/delete", client="demo").status == 303
    assert ">deleted<" in door.text(f"{WISE}/keys")


def test_rows_are_put_and_put_back(door, state) -> None:
    """A field a line; what the provider refuses stands beside the fields."""
    fields = {"client": "demo", "kind": "transfer", "id": "777"}
    assert door.send(f"{WISE}/rows", fields="sourceValue = 10\nsourceCurrency=EUR", **fields).status == 303
    assert show_resource(state, "wise", "demo", "transfer", "777").body["sourceCurrency"] == "EUR"
    refused = door.send(f"{WISE}/rows", fields="nothing=1", **fields)
    assert refused.status == 422 and b"Unknown field" in refused.body and b"nothing=1" in refused.body
    assert "targetCurrency" in door.text(f"{WISE}/rows?kind=transfer")
    assert door.send(f"{WISE}/clients/demo/reset").status == 303
    assert "<code>777</code>" not in door.text(f"{WISE}/rows?kind=transfer")


def test_a_row_is_changed_from_what_it_holds(door, state) -> None:
    """The form shows what a row has by default; of a chosen one it has the id and the fields, ready to be sent."""
    page = door.text(f"{WISE}/rows?kind=balance")
    assert "currency = GBP" in page and "change=236839#put" in page
    chosen = door.text(f"{WISE}/rows?kind=balance&change=236839")
    assert 'value="236839"' in chosen
    fields = chosen.partition("</textarea>")[0].rpartition(">")[2]
    assert fields == "currency = GBP\namount = 1000000.00\nprofile = 12345\ntype = STANDARD"
    sent = {"client": "demo", "kind": "balance", "id": "236839", "fields": fields.replace("1000000.00", "7.50")}
    assert door.send(f"{WISE}/rows", **sent).status == 303
    assert show_resource(state, "wise", "demo", "balance", "236839").body["amount"] == "7.50"


def test_what_a_form_offers_of_a_row_is_taken_again() -> None:
    """Of every kind that a person may put, at every provider: each row that a new client has, as it is offered."""
    now = datetime(2026, 11, 30, tzinfo=UTC)
    kinds = [(provider, kind) for provider in PROVIDERS for kind in provider.chapters().kinds.values() if kind.puttable]
    assert len(kinds) > 20
    for provider, kind in kinds:
        for row in kind.starts(now):
            given = read_fields(field_lines(kind.offered(row.id, row.body, now)))
            assert kind.faults(row.id, given, now) == [], (provider.name, row.kind, given)


def test_the_clock_is_moved_frozen_and_brought_back(door, state, key) -> None:
    """And what has ended by it is listed as ended."""
    signed(door, key)
    token = Token(
        digest="d",
        provider="wise",
        client=show_client(state, "wise", "demo").id,
        kind="client_credentials",
        scope="",
        issued_at=state.clock.now(),
        expires_at=state.clock.now() + timedelta(hours=12),
    )
    with state.store.write() as work:
        clients.add_token(work, token)
    assert "in 12 hours" in door.text("/hub/clock") and "token, client credentials" in door.text("/hub/clock")
    assert door.send("/hub/clock", action="move", by="13months").status == 303
    assert "Has ended" in door.text("/hub/clock") and ">expired<" in door.text("/hub/clock")
    assert door.send("/hub/clock", action="freeze", at="2031-05-06T07:08:09Z").status == 303
    assert "2031-05-06 07:08:09 UTC" in door.text("/hub/clock") and not show_clock(state).runs
    wrong = door.send("/hub/clock", action="move", by="soon")
    assert wrong.status == 422 and "is not a duration" in wrong.body.decode()
    assert door.send("/hub/clock", action="reset").status == 303
    assert show_clock(state).real


def test_a_clock_of_the_program_around_is_only_shown(tmp_path) -> None:
    """A sandbox that was handed a clock goes by it: the page says so, and has no form."""
    handed = open_state(tmp_path / "handed", clock=SystemClock())
    writer = Writer(handed.store)
    writer.start()
    try:
        text = HubDoor(handed, writer, Settings(state=handed.folder.path)).text("/hub/clock")
        assert "a clock that was passed to it" in text and "Bring it back" not in text
    finally:
        writer.close()
        handed.close()


def test_pages_and_forms_are_the_same_over_postgresql(database, tmp_path, key) -> None:
    """A state that machines share has the token of its forms, and the codes of its links, in the database."""
    shared = open_state(tmp_path / "shared", database=Database(database))
    writer = Writer(shared.store)
    writer.start()
    try:
        door = HubDoor(shared, writer, Settings(state=shared.folder.path))
        assert ">laptop<" in door.text(signed(door, key)) and "laptop" in door.text("/hub/clock")
        assert spend_code(shared, hub_link(shared).partition("code=")[2])
    finally:
        writer.close()
        shared.close()


def test_a_client_is_removed(door, state) -> None:
    """And its page is no more."""
    door.send(f"{WISE}/clients", name="gone")
    assert door.send(f"{WISE}/clients/gone/remove").headers["location"] == f"{WISE}?done=removed"
    assert door.get(f"{WISE}/clients/gone").status == 404


def test_a_form_that_was_done_says_so(door, state) -> None:
    """Where the next page would look as before; rows are reset on their own page, and one that was put is open."""
    saved = door.send(f"{WISE}/clients/demo/settings", rate_limit="2/minute").headers["location"]
    assert saved == f"{WISE}/clients/demo?done=settings" and "The settings are saved." in door.text(saved)
    fields = {"client": "demo", "kind": "transfer", "id": "777", "fields": "sourceValue = 10"}
    put = door.send(f"{WISE}/rows", **fields).headers["location"]
    text = door.text(put)
    assert "The row is put." in text and '<details class="act record" open><summary><code>777</code>' in text
    reset = door.send(f"{WISE}/clients/demo/reset", kind="transfer").headers["location"]
    assert reset.startswith(f"{WISE}/rows?") and "<code>777</code>" not in door.text(reset)
    assert 'class="notice done"' not in door.text(f"{WISE}/rows?done=%3Cb%3Enothing%3C%2Fb%3E")


def test_a_row_is_told_by_what_it_has_and_what_it_takes(door) -> None:
    """Its id is not said twice, the kinds begin with one that has rows, and only what can be put has a form."""
    text = door.text(f"{WISE}/rows?kind=balance")
    assert "profile: 12345, currency: GBP" in text and "id: 236839" not in text
    assert "It takes <code>currency</code>, " in text
    assert re.search(r'kind=employment" aria-current="page"', door.text("/hub/providers/truv/rows"))
    assert "Put a row" in text and "Put a row" not in door.text(f"{WISE}/rows?kind=subscription")


def test_commands_of_a_page_name_its_provider(door) -> None:
    """`client env demo` alone would print another provider's variables."""
    assert re.search(r"<code>sandbank client env .*demo --provider nuapay</code>", door.text(f"{NUAPAY}/clients/demo"))
    assert re.search(r"<code>sandbank client env .*demo</code>", door.text(f"{WISE}/clients/demo"))


def test_a_filter_that_names_nobody_leads_back_to_the_list(door) -> None:
    """The page says who is not there; its first link is the same list without the filter."""
    answer = door.get("/hub/journal?client=nobody")
    assert answer.status == 404 and b'href="/hub/journal">Without the filters<' in answer.body
    assert b"Without the filters" not in door.get("/hub/journal/nothing").body
