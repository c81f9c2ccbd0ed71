"""Webhooks as a person or a test looks at them: list, show, send again, try out, set up, trust the sender.

They are queued in the store; a running server sends them (`dispatching`, and the server's sender)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import cast

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.authority import Credentials
from ca.clock import SystemClock
from ca.errors import visible
from ca.x509 import bundle
from sandbox.errors import Misuse, NotThere
from sandbox.jose.keys import read_public_key
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import PROVIDERS, named
from sandbox.services import keys
from sandbox.services.postbox import Postbox
from sandbox.services.rows import find_client, find_clients
from sandbox.services.state import State
from sandbox.storage import outbox
from sandbox.storage.folder import holder
from sandbox.storage.outbox import Search, WebhookSettings
from sandbox.storage.work import Work
from sandbox.webhooks.event import Delivery, Status, Subscription
from sandbox.webhooks.sending import Sending

MAX_PEM = 262_144
"""Bytes of a file with CA certificates: all of a browser's take as many."""


def list_deliveries(
    state: State,
    *,
    provider: str | None = None,
    client: str | None = None,
    event: str | None = None,
    status: str | None = None,
    after: int = 0,
    before: int = 0,
    limit: int = outbox.MOST_SHOWN,
) -> tuple[Delivery, ...]:
    """The newest of those that are meant, oldest first. A client's name without a provider stands for the clients of
    that name at all of them. Raises NotThere."""
    if status not in (None, "waiting", "delivered", "dead"):
        raise Misuse(
            f"{visible(status)!r} is not a status of a delivery: waiting, delivered or dead",
            next_step="name one of these, or none",
        )
    with state.store.read() as work:
        meant = cast("Status | None", status)
        wanted = Search(
            provider=provider, event=event, status=meant, after=after, before=before or outbox.NO_END, limit=limit
        )
        if client is None:
            return outbox.search(work, wanted)
        owners = find_clients(work, provider, client)
        found = [one for owner in owners for one in outbox.search(work, replace(wanted, client=owner.id))]
    return tuple(sorted(found, key=attrgetter("number"))[-max(1, limit) :])


def show_delivery(state: State, id: str) -> Delivery:
    """With every attempt. Raises NotThere."""
    with state.store.read() as work:
        return _find(work, id)


def open_deliveries(state: State, at: datetime, provider: str | None = None, client: str | None = None) -> int:
    """How many are due by then, and neither delivered nor dead."""
    with state.store.read() as work:
        return outbox.open_until(work, at, provider, client)


def anybody_sends(state: State) -> bool:
    """Whether a server runs that sends, on this machine or, where the state is shared, on another."""
    if holder(state.folder):  # a server sends a moment after its doors answer, and not before
        return True
    lead = state.store.lead()
    try:
        return not lead.held() or not lead.sure
    finally:
        lead.close()


def resend(state: State, id: str, *, as_new: bool = False) -> Delivery:
    """Queue a delivery again, due at once: under the same id, so that a receiver sees a repetition; or as a new one.
    Raises NotThere."""
    now = state.clock.now()
    with state.store.write() as work:
        found = _find(work, id)
        if as_new:
            return _postbox(state, work, found.provider, found.client, now).repeat(found)
        outbox.send_again(work, found.id, now)
        return replace(_find(work, id), status="waiting", due_at=now)


def send_test(
    state: State, provider: str, client: str, *, subscription: str = "", event: str = ""
) -> tuple[Delivery, ...]:
    """Queue a test for each active subscription of a client, or for the one with that id. Raises NotThere."""
    sending = sending_of(provider)
    now = state.clock.now()
    with state.store.write() as work:
        postbox = _postbox(state, work, provider, client, now)
        chosen = [one for one in postbox.subscriptions() if (one.id == subscription if subscription else one.active)]
        if not chosen:
            raise _no_subscription(postbox.client, subscription)
        return tuple(queued for one in chosen for queued in _test_of(postbox, sending, one, event, now))


def configure(
    state: State,
    provider: str,
    client: str,
    *,
    mtls: bool | None = None,
    ca: bytes | None = None,
    certificate: bytes | None = None,
) -> WebhookSettings:
    """Set how a client is sent webhooks; what is None stays as it was, and empty bytes go back to the usual.

    Raises Misuse for what is no certificate, for a certificate that is not for the sender's key, and where the provider
    shows none.
    """
    sending = sending_of(provider)
    if mtls and not sending.certificate_name:
        raise _shows_none(provider)
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        before = outbox.settings(work, provider, owner.id)
        after = WebhookSettings(
            mtls=before.mtls if mtls is None else mtls,
            ca=before.ca if ca is None else _ca(ca),
            certificate=before.certificate,
        )
        if certificate is not None:
            after = replace(after, certificate=_certificate(state, work, provider, sending, certificate))
        outbox.put_settings(work, provider, owner.id, after)
    return after


def show_settings(state: State, provider: str, client: str) -> dict[str, object]:
    """How a client is sent webhooks, as JSON types."""
    sending = sending_of(provider)
    with state.store.read() as work:
        said = outbox.settings(work, provider, find_client(work, provider, client).id)
    return {
        "mtls": sending.mtls if said.mtls is None else said.mtls,
        "ca": said.ca or None,
        "certificate": said.certificate or None,
    }


def sender_certificate(state: State, provider: str) -> str:
    """The certificate with which a provider shows itself, and the CA above it, in PEM."""
    sending = _showing(provider)
    with state.store.write() as work:
        return bundle.pem(_credentials(state, work, provider, sending).chain)


def sender_csr(state: State, provider: str) -> str:
    """A CSR for the sender's key, for a client whose own CA is to certify it, in PEM."""
    sending = _showing(provider)
    with state.store.write() as work:
        made = _credentials(state, work, provider, sending)
    names = x509.SubjectAlternativeName([x509.DNSName(sending.certificate_name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(made.chain[0].subject)
    request = request.add_extension(names, critical=False)
    return request.sign(made.key, SHA256()).public_bytes(Encoding.PEM).decode("ascii")


def public_key(state: State, provider: str) -> str:
    """The key by which what the provider sends is verified, as PEM: made when first asked for. Raises Misuse where each
    subscription has a secret of its own."""
    sending = sending_of(provider)
    if sending.signed_by != "provider":
        raise Misuse(
            f"{provider} signs with a secret of each subscription, and not with a key of its own",
            next_step=f"look at the subscription: sandbank resource list {sending.kind} --client demo",
        )
    with state.store.write() as work:
        now, ids = state.clock.now(), state.ids
        found = keys.public_reply_key(work, state.vault, provider, sending.provider_algorithm, None, ids=ids, now=now)
    if found is None:
        raise RuntimeError("the newest key of an algorithm is made when there is none")
    return read_public_key(found.spki).public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _test_of(postbox: Postbox, sending: Sending, to: Subscription, wanted: str, now: datetime) -> Sequence[Delivery]:
    event, payload = sending.test(wanted, to, now)
    return postbox.send_to((to,), event, lambda _: payload, test=True)


def _postbox(state: State, work: Work, provider: str, client: str, now: datetime) -> Postbox:
    owner = find_client(work, provider, client)
    return Postbox(work=work, vault=state.vault, client=owner, ids=state.ids, now=now)


SHORTEST = 4
"""Characters of the beginning of an id that stand for it: fewer are a slip of the finger."""
MOST_NAMED = 5


def _find(work: Work, id: str) -> Delivery:
    """The delivery of that id, or the one whose id begins so. Raises NotThere, Misuse where several do."""
    found = outbox.find(work, id)
    if found is None and len(id) >= SHORTEST:
        begun = outbox.begun(work, id.lower(), MOST_NAMED + 1)
        if len(begun) > 1:
            there = f"several deliveries begin with {visible(id, 60)!r}: {', '.join(begun[:MOST_NAMED])}"
            raise Misuse(there, next_step="give more of the id")
        found = outbox.find(work, begun[0]) if begun else None
    if found is None:
        short = f"; a beginning has {SHORTEST} characters or more" if len(id) < SHORTEST else ""
        raise NotThere(f"there is no delivery {visible(id, 60)!r}{short}", next_step="sandbank webhook list shows them")
    return found


def sending_of(provider: str) -> Sending:
    """How the provider sends. Raises Misuse where it does not."""
    found = named(provider).sending
    if found is None:
        raise sends_nothing(provider)
    return found


def sends_nothing(provider: str) -> Misuse:
    """That a provider has no webhooks here, with those that have."""
    senders = ", ".join(one.name for one in PROVIDERS if one.sends)
    return Misuse(f"{provider} sends no webhooks here", next_step=f"name one that does, by --provider: {senders}")


def _shows_none(provider: str) -> Misuse:
    showing = ", ".join(one.name for one in PROVIDERS if one.sending and one.sending.certificate_name)
    return Misuse(
        f"{provider} shows no certificate when it sends webhooks: nothing is published of that",
        next_step=f"name one that does, by --provider: {showing}",
    )


def _showing(provider: str) -> Sending:
    sending = sending_of(provider)
    if not sending.certificate_name:
        raise _shows_none(provider)
    return sending


def _credentials(state: State, work: Work, provider: str, sending: Sending) -> Credentials:
    # By real time, as all certificates that a partner's server judges.
    return state.authority.courier_credentials(work, provider, name=sending.certificate_name, now=SystemClock().now())


def _no_subscription(client: ClientRecord, subscription: str) -> NotThere:
    which = f"no subscription {visible(subscription, 60)!r}" if subscription else "no active subscription"
    return NotThere(
        f"{client.name} has {which} to send a test to: its program makes one by the provider's own calls",
        next_step=f"those calls are listed by: sandbank calls --provider {client.provider}",
    )


def _read(pem: bytes, what: str) -> tuple[x509.Certificate, ...]:
    if len(pem) > MAX_PEM:
        raise Misuse(f"{what} is over {MAX_PEM} bytes", next_step=_PEM)
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError:
        raise _unreadable(pem, what) from None


def _unreadable(data: bytes, what: str) -> Misuse:
    """What came instead, and what makes a certificate of it."""
    from ca.request.material import recognise  # only after a failure

    found = recognise(data)
    if found.kind in ("text", "binary") or (found.kind == "certificate" and not found.layers):
        return Misuse(f"{what} cannot be read: it is no certificate in PEM", next_step=_PEM)
    step = found.conversion("certificate")
    made = f"make a certificate in PEM of it: {step}" if step else _PEM
    return Misuse(f"{what} cannot be read: it is {found.words}, and no certificate in PEM", next_step=made)


_PEM = "name a file of certificates, each of which begins with -----BEGIN CERTIFICATE-----"


def _ca(pem: bytes) -> str:
    return bundle.pem(_read(pem, "the CA")) if pem else ""


def _certificate(state: State, work: Work, provider: str, sending: Sending, pem: bytes) -> str:
    """A certificate that the client's own CA has issued for the sender's key, leaf first. Raises Misuse."""
    if not pem:
        return ""
    chain = _read(pem, "the certificate")
    leaf, key = chain[0], _credentials(state, work, provider, sending).key
    if leaf.public_key() != key.public_key():
        raise Misuse(
            f"the certificate {leaf.subject.rfc4514_string()!r} is for another key than the sender's",
            next_step=f"let your CA sign this: sandbank webhook csr --provider {provider}",
        )
    if leaf.not_valid_after_utc <= SystemClock().now():
        raise Misuse(f"the certificate expired on {leaf.not_valid_after_utc:%Y-%m-%d}", next_step="issue a new one")
    if not _is_for_clients(leaf):
        raise Misuse(
            "the certificate is not for TLS clients: its extended key usage lacks clientAuth",
            next_step="issue it anew with extendedKeyUsage clientAuth, or without that extension",
        )
    return bundle.pem(chain)


def _is_for_clients(leaf: x509.Certificate) -> bool:
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.CLIENT_AUTH in usages
