"""The making of previews, wired: it needs neither database nor key, and works where nothing else is set up."""

from contextlib import nullcontext

from dependency_injector import containers, providers

from earshelf.adapters.disks import SystemDisks
from earshelf.adapters.files.guards import FolderGuard
from earshelf.adapters.frame_cache import DiskFrameCache
from earshelf.adapters.libav.source import LibavFrameSource
from earshelf.adapters.preview_store.store import DiskPreviewStore
from earshelf.config.decoders import BUILT_IN, kind_of, program_frames
from earshelf.config.opening import open_all
from earshelf.config.process import ProcessSettings, installed_version
from earshelf.domain.usecases.previewing import Previewing


def cache_folder(settings: ProcessSettings) -> str:
    """Returns the folder below which pictures are kept."""
    return str(settings.config_dir / "cache")


class PreviewContainer(containers.DeclarativeContainer):
    """Previewing with as many videos at a time as there are ``workers``, by the named decoder."""

    settings = providers.Dependency(instance_of=ProcessSettings)
    workers = providers.Dependency(instance_of=int)
    decoder = providers.Dependency(instance_of=str, default=BUILT_IN)

    disks = providers.Singleton(SystemDisks)
    guard = providers.Singleton(FolderGuard, settings.provided.media_root, "MEDIA_ROOT")
    store = providers.Singleton(DiskPreviewStore)
    cache = providers.Singleton(DiskFrameCache, settings.provided.config_dir)
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
