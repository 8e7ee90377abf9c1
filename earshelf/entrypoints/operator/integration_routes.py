"""Routes and documents of connectors, indexers and download clients, made of the table of types."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from earshelf.domain.integrations import DEFAULT_PRIORITY, KINDS, KindRules
from earshelf.domain.setting_forms import MASK, SettingForm, SettingRule
from earshelf.entrypoints.bodies import FILLED
from earshelf.entrypoints.operator.errors import VALIDATION, refusal
from earshelf.entrypoints.operator.integrations import HERE, AnyObject, Declaration, body_schema
from earshelf.entrypoints.operator.schemas import Flag, text
from earshelf.entrypoints.paging import PagingQuery
from earshelf.entrypoints.routing import Answer, Document, Route

_STRING: Mapping[str, Any] = {"type": "string"}
_BEFORE_PATH = r"^https?://[^\s/?#@]+"
# a root: POSIX, a Windows drive or a UNC share
_PLACE = r"(?:[/\\]|[A-Za-z]:(?:[/\\]|$))"
_NO_CONTROLS = r"[^\x00-\x1f\x7f-\x9f]*"
_SOME_AND_NO_CONTROLS = rf"^{_NO_CONTROLS}[^\s\x00-\x1f\x7f-\x9f]{_NO_CONTROLS}$"
_FORMS: Mapping[SettingForm, Mapping[str, Any]] = {
    SettingForm.TEXT: _STRING,
    SettingForm.URL: {"type": "string", "format": "uri", "pattern": rf"{_BEFORE_PATH}(/[^\s?#]*)?$"},
    SettingForm.FEED_URL: {"type": "string", "format": "uri", "pattern": rf"{_BEFORE_PATH}(/[^\s?#]*)?(\?[^\s#]*)?$"},
    SettingForm.SECRET: {
        "type": "string",
        "format": "password",
        "pattern": f"^{_NO_CONTROLS}$",
        "description": f"Reads as {MASK} once stored",
    },
    SettingForm.FLAG: {"type": "boolean"},
    SettingForm.CATEGORIES: {
        "type": "array",
        "items": {"type": "integer", "minimum": 0, "maximum": 999_999},
        "maxItems": 50,
    },
}
_FILLED = {SettingForm.TEXT: FILLED, SettingForm.SECRET: _SOME_AND_NO_CONTROLS}

Trial = Schema.from_dict(
    {
        "success": Flag(required=True),
        "message": text(),
        "fields": fields.Dict(
            keys=fields.String(),
            values=fields.String(),
            required=True,
            metadata={"description": "Which fields are wrong and why, by dotted path"},
        ),
    },
    name="Trial",
)
_TRIAL_EXAMPLE = {
    "success": False,
    "message": "My server: no connection",
    "fields": {"settings.server_url": "Could not connect to server"},
}
_TRIED = Answer("How it went; trouble is told here, too", Trial, _TRIAL_EXAMPLE)


def routes(declaration: Declaration) -> tuple[Route, ...]:
    """Returns the routes of one kind of neighbour; the drafts' words come before the stored ones' identifiers."""
    found = Answer(f"The {declaration.singular}", _stored_document(declaration), stored_example(declaration))
    return (*_of_all(declaration, found), *_of_one(declaration, found))


def _of_all(declaration: Declaration, found: Answer) -> tuple[Route, ...]:
    path, tag, what = declaration.path, declaration.tag, declaration.singular
    page = {"data": [found.example], "total": 1}
    return (
        Route(
            "GET",
            path,
            "page",
            f"List {declaration.plural}",
            tag,
            {200: Answer("By priority, then by age", _list_document(declaration), page)},
            query=PagingQuery(),
        ),
        Route(
            "POST",
            path,
            "add",
            f"Add a {what}",
            tag,
            {201: found, 400: _invalid(declaration)},
            description="Stored without being contacted; test it first.",
            body=body_schema(declaration),
            body_shape=body_document(declaration),
            body_example=declaration.example,
        ),
        Route(
            "POST",
            f"{path}/test",
            "try_draft",
            f"Test a {what} that is not stored",
            tag,
            {200: _TRIED},
            description="With `id`, masked secrets stand for those that are stored.",
            body=AnyObject(),
            body_shape=body_document(declaration, with_id=True),
            body_example=declaration.example,
        ),
    )


def _of_one(declaration: Declaration, found: Answer) -> tuple[Route, ...]:
    path, tag, what = f"{declaration.path}/{{id}}", declaration.tag, declaration.singular
    changed = {200: found, 400: _invalid(declaration), 409: _stale(what)}
    return (
        Route("GET", path, "one", f"Get a {what}", tag, {200: found}),
        Route(
            "PUT",
            path,
            "replace",
            f"Replace a {what}",
            tag,
            changed,
            description="A masked secret keeps what is stored.",
            body=body_schema(declaration, with_id=True),
            body_shape=body_document(declaration, with_id=True),
            body_example=found.example,
        ),
        Route(
            "PATCH",
            path,
            "change",
            f"Change a {what}",
            tag,
            changed,
            description="Changes only what it names, also inside `settings`.",
            body=body_schema(declaration, with_id=True, partial=True),
            body_shape=_change_document(declaration),
            body_example={"enabled": False},
        ),
        Route("DELETE", path, "remove", f"Remove a {what}", tag, {204: Answer("It is gone")}),
        Route("POST", f"{path}/test", "try_stored", f"Test a stored {what}", tag, {200: _TRIED}),
    )


def body_document(declaration: Declaration, *, with_id: bool = False, without_target: bool = False) -> Document:
    """Returns the document of a body: one closed object per type."""
    suffix = "Targets" if without_target else "Trial" if with_id else "Body"
    kinds = []
    for kind, rules in KINDS[declaration.role].items():
        left_out = rules.target if without_target else None
        properties = {
            "name": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": FILLED},
            "type": {"const": kind},
            **_top_properties(declaration, rules),
            "settings": _settings_document(declaration, rules, optional=left_out),
        }
        if with_id or without_target:
            properties["id"] = _STRING
        kinds.append(_closed(kind, properties, required=["name", "type", "settings"]))
    return Document(f"{_name(declaration)}{suffix}", {"anyOf": kinds})


def stored_example(declaration: Declaration) -> dict[str, Any]:
    """Returns what the example reads as once it is stored."""
    example = {**declaration.example, "settings": dict(declaration.example["settings"])}
    rules = KINDS[declaration.role][example["type"]]
    for name in rules.secret_names:
        example["settings"][name] = MASK
    return {"id": f"{declaration.role.id_prefix}_5Tn8pW2eRk6yUb1iOq4MxA", **example}


def _stored_document(declaration: Declaration) -> Document:
    kinds = []
    for kind, rules in KINDS[declaration.role].items():
        properties = {
            "id": _STRING,
            "name": _STRING,
            "type": {"const": kind},
            **_top_properties(declaration, rules),
            "settings": _settings_document(declaration, rules, optional=None, stored=True),
        }
        kinds.append(_closed(kind, properties, required=list(properties)))
    return Document(_name(declaration), {"anyOf": kinds})


def _list_document(declaration: Declaration) -> Document:
    properties = {
        "data": {"type": "array", "items": {"$ref": f"#/components/schemas/{_name(declaration)}"}},
        "total": {"type": "integer", "minimum": 0},
    }
    return Document(f"{_name(declaration)}List", _closed(None, properties, required=list(properties)))


def _change_document(declaration: Declaration) -> Document:
    kinds = KINDS[declaration.role]
    mappings_rules = KindRules((), takes_mappings=True)
    settings = [_settings_document(declaration, rules, optional=None) for rules in kinds.values()]
    properties = {
        "id": _STRING,
        "name": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": FILLED},
        "type": {"enum": list(kinds)},
        **_top_properties(declaration, mappings_rules),
        "settings": {"anyOf": [{**document, "required": []} for document in settings]},
    }
    return Document(f"{_name(declaration)}Change", _closed(None, properties, required=[]))


def _top_properties(declaration: Declaration, rules: KindRules) -> dict[str, Any]:
    properties: dict[str, Any] = {"enabled": {"type": "boolean", "default": True}}
    if declaration.has_priority:
        properties["priority"] = {"type": "integer", "minimum": 0, "maximum": 100, "default": DEFAULT_PRIORITY}
    if declaration.has_mappings_on_top:
        properties["path_mappings"] = _mappings_document(declaration, rules)
    return properties


def _settings_document(
    declaration: Declaration, rules: KindRules, *, optional: str | None, stored: bool = False
) -> dict[str, Any]:
    properties = {
        rule.name: _stored_setting_document(rule)
        if stored
        else _setting_document(rule, may_be_blank=not rule.required or rule.name == optional)
        for rule in rules.settings
    }
    if declaration.has_mappings_in_settings and rules.takes_mappings:
        properties["path_mappings"] = _mappings_document(declaration, rules)
    required = [rule.name for rule in rules.settings if rule.required and rule.name != optional]
    return _closed(None, properties, required=list(properties) if stored else required)


def _setting_document(rule: SettingRule, *, may_be_blank: bool) -> dict[str, Any]:
    document = dict(_FORMS[rule.form])
    if not may_be_blank and rule.form in _FILLED:
        document["pattern"] = _FILLED[rule.form]
    if not rule.required:
        document["type"] = [document["type"], "null"]
    return document


def _stored_setting_document(rule: SettingRule) -> dict[str, Any]:
    return {name: value for name, value in _FORMS[rule.form].items() if name not in {"format", "pattern"}}


def _mappings_document(declaration: Declaration, rules: KindRules) -> dict[str, Any]:
    source, target = declaration.mapping_names or ("source", "target")
    sides = {
        source: {"type": "string", "pattern": rf"^{_PLACE}" if source == HERE else FILLED},
        target: {"type": "string", "pattern": rf"^(?:\s*$|{_PLACE})"} if target == HERE else _STRING,
    }
    row = _closed(None, sides, required=[source, target])
    return {"type": "array", "items": row} if rules.takes_mappings else {"type": "array", "maxItems": 0}


def _closed(title: str | None, properties: Mapping[str, Any], *, required: list[str]) -> dict[str, Any]:
    document: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": dict(properties)}
    if required:
        document["required"] = required
    return document if title is None else {"title": title, **document}


def _name(declaration: Declaration) -> str:
    return declaration.role.title().replace("_", "")


def _invalid(declaration: Declaration) -> Answer:
    return refusal(
        VALIDATION,
        "settings.url is required",
        f"Something about the {declaration.singular} is wrong; `fields` says what",
        fields={"settings.url": "is required"},
    )


def _stale(what: str) -> Answer:
    return refusal("CONFLICT", f"The {what} was changed meanwhile; read it again", "Somebody else was faster")
