"""The owner's rules that end streams: maintenance, and blackouts."""

from typing import Any

from aiohttp import web
from marshmallow import Schema, fields, validate

from earshelf.domain.blackout_forms import spell_blackout, spell_excluded
from earshelf.domain.blackouts import BLACKOUT_TYPES, BlackoutAction
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance
from earshelf.domain.schedules import ScheduleType
from earshelf.domain.usecases.curbing import BlackoutView, Curbing
from earshelf.entrypoints.answers import answer, listed, nothing, spelled_date
from earshelf.entrypoints.operator.curb_fields import ABOUT_EXCLUDED, ABOUT_MESSAGE, MESSAGE, SECONDS, excluded
from earshelf.entrypoints.operator.errors import VALIDATION, refusal
from earshelf.entrypoints.operator.schemas import Flag, Whole, count, date, list_of, nullable_text, one_of, text
from earshelf.entrypoints.paging import PagingQuery, window
from earshelf.entrypoints.routing import Answer, Call, Route

_name = validate.Length(min=1, max=200)
_type = validate.OneOf([one.value for one in BLACKOUT_TYPES])
_action = validate.OneOf([one.value for one in BlackoutAction])


class MaintenanceMode(Schema):
    """The maintenance mode."""

    enabled = Flag(required=True)
    message = text(metadata=ABOUT_MESSAGE)
    grace_seconds = count(metadata={"description": "For streams that ran when it was switched on"})
    grace_for_new = count(metadata={"description": "Seconds for streams that begin later"})
    excluded_users = fields.List(fields.String(), required=True, metadata=ABOUT_EXCLUDED)
    exclude_owner = Flag(required=True)
    until = date(allow_none=True, metadata={"description": "When it switches itself off", "format": "date-time"})


class MaintenanceBody(Schema):
    """What to change; what is not named stays."""

    enabled = Flag()
    message = fields.String(validate=MESSAGE, metadata=ABOUT_MESSAGE)
    grace_seconds = Whole(strict=True, validate=SECONDS)
    grace_for_new = Whole(strict=True, validate=SECONDS)
    excluded_users = excluded()
    exclude_owner = Flag()
    until = fields.AwareDateTime(allow_none=True, format="iso")


class BlackoutDetails(Schema):
    """A time in which streams are ended. The fields of the other kind of schedule are null."""

    id = text()
    name = text()
    enabled = Flag(required=True)
    active = Flag(required=True, metadata={"description": "Whether it is in force just now"})
    schedule_type = one_of(ScheduleType)
    start_date = nullable_text()
    end_date = nullable_text()
    days_of_week = fields.List(fields.Integer(), required=True, allow_none=True)
    start_time = nullable_text()
    end_time = nullable_text()
    action = one_of(BlackoutAction)
    message = text(metadata=ABOUT_MESSAGE)
    delay = count()
    excluded_users = fields.List(fields.String(), required=True, metadata=ABOUT_EXCLUDED)
    exclude_owner = Flag(required=True)
    allow_autoplay = Flag(required=True)


class BlackoutChange(Schema):
    """What to change of a blackout; what is not named stays."""

    name = fields.String(validate=_name)
    enabled = Flag()
    schedule_type = fields.String(validate=_type)
    start_date = fields.String(
        allow_none=True, metadata={"description": "One-time: a date, or a moment, here in the server's time zone"}
    )
    end_date = fields.String(allow_none=True, metadata={"description": "One-time: not before the start"})
    days_of_week = fields.List(
        Whole(strict=True, validate=validate.Range(min=0, max=6)),
        allow_none=True,
        metadata={"description": "Recurring: the days on which it begins, 0 is Sunday"},
    )
    start_time = fields.String(allow_none=True, metadata={"description": "Recurring: HH:mm"})
    end_time = fields.String(
        allow_none=True, metadata={"description": "Recurring: HH:mm; at or before the start it is on the next day"}
    )
    action = fields.String(validate=_action)
    message = fields.String(validate=MESSAGE, metadata=ABOUT_MESSAGE)
    delay = Whole(strict=True, validate=SECONDS, metadata={"description": "Seconds, for warn_then_terminate"})
    excluded_users = excluded()
    exclude_owner = Flag()
    allow_autoplay = Flag(metadata={"description": "With block_new_only: what a player plays next by itself may go on"})


class BlackoutBody(BlackoutChange):
    """A blackout as a person fills it in."""

    name = fields.String(required=True, validate=_name)
    schedule_type = fields.String(required=True, validate=_type)
    action = fields.String(required=True, validate=_action)


_MAINTENANCE_EXAMPLE: dict[str, Any] = {
    "enabled": True,
    "message": "Back at ten",
    "grace_seconds": 30,
    "grace_for_new": 5,
    "excluded_users": ["ada"],
    "exclude_owner": True,
    "until": None,
}
_BODY_EXAMPLE: dict[str, Any] = {
    "name": "Night",
    "enabled": True,
    "schedule_type": "recurring",
    "days_of_week": [0, 5],
    "start_time": "22:00",
    "end_time": "06:00",
    "action": "block_new_only",
    "message": "",
    "delay": 30,
    "excluded_users": [],
}
_EXAMPLE: dict[str, Any] = {
    **_BODY_EXAMPLE,
    "id": "bo_8Yt5rE2wQk9uIo3pLm6NbA",
    "active": False,
    "start_date": None,
    "end_date": None,
    "exclude_owner": False,
    "allow_autoplay": True,
}
_MODE = Answer("The maintenance mode", MaintenanceMode, _MAINTENANCE_EXAMPLE)
_FOUND = Answer("The blackout", BlackoutDetails, _EXAMPLE)
_UNKNOWN = refusal("NOT_FOUND", "No blackout 'bo_8Yt5rE2wQk9uIo3pLm6NbA'")
_WRONG = refusal(
    VALIDATION, "The schedule cannot be used", "`fields` says what is wrong", fields={"end_time": "is required"}
)
_KEEPS = "Changes what it names; what it does not name stays."

MAINTENANCE = (
    Route("GET", "/maintenance", "show", "Get the maintenance mode", "maintenance", {200: _MODE}),
    Route(
        "PUT",
        "/maintenance",
        "change",
        "Switch maintenance on or off",
        "maintenance",
        {200: _MODE},
        description=f"{_KEEPS} No server can refuse a new stream: one that begins meanwhile is ended after its grace.",
        body=MaintenanceBody(),
        body_example={"enabled": True, "message": "Back at ten", "grace_seconds": 30, "excluded_users": ["ada"]},
    ),
)
BLACKOUTS = (
    Route(
        "GET",
        "/blackouts",
        "page",
        "List blackouts",
        "blackouts",
        {200: Answer("Oldest first", list_of(BlackoutDetails, "BlackoutList"), {"data": [_EXAMPLE], "total": 1})},
        query=PagingQuery(),
    ),
    Route(
        "POST",
        "/blackouts",
        "add",
        "Add a blackout",
        "blackouts",
        {201: _FOUND, 400: _WRONG},
        body=BlackoutBody(),
        body_example=_BODY_EXAMPLE,
    ),
    Route("GET", "/blackouts/{id}", "one", "Get a blackout", "blackouts", {200: _FOUND, 404: _UNKNOWN}),
    Route(
        "PUT",
        "/blackouts/{id}",
        "change",
        "Change a blackout",
        "blackouts",
        {200: _FOUND, 400: _WRONG, 404: _UNKNOWN},
        description=_KEEPS,
        body=BlackoutChange(),
        body_example={"enabled": False},
    ),
    Route(
        "DELETE", "/blackouts/{id}", "remove", "Delete a blackout", "blackouts", {204: Answer("Gone"), 404: _UNKNOWN}
    ),
)
ROUTES = (*MAINTENANCE, *BLACKOUTS)


class MaintenanceResource:
    """Answers the routes of the maintenance mode."""

    def __init__(self, *, curbing: Curbing) -> None:
        self._curbing = curbing

    async def show(self, _: Call) -> web.Response:
        """Shows it."""
        return answer(_maintenance_dto(await self._curbing.maintenance()))

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        return answer(_maintenance_dto(await self._curbing.change_maintenance(call.body)))


class Blackouts:
    """Answers the routes of blackouts."""

    def __init__(self, *, curbing: Curbing) -> None:
        self._curbing = curbing

    async def page(self, call: Call) -> web.Response:
        """Lists all, oldest first."""
        rows, part = await self._curbing.blackouts(), window(call.query)
        return listed([self._dto(row) for row in rows[part.offset : part.offset + part.limit]], len(rows))

    async def one(self, call: Call) -> web.Response:
        """Shows one."""
        return answer(self._dto(await self._curbing.blackout(_id(call))))

    async def add(self, call: Call) -> web.Response:
        """Adds one."""
        return answer(self._dto(await self._curbing.add_blackout(call.body)), 201)

    async def change(self, call: Call) -> web.Response:
        """Changes what is named of one."""
        return answer(self._dto(await self._curbing.change_blackout(_id(call), call.body)))

    async def remove(self, call: Call) -> web.Response:
        """Deletes one."""
        await self._curbing.remove_blackout(_id(call))
        return nothing()

    def _dto(self, view: BlackoutView) -> dict[str, Any]:
        told = spell_blackout(view.blackout, self._curbing.zone)
        return {"id": view.blackout.id, "active": view.is_active, **told}


def _id(call: Call) -> BlackoutId:
    return BlackoutId(call.ids["id"])


def _maintenance_dto(maintenance: Maintenance) -> dict[str, Any]:
    return {
        "enabled": maintenance.enabled,
        "message": maintenance.message,
        "grace_seconds": maintenance.grace_seconds,
        "grace_for_new": maintenance.grace_for_new,
        "excluded_users": spell_excluded(maintenance.audience),
        "exclude_owner": maintenance.audience.exclude_owner,
        "until": spelled_date(maintenance.until) if maintenance.until else None,
    }
