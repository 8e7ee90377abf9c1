"""Following the downloads that clients are working on."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from earshelf.domain.downloads import ClientStatus, Download
from earshelf.domain.errors import IntegrationError, MissingExtra, NotFound
from earshelf.domain.ids import DownloadId, IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.grabbing import abandon
from earshelf.ports.downloads import DownloadItem
from earshelf.ports.integrations import Neighbours
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)

# a client may need a while to show what it was just given: hybrid torrents change their name, magnets fetch metadata
GRACE = timedelta(seconds=120)
_VANISHED = "Download not found in download client"
_CLIENT_GONE = "Its download client was removed before it finished; retry it to hand it to another client"


class Monitoring:
    """Asks every client about its downloads and writes down what it says."""

    def __init__(self, *, storage: Storage, neighbours: Neighbours, clock: Clock) -> None:
        self._storage = storage
        self._neighbours = neighbours
        self._clock = clock
        self._troubles: dict[IntegrationId, str] = {}

    @property
    def troubles(self) -> Mapping[IntegrationId, str]:
        """What went wrong with each client the last time it was asked; a client that answered is not in here."""
        return dict(self._troubles)

    async def look(self) -> None:
        """Looks once at every download under way; a client in trouble is told of and does not stop the others."""
        async with self._storage.unit() as unit:
            polled = await unit.downloads.polled()
            rows = await unit.integrations.of_role(IntegrationRole.DOWNLOAD_CLIENT) if polled else []
        await self._end_orphans(polled, {row.id for row in rows})
        by_client: defaultdict[IntegrationId | None, list[Download]] = defaultdict(list)
        for download in polled:
            by_client[download.client_id].append(download)
        for row in rows:
            if row.id in by_client:
                await self._look_at(row, by_client[row.id])

    async def _end_orphans(self, downloads: Sequence[Download], clients: set[IntegrationId]) -> None:
        """Ends what nobody will ever speak of again."""
        for download in downloads:
            if download.client_id not in clients and self._is_overdue(download):
                await self._decide(download.id, lambda unit, orphan: abandon(unit, orphan, _CLIENT_GONE, self._clock))

    async def _look_at(self, row: Integration, downloads: Sequence[Download]) -> None:
        references = [download.reference for download in downloads if download.reference]
        try:
            items = await self._neighbours.download_client(row).items(references)
        except (IntegrationError, MissingExtra) as problem:
            self._troubles[row.id] = problem.message
            _log.warning("Downloads of %s could not be looked at: %s", row.name, problem)
            return
        self._troubles.pop(row.id, None)
        for download in downloads:
            if self._tells_news(download, items.get(download.reference or "")):
                await self._write_down(download.id, items.get(download.reference or ""))

    def _tells_news(self, download: Download, item: DownloadItem | None) -> bool:
        if item is None:
            return self._is_overdue(download)
        told = (item.status, item.progress, item.output_path or download.output_path)
        return told != (download.client_status, download.progress, download.output_path)

    def _is_overdue(self, download: Download) -> bool:
        return self._clock.now() - download.added_at > GRACE

    async def _write_down(self, download_id: DownloadId, item: DownloadItem | None) -> None:
        async def take_in(unit: UnitOfWork, download: Download) -> None:
            if item is None or item.status is ClientStatus.FAILED:
                await abandon(
                    unit, download, (item.error or "Failed at the client") if item else _VANISHED, self._clock
                )
                return
            download.report(item.status, item.progress, item.output_path, self._clock.now())
            await unit.downloads.save(download)

        await self._decide(download_id, take_in)

    async def _decide(self, download_id: DownloadId, change: Callable[[UnitOfWork, Download], Awaitable[None]]) -> None:
        """Changes a download, unless it went or ended meanwhile."""

        async def decide(unit: UnitOfWork) -> None:
            try:
                download = await unit.downloads.get(download_id)
            except NotFound:
                return
            if download.is_polled:
                await change(unit, download)

        await unless_stale(self._storage, self._clock, decide)
