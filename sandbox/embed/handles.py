"""Handles for the parts of a running sandbox: a provider, a client, the clock."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ca.issuance.profile import Change
from sandbox.embed.journal import wait_for_webhook
from sandbox.errors import NotThere
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.services import (
    bundling,
    certificates,
    clients,
    clock,
    environment,
    issuing,
    keys,
    making,
    resources,
    webhooks,
)
from sandbox.services.authority import DEFAULT_PASSWORD, ca_certificate
from sandbox.services.clients import Known
from sandbox.services.clock import in_utc
from sandbox.services.state import State
from sandbox.webhooks.event import Delivery

if TYPE_CHECKING:
    from sandbox.embed.advice import Speaker


class ClockHandle:
    """The sandbox's clock. Client certificates, tokens, keys and the journal's times follow it; server certificates go
    by real time.

    Times without a zone are UTC. What cannot be done raises :class:`sandbox.errors.Misuse`.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    @property
    def now(self) -> datetime:
        """What it shows."""
        clock.follow(self._state)
        return self._state.clock.now()

    def move(self, delta: timedelta = timedelta(), *, months: int = 0) -> None:
        """So much later, or earlier: ``move(timedelta(days=400))``, ``move(months=13)``.

        A month later is the same day of the next month, or its last day. A clock that stands goes on standing there.
        """
        clock.move_clock(self._state, delta, months=months)

    def move_to(self, at: datetime) -> None:
        """To an instant, from which it runs on."""
        clock.move_clock_to(self._state, in_utc(at))

    def freeze(self, at: datetime | None = None) -> None:
        """Let it stand still: at that instant, or at what it shows now."""
        clock.freeze_clock(self._state, None if at is None else in_utc(at))

    def run(self) -> None:
        """Let it go on from where it stands."""
        clock.run_clock(self._state)

    def reset(self) -> None:
        """Real time again."""
        clock.reset_clock(self._state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate that was signed."""

    pem: str
    """The certificate itself."""
    chain: str
    """The issuing CA, for clients that send the whole chain: ``pem + chain`` is such a file."""
    serial: str
    changed: tuple[Change, ...]
    """What differs from the CSR, and why."""

    @property
    def fullchain(self) -> str:
        """The certificate and the CA that issued it, as most programs want them in one file."""
        return self.pem + self.chain


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A client's key and certificate as files, for ``ssl.SSLContext.load_cert_chain`` and the like."""

    certificate: Path
    """The certificate, and behind it the CA that issued it, where that is known."""
    key: Path
    serial: str

    @property
    def fullchain(self) -> Path:
        """The same file as ``certificate``, by the name that other tools have for it."""
        return self.certificate


Given = TypeVar("Given", bytes, bytes | None)


def _pem(given: Given | str) -> Given:
    return given.encode() if isinstance(given, str) else given


class Client:
    """One registered application of one provider."""

    def __init__(self, state: State, provider: str, record: ClientRecord, secret: str = "") -> None:
        self._state = state
        self.provider = provider
        self.id = record.id
        self.name = record.name
        self._secret = secret or record.secret.readable or ""
        self.speaker: Speaker | None = None
        """How whoever has this object names it, for the next steps of refusals."""
        self._waited: set[str] = set()
        """The webhooks that were waited for already."""

    def __repr__(self) -> str:
        return f"<Client {self.name} of {self.provider}, id {self.id}>"

    @property
    def secret(self) -> str:
        """Known of a demo client, of the object that :meth:`ProviderFace.new_client` gave or that made another, and of
        a client in this start's seed. Of others only the hash is kept: raises :class:`sandbox.errors.NotThere`."""
        if not self._secret:
            with self._advised():
                raise NotThere(
                    f"the secret of {self.name!r} was shown once, when it was made; the sandbox keeps its hash",
                    next_step="keep the object that new_client() returns, or make a new secret with new_secret()",
                )
        return self._secret

    def new_secret(self) -> str:
        """Another secret in place of the one before, which is refused from now on; tokens stay good."""
        self._secret = clients.new_secret(self._state, self.provider, self.id).secret
        return self._secret

    def _advised(self) -> AbstractContextManager[None]:
        return self.speaker.refusals(self.provider, self.id) if self.speaker else nullcontext()

    def sign(self, csr: bytes | str, *, name: str, purpose: str = "") -> Issued:
        """Sign a CSR (PEM). Raises :class:`sandbox.errors.Refused`, whose ``reasons`` are all broken rules."""
        with self._advised():
            issued = issuing.sign(self._state, self.provider, self.id, _pem(csr), name=name, purpose=purpose)
        return Issued(pem=issued.certificate, chain=issued.chain, serial=issued.serial, changed=issued.changed)

    def new_certificate(self, name: str = "", *, key: str = "", purpose: str = "") -> Files:
        """Key and certificate in one step, as files that live as long as the sandbox's state."""
        with self._advised():
            made = making.new_certificate(self._state, self.provider, self.id, name=name, key=key, purpose=purpose)
        return Files(certificate=made.certificate, key=made.key, serial=made.record.serial)

    def upload(self, certificate: bytes | str, *, name: str, purpose: str = "") -> str:
        """Hand in a certificate of one's own (PEM), where the provider takes such; it is good at its door from now on.

        Gives its id. Raises :class:`sandbox.errors.Refused`, whose ``reasons`` are all broken rules.
        """
        data = _pem(certificate)
        with self._advised():
            return issuing.upload(self._state, self.provider, self.id, data, name=name, purpose=purpose).id

    def bundle(
        self,
        certificate: str,
        *,
        format: str = "pem",
        password: str = DEFAULT_PASSWORD,
        key: bytes | str | None = None,
        key_password: str = "",
    ) -> bytes:
        """What ``sandbank certificate bundle`` writes: pem, leaf, chain, der, p12, p12-legacy or zip.

        The key is that of :meth:`new_certificate`, or *key* (PEM or DER), which is neither kept nor told of. Raises
        :class:`sandbox.errors.NotThere` where a p12 has no key, :class:`sandbox.errors.Misuse` for a wrong one.
        """
        given = bundling.Given(key=_pem(key), password=key_password)
        with self._advised():
            return bundling.bundle_with_key(
                self._state, self.provider, certificate, format=format, password=password, given=given, client=self.id
            ).data

    def certificate(self, certificate: str) -> dict[str, Any]:
        """One of its certificates (by id, serial, fingerprint or name), as ``certificate show --json`` prints it.

        Raises :class:`sandbox.errors.NotThere`.
        """
        with self._advised():
            record = certificates.show_certificate(self._state, self.provider, certificate, client=self.id)
        return certificates.view_with_pem(record, self._state.clock.now())

    def certificates(self) -> tuple[dict[str, Any], ...]:
        """All that it ever had, oldest first, as ``sandbank certificate list --json`` prints them."""
        now = self._state.clock.now()
        found = certificates.list_certificates(self._state, self.provider, self.id)
        return tuple(certificates.view(record, now) for record in found)

    def revoke(self, certificate: str, *, reason: str = "unspecified") -> None:
        """Refuse a certificate of its own (by id, serial, fingerprint or name) from now on, for good."""
        with self._advised():
            certificates.revoke(self._state, self.provider, certificate, reason=reason, client=self.id)

    def environment(self) -> dict[str, str]:
        """What ``sandbank client env`` prints, and the secret where this object knows it."""
        return environment.client_environment(self._state, self.provider, self.id, secret=self._secret).variables

    def add_key(
        self,
        pem: str | bytes,
        *,
        algorithm: str,
        kid: str | None = None,
        active_from: datetime | None = None,
        expires_at: datetime | None = None,
    ) -> str:
        """Register a public key (PEM, or base64 of its DER). Gives its kid, or the id of a key without one.

        Times without a zone are UTC. Raises :class:`sandbox.errors.Refused`, for a private key above all.
        """
        new = keys.new_key(
            algorithm,
            pem if isinstance(pem, str) else keys.key_text(pem),
            kid=kid,
            active_from=None if active_from is None else in_utc(active_from),
            expires_at=None if expires_at is None else in_utc(expires_at),
        )
        with self._advised():
            key = keys.add_key(self._state, self.provider, self.id, new)
        return key.kid or key.id

    def keys(self) -> tuple[dict[str, str | None], ...]:
        """Its public keys, deleted ones too, as ``sandbank key list --json`` prints them."""
        now = self._state.clock.now()
        return tuple(keys.key_as_json(key, now) for key in keys.list_keys(self._state, self.provider, self.id))

    def personal_token(self) -> str:
        """A token that does not end, as a person makes one.

        Raises :class:`sandbox.errors.Misuse` where the provider has none.
        """
        with self._advised():
            return clients.new_personal_token(self._state, self.provider, self.id)

    def put(self, kind: str, id: str | int, /, **fields: Any) -> dict[str, Any]:
        """Keep a row: ``put("transfer", 777, sourceValue=10)``; what is not given is as in any new one. Gives it."""
        with self._advised():
            return resources.put_resource(self._state, self.provider, self.id, kind, str(id), fields).body

    def resource(self, kind: str, id: str | int) -> dict[str, Any]:
        """A row as it is now: ``resource("transfer", 12345)["status"]``. Raises :class:`sandbox.errors.NotThere`."""
        with self._advised():
            return resources.show_resource(self._state, self.provider, self.id, kind, str(id)).body

    def resources(self, kind: str) -> tuple[dict[str, Any], ...]:
        """Its rows of a kind, ordered by id: ``resources("transfer")``. Raises :class:`sandbox.errors.NotThere`."""
        with self._advised():
            return tuple(row.body for row in resources.rows_of_kind(self._state, self.provider, self.id, kind))

    @property
    def webhooks(self) -> tuple[Delivery, ...]:
        """All that this client was sent, or is to be sent, oldest first; each with its ``attempts``."""
        return webhooks.list_deliveries(self._state, provider=self.provider, client=self.id)

    def wait_for_webhook(self, *, event: str = "", timeout: float = 30.0) -> Delivery:
        """The next webhook (of that event) that this client was sent and that was answered as it should be; each is
        given once. Raises AssertionError after *timeout* seconds, which says what came, and why it was not delivered.
        """
        __tracebackhide__ = True
        return wait_for_webhook(self._state, self.provider, self.id, self._waited, event=event, timeout=timeout)

    def send_test_webhook(self, *, subscription: str = "", event: str = "") -> tuple[Delivery, ...]:
        """Queue a test for each of its active subscriptions."""
        with self._advised():
            return webhooks.send_test(self._state, self.provider, self.id, subscription=subscription, event=event)

    def configure_webhooks(
        self, *, mtls: bool | None = None, ca: bytes | str | None = None, certificate: bytes | str | None = None
    ) -> None:
        """How it is sent webhooks: whether the sender shows its certificate, by which CA (PEM) its server is judged,
        and a certificate that its own CA has issued for the sender. What is None stays; ``b""`` is as usual again."""
        pem = _pem(ca), _pem(certificate)
        with self._advised():
            webhooks.configure(self._state, self.provider, self.id, mtls=mtls, ca=pem[0], certificate=pem[1])

    def reset(self, everything: bool = False) -> None:
        """Its rows are again those that it starts with.

        With *everything*, its certificates and tokens are refused from now on too, and its keys are forgotten.
        """
        clients.reset_client(self._state, self.provider, self.id, everything=everything)

    def remove(self) -> None:
        """Gone; its certificates and tokens are refused from now on."""
        clients.remove_client(self._state, self.provider, self.id)


class ProviderHandle:
    """One imitated provider of a running sandbox."""

    def __init__(
        self,
        state: State,
        name: str,
        ports: dict[str, int],
        known: Known | None = None,
        speaker: "Speaker | None" = None,
    ) -> None:
        self._state = state
        self._known = known or {}
        self.speaker = speaker
        self.name = name
        self.urls = {door.name: f"https://localhost:{ports[f'{name}.{door.name}']}" for door in named(name).doors}
        """Base URL of each door: ``urls["mtls"]``, ``urls["api"]``."""

    def new_client(
        self,
        name: str,
        *,
        id: str = "",
        secret: str = "",
        require_jws: bool = False,
        require_mtls: bool = False,
        rate_limit: str = "",
        sca: bool = False,
        check_callbacks: bool = False,
    ) -> Client:
        """Register a client. With *require_jws* its calls that can be signed must be; with *require_mtls* it may call
        only doors that ask for a client certificate; *rate_limit* is such as ``20/minute``; with *sca* its users must
        approve certain calls (strong customer authentication); with *check_callbacks* the address of a new
        subscription is called before the subscription is kept.

        Raises :class:`sandbox.errors.Misuse` when the name is taken.
        """
        with self._advised():
            made = clients.add_client(
                self._state,
                self.name,
                name,
                id=id,
                secret=secret,
                require_jws=require_jws,
                require_mtls=require_mtls,
                rate_limit=rate_limit,
                sca=sca,
                check_callbacks=check_callbacks,
            )
        return self._spoken(Client(self._state, self.name, made.client, made.secret))

    def _advised(self) -> AbstractContextManager[None]:
        return self.speaker.refusals(self.name, "") if self.speaker else nullcontext()

    def webhook_key(self) -> str:
        """The public key (PEM) that verifies its webhooks: what ``sandbank webhook key`` prints.

        Raises :class:`sandbox.errors.Misuse` where each subscription has a secret of its own instead.
        """
        return webhooks.public_key(self._state, self.name)

    def webhook_certificate(self) -> str:
        """The certificate that the sender shows to a receiver that asks for one, and the CA above it, in PEM."""
        return webhooks.sender_certificate(self._state, self.name)

    def webhook_csr(self) -> str:
        """A CSR (PEM) for the sender's key, for your own CA: ``client.configure_webhooks(certificate=…)`` takes what it
        signs."""
        return webhooks.sender_csr(self._state, self.name)

    def webhook_ca(self) -> str:
        """What a receiver trusts that asks for the sender's certificate: what ``sandbank ca --webhooks`` prints.

        PEM: ``context.load_verify_locations(cadata=…)`` takes it.
        """
        return ca_certificate(self._state, webhooks=True).decode()

    def client(self, name: str = "") -> Client:
        """The client of that name or id; without one, the demo client. Raises :class:`sandbox.errors.NotThere`."""
        with self._advised():
            record = clients.show_client(self._state, self.name, name or named(self.name).registration.demo[0])
        seeded = self._known.get((self.name, record.id))
        secret = seeded.secret if seeded and seeded.kept == record.secret else ""
        return self._spoken(Client(self._state, self.name, record, secret))

    def _spoken(self, client: Client) -> Client:
        client.speaker = self.speaker
        return client
