"""Keys for signatures and encryption: a client's are registered, listed and deleted; the provider's own are made when
first needed."""

import base64
import codecs
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from ca.clock import write_time
from ca.errors import visible
from ca.store.store import Vault
from sandbox.errors import Misuse, NotThere, Refused, Taken, refuse
from sandbox.ids import Ids
from sandbox.jose.jws import SigningKey, make_signing_key, read_signing_key, write_signing_key
from sandbox.jose.keys import (
    MAX_KEY_CHARACTERS,
    KeyStatus,
    fitting,
    read_public_key,
    require_fit,
    status_at,
    write_spki,
)
from sandbox.jose.scheme import ALGORITHMS, ENCRYPTIONS, PublicKey
from sandbox.oauth.clients import ClientRecord
from sandbox.providers import named
from sandbox.providers.context import NewKey, ReplyKey
from sandbox.providers.known import in_command
from sandbox.services.rows import find_client
from sandbox.services.state import State
from sandbox.storage import facts, keys
from sandbox.storage.keys import ClientKey
from sandbox.storage.work import Work

if TYPE_CHECKING:
    from sandbox.jose.content import DecryptionKey

MAX_KID = 128
"""Characters. A UUID has 36; names such as ``signing-2026-05-11`` have a few more."""
MAX_KEY_BYTES = 4 * MAX_KEY_CHARACTERS
"""Of a file with a key: as many characters as a key may have, in the widest of encodings."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def call_algorithms(provider: str) -> tuple[str, ...]:
    """The algorithms with which the provider's calls may be signed or encrypted; none where they are neither."""
    signing = named(provider).signing
    if signing is None:
        return ()
    return (*signing.scheme.algorithms, *((signing.encryption.algorithm,) if signing.encryption else ()))


def spelled(algorithm: str) -> str:
    """The name as JOSE has it: ``RSA_OAEP_256``, as Java and some interfaces write it, is RSA-OAEP-256, and ``rs256``
    is RS256."""
    known = algorithm.strip().upper().replace("_", "-")
    return known if known in (*ENCRYPTIONS, *ALGORITHMS) else algorithm


def encrypts(algorithm: str) -> bool:
    """Whether keys of that algorithm are for encryption, and not for signatures."""
    return spelled(algorithm) in ENCRYPTIONS


def algorithms(provider: str) -> tuple[str, ...]:
    """Those of all keys that a client may register: for signed calls, and for the approval of calls."""
    step_up = named(provider).step_up
    return (*call_algorithms(provider), *((step_up.algorithm,) if step_up else ()))


def approves(provider: str, algorithm: str) -> bool:
    """Whether a key of that algorithm is one by which calls are approved (strong customer authentication)."""
    step_up = named(provider).step_up
    return step_up is not None and step_up.algorithm == algorithm


def add_key(state: State, provider: str, client: str, new: NewKey) -> ClientKey:
    """Register a public key. Raises Refused: ``signature.key_…``, ``signature.alg_…`` or ``provider.not_unique``."""
    with state.store.write() as work:
        return register(work, find_client(work, provider, client), new, ids=state.ids, now=state.clock.now())


def register(
    work: Work, client: ClientRecord, new: NewKey, *, ids: Ids, now: datetime, taken: Sequence[str] | None = None
) -> ClientKey:
    """The same within a call's own unit of work. *taken*: the algorithms that this way of registering takes."""
    public_key = judge(client.provider, new, taken)
    _require_room(work, client, new, now)
    key = ClientKey(
        id=ids.uuid(),
        provider=client.provider,
        client=client.id,
        kid=new.kid,
        algorithm=new.algorithm,
        spki=write_spki(public_key),
        active_from=new.active_from,
        expires_at=new.expires_at,
        deleted_at=new.deleted_at,
        added_at=now,
    )
    try:
        keys.add(work, key)
    except Taken:
        raise refuse(
            "provider.not_unique", seen=f"the kid {new.kid!r} twice", expected="a kid that no key of the client has"
        ) from None
    facts.move_generation(work)
    return key


def new_key(
    algorithm: str,
    material: str,
    *,
    kid: str | None = None,
    active_from: datetime | None = None,
    expires_at: datetime | None = None,
    deleted_at: datetime | None = None,
) -> NewKey:
    """A key as it is handed in. Whether it is a good one is judged when it is added."""
    return NewKey(
        kid=kid,
        algorithm=spelled(algorithm),
        material=material,
        active_from=active_from,
        expires_at=expires_at,
        deleted_at=deleted_at,
    )


def _require_room(work: Work, client: ClientRecord, new: NewKey, now: datetime) -> None:
    """Raises Refused where the client has as many keys for approvals as it may have."""
    step_up = named(client.provider).step_up
    if step_up is None or new.algorithm != step_up.algorithm:
        return
    alike = [key for key in keys.all_of(work, client.provider, client.id) if key.algorithm == new.algorithm]
    there = sum(key_status(key, now) != "deleted" for key in alike)
    if there >= step_up.most_keys:
        oldest = next(key.kid or key.id for key in alike if key_status(key, now) != "deleted")
        seen, expected = f"one more key for {new.algorithm} than {there}", f"at most {step_up.most_keys}"
        name, at = client.name, in_command(client.provider)
        step = f"delete one, such as the oldest: sandbank key remove {shlex.quote(oldest)} --client {name}{at}"
        raise refuse("sca.too_many_keys", seen=seen, expected=expected, next_step=step)


def judge(provider: str, new: NewKey, taken: Sequence[str] | None = None) -> PublicKey:
    """The key, if it is one that the provider takes. Raises Refused, or Misuse for a kid that cannot be one."""
    if new.kid is not None and not (0 < len(new.kid) <= MAX_KID and new.kid.isprintable()):
        raise Misuse(
            f"a kid has 1 to {MAX_KID} printable characters", next_step="choose one such as signing-1, or leave it out"
        )
    taken = algorithms(provider) if taken is None else taken
    try:
        public_key = read_public_key(new.material)
    except Refused as refused:
        raise _for_algorithm(refused, new.algorithm, taken) from None
    try:
        require_fit(new.algorithm, public_key, taken=taken)
    except Refused as refused:
        raise _for_key(refused, public_key, new.algorithm, taken) from None
    return public_key


def _for_algorithm(refused: Refused, algorithm: str, taken: Sequence[str]) -> Refused:
    """The refusal with next steps for the algorithm that was given; for one that is not taken, as it was."""
    if algorithm not in taken:
        return refused
    from sandbox.journal.causes import CAUSES
    from sandbox.journal.keys import for_algorithm

    steps = (for_algorithm(one.next or CAUSES[one.code].next, algorithm) for one in refused.reasons)
    return Refused(*(replace(one, next=step) for one, step in zip(refused.reasons, steps, strict=True)))


def _for_key(refused: Refused, key: PublicKey, algorithm: str, taken: Sequence[str]) -> Refused:
    """The same where the key can be read: what it is good for, then how one for the algorithm is made."""
    from sandbox.journal.keys import SAME_KEY, add_key, new_pair

    good, wanted = fitting(key, taken), algorithm if algorithm in taken else next(iter(taken), "")
    if refused.code == "signature.key_too_weak":
        return _for_algorithm(refused, algorithm, taken)
    steps = [f"{SAME_KEY} --client demo --algorithm {good[0]}"] if good else []
    if wanted and wanted not in good:
        steps += [f"make a key for {wanted}: {new_pair(wanted)}; then: {add_key(wanted)}"]
    said = "; or ".join(steps) or "nothing is to be done: no key is registered with this provider"
    return Refused(*(replace(one, next=said) for one in refused.reasons))


def key_text(data: bytes) -> str:
    """The contents of a key file as text: PEM or base64 as it is, DER as base64."""
    try:
        if data.startswith(_UTF_16):  # as Windows PowerShell writes with >
            return data.decode("utf-16")
        if b"\0" not in data:
            return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # not text; read_public_key says what it is
    return base64.b64encode(data).decode("ascii")


def key_status(key: ClientKey, now: datetime) -> KeyStatus:
    """How the key stands at an instant."""
    return status_at(now, active_from=key.active_from, expires_at=key.expires_at, deleted_at=key.deleted_at)


def key_as_json(key: ClientKey, now: datetime) -> dict[str, str | None]:
    """A key as JSON types, without the key material: the same on the command line and in the control API."""
    times = {"active_from": key.active_from, "expires_at": key.expires_at, "deleted_at": key.deleted_at}
    return {
        "id": key.id,
        "provider": key.provider,
        "client": key.client,
        "kid": key.kid,
        "algorithm": key.algorithm,
        "status": key_status(key, now),
        **{name: None if at is None else write_time(at) for name, at in times.items()},
        "added_at": write_time(key.added_at),
    }


def list_keys(state: State, provider: str, client: str) -> tuple[ClientKey, ...]:
    """All of the client's keys, deleted ones too, in the order in which they were added."""
    with state.store.read() as work:
        return keys.all_of(work, provider, find_client(work, provider, client).id)


def remove_key(state: State, provider: str, client: str, wanted: str) -> ClientKey:
    """Delete the key with that kid or id from now on. Its row stays: a kid names one key for ever. Raises NotThere."""
    with state.store.write() as work:
        owner = find_client(work, provider, client)
        for key in keys.all_of(work, provider, owner.id):
            if wanted in (key.kid, key.id):
                now = state.clock.now()
                keys.delete(work, key, now)
                facts.move_generation(work)
                return replace(key, deleted_at=now)
    raise NotThere(
        f"{owner.name} has no key with the kid or id {wanted[:MAX_KID]!r}",
        next_step=f"sandbank key list --client {owner.name}{in_command(provider)} shows them",
    )


def public_reply_key(
    work: Work, vault: Vault, provider: str, algorithm: str, version: int | None, *, ids: Ids, now: datetime
) -> ReplyKey | None:
    """The public half of a key that signs replies, or to which clients encrypt. The first key of an algorithm is made
    when somebody asks for it."""
    _newest(work, vault, provider, algorithm, ids=ids, now=now)
    for kept in reversed(keys.reply_keys(work, vault, provider, algorithm)):
        if version in (None, kept.version):
            public_key = _public(kept.key, algorithm)
            return ReplyKey(id=kept.id, version=kept.version, spki=write_spki(public_key))
    return None


def rotate(state: State, provider: str, algorithm: str) -> int:
    """Make the provider a new key of that algorithm, which signs, or decrypts, from now on; the version of it. The one
    before can still be fetched by its version. Raises Misuse for an algorithm that the provider does not use."""
    algorithm = spelled(algorithm)
    sends = named(provider).sending
    sent = (sends.provider_algorithm,) if sends and sends.signed_by == "provider" else ()
    there = (*call_algorithms(provider), *sent)
    if algorithm not in there:
        raise Misuse(
            f"{provider} signs nothing with {visible(algorithm)!r}; there are: {', '.join(there) or 'none'}",
            next_step=f"name one of them: --algorithm {there[0]}"
            if there
            else "nothing is to be done: it has no key to rotate",
        )
    now = state.clock.now()
    with state.store.write() as work:
        before = _newest(work, state.vault, provider, algorithm, ids=state.ids, now=now)
        row = keys.StoredReplyKey(version=before.version + 1, id=state.ids.uuid(), key=_made(algorithm))
        keys.add_reply_key(work, state.vault, provider, algorithm, row, now)
        facts.move_generation(work)
    return row.version


def reply_key(
    work: Work, vault: Vault, provider: str, algorithm: str, *, ids: Ids, now: datetime
) -> tuple[int, SigningKey]:
    """Version and key with which the provider signs replies of that algorithm; made when first needed."""
    newest = _newest(work, vault, provider, algorithm, ids=ids, now=now)
    return newest.version, read_signing_key(newest.key, algorithm=algorithm)


def decryption_keys(work: Work, vault: Vault, provider: str, algorithm: str) -> "tuple[DecryptionKey, ...]":
    """The provider's private keys to which clients encrypt, the newest last; none before somebody has asked for one."""
    from sandbox.jose.content import read_decryption_key

    kept = keys.reply_keys(work, vault, provider, algorithm)
    return tuple(read_decryption_key(one.key, version=one.version) for one in kept)


def _newest(work: Work, vault: Vault, provider: str, algorithm: str, *, ids: Ids, now: datetime) -> keys.StoredReplyKey:
    """The provider's own key of that algorithm; made when first needed."""
    if kept := keys.reply_keys(work, vault, provider, algorithm):
        return kept[-1]
    row = keys.StoredReplyKey(version=1, id=ids.uuid(), key=_made(algorithm))
    keys.add_reply_key(work, vault, provider, algorithm, row, now)
    return row


def _made(algorithm: str) -> bytes:
    """A new private key as PKCS#8 DER."""
    if algorithm not in ENCRYPTIONS:
        return write_signing_key(make_signing_key(algorithm))
    from sandbox.jose.content import make_decryption_key

    return make_decryption_key()


def _public(private_key: bytes, algorithm: str) -> PublicKey:
    if algorithm not in ENCRYPTIONS:
        return read_signing_key(private_key, algorithm=algorithm).public_key
    from sandbox.jose.content import read_decryption_key

    return read_decryption_key(private_key, version=0).private_key.public_key()
