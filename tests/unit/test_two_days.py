"""Two days of two servers by the clock: nights, a change of the clock, restarts, an outage, and three rules at once.

What each stream is expected to come to is worked out from the wall clock alone.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from earshelf.adapters.crypto import AesGcmCipher
from earshelf.adapters.sqlite.database import SqliteDatabase
from earshelf.adapters.sqlite.storage import SqliteStorage
from earshelf.domain.ids import ServerId
from earshelf.domain.schedules import moment
from earshelf.domain.streams import Conversion, Stream, TrackDecision, Viewer
from earshelf.ports.storage import Storage
from tests.unit.auditorium import Auditorium
from tests.unit.viewing import CABIN, HOME, stream

BERLIN = ZoneInfo("Europe/Berlin")
TICK = timedelta(minutes=5)
HOUR = timedelta(hours=1)
LENGTH = timedelta(hours=3, minutes=30)
GRACE, DELAY = timedelta(minutes=15), timedelta(minutes=10)
EVE, TOM = Viewer("eve", "5"), Viewer("tom", "31337")
CONVERTED = Conversion(TrackDecision.CONVERTED)
NIGHT = {
    "name": "Night",
    "schedule_type": "recurring",
    "days_of_week": list(range(7)),
    "start_time": "22:00",
    "end_time": "06:00",
    "action": "block_new_only",
    "excluded_users": ["31337"],
}


@dataclass(frozen=True)
class Plan:
    """When things happen; ``begin`` is a noon."""

    begin: datetime

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A moment by the wall clock, so many days after the first."""
        local = self.begin.astimezone(BERLIN)
        day = (local.replace(tzinfo=None) + timedelta(days=days)).replace(hour=hour, minute=minute)
        return moment(day, BERLIN)

    @property
    def away(self) -> tuple[datetime, datetime]:
        """While the cabin is off the net."""
        return self.at(0, 23, 30), self.at(1, 4, 10)

    @property
    def maintenance(self) -> tuple[datetime, datetime]:
        return self.at(1, 13), self.at(1, 14)

    @property
    def restarts(self) -> tuple[datetime, ...]:
        """In the first night, in the grace of maintenance, and in the second night."""
        return self.at(1, 1, 2), self.at(1, 13, 7), self.at(1, 23, 32)


@dataclass(frozen=True)
class Visit:
    """Somebody who begins to watch at half past, and leaves after three hours and a half."""

    server_id: ServerId
    begins: datetime
    viewer: Viewer
    is_converted: bool

    @property
    def key(self) -> str:
        return f"{self.viewer.name} {self.begins.isoformat()}"

    @property
    def stream(self) -> Stream:
        conversion = CONVERTED if self.is_converted else None
        return replace(stream(self.key, self.server_id, viewer=self.viewer), conversion=conversion)

    def ends(self, plan: Plan) -> datetime | None:
        """When a rule ends it by the wall clock; None where it goes on until its viewer leaves."""
        claims = [*self._by_night(plan), *self._by_maintenance(plan), *self._by_conversion()]
        if not claims:
            return None
        ends = min(claims)
        gone, back = plan.away
        if self.server_id == CABIN and gone <= ends < back:
            ends = back
        return ends if ends < self.begins + LENGTH else None

    def _by_night(self, plan: Plan) -> list[datetime]:
        hour = self.begins.astimezone(BERLIN).hour
        if self.viewer is TOM or 6 <= hour < 22:
            return []
        gone, back = plan.away
        is_unseen = self.server_id == CABIN and gone <= self.begins < back
        return [back if is_unseen else self.begins]

    def _by_maintenance(self, plan: Plan) -> list[datetime]:
        begins, ends = plan.maintenance
        if begins < self.begins < ends:
            # the grace of new streams is shorter than the time to the next look
            return [self.begins + TICK]
        return [begins + GRACE] if self.begins <= begins < self.begins + LENGTH else []

    def _by_conversion(self) -> list[datetime]:
        return [self.begins + DELAY] if self.is_converted and self.viewer is not TOM else []


@dataclass
class TwoDays:
    """Runs the plan, looking every five minutes, and takes down when a server was asked to end what."""

    plan: Plan
    house: Auditorium
    folder: Path
    visits: list[Visit] = field(default_factory=list)
    stopped: dict[tuple[ServerId, str], datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Lets two days pass; each restart closes the database and opens it anew."""
        until = self.plan.begin + timedelta(hours=48)
        for boundary in (*self.plan.restarts, until):
            async with opened(self.folder) as storage:
                self.house = self.house.restarted(storage)
                while self.house.now < min(boundary, until):
                    await self._tick()
                    self.house.clock.advance(TICK.total_seconds())

    async def _tick(self) -> None:
        now = self.house.now
        self._come_and_go(now)
        gone, back = self.plan.away
        if gone <= now < back:
            self.house.leave(CABIN)
        else:
            self.house.come_back(CABIN)
        if now == self.plan.maintenance[0]:
            until = self.plan.maintenance[1]
            fields = {"enabled": True, "grace_seconds": int(GRACE.total_seconds()), "until": until}
            await self.house.curbing.change_maintenance(fields)
        await self.house.watching.enforce()
        for server_id in (HOME, CABIN):
            for key in self.house.ended(server_id):
                self.stopped.setdefault((server_id, key), now)

    def _come_and_go(self, now: datetime) -> None:
        over = {visit.key for visit in self.visits if now >= visit.begins + LENGTH}
        for server_id in (HOME, CABIN):
            playing = self.house.at(server_id).playing
            playing[:] = [one for one in playing if one.key not in over]
        if now.minute == 30:
            number = (now - self.plan.begin) // HOUR
            new = [
                Visit(server_id, now, viewer, is_converted=number % 4 == 1)
                for server_id in (HOME, CABIN)
                for viewer in (EVE, TOM)
            ]
            self.visits += new
            self.house.play(*(visit.stream for visit in new))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Storage]:
    async with SqliteDatabase(folder / "library.db") as database:
        yield SqliteStorage(database, AesGcmCipher(bytes(32)))


@pytest.mark.parametrize(
    "day", ["2026-11-21", "2026-03-28", "2026-10-24"], ids=["ordinary", "an hour less", "an hour more"]
)
async def test_two_days_come_to_what_the_wall_clock_says(day: str, tmp_path: Path) -> None:
    begin = moment(datetime.fromisoformat(f"{day}T12:00"), BERLIN)
    async with opened(tmp_path) as storage:
        house = await Auditorium(storage, zone=BERLIN).furnished()
        house.clock.advance((begin - house.now).total_seconds())
        await house.curbing.add_blackout(NIGHT)
        await house.forbid_transcoding("any_transcoding", delay=int(DELAY.total_seconds()), excluded_users=["31337"])
    days = TwoDays(Plan(begin), house, tmp_path)
    await days.run()
    ends = {(visit.server_id, visit.key): visit.ends(days.plan) for visit in days.visits}
    expected = {place: when for place, when in ends.items() if when is not None and when < begin + timedelta(hours=48)}
    assert days.stopped == expected
    local = {when.astimezone(BERLIN).hour for when in days.stopped.values()}
    assert {22, 0, 4, 13} <= local
    assert len(days.visits) - len(expected) > 40
