"""Fields that all rules have which end streams."""

from marshmallow import fields, validate

from earshelf.domain.stop_rules import LONGEST_DELAY

_MOST_NAMES = 500
_LONGEST_MESSAGE = 1000
SECONDS = validate.Range(min=0, max=LONGEST_DELAY)
MESSAGE = validate.Length(max=_LONGEST_MESSAGE)
ABOUT_EXCLUDED = {"description": "Names or ids of viewers whom it leaves alone; an id stays when the name changes"}
ABOUT_MESSAGE = {
    "description": "What viewers read, cut at 250 characters; `{user}`, `{title}`, `{server}`, `{minutes}` and "
    "`{until}` are filled in; empty for a default"
}


def excluded() -> "fields.List[str]":
    """Returns the field that takes whom a rule leaves alone."""
    name = fields.String(validate=validate.Length(max=200))
    return fields.List(name, validate=validate.Length(max=_MOST_NAMES), metadata=ABOUT_EXCLUDED)
