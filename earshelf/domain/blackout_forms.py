"""How blackouts are spelled in plain values, and what a change that names only some of them makes of one."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any

from earshelf.domain.blackouts import BLACKOUT_TYPES, Blackout, BlackoutAction
from earshelf.domain.errors import Invalid
from earshelf.domain.ids import BlackoutId
from earshelf.domain.schedule_forms import read_span, spell_span
from earshelf.domain.schedules import OneTime, Recurring
from earshelf.domain.stop_rules import Audience, ExcludedViewer, excluded_viewers

_SPAN_FIELDS = ("start_date", "end_date", "days_of_week", "start_time", "end_time")


def spell_blackout(blackout: Blackout, zone: tzinfo) -> dict[str, Any]:
    """Spells everything but the id; fields of the other kind of schedule are None."""
    return {
        "name": blackout.name,
        "enabled": blackout.enabled,
        **dict.fromkeys(_SPAN_FIELDS),
        **spell_span(blackout.span, zone),
        "action": blackout.action.value,
        "message": blackout.message,
        "delay": blackout.delay,
        "excluded_users": spell_excluded(blackout.audience),
        "exclude_owner": blackout.audience.exclude_owner,
        "allow_autoplay": blackout.allow_autoplay,
    }


def new_blackout(identifier: BlackoutId, fields: Mapping[str, Any], *, now: datetime, zone: tzinfo) -> Blackout:
    """Makes a blackout of fields as :func:`spell_blackout` names them; what is absent is as by default.

    ``name``, ``schedule_type``, ``action`` and the fields of the schedule's kind are required.

    :raises Invalid: something is missing or wrong; ``fields`` lists it.
    """
    missing = {name: "is required" for name in ("name", "schedule_type", "action") if not fields.get(name)}
    if missing:
        raise Invalid("A blackout needs more than that", missing)
    span = _span(fields, zone)
    blackout = Blackout(identifier, fields["name"].strip(), span, BlackoutAction(fields["action"]), enabled=False)
    return _changed(blackout, fields).switched(on=fields.get("enabled", True), now=now)


def changed_blackout(blackout: Blackout, fields: Mapping[str, Any], *, now: datetime, zone: tzinfo) -> Blackout:
    """Makes of a blackout what a change wants; fields that it does not name stay.

    Another schedule or action begins now where it is in force.

    :raises Invalid: something is wrong; ``fields`` lists it.
    """
    told = {**spell_blackout(blackout, zone), **fields}
    changed = replace(_changed(blackout, fields), span=_span(told, zone), action=BlackoutAction(told["action"]))
    changed = changed.switched(on=told["enabled"], now=now)
    is_another = (changed.span, changed.action) != (blackout.span, blackout.action)
    return replace(changed, enabled_since=now) if is_another and changed.enabled else changed


def spell_excluded(audience: Audience) -> list[str]:
    """Spells whom a rule spares, by name, or by id where no name is known."""
    return [one.name or one.id or "" for one in audience.excluded]


def with_excluded(audience: Audience, fields: Mapping[str, Any]) -> Audience:
    """Returns whom a change of ``excluded_users`` and ``exclude_owner`` spares; ids of names that stay are kept."""
    known: dict[str, ExcludedViewer] = {one.name: one for one in audience.excluded}
    if "excluded_users" in fields:
        named = excluded_viewers(fields["excluded_users"])
        audience = replace(audience, excluded=tuple(known.get(one.name, one) for one in named))
    return replace(audience, exclude_owner=fields.get("exclude_owner", audience.exclude_owner))


def _changed(blackout: Blackout, fields: Mapping[str, Any]) -> Blackout:
    plain = {name: fields[name] for name in ("message", "delay", "allow_autoplay") if name in fields}
    named = {"name": fields["name"].strip()} if "name" in fields else {}
    return replace(blackout, **named, **plain, audience=with_excluded(blackout.audience, fields))


def _span(fields: Mapping[str, Any], zone: tzinfo) -> OneTime | Recurring:
    span = read_span(fields, zone, BLACKOUT_TYPES)
    assert isinstance(span, OneTime | Recurring)
    return span
