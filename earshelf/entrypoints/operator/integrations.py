"""Connectors, indexers and download clients: one resource, told apart by a declaration each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from marshmallow import INCLUDE, Schema, ValidationError, fields, validate

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import DEFAULT_PRIORITY, KINDS, Integration, IntegrationDraft, IntegrationRole
from earshelf.domain.paths import PathMapping, is_absolute
from earshelf.domain.usecases.configuring import Configuring, Trial
from earshelf.entrypoints.answers import answer, listed, nothing
from earshelf.entrypoints.operator.schemas import Flag, Whole
from earshelf.entrypoints.paging import invalid, load, window
from earshelf.entrypoints.routing import Call

# the side of a path mapping that lies on this machine
HERE = "local_path"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is particular to one kind of neighbour on the wire.

    ``mapping_names`` are the names of a path mapping's two sides, source first, None where there are no mappings;
    connectors keep theirs inside the settings. ``example`` is a body to create one with.
    """

    role: IntegrationRole
    plural: str
    singular: str
    example: Mapping[str, Any]
    mapping_names: tuple[str, str] | None = None
    has_mappings_in_settings: bool = False
    has_priority: bool = True

    @property
    def path(self) -> str:
        """Where the resource lives below the surface's prefix."""
        return "/" + self.plural.replace(" ", "-")

    @property
    def tag(self) -> str:
        """The resource's name in the document."""
        return self.plural.replace(" ", "-")

    @property
    def has_mappings_on_top(self) -> bool:
        """Whether path mappings stand beside the settings."""
        return self.mapping_names is not None and not self.has_mappings_in_settings

    def takes_mappings(self, kind: str) -> bool:
        """Whether this type has path mappings inside its settings."""
        rules = KINDS[self.role].get(kind)
        return self.has_mappings_in_settings and rules is not None and rules.takes_mappings


class AnyObject(Schema):
    """An object that its handler looks at by itself."""

    class Meta:
        unknown = INCLUDE


def body_schema(declaration: Declaration, *, with_id: bool = False, partial: bool = False) -> Schema:
    """Returns the schema of a body; ``settings`` are checked by the domain, which knows the types."""
    known: dict[str, fields.Field[Any]] = {
        "name": fields.String(required=True),
        "type": fields.String(required=True),
        "enabled": Flag(load_default=True),
        "settings": fields.Dict(keys=fields.String(), required=True),
    }
    if declaration.has_priority:
        known["priority"] = Whole(strict=True)
    if declaration.has_mappings_on_top:
        known["path_mappings"] = fields.List(fields.Nested(_mapping_schema(declaration)))
    if with_id:
        known["id"] = fields.String()
    # names, not True, which would let the rows of path mappings be halves as well
    left_out = tuple(known) if partial else None
    return Schema.from_dict(known, name=f"{declaration.role}_body")(partial=left_out)


def _mapping_schema(declaration: Declaration) -> type[Schema]:
    source, target = declaration.mapping_names or ("source", "target")
    filled = validate.Regexp(r"\s*\S")
    return Schema.from_dict(
        {
            source: fields.String(required=True, validate=[filled, _require_place] if source == HERE else filled),
            target: fields.String(required=True, validate=_require_place if target == HERE else None),
        },
        name="PathMapping",
    )


def _require_place(path: str) -> None:
    # blank is said elsewhere: a mapping to nowhere skips what it maps
    if path.strip() and not is_absolute(path):
        raise ValidationError("Must be an absolute path.")


class Integrations:
    """Answers the routes of one kind of neighbour."""

    def __init__(self, declaration: Declaration, *, configuring: Configuring) -> None:
        self._shape = declaration
        self._role = declaration.role
        self._configuring = configuring
        self._trial_schema = body_schema(declaration, with_id=True)
        self._settings_mappings = Schema.from_dict(
            {
                "settings": fields.Nested(
                    Schema.from_dict({"path_mappings": fields.List(fields.Nested(_mapping_schema(declaration)))})
                )
            }
        )()

    async def page(self, call: Call) -> web.Response:
        """Lists all by priority, then by age."""
        rows = await self._configuring.all(self._role)
        part = window(call.query)
        shown = rows[part.offset : part.offset + part.limit]
        return listed([self._dto(row) for row in shown], len(rows))

    async def one(self, call: Call) -> web.Response:
        """Shows one."""
        return answer(self._dto(await self._configuring.get(_id(call), self._role)))

    async def add(self, call: Call) -> web.Response:
        """Stores a new one."""
        return answer(self._dto(await self._configuring.add(self.draft(call.body), role=self._role)), 201)

    async def replace(self, call: Call) -> web.Response:
        """Replaces one."""
        _require_same_id(call)
        row = await self._configuring.replace(_id(call), self.draft(call.body), role=self._role)
        return answer(self._dto(row))

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        _require_same_id(call)

        def merge(row: Integration) -> IntegrationDraft:
            stored = self._dto(row)
            values = {**stored, **call.body}
            if values["type"] == stored["type"]:
                values["settings"] = {**stored["settings"], **call.body.get("settings", {})}
            return self.draft(values)

        return answer(self._dto(await self._configuring.change(_id(call), merge, role=self._role)))

    async def remove(self, call: Call) -> web.Response:
        """Forgets one."""
        await self._configuring.remove(_id(call), role=self._role)
        return nothing()

    async def try_draft(self, call: Call) -> web.Response:
        """Tries one that is not stored; whatever is wrong with it is the result of the trial."""
        try:
            values = load(self._trial_schema, call.body)
            draft = self.draft(values)
        except Invalid as problem:
            return answer(_trial_dto(Trial(success=False, message=problem.message, fields=problem.fields)))
        stored_id = IntegrationId(values["id"]) if "id" in values else None
        return answer(_trial_dto(await self._configuring.test(draft, role=self._role, stored_id=stored_id)))

    async def try_stored(self, call: Call) -> web.Response:
        """Tries a stored one, enabled or not."""
        return answer(_trial_dto(await self._configuring.test_stored(_id(call), role=self._role)))

    def draft(self, values: Mapping[str, Any]) -> IntegrationDraft:
        """Reads a body that its schema has loaded.

        :raises Invalid: path mappings are ill-formed.
        """
        settings = dict(values["settings"])
        mappings = values.get("path_mappings", ())
        if self._shape.takes_mappings(values["type"]):
            given = {"settings": {"path_mappings": settings.pop("path_mappings", [])}}
            mappings = load(self._settings_mappings, given)["settings"]["path_mappings"]
        source, target = self._shape.mapping_names or ("", "")
        return IntegrationDraft(
            kind=values["type"],
            name=values["name"],
            settings=settings,
            enabled=values["enabled"],
            priority=values.get("priority", DEFAULT_PRIORITY),
            path_mappings=[PathMapping(row[source], row[target]) for row in mappings],
        )

    def _dto(self, row: Integration) -> dict[str, Any]:
        shape = self._shape
        settings = row.masked_settings()
        source, target = shape.mapping_names or ("", "")
        mappings = [{source: mapping.source, target: mapping.target} for mapping in row.path_mappings]
        if shape.takes_mappings(row.kind):
            settings["path_mappings"] = mappings
        spelled: dict[str, Any] = {"id": row.id, "name": row.name, "type": row.kind, "enabled": row.enabled}
        if shape.has_priority:
            spelled["priority"] = row.priority
        spelled["settings"] = settings
        if shape.has_mappings_on_top:
            spelled["path_mappings"] = mappings
        return spelled


def _id(call: Call) -> IntegrationId:
    return IntegrationId(call.ids["id"])


def _require_same_id(call: Call) -> None:
    if call.body.get("id", call.ids["id"]) != call.ids["id"]:
        raise invalid({"id": "is not the id in the path"})


def _trial_dto(trial: Trial) -> dict[str, Any]:
    return {"success": trial.success, "message": trial.message, "fields": dict(trial.fields)}
