"""Headers of every reply of Wise's, as recorded from its sandbox, and the correlation id.

Sources: recorded answers of Wise's sandbox (December 2024 to January 2025);
https://docs.wise.com/guides/developer/headers/correlation-id.
"""

from collections.abc import Mapping

MAX_CORRELATION_ID = 36
"""The page: a longer one is ignored."""

_ALWAYS = {
    "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
    "pragma": "no-cache",
    "expires": "0",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "0",
}


def headers(asked: Mapping[str, str], trace: str) -> Mapping[str, str]:
    """The fixed headers, ``x-trace-id``, and the caller's correlation id where it sent a short enough one."""
    said = {**_ALWAYS, "x-trace-id": trace}
    correlation = asked.get("x-external-correlation-id", "")
    if 0 < len(correlation) <= MAX_CORRELATION_ID:
        said["x-external-correlation-id"] = correlation
    return said
