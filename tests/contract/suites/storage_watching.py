"""What every storage must do: maintenance, blackouts, and what enforcement remembers.

Fixtures: ``storage`` is an empty :class:`~earshelf.ports.storage.Storage`.
"""

from dataclasses import replace
from datetime import time

import pytest

from earshelf.domain.blackouts import Blackout
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import ServerId
from earshelf.domain.known_streams import KnownStream
from earshelf.domain.maintenance import Maintenance, TranscodeCriteria, TranscodeRule
from earshelf.domain.schedules import OneTime, Recurring, Window
from earshelf.domain.stop_rules import ALWAYS, Audience, ExcludedViewer
from earshelf.domain.stops import Attempt, Opening, Timer, Vigil
from earshelf.domain.streams import Sighting, StreamKind
from earshelf.ports.storage import Storage

from .makers import NOON, a_blackout, at

HOME, CABIN = ServerId("sv_home"), ServerId("sv_cabin")
WHOLE_MAINTENANCE = Maintenance(
    enabled=True,
    message="Żarówka \N{ELECTRIC LIGHT BULB} wird getauscht",
    grace_seconds=90,
    grace_for_new=0,
    audience=Audience((ExcludedViewer("ada", "7"), ExcludedViewer("жук")), exclude_owner=True, servers=(CABIN, HOME)),
    enabled_since=at(0.1),
    until=at(90),
)
WHOLE_TRANSCODE_RULE = TranscodeRule(
    enabled=True,
    criteria=TranscodeCriteria(video_transcoding=True, four_k_transcoding=True),
    message="Bitte in Originalqualität жук",
    delay=0,
    audience=WHOLE_MAINTENANCE.audience,
)
WHOLE_VIGIL = Vigil(
    sightings=(Sighting(HOME, "k3j9", at(1)), Sighting(CABIN, "key:4", at(0.01))),
    openings=(
        Opening("maintenance", HOME, ALWAYS),
        Opening(
            "bo_1",
            CABIN,
            Window(at(0), at(60)),
            (
                KnownStream("k3j9", "name:ada", "device", "70021", StreamKind.EPISODE, "9", gone_at=at(3)),
                KnownStream("k3j8", "7", "", "", StreamKind.OTHER, ""),
            ),
        ),
    ),
    timers=(Timer("maintenance", HOME, "k3j9", at(1), known=True), Timer("bo_1", CABIN, "key:4", at(2))),
    attempts=(Attempt(HOME, "k3j9", 2, at(2), at(3)),),
)


async def put(storage: Storage, *blackouts: Blackout) -> None:
    """Stores blackouts."""
    async with storage.unit() as unit:
        for blackout in blackouts:
            await unit.blackouts.add(blackout)
        await unit.commit(NOON)


class BlackoutsContract:
    """Blackouts come back as they went in, oldest first."""

    @pytest.mark.parametrize("span", [OneTime(at(0.001), at(60)), Recurring((5, 0), time(22, 30), time(6))])
    async def test_a_whole_blackout_comes_back_equal(self, storage: Storage, span: OneTime | Recurring) -> None:
        audience = replace(WHOLE_MAINTENANCE.audience, servers=None)
        whole = a_blackout(
            "Nachtruhe жук", span=span, message="Gute Nacht", delay=0, audience=audience, enabled_since=at(5)
        )
        await put(storage, whole)
        async with storage.unit() as unit:
            assert await unit.blackouts.get(whole.id) == whole

    async def test_they_come_oldest_first_and_keep_their_place(self, storage: Storage) -> None:
        first, second, third = a_blackout("C"), a_blackout("A"), a_blackout("B")
        await put(storage, first, second, third)
        changed = first.switched(on=False, now=at(1))
        async with storage.unit() as unit:
            await unit.blackouts.save(changed)
            await unit.blackouts.remove(second.id)
            await unit.commit(at(1))
        async with storage.unit() as unit:
            assert await unit.blackouts.all() == [changed, third]

    async def test_an_id_is_there_once(self, storage: Storage) -> None:
        blackout = a_blackout()
        await put(storage, blackout)
        async with storage.unit() as unit:
            with pytest.raises(AlreadyExists):
                await unit.blackouts.add(replace(blackout, name="Another"))
            assert await unit.blackouts.all() == [blackout]

    async def test_what_is_not_there_is_not_found(self, storage: Storage) -> None:
        blackout = a_blackout()
        async with storage.unit() as unit:
            with pytest.raises(NotFound):
                await unit.blackouts.get(blackout.id)
            with pytest.raises(NotFound):
                await unit.blackouts.save(blackout)
            with pytest.raises(NotFound):
                await unit.blackouts.remove(blackout.id)

    async def test_what_is_not_committed_never_was(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.blackouts.add(a_blackout())
            await unit.watch.put_maintenance(WHOLE_MAINTENANCE)
            await unit.watch.put_transcode_rule(WHOLE_TRANSCODE_RULE)
            await unit.watch.put_vigil(WHOLE_VIGIL)
        async with storage.unit() as unit:
            assert await unit.blackouts.all() == []
            assert await unit.watch.maintenance() == Maintenance()
            assert await unit.watch.transcode_rule() == TranscodeRule()
            assert await unit.watch.vigil() == Vigil()


class WatchContract:
    """There is one maintenance mode, one rule against transcoding and one vigil, which come back as they went in."""

    async def test_before_anything_was_written_everything_is_as_by_default(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            assert await unit.watch.maintenance() == Maintenance()
            assert await unit.watch.transcode_rule() == TranscodeRule()
            assert await unit.watch.vigil() == Vigil()

    async def test_the_last_that_was_written_comes_back_equal(self, storage: Storage) -> None:
        async with storage.unit() as unit:
            await unit.watch.put_maintenance(Maintenance(enabled=True))
            await unit.watch.put_maintenance(WHOLE_MAINTENANCE)
            await unit.watch.put_transcode_rule(TranscodeRule(delay=7))
            await unit.watch.put_transcode_rule(WHOLE_TRANSCODE_RULE)
            await unit.watch.put_vigil(Vigil())
            await unit.watch.put_vigil(WHOLE_VIGIL)
            await unit.commit(NOON)
        async with storage.unit() as unit:
            assert await unit.watch.maintenance() == WHOLE_MAINTENANCE
            assert await unit.watch.transcode_rule() == WHOLE_TRANSCODE_RULE
            assert await unit.watch.vigil() == WHOLE_VIGIL
