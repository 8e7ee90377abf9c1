"""The rules that end streams, and the vigil, in memory. They are frozen, so that nobody can change what is stored."""

from earshelf.adapters.memory.tables import Session
from earshelf.domain.blackouts import Blackout
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.stops import Vigil

_BLACKOUT = "blackout"


class MemoryWatch:
    """Keeps the rules that there is one of, and the vigil, of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def maintenance(self) -> Maintenance:
        found = (await self._session.tables()).maintenance
        return found[-1] if found else Maintenance()

    async def put_maintenance(self, maintenance: Maintenance) -> None:
        (await self._session.tables()).maintenance[:] = [maintenance]

    async def transcode_rule(self) -> TranscodeRule:
        found = (await self._session.tables()).transcode_rules
        return found[-1] if found else TranscodeRule()

    async def put_transcode_rule(self, rule: TranscodeRule) -> None:
        (await self._session.tables()).transcode_rules[:] = [rule]

    async def vigil(self) -> Vigil:
        found = (await self._session.tables()).vigil
        return found[-1] if found else Vigil()

    async def put_vigil(self, vigil: Vigil) -> None:
        (await self._session.tables()).vigil[:] = [vigil]


class MemoryBlackouts:
    """Keeps the blackouts of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, blackout: Blackout) -> None:
        rows = await self._rows()
        if blackout.id in rows:
            raise AlreadyExists(_BLACKOUT, blackout.id)
        rows[blackout.id] = blackout

    async def get(self, blackout_id: BlackoutId) -> Blackout:
        found = (await self._rows()).get(blackout_id)
        if found is None:
            raise NotFound(_BLACKOUT, blackout_id)
        return found

    async def all(self) -> list[Blackout]:
        return list((await self._rows()).values())

    async def save(self, blackout: Blackout) -> None:
        await self.get(blackout.id)
        (await self._rows())[blackout.id] = blackout

    async def remove(self, blackout_id: BlackoutId) -> None:
        await self.get(blackout_id)
        del (await self._rows())[blackout_id]

    async def _rows(self) -> dict[BlackoutId, Blackout]:
        return (await self._session.tables()).blackouts
