"""Query strings and JSON bodies into values, by the schemas that the OpenAPI document shows; what they mean is others'.

Nothing of a body is ever repeated in a refusal: people paste private keys into the wrong place.
"""

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from sandbox.control.operation import Parameter, Value
from sandbox.errors import Refused, refuse

JSON_SPACE = b" \t\r\n"
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_KINDS = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
_DIGITS = 19
"""Decimal digits of the largest 64-bit number; more than that is no number of ours, however patient Python is."""
_PLAIN = re.compile(r"[a-z_]{1,20}", re.IGNORECASE | re.ASCII)
_RAW_PEM = "or send the bare PEM as the body: curl --data-binary @FILE.csr 'URL?name=NAME'"


def malformed(seen: str, expected: str, *, next_step: str = "") -> Refused:
    """The refusal of a call that cannot be read."""
    return refuse("http.call_malformed", seen=seen, expected=expected, next_step=next_step)


def read_query(query: bytes, parameters: Sequence[Parameter]) -> Mapping[str, Value]:
    """Every declared parameter, given or by its default. Raises Refused for what is unknown, double or not readable."""
    declared = {parameter.name: parameter.schema for parameter in parameters}
    values: dict[str, Value] = {name: schema["default"] for name, schema in declared.items() if "default" in schema}
    given: set[str] = set()
    for name, text in _pairs(query):
        if name not in declared:
            raise malformed(f"query parameter {name[:40]!r}", _known("one of", declared))
        if name in given:
            raise malformed(f"query parameter {name!r} twice", "it once")
        given.add(name)
        values[name] = _query_value(f"query parameter {name!r}", text, declared[name])
    return values


def read_object(body: bytes, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The JSON object that *body* is, its fields as *schema* has them. Raises Refused."""
    properties: Mapping[str, Mapping[str, Any]] = schema["properties"]
    said = _json_object(body, _known("a JSON object with", properties))
    for name in said:
        if name not in properties:
            # Who has confused key and value may have put anything here.
            seen = f"field {name!r}" if _PLAIN.fullmatch(name) else "a field of another name"
            raise malformed(seen, _known("one of", properties))
    for name in schema.get("required", ()):
        if name not in said:
            raise malformed(f"no field {name!r}", _known("a JSON object with", properties))
    for name, value in said.items():
        _check(f"field {name!r}", value, properties[name])
    return said


def read_fields(body: bytes) -> Mapping[str, Any]:
    """The JSON object that *body* is, whatever its fields; what they may be is for others to say. Raises Refused."""
    return _json_object(body, "a JSON object")


def is_json(body: bytes) -> bool:
    """Whether the body is meant as JSON: `curl -d` names another content type, so only its first byte can tell."""
    return _without_mark(body).lstrip(JSON_SPACE)[:1] == b"{"


def _pairs(query: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:  # also UnicodeDecodeError
        raise malformed("a query string that cannot be read", "name=value&…, percent-encoded UTF-8") from None


def _query_value(where: str, text: str, schema: Mapping[str, Any]) -> Value:
    if schema["type"] == "boolean":
        if text.lower() not in _FLAGS:
            raise malformed(f"{where}: {text[:40]!r}", "true or false")
        return _FLAGS[text.lower()]
    if schema["type"] == "integer":
        return _number(where, text, schema["minimum"], schema["maximum"])
    _check_text(where, text, schema)
    return text


def _number(where: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS and least <= int(text) <= most):
        raise malformed(f"{where}: {text[:40]!r}", f"a whole number from {least} to {most}")
    return int(text)


def _check(where: str, value: object, schema: Mapping[str, Any]) -> None:
    if schema["type"] != "boolean":
        _check_text(where, value, schema)
    elif not isinstance(value, bool):
        raise malformed(f"{where} is {_kind(value)}", "true or false")


def _check_text(where: str, value: object, schema: Mapping[str, Any]) -> None:
    if not isinstance(value, str):
        raise malformed(f"{where} is {_kind(value)}", "a text")
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(value) < least or (most is not None and len(value) > most):
        raise malformed(f"{where} of {len(value)} characters", f"{least} to {most or 'any number of'} characters")
    if "enum" in schema and value not in schema["enum"]:
        empty = ", or nothing" if "" in schema["enum"] else ""
        raise malformed(f"{where}: {value[:40]!r}", f"one of {', '.join(filter(None, schema['enum']))}{empty}")
    if not _encodable(value):
        raise malformed(f"{where} with half a surrogate pair", "text that UTF-8 can write (RFC 8259 section 8.2)")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # its message would repeat the text
        return False
    return True


def _json_object(body: bytes, expected: str) -> Mapping[str, Any]:
    if _without_mark(body) != body or b"\0" in body[:4]:
        # RFC 8259 section 8.1: JSON between systems is UTF-8 without a mark. PowerShell's `>` writes the others.
        raise malformed("a byte order mark, or UTF-16", "JSON in UTF-8 without a byte order mark")
    if not is_json(body):
        raise malformed(f"{len(body)} bytes that do not begin with {{", expected)
    try:
        said: Mapping[str, Any] = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once_each, parse_constant=_no_constant
        )
        return said
    except UnicodeDecodeError as error:
        raise malformed(f"a byte at {error.start} that is not UTF-8", expected) from None
    except json.JSONDecodeError as error:
        # Its message is one of a dozen fixed sentences: nothing of the body is in it.
        seen = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise malformed(seen, expected, next_step=_line_ends(error)) from None
    except RecursionError:
        raise malformed("lists or objects nested without end", expected) from None
    except ValueError:  # a number of more than 4300 digits
        raise malformed("a number too long to be read", expected) from None


def _line_ends(error: json.JSONDecodeError) -> str:
    """A PEM between quotes is what shells make of a CSR; in JSON its line ends are written otherwise."""
    if not error.msg.startswith("Invalid control character"):
        return ""
    return rf"write line ends inside a JSON text as \n, {_RAW_PEM}"


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """RFC 8259 section 4 leaves open what a repeated name means; so nobody should rely on it."""
    said = dict(pairs)
    if len(said) != len(pairs):
        raise malformed("a field given twice in one object", "each field once")
    return said


def _no_constant(name: str) -> object:
    raise malformed(f"the constant {name}", "JSON, which does not have it (RFC 8259 section 6)")


def _without_mark(body: bytes) -> bytes:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if body.startswith(mark):
            return body[len(mark) :].lstrip(b"\0")
    return body


def _kind(value: object) -> str:
    return "null" if value is None else _KINDS[type(value)]


def _known(words: str, names: Mapping[str, object]) -> str:
    return f"{words} {', '.join(names)}" if names else "none"
