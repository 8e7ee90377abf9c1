"""Settings that last as long as the process."""

from collections.abc import Callable

from earshelf.domain.settings import Settings


class MemorySettings:
    """Keeps one settings object."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or Settings()

    async def load(self) -> Settings:
        return self._settings

    async def change(self, decide: Callable[[Settings], Settings]) -> Settings:
        self._settings = decide(self._settings)
        return self._settings

    async def save(self, settings: Settings) -> None:
        self._settings = settings
