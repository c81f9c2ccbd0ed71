"""Webhooks: their signature by the official JavaScript rule, which change is told as what, and how one subscribes."""

import json
import shutil
import subprocess
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.errors import Misuse
from sandbox.providers.treezor.notifications import CONFIRMATION, NAMES, SENDING, events, example, subscriptions
from sandbox.webhooks.event import RowChange, Subscription
from sandbox.webhooks.signature import why_wrong, write
from tests.sandbox.providers.memory import NOW
from tests.sandbox.providers.treezor.bench import Partner, causes

SECRET = "webhook_secret"
PUBLISHED = {
    "payins": [
        {
            "payinId": "123456",
            "amount": "42.00",
            "currency": "EUR",
            "label": "Café 10€ / réf 😀",
            "url": "https://a.b/c",
        }
    ]
}
ANSWER = "mwN6ViIPzs9dJtvQaQBJroT5uF6nGhrmD8vvhJZfi2w="
"""Made by Treezor's own code from this payload and this secret."""
OFFICIAL = """
// docs.treezor.com, "Integrity checks"
const crypto = require('crypto')
const encodeUTF8ToCodePoint = (text) => text.replace(
  /[^\\x20-\\x7F]/g, (x) => '\\\\u' + ('000' + x.codePointAt(0).toString(16)).slice(-4))
const rule = (payload, secret) => crypto.createHmac('sha256', secret)
  .update(encodeUTF8ToCodePoint(JSON.stringify(payload).replace(/\\//g, '\\\\/'))).digest('base64')
const bodies = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const right = bodies.map((text) => JSON.parse(text))
  .map((body) => rule(body.object_payload, 'webhook_secret') === body.object_payload_signature)
console.log(JSON.stringify(right))
"""
WALLET = {"walletTypeId": 10, "tariffId": 1, "userId": 101, "currency": "EUR", "eventName": "Réf 😀 / a"}


def written(payload: object) -> bytes:
    said = {"webhook": "payin.create", "object_payload": payload}
    return write(said, SENDING.signatures, SECRET, SENDING.form).body


def judged_by_node(bodies: list[bytes]) -> list[bool]:
    """What Treezor's own code says of each message."""
    node = shutil.which("node") or shutil.which("nodejs")
    assert node, "scripts/test installs nodejs"
    told = json.dumps([body.decode("ascii") for body in bodies])
    done = subprocess.run([node, "-e", OFFICIAL], input=told, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


# --- the signature ---


def test_the_known_answer():
    """The published rule, run once in Node, gave this; another secret or another letter does not."""
    body = json.loads(written(PUBLISHED))
    assert body["object_payload_signature"] == ANSWER and body["object_payload"] == PUBLISHED
    assert b'"label":"Caf\\u00e9 10\\u20ac \\/ r\\u00e9f \\ud83d\\ude00"' in written(PUBLISHED)
    assert why_wrong(written(PUBLISHED), {}, SENDING.signatures, ["another"], SENDING.form)
    assert why_wrong(written(PUBLISHED).replace(b"42.00", b"43.00"), {}, SENDING.signatures, [SECRET], SENDING.form)


def test_the_official_code_agrees():
    """With the known answer, texts of every kind, and real messages with their numbers; and not with a changed one."""
    partner = Partner()
    texts = ["", "/", "\\/", "\\u007f", "\x7f", "\x00\x1f\n\t", "é", "\u2028", "😀", "\ud800", '"', "<>&'", "\xa0\xad"]
    bodies = [written(PUBLISHED), *(written({"users": [{text: text}]}) for text in texts)]
    bodies += [written(event) for event in told(partner, partner.put, "wallet", "1009", solde="1000.10")]
    bodies += [written(event) for event in told(partner, partner.put, "wallet", "1010", solde="1000.00")]
    bodies.append(written(PUBLISHED).replace(b"42.00", b"43.00"))
    assert judged_by_node(bodies) == [True] * (len(bodies) - 1) + [False]
    assert len(bodies) == len(texts) + 4


@given(st.lists(st.dictionaries(st.text(st.characters(min_codepoint=58)), st.text()), min_size=40, max_size=40))
@settings(max_examples=3, deadline=None)
def test_the_official_code_agrees_with_whatever_stands_there(payloads):
    """Any texts; a name that looks like a number is none of a resource's, and JavaScript would move it."""
    assert all(judged_by_node([written({"users": [payload]}) for payload in payloads]))


def told(partner, do, *arguments, **more):
    """The payloads of what changed while this was done."""
    before = {key: json.loads(text) for key, text in partner.rows.texts.items()}
    do(*arguments, **more)
    after = {key: json.loads(text) for key, text in partner.rows.texts.items()}
    return [payload for _, payload, _ in changed(before, after)]


def changed(before, after):
    """Name, object payload and the whole message of each event."""
    to = Subscription(id="x", url="https://localhost/", events=frozenset(NAMES))
    found = []
    for kind, row in sorted(after):
        was, now = before.get((kind, row)), after[kind, row]
        if kind in SENDING.watched and was != now:
            change = RowChange(kind=kind, id=row, before=was, after=now, client="c", at=NOW)
            for event in events(change):
                said = event.payload(to)
                found.append((event.name, said["object_payload"], said))
    return found


# --- what is told ---


def happened(partner, *call):
    before = {key: json.loads(text) for key, text in partner.rows.texts.items()}
    partner.good(*call)
    return changed(before, {key: json.loads(text) for key, text in partner.rows.texts.items()})


def test_calls_are_told_by_the_names_of_their_events(partner):
    """Each with the object in its plural array; that money moves is no change of a wallet."""
    card = {"userId": 101, "walletId": 1001, "permsGroup": "TRZ-CU-001", "cardPrint": "8"}
    payout = {"walletId": 1001, "beneficiaryId": 501, "amount": 1, "currency": "EUR"}
    paid = {
        "publicToken": "100000001",
        "amount": 1,
        "merchantId": "m",
        "merchantName": "M",
        "transLink": "100000000000000",
    }
    iban = partner.good("GET", "/v1/wallets/1001")["wallets"][0]["iban"]
    for call, names in (
        (("POST", "/v1/users", {"userTypeId": 1, "email": "n@x.y", "specifiedUSPerson": 0}), ["user.create"]),
        (("PUT", "/v1/users/102", {"city": "Lyon"}), ["user.update"]),
        (("DELETE", "/v1/users/102"), ["user.cancel"]),
        (("POST", "/v1/wallets", WALLET), ["wallet.create"]),
        (("PUT", "/v1/wallets/1003", {"eventName": "x"}), ["wallet.update"]),
        (("DELETE", "/v1/wallets/1003"), ["wallet.cancel"]),
        (("POST", "/v1/beneficiaries", {"userId": 101, "name": "A"}), ["beneficiary.create"]),
        (
            ("POST", "/v1/transfers", {**payout, "beneficiaryWalletId": 1002}),
            ["transfer.create"],
        ),
        (("POST", "/v1/payouts", payout), ["payout.create"]),
        (("DELETE", "/v1/payouts/1"), ["payout.cancel"]),
        (("POST", "/simulation/payin-sct", {"iban": iban, "amount": 5}), ["payin.create"]),
        (("POST", "/v1/cards/CreateVirtual", card), ["card.createvirtual"]),
        (("PUT", "/v1/cards/1/Activate"), ["card.activate"]),
        (("POST", "/simulation/cardtransactions", paid), ["cardtransaction.create"]),
        (("PUT", "/v1/cards/1/LockUnlock", {"lockStatus": 1}), ["card.lockunlock"]),
    ):
        found = happened(partner, *call)
        assert [name for name, _, _ in found] == names
        assert set(names) <= set(NAMES)
        (_, payload, said) = found[0]
        ((many, (shown,)),) = payload.items()
        assert said["object"] == names[0].partition(".")[0] and many.startswith(said["object"][:6])
        assert "sandbox" not in shown
        assert list(said) == [
            "webhook",
            "webhook_id",
            "webhook_created_at",
            "object",
            "object_id",
            "object_payload",
        ]


@pytest.mark.parametrize("path", ["/v1/wallets", "/v1/users", "/v1/payouts"])
def test_the_object_is_as_a_call_shows_it(partner, path):
    """Member by member, amounts too."""
    body = {
        "/v1/wallets": WALLET,
        "/v1/users": {"userTypeId": 1, "email": "n@x.y", "specifiedUSPerson": 0},
        "/v1/payouts": {"walletId": 1001, "beneficiaryId": 501, "amount": 1, "currency": "EUR"},
    }[path]
    before = {key: json.loads(text) for key, text in partner.rows.texts.items()}
    shown = partner.good("POST", path, body)
    ((_, payload, _),) = changed(before, {key: json.loads(text) for key, text in partner.rows.texts.items()})
    assert payload == shown


def test_an_example_is_of_an_event_that_there_is(partner):
    """The one that is asked for, or the first of the subscription."""
    to = Subscription(id="x", url="https://localhost/", events=frozenset({"payin.create"}))
    assert example("", to, NOW)[0] == "payin.create"
    assert example("user.update", to, NOW)[1]["object_payload"] == {"users": [{"userId": 0}]}
    with pytest.raises(Misuse, match="no event 'x'"):
        example("x", to, NOW)


# --- subscriptions ---


def hook(partner, **more):
    return partner.good("POST", "/settings/hooks", {"url": "https://acme.example/hook", **more})


def test_a_subscription_is_confirmed_under_another_uuid(partner):
    """Until then it is told of its confirmation only, with the token that confirms it; another token does not."""
    before = {key: json.loads(text) for key, text in partner.rows.texts.items()}
    made = hook(partner)
    assert (made["status"], list(made)) == (
        "PENDING",
        ["uuid", "url", "status", "events", "createdDate", "modifiedDate"],
    )
    (pending,) = subscriptions(partner.rows)
    assert pending.events == {CONFIRMATION} and pending.key == SECRET
    change = RowChange(
        kind="hook",
        id=made["uuid"],
        before=None,
        after=partner.rows.get("hook", made["uuid"]),
        client="c",
        at=NOW,
    )
    (event,) = events(change)
    (said,) = event.payload(pending)["object_payload"]["hooks"]
    other = Subscription(id="other", url="https://elsewhere.example/", events=frozenset({CONFIRMATION}))
    assert event.payload(other)["object_payload"] == {"hooks": []} and before
    path = f"/settings/hooks/{made['uuid']}/confirm"
    assert partner.call("POST", path, {"token": "x"}).status == 400
    confirmed = partner.good("POST", path, {"token": said["token"]})
    assert confirmed["uuid"] != made["uuid"] and confirmed["status"] == "VALIDATED"
    assert partner.call("GET", f"/settings/hooks/{made['uuid']}").status == 404
    assert [one["uuid"] for one in partner.good("GET", "/settings/hooks")] == [confirmed["uuid"]]
    again = partner.call("POST", f"/settings/hooks/{confirmed['uuid']}/confirm", {"token": said["token"]})
    assert causes(again) == ["provider.invalid_state"]
    (good,) = subscriptions(partner.rows)
    assert good.events == set(NAMES)


def test_the_events_of_a_subscription_are_changed(partner):
    """No list: all of them. An event that there is not is refused; the address stays."""
    partner.put("hook", "h1", url="https://acme.example/hook")
    changed = partner.good("PUT", "/settings/hooks/h1/events", {"events": ["payin.create"], "url": "https://x.example"})
    assert (changed["events"], changed["url"]) == (["payin.create"], "https://acme.example/hook")
    assert subscriptions(partner.rows)[0].events == {"payin.create"}
    assert partner.call("PUT", "/settings/hooks/h1/events", {"events": ["payin.created"]}).status == 400


def test_what_happened_is_sent_again(partner):
    """Between the two instants, of the event that is asked for."""
    iban = partner.good("GET", "/v1/wallets/1001")["wallets"][0]["iban"]
    for amount in (1, 2, 3):
        partner.good("POST", "/simulation/payin-sct", {"iban": iban, "amount": amount})
        partner.later(timedelta(minutes=1))
    query = {"startAt": "2026-11-24 10:27:00", "endAt": "2026-11-24 10:28:59", "webhook": "payin.create"}
    said = partner.good("POST", "/retry/query", query)
    assert list(said) == ["queryId", "link", "expireIn"]
    to = Subscription(id="x", url="https://localhost/", events=frozenset(NAMES))
    payloads = [payload(to)["object_payload"]["payins"][0] for _, payload in partner.webhooks.sent]
    assert [(one["payinId"], one["amount"]) for one in payloads] == [("1", "1.00"), ("2", "2.00")]
    assert partner.call("POST", "/retry/query", {**query, "webhook": "x"}).status == 400
    assert partner.call("POST", "/retry/query", {**query, "startAt": "2026-11-24"}).status == 400


def test_it_is_tried_every_minute_thirty_times():
    """The third party's schedule, and its media type; without mutual TLS unless it is switched on."""
    schedule = SENDING.schedule
    assert (schedule.first, schedule.factor, schedule.retries) == (timedelta(minutes=1), 1, 30)
    assert SENDING.content_type == "text/plain" and not SENDING.mtls
