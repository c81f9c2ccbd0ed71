"""A payment with wise-sdk from PyPI, as it is, over mutual TLS and on its default version, 2026Q3."""

import base64
import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from wise_sdk import WiseClient, WiseEnvironment
from wise_sdk.auth import OAuthError, WiseOAuth
from wise_sdk.generated.core.api_error import ApiError
from wise_sdk.generated.jose.types import CreateRequestPublicKeysJoseRequestPublicKeyMaterial as KeyMaterial
from wise_sdk.generated.transfers.types import CreateTransfersRequestDetails
from wise_sdk.mtls import create_mtls_context

WAITING, PROCESSING = "incoming_payment_waiting", "processing"
HOLDER = {"currency": "EUR", "type": "iban", "account_holder_name": "Max Mustermann"}
IBAN = {"legalType": "PRIVATE", "IBAN": "BE19967722383012"}


def http_of(partner) -> httpx.Client:
    """The client's certificate and the sandbox's CA, by the SDK's own function."""
    context = create_mtls_context(
        cert_path=str(partner.certificate), key_path=str(partner.key), ca_path=str(partner.sandbox.ca_file)
    )
    return httpx.Client(verify=context, trust_env=False)


def environment_of(partner) -> WiseEnvironment:
    base = partner.url("")
    return WiseEnvironment(api=f"{base}/2026Q3", cards=base)


@pytest.fixture
def http(partner):
    with http_of(partner) as one:
        yield one


@pytest.fixture
def oauth(partner, http):
    return WiseOAuth(
        client_id=partner.id, client_secret=partner.secret, environment=environment_of(partner), httpx_client=http
    )


@pytest.fixture
def wise(partner, http, oauth):
    token = oauth.create_client_token().access_token
    return WiseClient(access_token=token, environment=environment_of(partner), httpx_client=http, max_retries=0)


def recipient_of(wise, profile_id: int) -> int:
    made = wise.recipients.create(profile=profile_id, details=IBAN, **HOLDER)
    assert (made.name.full_name, made.type, made.active) == ("Max Mustermann", "Iban", True)
    return made.id


def transfer_of(wise, profile_id: int, source_amount: float = 1000.0):
    quote = wise.quotes.create(
        profile_id=profile_id, source_currency="GBP", target_currency="EUR", source_amount=source_amount
    )
    account = recipient_of(wise, profile_id)
    return quote, wise.transfers.create(
        target_account=account,
        quote_uuid=quote.id,
        customer_transaction_id=str(uuid.uuid4()),
        details=CreateTransfersRequestDetails(reference="Invoice 7"),
    )


def gbp(wise, profile_id: int) -> float:
    (one,) = [b for b in wise.balances.list(profile_id=profile_id, types="STANDARD") if b.currency == "GBP"]
    return one.amount.value


def test_a_payment_from_token_to_sent(wise):
    """Profile, quote, recipient, transfer, funds, and every simulated step; the money has left the balance."""
    (profile,) = [one for one in wise.profiles.list() if one.type == "BUSINESS"]
    before = gbp(wise, profile.id)
    quote, transfer = transfer_of(wise, profile.id)
    assert (quote.status, quote.rate) == ("PENDING", 1.20512)
    assert (transfer.status, transfer.source_value, transfer.target_value) == (WAITING, 996.12, 1200.44)
    funded = wise.transfers.fund(profile_id=profile.id, transfer_id=transfer.id, request={"type": "BALANCE"})
    assert funded.status == "COMPLETED"
    assert gbp(wise, profile.id) == before - 1000
    for state in (PROCESSING, "funds_converted", "outgoing_payment_sent"):
        said = wise.simulations.change_transfer_state(transfer_id=transfer.id, status=state)
        assert said["status"] == state
    sent = wise.transfers.get(transfer_id=transfer.id)
    assert (sent.status, sent.source_value, sent.target_value) == ("outgoing_payment_sent", 996.31, 1200.67)
    (payment,) = wise.transfers.list_payments(transfer_id=transfer.id)
    assert (payment.amount, payment.currency, payment.method) == (1000.0, "GBP", "BALANCE")


def test_no_funds_are_a_201_that_says_rejected(wise):
    """The status is no sign that money moved."""
    (profile,) = [one for one in wise.profiles.list() if one.type == "BUSINESS"]
    _, transfer = transfer_of(wise, profile.id, 5_000_000)
    funded = wise.transfers.fund(profile_id=profile.id, transfer_id=transfer.id, request={"type": "BALANCE"})
    assert (funded.status, funded.error_code) == ("REJECTED", "balance.insufficient-funds")
    assert wise.transfers.get(transfer_id=transfer.id).status == WAITING


def test_keys_both_ways(wise):
    """A public key is handed in; the sandbox's own is fetched and is a P-521 key, or an RSA key for encryption."""
    key = ec.generate_private_key(ec.SECP521R1()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    spki = base64.b64encode(key.public_bytes(serialization.Encoding.DER, form)).decode()
    kid = str(uuid.uuid4())
    made = wise.jose.create_request_public_keys(
        key_id=kid,
        scope="PAYLOAD_SIGNING",
        public_key_material=KeyMaterial(algorithm="ES512", key_material=spki),
    )
    assert (made.key_id, made.scope) == (kid, "PAYLOAD_SIGNING")
    theirs = wise.jose.get_response_public_keys(algorithm="ES512", scope="PAYLOAD_SIGNING")
    loaded = serialization.load_der_public_key(base64.b64decode(theirs.key_material.key_material))
    assert loaded.curve.name == "secp521r1"
    for_encryption = wise.jose.get_response_public_keys(algorithm="RSA_OAEP_256", scope="PAYLOAD_ENCRYPTION")
    loaded = serialization.load_der_public_key(base64.b64decode(for_encryption.key_material.key_material))
    assert loaded.key_size == 2048


def test_what_stands_around_a_payment(wise):
    """Requirements, lists, cancelling, topping up, opening a balance, rates, users: each parses and is right."""
    (profile,) = [one for one in wise.profiles.list() if one.type == "BUSINESS"]
    quote, transfer = transfer_of(wise, profile.id)
    forms = wise.recipients.get_requirements(quote_id=quote.id)
    assert [form.type for form in forms] == ["iban", "swift_code", "email"]
    assert wise.recipients.refresh_requirements(quote_id=quote.id, type="iban", details=IBAN)[0].type == "iban"
    needed = wise.transfers.validate_requirements(target_account=transfer.target_account, quote_uuid=quote.id)
    assert needed[0].fields[0].group[0].key == "reference"
    listed = wise.transfers.list(profile=profile.id, status=WAITING)
    assert transfer.id in [one.id for one in listed]
    assert wise.recipients.list(profile_id=profile.id).content[0].id == transfer.target_account
    assert wise.transfers.cancel(transfer_id=transfer.id).status == "cancelled"
    with pytest.raises(ApiError) as again:
        wise.transfers.cancel(transfer_id=transfer.id)
    assert again.value.status_code == 409
    opened = wise.balances.create(
        profile_id=profile.id, idempotence_uuid=str(uuid.uuid4()), currency="PLN", type="STANDARD"
    )
    topped = wise.simulations.top_up_balance(profile_id=profile.id, balance_id=opened.id, currency="PLN", amount=12.5)
    assert topped.balances_after[0].value == 12.5
    assert wise.balances.get(profile_id=profile.id, balance_id=opened.id).amount.value == 12.5
    assert wise.rates.get(source="GBP", target="EUR")[0].rate == 1.20512
    assert wise.users.get_current().email == "demo@sandbox.example"
    assert wise.quotes.create_unauthenticated(source_currency="GBP", target_currency="USD", target_amount=110).rate
    assert wise.recipients.deactivate(account_id=transfer.target_account).active is False


def test_users_and_their_tokens(partner, wise, oauth, http):
    """A user signs up, has a token for the code, refreshes it once, and sees nothing that is another user's."""
    code, email = uuid.uuid4().hex + uuid.uuid4().hex, "new.user@domain.example"
    assert wise.users.check_exists(email=email).exists is False
    user = wise.users.create(email=email, registration_code=code)
    tokens = oauth.exchange_registration_code(email=email, registration_code=code)
    fresh = oauth.refresh(tokens.refresh_token)
    assert fresh.access_token != tokens.access_token
    with pytest.raises(OAuthError):
        oauth.refresh(tokens.refresh_token)
    theirs = WiseClient(
        access_token=fresh.access_token, environment=environment_of(partner), httpx_client=http, max_retries=0
    )
    assert theirs.users.get_current().id == user.id
    assert theirs.profiles.list() == []
    with pytest.raises(ApiError) as foreign:
        theirs.balances.list(profile_id=12345, types="STANDARD")
    assert foreign.value.status_code == 403
    before = WiseClient(
        access_token=tokens.access_token, environment=environment_of(partner), httpx_client=http, max_retries=0
    )
    with pytest.raises(ApiError) as over:
        before.users.get_current()
    assert over.value.status_code == 401


def test_balances_statements_groups_and_papers(wise):
    """Convert, a statement of it in three forms, a group from creation to payment, activities, receipt: each parses."""
    (profile,) = [one for one in wise.profiles.list() if one.type == "BUSINESS"]
    of, start = {"profile_id": profile.id}, datetime.now(UTC) - timedelta(days=1)
    held = {one.currency: one.id for one in wise.balances.list(**of, types="STANDARD")}
    quote = wise.quotes.create(
        **of, source_currency="GBP", target_currency="EUR", source_amount=1000.0, pay_out="BALANCE"
    )
    moved = wise.balances.move(**of, idempotence_uuid=str(uuid.uuid4()), quote_id=quote.id)
    assert (moved.type, moved.state, moved.target_amount.value) == ("CONVERSION", "COMPLETED", 1200.67)
    asked = {**of, "balance_id": held["GBP"], "currency": "GBP"}
    asked |= {"interval_start": start, "interval_end": start + timedelta(days=2)}
    statement = wise.statements.get(**asked)
    (line,) = [one for one in statement.transactions if one.reference_number == f"BALANCE-{moved.id}"]
    assert (line.details.type, line.amount.value) == ("CONVERSION", -1000)
    assert b"".join(wise.statements.download(**asked, format="pdf")).startswith(b"%PDF-")
    assert f"BALANCE-{moved.id}".encode() in b"".join(wise.statements.download(**asked, format="csv"))
    group = wise.batch_groups.create(**of, source_currency="GBP", name="Pay day")
    sent = wise.batch_groups.create_transfer(
        **of,
        batch_group_id=group.id,
        target_account=recipient_of(wise, profile.id),
        quote_uuid=wise.quotes.create(**of, source_currency="GBP", target_currency="EUR", source_amount=50.0).id,
        customer_transaction_id=str(uuid.uuid4()),
    )
    group = wise.batch_groups.get(**of, batch_group_id=group.id)
    group = wise.batch_groups.update(**of, batch_group_id=group.id, status="COMPLETED", version=group.version)
    assert group.pay_in_details[0].amount == 50
    assert wise.batch_groups.fund(**of, batch_group_id=group.id, type="BALANCE").transfer_ids == group.transfer_ids
    number = group.transfer_ids[0]
    assert sent["id"] == number
    for state in (PROCESSING, "funds_converted", "outgoing_payment_sent"):
        wise.simulations.change_transfer_state(transfer_id=number, status=state)
    assert b"".join(wise.transfers.get_receipt(transfer_id=number)).startswith(b"%PDF-")
    feed = wise.activities.list(**of, size=1)
    assert feed.activities[0].resource.id == str(number)
    assert wise.activities.list(**of, next_cursor=feed.cursor).activities[0].type == "INTERBALANCE"
    assert wise.account_details.get(**of)[0].status == "AVAILABLE"
    assert wise.multi_currency_accounts.get(**of).eligible
    assert wise.payin_deposit_details.get(**of, transfer_id=number).payin_bank.bank_name
