"""A certificate that was refused: whether its holder has a newer one, and whose it is where it is another provider's.

Loaded only after a refusal."""

from dataclasses import replace
from datetime import datetime

from ca.clock import write_time
from ca.records import CertificateRecord
from sandbox.errors import Refusal, Refused, refuse
from sandbox.providers import PROVIDERS
from sandbox.providers.declare import Provider
from sandbox.server.cache import ReadCache


def explained_at(
    provider: Provider, refused: Refused, record: CertificateRecord | None, register: ReadCache, now: datetime
) -> Refused:
    """The refusal of a peer's certificate at a provider's door with what is known of it."""
    if record is None:
        return refused
    if record.provider != provider.name:
        return refuse(
            "certificate.of_other_provider", seen=whose(record, register), expected=f"a certificate of {provider.title}"
        )
    first, *others = refused.reasons
    return Refused(rotated(first, record, register, now), *others)


def whose(record: CertificateRecord, register: ReadCache) -> str:
    """The certificate by its name and holder; a holder that is gone by its id."""
    holder = register.client(record.provider, record.holder)
    title = next((one.title for one in PROVIDERS if one.name == record.provider), record.provider)
    client = holder.name if holder else record.holder
    return f"the certificate {record.name!r} of {title}'s client {client}, serial {record.serial}"


def rotated(reason: Refusal, record: CertificateRecord, register: ReadCache, now: datetime) -> Refusal:
    """The reason why a certificate is out of time or revoked; if its holder has a newer one, that is what to load."""
    if (newer := register.successor(record, now)) is None:
        return reason
    step = (
        f"{newer.name} is active until {write_time(newer.not_after)}: let the client load it with its key, and open "
        "its connections anew (restart the process, or its connection pool)"
    )
    expected = f"the newer certificate {newer.name!r}, serial {newer.serial}"
    return replace(reason, expected=expected, next=step)
