"""The form of a token request (RFC 6749 section 3.2): each field once."""

from urllib.parse import parse_qsl

from sandbox.errors import refuse

MAX_FIELDS = 50
"""Far over any grant's fields; bounds the work that a hostile form can ask for."""


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields. Empty for a body that is not a form, as the grant is then simply missing.

    Raises Refused with ``token.form_malformed``.
    """
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return {}
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise refuse("token.form_malformed", seen="a body that is not a form", expected="name=value&…") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        twice = next(name for name in fields if sum(name == n for n, _ in pairs) > 1)
        raise refuse("token.form_malformed", seen=f"the field {twice[:40]!r} twice", expected="each field once")
    return fields
