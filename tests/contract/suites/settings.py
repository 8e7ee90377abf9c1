"""What every settings store must do.

Fixture: ``settings_store`` is a :class:`~earshelf.ports.settings.SettingsStore` in which nothing is stored.
"""

import asyncio
from collections.abc import Callable
from copy import deepcopy

import pytest

from earshelf.domain.errors import Invalid
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
                "thumbnail_interval": 1,
                "thumbnail_accuracy": "exact",
                "tonemap_algorithm": "mobius",
                "exclude_paths": ["/mnt/arkiv/é", {"value": r"\.iso$", "type": "regex"}],
                "frame_reuse": {"enabled": False, "max_cache_disk_mb": 64},
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

    async def test_of_simultaneous_changes_none_is_lost(self, settings_store: SettingsStore) -> None:
        wishes = [
            {group: {name: value}}
            for group, values in Settings().as_mapping().items()
            if isinstance(values, dict)
            for name, value in values.items()
            if isinstance(value, int | float)
        ][:20]
        await asyncio.gather(*(settings_store.change(_nudging(*wish.items())) for wish in wishes))
        stored = (await settings_store.load()).as_mapping()
        expected = deepcopy(Settings().as_mapping())
        for wish in wishes:
            for group, values in wish.items():
                expected[group] |= {name: _other(value) for name, value in values.items()}
        assert len(wishes) == 20
        assert stored == expected

    async def test_a_change_tells_what_is_stored_now(self, settings_store: SettingsStore) -> None:
        changed = await settings_store.change(lambda stored: stored.changed({"quality": {"min_seeders": 7}}))
        assert changed == await settings_store.load() == Settings(quality=QualitySettings(min_seeders=7))

    async def test_a_change_that_is_refused_changes_nothing(self, settings_store: SettingsStore) -> None:
        await settings_store.save(Settings(library=LibrarySettings(path="/one")))
        with pytest.raises(Invalid):
            await settings_store.change(lambda stored: stored.changed({"quality": {"min_seeders": -1}}))
        assert await settings_store.load() == Settings(library=LibrarySettings(path="/one"))
        await settings_store.change(lambda stored: stored.changed({"quality": {"min_seeders": 1}}))


def _nudging(wish: tuple[str, dict[str, float]]) -> Callable[[Settings], Settings]:
    group, values = wish
    return lambda stored: stored.changed({group: {name: _other(value) for name, value in values.items()}})


def _other(value: float) -> float:
    return not value if isinstance(value, bool) else value + 1
