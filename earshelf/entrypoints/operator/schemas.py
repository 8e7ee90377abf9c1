"""Shapes that several resources of the operator's API share, closed."""

from functools import partial
from typing import Any

from marshmallow import Schema, fields, validate

text = partial(fields.String, required=True)
nullable_text = partial(fields.String, required=True, allow_none=True)
date = partial(fields.String, required=True, metadata={"format": "date-time"})
count = partial(fields.Integer, required=True, strict=True)
nullable_count = partial(fields.Integer, required=True, strict=True, allow_none=True)
one_of = partial(fields.Enum, by_value=fields.String, required=True)


class Flag(fields.Boolean):
    """True or false, and nothing that only looks like it."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(fields.Integer):
    """A whole number, however JSON spells it: 5.0 is 5."""

    def _validated(self, value: Any) -> int:
        return super()._validated(int(value) if isinstance(value, float) and value.is_integer() else value)


# a schema cannot declare an attribute called fields
Problem = Schema.from_dict(
    {
        "error": text(metadata={"description": "For people"}),
        "code": text(metadata={"description": "Stable and machine-readable"}),
        "fields": fields.Dict(
            keys=fields.String(),
            values=fields.String(),
            metadata={"description": "What is wrong with single fields, by dotted path"},
        ),
    },
    name="Problem",
)


class Named(Schema):
    """Something with an id and a name."""

    id = text()
    name = text()


def list_of(item: type[Schema], name: str | None = None) -> type[Schema]:
    """Returns the schema of a list answer."""
    return Schema.from_dict(
        {
            "data": fields.List(fields.Nested(item), required=True),
            "total": count(
                validate=validate.Range(min=0), metadata={"description": "All matching rows, not only these"}
            ),
        },
        name=name or f"{item.__name__}List",
    )
