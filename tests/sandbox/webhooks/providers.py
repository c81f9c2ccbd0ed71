"""How other providers send, as their documents say: what the declaration must be able to say of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sandbox.webhooks.event import Delivery, Rows, Subscription
from sandbox.webhooks.sending import Schedule, Sending
from sandbox.webhooks.signature import Signature, hmac_base64, hmac_hex, php_json, prefixed, rsa_sha1, rsa_sha256

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AT = datetime.fromisoformat("2026-11-24T10:27:38.148999Z")


def _nobody(rows: Rows) -> Sequence[Subscription]:
    return ()


def _test(wanted: str, to: Subscription, at: datetime) -> tuple[str, Mapping[str, Any]]:
    return wanted, {}


EXPONENTIAL = Sending(  # Wise: 1, 2, 4 ... minutes; after the eleventh, fourteen more once a day
    subscriptions=_nobody,
    test=_test,
    schedule=Schedule(first=MINUTE, factor=2, longest=DAY, retries=25),
    seconds=5.0,
    hopeless=(400, 401, 403, 404, 405, 409, 410, 417, 422),
    hopeless_tries=3,
    obeys_retry_after=True,
    signatures=(Signature(name="X-Signature-SHA256", sign=rsa_sha256), Signature(name="X-Signature", sign=rsa_sha1)),
    signed_by="provider",
    id_header="X-Delivery-Id",
    test_headers={"X-Test-Notification": "true"},
    certificate_name="webhooks.example.test",
)
IN_THE_BODY = Sending(  # Treezor: every minute, thirty times; signed is one member of the body
    subscriptions=_nobody,
    test=_test,
    schedule=Schedule(first=MINUTE, retries=29),
    seconds=10.0,
    signatures=(Signature(name="object_payload_signature", sign=hmac_base64, place="body", of="object_payload"),),
    form=php_json,
    content_type="text/plain",
)
BLOCKING = Sending(  # Transcrypts and Truv: three retries, thirty seconds apart, then blocked
    subscriptions=_nobody,
    test=_test,
    schedule=Schedule(first=timedelta(seconds=30), retries=3),
    seconds=10.0,
    blocks=True,
    redirects="follow",
    signatures=(Signature(name="X-WEBHOOK-SIGN", sign=prefixed("v1=", hmac_hex)),),
    headers={"user-agent": "Webhook-Service/2.0"},
    certificate_name="webhooks.example.test",
)
THIN = Sending(  # Nuapay: every half hour for one to three days
    subscriptions=_nobody,
    test=_test,
    schedule=Schedule(first=timedelta(minutes=30), lasting=DAY),
    seconds=10.0,
    success=(200,),
    signatures=(Signature(name="x-signature", sign=hmac_hex),),
    id_header="x-request-Id",
)


def delivery(url: str = "https://localhost/hook", **changed: Any) -> Delivery:
    """One that is due."""
    usual: dict[str, Any] = {
        "id": "4a6b9810-4279-4de5-8d8d-1a6cf3b92a75",
        "number": 1,
        "provider": "p",
        "client": "c",
        "subscription": "s",
        "event": "e",
        "url": url,
        "mtls": False,
        "body": b'{"a":1}',
        "headers": {},
        "queued_at": AT,
        "status": "waiting",
        "due_at": AT,
    }
    return Delivery(**{**usual, **changed})
