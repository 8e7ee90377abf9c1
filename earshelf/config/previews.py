"""The making of previews, wired: it needs neither database nor key, and works where nothing else is set up."""

import asyncio
import os
from contextlib import nullcontext

from dependency_injector import containers, providers

from earshelf.adapters.disks import SystemDisks
from earshelf.adapters.files.guards import FolderGuard
from earshelf.adapters.frame_cache import DiskFrameCache
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.adapters.patterns import Re2Patterns
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.adapters.settings_file import FILE_NAME, SettingsFile
from earshelf.config.decoders import BUILT_IN, kind_of, program_frames
from earshelf.config.opening import open_all
from earshelf.config.process import ProcessSettings, installed_version
from earshelf.config.storage import initial_settings
from earshelf.domain.exclusions import Exclusions
from earshelf.domain.settings import Settings
from earshelf.domain.usecases.previewing import Previewing


def cache_folder(settings: ProcessSettings) -> str:
    """Returns the folder below which pictures are kept."""
    return str(settings.config_dir / "cache")


def owner_settings(settings: ProcessSettings) -> Settings:
    """Reads ``settings.json``; where there is none, or no folder that could hold it, the first values hold.

    :raises ConfigurationError: the file cannot be read or understood.
    """
    initial = initial_settings(settings)
    if not os.path.exists(settings.config_dir / FILE_NAME):  # noqa: PTH110 - Path's raises for a locked folder
        return initial
    return asyncio.run(SettingsFile(settings.config_dir, initial).load())


class PreviewContainer(containers.DeclarativeContainer):
    """Previewing with as many videos at a time as there are ``workers``, by the named decoder."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    workers = providers.Dependency(instance_of=int)
    decoder = providers.Dependency(instance_of=str, default=BUILT_IN)

    owner = providers.Singleton(owner_settings, settings)
    patterns = providers.Singleton(Re2Patterns)
    exclusions = providers.Singleton(Exclusions.of, owner.provided.thumbnails.exclude_paths, patterns.provided.compiled)
    disks = providers.Singleton(SystemDisks)
    guard = providers.Singleton(FolderGuard, settings.provided.media_root, "MEDIA_ROOT")
    store = providers.Singleton(DiskPreviewStore)
    cache = providers.Singleton(DiskFrameCache, settings.provided.config_dir, owner.provided.frame_reuse)
    cache_folder = providers.Callable(cache_folder, settings)
    kind = providers.Callable(kind_of, decoder)
    libav = providers.Singleton(LibavFrameSource, workers)
    program = providers.Singleton(program_frames, decoder)
    source = providers.Selector(kind, libav=libav, program=program)
    opened = providers.Selector(kind, libav=providers.Factory(open_all, libav), program=providers.Factory(nullcontext))
    previewing = providers.Singleton(
        Previewing,
        source=source,
        store=store,
        disks=disks,
        guard=guard,
        cache=cache,
        workers=workers,
        engine=providers.Callable("earshelf {}, {}".format, providers.Callable(installed_version), decoder),
    )
