"""The rules that end streams, and the vigil, as rows."""

import json
from datetime import UTC
from typing import Any, TypeAlias

from earshelf.adapters.rows.values import Row, dumped, moment_or_none
from earshelf.domain import plain
from earshelf.domain.blackouts import BLACKOUT_TYPES, Blackout, BlackoutAction
from earshelf.domain.errors import Invalid
from earshelf.domain.maintenance import Maintenance, TranscodeCriteria, TranscodeRule
from earshelf.domain.schedule_forms import read_span, spell_span
from earshelf.domain.schedules import OneTime, Recurring
from earshelf.domain.stop_rules import Audience
from earshelf.domain.stops import Vigil

BLACKOUT = "blackout"
MAINTENANCE_ID, TRANSCODING_ID, VIGIL_ID = "maintenance", "transcoding", "vigil"
ONE_MAINTENANCE = f"SELECT * FROM maintenance WHERE id = '{MAINTENANCE_ID}'"  # noqa: S608 - our own
ONE_TRANSCODE_RULE = f"SELECT * FROM transcode_rules WHERE id = '{TRANSCODING_ID}'"  # noqa: S608 - our own
ONE_VIGIL = f"SELECT * FROM vigils WHERE id = '{VIGIL_ID}'"  # noqa: S608 - our own
NO_MAINTENANCE = "DELETE FROM maintenance"
NO_TRANSCODE_RULE = "DELETE FROM transcode_rules"
NO_VIGIL = "DELETE FROM vigils"
ONE_BLACKOUT = "SELECT * FROM blackouts WHERE id = ?"
ALL_BLACKOUTS = "SELECT * FROM blackouts ORDER BY age, id"
NEXT_AGE = "SELECT coalesce(max(age), 0) + 1 AS age FROM blackouts"

OnlyRule: TypeAlias = Maintenance | TranscodeRule


def only_rule_from(table: str, row: Row) -> OnlyRule:
    """Reads a rule from a table of which it is the only row."""
    return maintenance_from(row) if table == "maintenance" else transcode_rule_from(row)


def stored_rule(rule: OnlyRule) -> tuple[str, dict[str, Any]]:
    """Returns the table that a rule belongs into, and its row there."""
    if isinstance(rule, Maintenance):
        return "maintenance", maintenance_row(rule)
    return "transcode_rules", transcode_rule_row(rule)


def maintenance_row(maintenance: Maintenance) -> dict[str, Any]:
    """Spells the maintenance mode as the row of ``maintenance``."""
    return {
        "id": MAINTENANCE_ID,
        "enabled": maintenance.enabled,
        "message": maintenance.message,
        "grace_seconds": maintenance.grace_seconds,
        "grace_for_new": maintenance.grace_for_new,
        "audience": dumped(plain.spell(maintenance.audience)),
        "enabled_since": maintenance.enabled_since,
        "ends_at": maintenance.until,
    }


def maintenance_from(row: Row) -> Maintenance:
    """Reads the maintenance mode."""
    return Maintenance(
        enabled=bool(row["enabled"]),
        message=row["message"],
        grace_seconds=row["grace_seconds"],
        grace_for_new=row["grace_for_new"],
        audience=plain.read(Audience, json.loads(row["audience"])),
        enabled_since=moment_or_none(row["enabled_since"]),
        until=moment_or_none(row["ends_at"]),
    )


def transcode_rule_row(rule: TranscodeRule) -> dict[str, Any]:
    """Spells the rule against transcoding as the row of ``transcode_rules``."""
    return {
        "id": TRANSCODING_ID,
        "enabled": rule.enabled,
        "criteria": dumped(plain.spell(rule.criteria)),
        "message": rule.message,
        "delay": rule.delay,
        "audience": dumped(plain.spell(rule.audience)),
    }


def transcode_rule_from(row: Row) -> TranscodeRule:
    """Reads the rule against transcoding."""
    return TranscodeRule(
        enabled=bool(row["enabled"]),
        criteria=plain.read(TranscodeCriteria, json.loads(row["criteria"])),
        message=row["message"],
        delay=row["delay"],
        audience=plain.read(Audience, json.loads(row["audience"])),
    )


def blackout_row(blackout: Blackout) -> dict[str, Any]:
    """Spells a blackout as a row of ``blackouts``, but for its age."""
    return {
        "id": blackout.id,
        "name": blackout.name,
        "span": dumped(spell_span(blackout.span, UTC)),
        "action": blackout.action.value,
        "enabled": blackout.enabled,
        "message": blackout.message,
        "delay": blackout.delay,
        "audience": dumped(plain.spell(blackout.audience)),
        "allow_autoplay": blackout.allow_autoplay,
        "enabled_since": blackout.enabled_since,
    }


def blackout_from(row: Row) -> Blackout:
    """Reads a blackout."""
    return Blackout(
        id=row["id"],
        name=row["name"],
        span=_span(row["span"]),
        action=BlackoutAction(row["action"]),
        enabled=bool(row["enabled"]),
        message=row["message"],
        delay=row["delay"],
        audience=plain.read(Audience, json.loads(row["audience"])),
        allow_autoplay=bool(row["allow_autoplay"]),
        enabled_since=moment_or_none(row["enabled_since"]),
    )


def _span(text: str) -> OneTime | Recurring:
    span = read_span(json.loads(text), UTC, BLACKOUT_TYPES)
    assert isinstance(span, OneTime | Recurring)
    return span


def vigil_row(vigil: Vigil) -> dict[str, Any]:
    """Spells the vigil as the row of ``vigils``."""
    return {"id": VIGIL_ID, "body": dumped(plain.spell(vigil))}


def vigil_from(row: Row | None) -> Vigil:
    """Reads the vigil; one that was never written, or by another version, begins anew."""
    try:
        return plain.read(Vigil, json.loads(row["body"])) if row else Vigil()
    except (Invalid, ValueError):
        return Vigil()
