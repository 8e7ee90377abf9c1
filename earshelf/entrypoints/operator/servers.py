"""Media servers: configured, tried and told apart by machine."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from marshmallow import Schema, fields

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.server_drafts import ScheduleDraft, ServerDraft
from earshelf.domain.server_trials import ServerTrial
from earshelf.domain.servers import AuthMethod, MediaServer, ServerKind
from earshelf.domain.setting_forms import MASK
from earshelf.domain.usecases.airing import Airing
from earshelf.domain.usecases.connecting import Connecting, Settled
from earshelf.domain.usecases.moving import Moving
from earshelf.entrypoints.answers import answer, listed, nothing
from earshelf.entrypoints.operator.integrations import AnyObject
from earshelf.entrypoints.operator.schemas import Flag
from earshelf.entrypoints.paging import invalid, load, window
from earshelf.entrypoints.routing import Call


class AuthBody(Schema):
    """How a server is signed in at."""

    method = fields.String(load_default=AuthMethod.TOKEN.value)
    token = fields.String(allow_none=True)


class SyncBody(Schema):
    """When a server's libraries are read by themselves."""

    every = fields.String(required=True)
    at = fields.String(load_default="03:00")


class ServerBody(Schema):
    """A server as a person fills it in."""

    id = fields.String()
    type = fields.String(required=True)
    name = fields.String(required=True)
    enabled = Flag(load_default=True)
    url = fields.String(load_default="")
    auth = fields.Nested(AuthBody, required=True)
    verify_ssl = Flag(load_default=True)
    machine_id = fields.String(allow_none=True)
    sync = fields.Nested(SyncBody)
    preferred = Flag()


class TrialBody(ServerBody):
    """A server that is to be tried; it may be nameless still."""

    name = fields.String(load_default="Server")


PARTS = ("type", "name", "enabled", "url", "auth", "verify_ssl", "machine_id", "sync", "preferred")
CHANGE_BODY = ServerBody(partial=("id", *PARTS))
TRIAL_BODY = AnyObject()
_TRIAL = TrialBody()


class Servers:
    """Answers the routes of media servers."""

    def __init__(self, *, connecting: Connecting, moving: Moving, airing: Airing) -> None:
        self._connecting = connecting
        self._moving = moving
        self._airing = airing

    async def page(self, call: Call) -> web.Response:
        """Lists all, oldest first."""
        rows, part = await self._connecting.all(), window(call.query)
        return listed([server_dto(row) for row in rows[part.offset : part.offset + part.limit]], len(rows))

    async def one(self, call: Call) -> web.Response:
        """Shows one."""
        return answer(server_dto(await self._connecting.get(_id(call))))

    async def add(self, call: Call) -> web.Response:
        """Tries and stores a new one; one that is known already is changed."""
        return await self._told(await self._connecting.add(_draft(call.body)))

    async def replace(self, call: Call) -> web.Response:
        """Replaces one."""
        _require_same_id(call)
        return await self._changed(call, lambda _: _draft(call.body))

    async def change(self, call: Call) -> web.Response:
        """Changes what is named."""
        _require_same_id(call)
        return await self._changed(call, lambda stored: _merged(stored, call.body))

    async def remove(self, call: Call) -> web.Response:
        """Forgets one, once its owner's own preroll is back on it."""
        async with self._airing.withdrawn(_id(call)):
            await self._connecting.remove(_id(call))
        return nothing()

    async def try_draft(self, call: Call) -> web.Response:
        """Tries one that is not stored; whatever is wrong with it is the result of the trial."""
        try:
            values = load(_TRIAL, call.body)
        except Invalid as problem:
            return answer(_trial_dto(ServerTrial(ok=False, message=problem.message, fields=problem.fields)))
        stored_id = ServerId(values["id"]) if "id" in values else None
        return answer(_trial_dto(await self._connecting.test(_draft(values), stored_id=stored_id)))

    async def try_stored(self, call: Call) -> web.Response:
        """Tries a stored one, enabled or not."""
        return answer(_trial_dto(await self._connecting.test_stored(_id(call))))

    async def reconnect(self, call: Call) -> web.Response:
        """Looks for a stored one at its other addresses."""
        move = await self._moving.reconnect(_id(call))
        return answer(server_dto(move.server, move.notice))

    async def _changed(self, call: Call, merge: Callable[[MediaServer], ServerDraft]) -> web.Response:
        before = await self._connecting.get(_id(call))
        settled = await self._connecting.change(before.id, merge)
        if before.machine_id not in (None, settled.server.machine_id):
            await self._airing.start_anew(before.id)
        return await self._told(settled)

    async def _told(self, settled: Settled) -> web.Response:
        """Shows one as it was stored; one that is switched off gets its owner's own preroll back, others what is on."""
        if settled.server.enabled:
            self._airing.nudge()
        else:
            async with self._airing.withdrawn(settled.server.id):
                pass
        return answer(server_dto(settled.server, settled.notice), 201 if settled.is_new else 200)


def _id(call: Call) -> ServerId:
    return ServerId(call.ids["id"])


def _require_same_id(call: Call) -> None:
    if call.body.get("id", call.ids["id"]) != call.ids["id"]:
        raise invalid({"id": "is not the id in the path"})


def _draft(values: Mapping[str, Any]) -> ServerDraft:
    return ServerDraft(
        kind=values["type"],
        name=values["name"],
        url=values["url"],
        method=values["auth"]["method"],
        token=values["auth"].get("token"),
        verify_ssl=values["verify_ssl"],
        enabled=values["enabled"],
        machine_id=values.get("machine_id"),
        schedule=ScheduleDraft(**values["sync"]) if "sync" in values else None,
        preferred=values.get("preferred"),
    )


def _merged(stored: MediaServer, changes: Mapping[str, Any]) -> ServerDraft:
    kept = {name: value for name, value in server_dto(stored).items() if name in PARTS}
    return _draft({**kept, **changes})


def server_dto(server: MediaServer, notice: str | None = None) -> dict[str, Any]:
    """Spells a server as it may be shown: a stored token reads as a mask, lost or not."""
    auth = {"method": server.method.value}
    if server.method is AuthMethod.TOKEN:
        auth["token"] = MASK
    spelled: dict[str, Any] = {
        "id": server.id,
        "type": server.kind.value,
        "name": server.name,
        "enabled": server.enabled,
        "url": server.url,
        "auth": auth,
        "verify_ssl": server.verify_ssl,
        "token_state": server.token_state.value,
        "machine_id": server.machine_id,
        "sync": {"every": server.schedule.every.value, "at": f"{server.schedule.at:%H:%M}"},
        "preferred": server.preferred,
        "version": server.software,
        "platform": server.platform,
    }
    told = notice or server.notice
    return {**spelled, "notice": told} if told else spelled


def _trial_dto(trial: ServerTrial) -> dict[str, Any]:
    met = trial.description
    return {
        "ok": trial.ok,
        "server_name": met.name if met else None,
        "version": met.version if met else None,
        "message": trial.message,
        "code": trial.code,
        "fields": dict(trial.fields),
        "platform": met.platform if met else None,
        "machine_id": met.machine_id if met else None,
        "plex_pass": met.is_premium if met else None,
        "owner": met.owner if met else None,
        "latency_ms": None if trial.latency_ms is None else round(trial.latency_ms),
    }


KINDS = [kind.value for kind in ServerKind]
