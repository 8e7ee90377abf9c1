"""What every settings store must do.

Fixture: ``settings_store`` is a :class:`~earshelf.ports.settings.SettingsStore` in which nothing is stored.
"""

import asyncio

from earshelf.domain.settings import LibrarySettings, QualitySettings, Settings
from earshelf.ports.settings import SettingsStore


class SettingsContract:
    """One object, replaced as a whole."""

    async def test_nothing_stored_means_the_defaults(self, settings_store: SettingsStore) -> None:
        assert await settings_store.load() == Settings()

    async def test_what_was_saved_is_loaded(self, settings_store: SettingsStore) -> None:
        settings = Settings(
            library=LibrarySettings(path="/półka/книги"),
            quality=QualitySettings(reject_words=("Próbka", "x"), min_mb_per_hour=1.5, max_size_gb=2, languages=()),
        )
        await settings_store.save(settings)
        assert await settings_store.load() == settings

    async def test_saving_replaces_what_was_stored(self, settings_store: SettingsStore) -> None:
        await settings_store.save(Settings(library=LibrarySettings(path="/one")))
        await settings_store.save(Settings(quality=QualitySettings(min_seeders=7)))
        assert await settings_store.load() == Settings(quality=QualitySettings(min_seeders=7))

    async def test_every_group_survives(self, settings_store: SettingsStore) -> None:
        settings = Settings().changed(
            {
                "search": {"enabled": False, "priority": "quality"},
                "rss": {"enabled": True, "interval_minutes": 5},
                "imports": {"mode": "move", "min_seed_ratio": 0.5},
                "metadata": {"region": "de"},
                "tagging": {"mode": "overwrite"},
                "processing": {"output_format": "mp3"},
            }
        )
        await settings_store.save(settings)
        assert await settings_store.load() == settings

    async def test_simultaneous_saves_leave_one_of_them_whole(self, settings_store: SettingsStore) -> None:
        wishes = [
            Settings().changed({"quality": {"min_seeders": n}, "processing": {"bitrate": 100 + n}}) for n in range(9)
        ]
        await asyncio.gather(*map(settings_store.save, wishes))
        assert await settings_store.load() in wishes
