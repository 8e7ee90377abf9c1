"""Where the owner's settings are kept."""

from collections.abc import Callable
from typing import Protocol

from earshelf.domain.settings import Settings


class SettingsStore(Protocol):
    """Keeps one settings object.

    Reading is cheap enough for every decision that needs a setting; a change shows at the next reading.
    """

    async def load(self) -> Settings:
        """Returns what is stored, defaults where nothing is.

        :raises ConfigurationError: what is stored cannot be read; it is left as it is.
        :raises StorageUnavailable: the database that keeps them does not answer.
        """
        ...

    async def change(self, decide: Callable[[Settings], Settings]) -> Settings:
        """Replaces what is stored by what ``decide`` makes of it, and returns that; of many changes none is lost.

        ``decide`` is quick and asks nobody. What it raises travels on, and the old settings stand.

        :raises ConfigurationError: as :meth:`load`. :raises FilesUnavailable, StorageUnavailable: as :meth:`save`.
        """
        ...

    async def save(self, settings: Settings) -> None:
        """Replaces what is stored, whole or not at all.

        :raises FilesUnavailable: the disk refused; the old settings stand.
        :raises StorageUnavailable: the database that keeps them does not answer; the old settings stand.
        """
        ...
