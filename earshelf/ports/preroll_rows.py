"""What a unit of work reads and writes of prerolls: presets, schedules, and what is known of each server."""

from typing import Protocol

from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId, ServerId
from earshelf.domain.preroll_paths import PrerollMappings
from earshelf.domain.preroll_upkeep import ServerPreroll
from earshelf.domain.prerolls import PrerollPreset, PrerollSchedule


class PrerollPresets(Protocol):
    """The presets. They are frozen: reading and saving one in the same unit is safe from everybody else."""

    async def add(self, preset: PrerollPreset) -> None:
        """Inserts a new preset.

        :raises AlreadyExists: another one has this id. The unit stays usable.
        """
        ...

    async def get(self, preset_id: PrerollPresetId) -> PrerollPreset:
        """Returns the preset.

        :raises NotFound: no preset has this id.
        """
        ...

    async def all(self) -> list[PrerollPreset]:
        """Returns every preset, newest first, ties by id."""
        ...

    async def save(self, preset: PrerollPreset) -> None:
        """Puts a preset in the place of the one with its id.

        :raises NotFound: no preset has this id.
        """
        ...

    async def remove(self, preset_id: PrerollPresetId) -> None:
        """Deletes the preset.

        :raises NotFound: no preset has this id.
        """
        ...


class PrerollSchedules(Protocol):
    """The schedules, on the terms of :class:`PrerollPresets`; ``preset_id`` may name a preset that is gone."""

    async def add(self, schedule: PrerollSchedule) -> None:
        """Inserts a new schedule.

        :raises AlreadyExists: another one has this id. The unit stays usable.
        """
        ...

    async def get(self, schedule_id: PrerollScheduleId) -> PrerollSchedule:
        """Returns the schedule.

        :raises NotFound: no schedule has this id.
        """
        ...

    async def all(self) -> list[PrerollSchedule]:
        """Returns every schedule, highest priority first, among equals the one changed last, ties by id."""
        ...

    async def save(self, schedule: PrerollSchedule) -> None:
        """Puts a schedule in the place of the one with its id.

        :raises NotFound: no schedule has this id.
        """
        ...

    async def remove(self, schedule_id: PrerollScheduleId) -> None:
        """Deletes the schedule.

        :raises NotFound: no schedule has this id.
        """
        ...


class ServerPrerolls(Protocol):
    """What is known of each server's preroll, whether or not the server itself is still there."""

    async def of(self, server_id: ServerId) -> ServerPreroll:
        """Returns a server's preroll; that of a server which was never touched says nothing but its id."""
        ...

    async def ids(self) -> list[ServerId]:
        """Returns the servers of which something is known, by id."""
        ...

    async def save(self, preroll: ServerPreroll, *, before: ServerPreroll) -> None:
        """Writes a server's preroll in the place of what was read before.

        :raises StaleWrite: something else is stored than ``before``. The unit stays usable.
        """
        ...

    async def mappings(self, server_id: ServerId) -> PrerollMappings:
        """Returns a server's path mappings; without any, there are no rows."""
        ...

    async def put_mappings(self, mappings: PrerollMappings) -> None:
        """Replaces a server's path mappings."""
        ...

    async def forget(self, server_id: ServerId) -> None:
        """Deletes all that is known of a server; nothing happens where that is nothing."""
        ...
