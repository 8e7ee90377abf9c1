"""Request bodies: one JSON object, read strictly."""

import json
import math
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from marshmallow import Schema

from earshelf.domain.errors import Invalid
from earshelf.entrypoints.paging import is_speakable, load

MOST_BYTES = 1024 * 1024
_JSON = "application/json"

FILLED = r"[^\s\x1c-\x1f]"
"""The pattern of a text that is not blank: separators are blanks to Python, and not to most dialects of patterns."""


async def read_body(request: web.Request, schema: Schema | None) -> Mapping[str, Any]:
    """Reads a body by a schema; without one an empty body or an empty object is admitted.

    :raises Invalid: it is no JSON object, or breaks the schema.
    :raises web.HTTPUnsupportedMediaType: there is a body, and it is not declared as JSON in UTF-8.
    :raises web.HTTPRequestEntityTooLarge: it is longer than 1 MiB.
    """
    raw = await _bytes(request)
    if raw:
        _require_json(request)
    if not raw:
        if schema is not None:
            raise Invalid("A JSON body is required")
        return {}
    values = decoded(raw)
    if schema is not None:
        return load(schema, values)
    if values:
        raise Invalid("This takes no body", dict.fromkeys(values, "unknown field"))
    return {}


def decoded(raw: bytes) -> dict[str, Any]:
    """Decodes one JSON object.

    :raises Invalid: it is anything else, names a key twice, or holds what is no number or no text.
    """
    try:
        values = json.loads(
            raw.decode(),
            object_pairs_hook=_distinct,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        _require_speakable(values)
    except (ValueError, RecursionError) as problem:
        why = problem.msg if isinstance(problem, json.JSONDecodeError) else "it cannot be read"
        told = str(problem) if isinstance(problem, _Told) else why
        raise Invalid(f"The body is not valid JSON: {told}") from problem
    if not isinstance(values, dict):
        raise Invalid("The body must be a JSON object")
    return values


class _Told(ValueError):
    """What is wrong with a JSON text that the decoder itself would take."""


async def _bytes(request: web.Request) -> bytes:
    if (request.content_length or 0) > MOST_BYTES:
        raise web.HTTPRequestEntityTooLarge(MOST_BYTES, request.content_length or 0)
    try:
        return await request.read()
    # whoever broke off in the middle does not hear the answer
    except (web.RequestPayloadError, ConnectionError) as problem:
        raise Invalid("The body cannot be read") from problem


def _require_json(request: web.Request) -> None:
    charset = (request.charset or "utf-8").casefold()
    if "Content-Type" not in request.headers or request.content_type != _JSON or charset not in {"utf-8", "utf8"}:
        raise web.HTTPUnsupportedMediaType(headers={"Accept": _JSON}, text="The body must be application/json")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise _Told("a key is given twice")
    return values


def _refuse_constant(name: str) -> float:
    raise _Told(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _Told("a number is too large")
    return number


def _require_speakable(value: Any) -> None:
    if isinstance(value, str):
        if not is_speakable(value):
            raise _Told("a text holds a character that is no text")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _require_speakable(name)
            _require_speakable(inner)
    elif isinstance(value, list):
        for inner in value:
            _require_speakable(inner)
