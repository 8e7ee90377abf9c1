"""Query strings, read strictly: a misspelt filter is an error, never ignored."""

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from marshmallow import Schema, ValidationError, fields, validate

from earshelf.domain.errors import Invalid
from earshelf.ports.queries import Window

DEFAULT_LIMIT = 100
MOST_ROWS = 500
# what a database can count to
_MOST_OFFSET = 2**63 - 1
_DIGITS = re.compile(r"[0-9]{1,19}")
_MOST_PROBLEMS_TOLD = 5
_LONGEST_NAME_TOLD = 64


class WholeNumber(fields.Integer):
    """A number from a query string: ASCII digits only, no sign, point or exponent."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            raise self.make_error("invalid")
        return int(value)


class PagingQuery(Schema):
    """The parameters of every list."""

    limit = WholeNumber(
        load_default=DEFAULT_LIMIT,
        validate=validate.Range(min=1, max=MOST_ROWS),
        metadata={"description": "How many rows at most"},
    )
    offset = WholeNumber(
        load_default=0,
        validate=validate.Range(min=0, max=_MOST_OFFSET),
        metadata={"description": "How many rows to leave out first"},
    )


def window(query: Mapping[str, Any]) -> Window:
    """Returns the part of a list that a loaded :class:`PagingQuery` asks for."""
    return Window(limit=query["limit"], offset=query["offset"])


def read_query(request: web.Request, schema: Schema | None, *, ignored: frozenset[str]) -> Mapping[str, Any]:
    """Reads the query string by a schema; without one only ``ignored`` parameters are admitted.

    :raises Invalid: an unknown or repeated parameter, or a value that the schema does not take.
    """
    values: dict[str, str] = {}
    problems: dict[str, str] = {}
    known = schema.fields.keys() if schema else frozenset[str]()
    for name, value in request.query.items() if request.query_string else ():
        if name not in known and name not in ignored:
            problems[name] = "unknown query parameter"
        elif name in values:
            problems[name] = "given more than once"
        elif name not in ignored and not is_speakable(value):
            problems[name] = "holds a character that is no text"
        values[name] = value
    if problems:
        raise invalid(problems)
    if schema is None:
        return {}
    return load(schema, {name: value for name, value in values.items() if name in known})


def load(schema: Schema, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Loads values by a schema.

    :raises Invalid: they break it; ``fields`` says where, by dotted path.
    """
    try:
        loaded: Mapping[str, Any] = schema.load(values)
    except ValidationError as problem:
        raise invalid(flattened(problem.messages)) from problem
    return loaded


def invalid(problems: Mapping[str, str]) -> Invalid:
    """Makes one error of what is wrong with single fields."""
    told = [f"{name[:_LONGEST_NAME_TOLD]}: {why}" for name, why in problems.items()]
    return Invalid("; ".join(told[:_MOST_PROBLEMS_TOLD]), problems)


def flattened(messages: Any, path: str = "") -> dict[str, str]:
    """Spells nested validation messages by dotted path; what concerns the whole has the path ``_schema``."""
    if isinstance(messages, dict):
        flat: dict[str, str] = {}
        for name, inner in messages.items():
            deeper = path if path and name == "_schema" else f"{path}.{name}".removeprefix(".")
            flat |= flattened(inner, deeper)
        return flat
    return {path or "_schema": " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)}


def is_speakable(text: str) -> bool:
    """Whether databases and UTF-8 can hold the text: no NUL, no half of a surrogate pair."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text))
