"""The certificates that are kept as people ask for them: one by whatever names it, and all of them page by page.

Each function is a query or two in an open unit of work."""

from ca.clock import write_time
from ca.record import CertificateRecord
from ca.store import Work, queries, record_of_row


def find(work: Work, provider: str, wanted: str) -> CertificateRecord | None:
    """The newest certificate of the provider with that id, serial, SHA-256 fingerprint (both also with colons, in
    upper or lower case) or name."""
    bare = wanted.replace(":", "")
    ask = queries(work.driver)
    rows = [*ask.by_mark(work.connection, id=wanted, serial=bare.upper(), fingerprint_sha256=bare.lower())]
    if named := ask.newest_of_name(work.connection, provider=provider, name=wanted):
        rows.append(named)
    found = [record for record in map(record_of_row, rows) if record.provider == provider]
    return max(found, key=lambda record: (record.issued_at, record.id), default=None)


def page(
    work: Work, provider: str, *, holder: str = "", after: CertificateRecord | None = None, limit: int
) -> tuple[CertificateRecord, ...]:
    """So many of a provider's certificates, or of one of its holders, that come after this one; the oldest first."""
    begin = {"issued_at": write_time(after.issued_at), "id": after.id} if after else {"issued_at": "", "id": ""}
    ask, connection = queries(work.driver), work.connection
    if holder:
        rows = ask.page_of_holder(connection, provider=provider, holder=holder, limit=limit, **begin)
    else:
        rows = ask.page_of_provider(connection, provider=provider, limit=limit, **begin)
    return tuple(map(record_of_row, rows))
