"""Domain objects as plain JSON values and back, by the types that they declare.

Reading is strict: a value of another type than the declared one is refused, so that what comes from a file is as sound
as what was made here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from earshelf.domain.errors import Invalid
from earshelf.domain.events import EVENT_TYPES, Event
from earshelf.domain.schedule_forms import read_span, spell_span
from earshelf.domain.schedules import OneTime, Recurring, Span

ThingT = TypeVar("ThingT")

_EVENTS = {kind.__name__: kind for kind in EVENT_TYPES}
_MOST = 1 << 63
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True)
class _Form:
    """How values of one type are spelled and read."""

    spell: Callable[[Any], Any]
    read: Callable[[Any], Any]


def spell(thing: Any) -> Any:
    """Spells a domain object as objects, lists, texts, numbers and booleans; times in UTC to the microsecond."""
    return _form(type(thing)).spell(thing)


def read(kind: type[ThingT], value: Any) -> ThingT:
    """Reads what :func:`spell` made of an object of this type.

    :raises Invalid: a field is missing, unknown or of another type; the message names it and shows no value.
    """
    thing: ThingT = _form(kind).read(value)
    return thing


def _form(hint: Any) -> _Form:
    if hint not in _FORMS:
        _FORMS[hint] = _made(hint)
    return _FORMS[hint]


def _made(hint: Any) -> _Form:
    if isinstance(hint, NewType):
        return _form(hint.__supertype__)
    if hint is Event:
        return _Form(_spelled_event, _read_event)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint)
    return _composed(get_origin(hint), get_args(hint))


def _composed(origin: Any, parts: tuple[Any, ...]) -> _Form:
    if origin in (UnionType, Union):
        (inner,) = (_form(part) for part in parts if part is not NoneType)
        return _Form(
            lambda value: None if value is None else inner.spell(value),
            lambda value: None if value is None else inner.read(value),
        )
    if origin is tuple:
        each = _form(parts[0])
        return _Form(
            lambda values: [each.spell(value) for value in values],
            lambda values: tuple(each.read(value) for value in _only(list, values)),
        )
    each = _form(parts[1])
    return _Form(
        lambda values: {name: each.spell(value) for name, value in values.items()},
        lambda values: {name: each.read(value) for name, value in _only(dict, values).items()},
    )


def _object(kind: type) -> _Form:
    hints = get_type_hints(kind)
    parts = {one.name: _form(hints[one.name]) for one in fields(kind) if one.init and not one.name.startswith("_")}

    def spelled(thing: Any) -> dict[str, Any]:
        return {name: part.spell(getattr(thing, name)) for name, part in parts.items()}

    return _Form(spelled, lambda value: kind(**_fields(value, parts)))


def _fields(value: Any, parts: Mapping[str, _Form]) -> dict[str, Any]:
    given = _only(dict, value)
    if given.keys() != parts.keys():
        raise Invalid(f"'{min(given.keys() ^ parts.keys())}' is missing or unknown")
    found = {}
    for name, part in parts.items():
        try:
            found[name] = part.read(given[name])
        except Invalid as problem:
            raise Invalid(f"'{name}': {problem.message}") from None
    return found


def _spelled_event(event: Any) -> dict[str, Any]:
    return {"type": type(event).__name__, **_form(type(event)).spell(event)}


def _read_event(value: Any) -> Any:
    given = dict(_only(dict, value))
    name = given.pop("type", None)
    if not isinstance(name, str) or name not in _EVENTS:
        raise Invalid("no event that this version knows")
    return _form(_EVENTS[name]).read(given)


def _choice(kind: type[StrEnum]) -> _Form:
    words = {word.value: word for word in kind}

    def chosen(value: Any) -> StrEnum:
        if not isinstance(value, str) or value not in words:
            raise Invalid(f"must be one of {', '.join(words)}")
        return words[value]

    return _Form(lambda value: value.value, chosen)


def _only(kind: type[ThingT], value: Any) -> ThingT:
    # exactly: a boolean is no number here
    if type(value) is not kind:
        raise Invalid(f"must be {_WORDS[kind]}")
    return value


_WORDS: Mapping[type, str] = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def _number(value: Any) -> int:
    number = _only(int, value)
    if not -_MOST <= number < _MOST:
        raise Invalid("must fit into 64 bits")
    return number


def _real(value: Any) -> float:
    if type(value) not in (int, float) or not isfinite(value):
        raise Invalid("must be a finite number")
    return float(value)


def _moment(value: Any) -> datetime:
    try:
        found = datetime.fromisoformat(_only(str, value))
    except ValueError:
        raise Invalid("must be a time") from None
    if found.tzinfo is None:
        raise Invalid("must be a time with its zone")
    return found.astimezone(UTC)


def _spelled_moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _clock(value: Any) -> time:
    if not _CLOCK.fullmatch(_only(str, value)):
        raise Invalid("must be a time of the day")
    return time.fromisoformat(value)


def _spelled_span(value: Any) -> Any:
    return spell_span(value, UTC)


def _span(value: Any) -> Any:
    given = _only(dict, value)
    span = read_span(given, UTC)
    if spell_span(span, UTC) != given:
        raise Invalid("must be a span of time as it is spelled in full")
    return span


def _as_it_is(value: Any) -> Any:
    return value


def _spelled_setting(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _setting(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_setting(each) for each in value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise Invalid("must be a plain value")


# every type met so far
_FORMS: dict[Any, _Form] = {
    str: _Form(_as_it_is, lambda value: _only(str, value)),
    int: _Form(_as_it_is, _number),
    float: _Form(float, _real),
    bool: _Form(bool, lambda value: _only(bool, value)),
    datetime: _Form(_spelled_moment, _moment),
    time: _Form(lambda value: f"{value:%H:%M}", _clock),
    Span: _Form(_spelled_span, _span),
    OneTime | Recurring: _Form(_spelled_span, _span),
    Any: _Form(_spelled_setting, _setting),
}
