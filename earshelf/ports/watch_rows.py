"""What a unit of work reads and writes of the rules that end streams, and of how far they have come."""

from typing import Protocol

from earshelf.domain.blackouts import Blackout
from earshelf.domain.ids import BlackoutId
from earshelf.domain.maintenance import Maintenance, TranscodeRule
from earshelf.domain.stops import Vigil


class WatchRows(Protocol):
    """The maintenance mode, the rule against transcoding, and the vigil over the streams. There is one of each."""

    async def maintenance(self) -> Maintenance:
        """Returns the maintenance mode, as it is by default before it was ever written."""
        ...

    async def put_maintenance(self, maintenance: Maintenance) -> None:
        """Writes the maintenance mode."""
        ...

    async def transcode_rule(self) -> TranscodeRule:
        """Returns the rule against transcoding, as it is by default before it was ever written."""
        ...

    async def put_transcode_rule(self, rule: TranscodeRule) -> None:
        """Writes the rule against transcoding."""
        ...

    async def vigil(self) -> Vigil:
        """Returns what enforcement remembers; nothing where it was never written, or by another version.

        It is no part of a backup: all of it is made anew by looking, and at worst viewers get their grace once more.
        """
        ...

    async def put_vigil(self, vigil: Vigil) -> None:
        """Writes all that enforcement remembers."""
        ...


class BlackoutRows(Protocol):
    """Blackout schedules."""

    async def add(self, blackout: Blackout) -> None:
        """Inserts a new blackout.

        :raises AlreadyExists: another row has this id. The unit stays usable.
        """
        ...

    async def get(self, blackout_id: BlackoutId) -> Blackout:
        """Returns the blackout.

        :raises NotFound: none has this id.
        """
        ...

    async def all(self) -> list[Blackout]:
        """Returns every blackout, oldest first."""
        ...

    async def save(self, blackout: Blackout) -> None:
        """Writes a blackout over the one with its id; it keeps its place.

        :raises NotFound: none has this id.
        """
        ...

    async def remove(self, blackout_id: BlackoutId) -> None:
        """Deletes the blackout.

        :raises NotFound: none has this id.
        """
        ...
