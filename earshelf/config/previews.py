"""The making of previews, wired: it needs neither database nor key, and works where nothing else is set up."""

from dependency_injector import containers, providers

from earshelf.adapters.disks import SystemDisks
from earshelf.adapters.frame_cache import DiskFrameCache
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.config.opening import open_all
from earshelf.config.process import ProcessSettings, installed_version
from earshelf.domain.usecases.previewing import Previewing


def cache_folder(settings: ProcessSettings) -> str:
    """Returns the folder below which pictures are kept."""
    return str(settings.config_dir / "cache")


class PreviewContainer(containers.DeclarativeContainer):
    """Previewing with as many videos at a time as there are ``workers``."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    workers = providers.Dependency(instance_of=int)

    disks = providers.Singleton(SystemDisks)
    store = providers.Singleton(DiskPreviewStore)
    cache = providers.Singleton(DiskFrameCache, settings.provided.config_dir)
    cache_folder = providers.Callable(cache_folder, settings)
    source = providers.Singleton(LibavFrameSource, workers)
    opened = providers.Factory(open_all, source)
    previewing = providers.Singleton(
        Previewing,
        source=source,
        store=store,
        disks=disks,
        cache=cache,
        workers=workers,
        engine=providers.Callable("earshelf {}".format, providers.Callable(installed_version)),
    )
