"""The owner's rules that end streams: maintenance, the one against transcoding, and blackouts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from earshelf.domain.blackout_forms import changed_blackout, new_blackout, with_excluded
from earshelf.domain.blackouts import Blackout
from earshelf.domain.errors import Invalid
from earshelf.domain.ids import BlackoutId, IdPrefix
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.schedules import LAST_YEAR
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock, Entropy

_PLAIN = ("message", "grace_seconds", "grace_for_new", "until")


@dataclass(frozen=True, slots=True)
class BlackoutView:
    """A blackout, and whether it is in force just now."""

    blackout: Blackout
    is_active: bool


class Curbing:
    """Keeps the rules; ``on_change`` is called after each change, so that it takes effect at once."""

    def __init__(
        self, *, storage: Storage, clock: Clock, entropy: Entropy, zone: tzinfo, on_change: Callable[[], None]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._entropy = entropy
        self._zone = zone
        self._on_change = on_change

    @property
    def zone(self) -> tzinfo:
        """The owner's time zone, in which schedules are meant."""
        return self._zone

    async def maintenance(self) -> Maintenance:
        """Returns the maintenance mode as it is now."""
        async with self._storage.unit() as unit:
            return (await unit.watch.maintenance()).at(self._clock.now())

    async def change_maintenance(self, fields: Mapping[str, Any]) -> Maintenance:
        """Changes what is named among ``enabled``, ``message``, ``grace_seconds``, ``grace_for_new``, ``until``,
        ``excluded_users`` and ``exclude_owner``; what is on already keeps its beginning.

        :raises Invalid: a value is out of bounds; nothing was changed.
        """
        now = self._clock.now()
        until = fields.get("until")
        if until is not None and (until.year > LAST_YEAR or until <= now):
            why = f"must be in the future, and not after the year {LAST_YEAR}"
            raise Invalid("Maintenance cannot end before it begins", {"until": why})
        async with self._storage.unit() as unit:
            stored = (await unit.watch.maintenance()).at(now)
            changed = stored.switched(on=fields.get("enabled", stored.enabled), now=now)
            plain = {name: fields[name] for name in _PLAIN if name in fields}
            changed = replace(changed, **plain, audience=with_excluded(changed.audience, fields))
            await unit.watch.put_maintenance(changed)
            await unit.commit(now)
        self._on_change()
        return changed

    async def transcode_rule(self) -> TranscodeRule:
        """Returns the rule against transcoding."""
        async with self._storage.unit() as unit:
            return await unit.watch.transcode_rule()

    async def change_transcode_rule(self, fields: Mapping[str, Any]) -> TranscodeRule:
        """Changes what is named among ``enabled``, ``criteria`` (of :class:`TranscodeCriteria`, those that are named),
        ``message``, ``delay``, ``excluded_users`` and ``exclude_owner``.

        :raises Invalid: a value is out of bounds, or it is on and no criterion is; nothing was changed.
        """
        async with self._storage.unit() as unit:
            stored = await unit.watch.transcode_rule()
            plain = {name: fields[name] for name in ("enabled", "message", "delay") if name in fields}
            changed = replace(
                stored,
                **plain,
                criteria=replace(stored.criteria, **fields.get("criteria", {})),
                audience=with_excluded(stored.audience, fields),
            )
            changed.require_criterion()
            await unit.watch.put_transcode_rule(changed)
            await unit.commit(self._clock.now())
        self._on_change()
        return changed

    async def blackouts(self) -> list[BlackoutView]:
        """Returns every blackout, oldest first."""
        async with self._storage.unit() as unit:
            return [self._view(blackout) for blackout in await unit.blackouts.all()]

    async def blackout(self, blackout_id: BlackoutId) -> BlackoutView:
        """Returns one blackout.

        :raises NotFound: none has this id.
        """
        async with self._storage.unit() as unit:
            return self._view(await unit.blackouts.get(blackout_id))

    async def add_blackout(self, fields: Mapping[str, Any]) -> BlackoutView:
        """Adds a blackout, spelled as :mod:`earshelf.domain.blackout_forms` says.

        :raises Invalid: something is missing or wrong.
        """
        now = self._clock.now()
        identifier = BlackoutId(self._entropy.new_id(IdPrefix.BLACKOUT))
        blackout = new_blackout(identifier, fields, now=now, zone=self._zone)
        async with self._storage.unit() as unit:
            await unit.blackouts.add(blackout)
            await unit.commit(now)
        self._on_change()
        return self._view(blackout)

    async def change_blackout(self, blackout_id: BlackoutId, fields: Mapping[str, Any]) -> BlackoutView:
        """Changes what is named of a blackout.

        :raises NotFound: none has this id. :raises Invalid: something is wrong; nothing was changed.
        """
        now = self._clock.now()
        async with self._storage.unit() as unit:
            stored = await unit.blackouts.get(blackout_id)
            changed = changed_blackout(stored, fields, now=now, zone=self._zone)
            await unit.blackouts.save(changed)
            await unit.commit(now)
        self._on_change()
        return self._view(changed)

    async def remove_blackout(self, blackout_id: BlackoutId) -> None:
        """Deletes a blackout.

        :raises NotFound: none has this id.
        """
        async with self._storage.unit() as unit:
            await unit.blackouts.remove(blackout_id)
            await unit.commit(self._clock.now())
        self._on_change()

    def _view(self, blackout: Blackout) -> BlackoutView:
        now: datetime = self._clock.now()
        return BlackoutView(blackout, is_active=blackout.window(now, self._zone) is not None)
