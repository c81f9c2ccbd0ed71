"""How a holder stands when it asks for a certificate: what it has already, and who else has the key.

Each function is a query in an open unit of work; what follows from the answers is left to `policy` and `pinning`."""

from datetime import datetime

from ca.claim import Claim, Standing, Twin
from ca.clock import write_time
from ca.record import CertificateRecord, rsa_modulus
from ca.store import Work, by_fingerprint, queries


def read_standing(
    work: Work,
    claim: Claim,
    now: datetime,
    *,
    spki_sha256: str = "",
    fingerprint_sha256: str = "",
    newest: int = 0,
) -> Standing:
    """What the holder has for the purpose of the claim, and what is known of the key, or of the same certificate.

    With *newest*, the moduli of the RSA keys in so many of the holder's newest certificates too."""
    names, moduli = _names_and_moduli(work, claim, now, newest) if newest else (_names(work, claim, now), frozenset())
    uses = _key_uses(work, claim.provider, spki_sha256) if spki_sha256 else []
    twin = by_fingerprint(work, fingerprint_sha256) if fingerprint_sha256 else None
    return Standing(
        active=len(names),
        names=frozenset(names),
        key_purposes=frozenset(purpose for holder, purpose in uses if holder == claim.holder) - {claim.purpose},
        key_elsewhere=any(holder != claim.holder for holder, _ in uses),
        twin=_twin(twin, claim) if twin and twin.revoked_at is None else None,
        moduli=moduli,
    )


def _names(work: Work, claim: Claim, now: datetime) -> list[str]:
    rows = queries(work.driver).standing_names(
        work.connection, provider=claim.provider, holder=claim.holder, purpose=claim.purpose, now=write_time(now)
    )
    return [str(name) for (name,) in rows]


def _names_and_moduli(work: Work, claim: Claim, now: datetime, newest: int) -> tuple[list[str], frozenset[int]]:
    """One query for both: one more would cost a holder without certificates as much as the first."""
    rows = queries(work.driver).standing_names_and_newest(
        work.connection,
        provider=claim.provider,
        holder=claim.holder,
        purpose=claim.purpose,
        now=write_time(now),
        newest=newest,
    )
    names: list[str] = []
    keys: dict[str, bytes] = {}
    for name, spki_sha256, der in rows:
        if der is None:
            names.append(str(name))
        else:
            keys[spki_sha256] = der  # of a key with many certificates, one is read
    moduli = (rsa_modulus(bytes(der)) for der in keys.values())
    return names, frozenset(modulus for modulus in moduli if modulus is not None)


def _key_uses(work: Work, provider: str, spki_sha256: str) -> list[tuple[str, str]]:
    """Who has certificates of this key that are not revoked, and what for."""
    rows = queries(work.driver).key_uses(work.connection, provider=provider, spki_sha256=spki_sha256)
    return [(str(holder), str(purpose)) for holder, purpose in rows]


def _twin(record: CertificateRecord, claim: Claim) -> Twin:
    own = (record.provider, record.holder) == (claim.provider, claim.holder)
    return Twin(name=record.name, purpose=record.purpose, own=own)
