"""The owner's settings: every group with its values; a change names only what it changes."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from aiohttp import web

from earshelf.domain.exclusions import LONGEST_PATH, LONGEST_PATTERN, MOST_RULES, ExcludeType
from earshelf.domain.settings import Settings, is_spread
from earshelf.domain.usecases.configuring import Configuring
from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.operator.errors import VALIDATION, refusal
from earshelf.entrypoints.operator.integrations import AnyObject
from earshelf.entrypoints.routing import Answer, Call, Document, Route

_RULE: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["value", "type"],
    "properties": {"value": {"type": "string"}, "type": {"enum": [one.value for one in ExcludeType]}},
}
_WISHED_RULE: Mapping[str, Any] = {
    "anyOf": [
        {"type": "string", "maxLength": LONGEST_PATH, "description": "A file or folder"},
        {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value": {"type": "string", "maxLength": LONGEST_PATTERN, "description": "Longer for a path"},
                "type": {"type": "string", "default": "path", "description": "`regex`; anything else is a path"},
            },
        },
    ]
}


def _setting_document(setting: "Field[Any]", *, whole: bool) -> dict[str, Any]:
    rule = setting.metadata
    default: Any = setting.default
    if isinstance(default, bool):
        return {"type": "boolean", "default": default}
    if "choices" in rule:
        return {"enum": [choice.value for choice in rule["choices"]], "default": default.value}
    if "words" in rule:
        return {"type": "array", "items": {"type": "string"}, "default": [*default]}
    if "rules" in rule:
        items = _RULE if whole else _WISHED_RULE
        return {"type": "array", "items": items, "maxItems": MOST_RULES, "default": [*default]}
    if "least" in rule:
        form = "integer" if rule["whole"] else "number"
        return {"type": form, "minimum": rule["least"], "maximum": rule["most"], "default": default}
    return {"type": "string", "default": default}


def _group_document(group: Any, *, whole: bool) -> dict[str, Any]:
    properties = {one.name: _setting_document(one, whole=whole) for one in fields(group)}
    document: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**document, "required": list(properties)} if whole else document


def _document(name: str, *, whole: bool) -> Document:
    properties: dict[str, Any] = {}
    for group in fields(Settings):
        document = _group_document(group.default, whole=whole)
        properties |= document["properties"] if is_spread(group) else {group.name: document}
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return Document(name, {**schema, "required": list(properties)} if whole else schema)


_EXAMPLE: Mapping[str, Any] = Settings().as_mapping()
_WHOLE = _document("Settings", whole=True)

ROUTES = (
    Route("GET", "/settings", "show", "Get all settings", "settings", {200: Answer("All groups", _WHOLE, _EXAMPLE)}),
    Route(
        "POST",
        "/settings",
        "change",
        "Change settings",
        "settings",
        {
            200: Answer("All groups as they are now", _WHOLE, _EXAMPLE),
            400: refusal(
                VALIDATION,
                "Some settings cannot be taken",
                "Nothing was changed; `fields` says why",
                fields={"search.interval_minutes": "must be between 5 and 1440"},
            ),
        },
        description="Changes what it names, all of it or nothing.",
        body=AnyObject(),
        body_shape=_document("SettingsChange", whole=False),
        body_example={"library": {"path": "/library"}},
    ),
)


class SettingsResource:
    """Answers the routes of settings."""

    def __init__(self, *, configuring: Configuring) -> None:
        self._configuring = configuring

    async def show(self, _: Call) -> web.Response:
        """Shows every group."""
        return answer((await self._configuring.settings()).as_mapping())

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        return answer((await self._configuring.change_settings(call.body)).as_mapping())
