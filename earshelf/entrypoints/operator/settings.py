"""The owner's settings: every group with its values; a change names only what it changes."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

from aiohttp import web

from earshelf.domain.settings import Settings
from earshelf.domain.usecases.configuring import Configuring
from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.operator.errors import VALIDATION, refusal
from earshelf.entrypoints.operator.integrations import AnyObject
from earshelf.entrypoints.routing import Answer, Call, Document, Route


def _setting_document(setting: "Field[Any]") -> dict[str, Any]:
    rule = setting.metadata
    default: Any = setting.default
    if isinstance(default, bool):
        return {"type": "boolean", "default": default}
    if "choices" in rule:
        return {"enum": [choice.value for choice in rule["choices"]], "default": default.value}
    if "words" in rule:
        return {"type": "array", "items": {"type": "string"}, "default": [*default]}
    if "least" in rule:
        form = "integer" if rule["whole"] else "number"
        return {"type": form, "minimum": rule["least"], "maximum": rule["most"], "default": default}
    return {"type": "string", "default": default}


def _group_document(group: Any, *, whole: bool) -> dict[str, Any]:
    properties = {one.name: _setting_document(one) for one in fields(group)}
    document: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
    return {**document, "required": list(properties)} if whole else document


def _document(name: str, *, whole: bool) -> Document:
    groups = {group.name: _group_document(group.default, whole=whole) for group in fields(Settings)}
    schema: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": groups}
    return Document(name, {**schema, "required": list(groups)} if whole else schema)


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
