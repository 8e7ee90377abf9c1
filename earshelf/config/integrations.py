"""Which adapter speaks with which kind of neighbour."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from earshelf.adapters.http import HttpClient
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.ports.connectors import Connector
from earshelf.ports.downloads import DownloadClient
from earshelf.ports.indexers import Indexer

ADAPTERS: Mapping[tuple[IntegrationRole, str], str] = {
    (IntegrationRole.INDEXER, "torznab"): "earshelf.adapters.torznab:Torznab",
    (IntegrationRole.INDEXER, "newznab"): "earshelf.adapters.torznab:Newznab",
    (IntegrationRole.DOWNLOAD_CLIENT, "transmission"): "earshelf.adapters.transmission:Transmission",
    (IntegrationRole.DOWNLOAD_CLIENT, "qbittorrent"): "earshelf.adapters.qbittorrent:QBittorrent",
    (IntegrationRole.CONNECTOR, "audiobookshelf"): "earshelf.adapters.audiobookshelf:Audiobookshelf",
    (IntegrationRole.CONNECTOR, "plex"): "earshelf.adapters.plex.connector:PlexConnector",
}


class ConfiguredNeighbours:
    """Builds adapters from rows, importing each kind's module when it is first needed.

    An adapter is kept while its row stays the same, so that sign-ins last from one poll to the next.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._built: dict[IntegrationId, tuple[Integration, Any]] = {}

    def indexer(self, integration: Integration) -> Indexer:
        """The indexer's adapter."""
        return cast(Indexer, self._adapter(integration))

    def download_client(self, integration: Integration) -> DownloadClient:
        """The download client's adapter."""
        return cast(DownloadClient, self._adapter(integration))

    def connector(self, integration: Integration) -> Connector:
        """The connector's adapter."""
        return cast(Connector, self._adapter(integration))

    def _adapter(self, integration: Integration) -> Any:
        known = self._built.get(integration.id)
        if known is not None and known[0] == integration:
            return known[1]
        integration.require_secrets()
        module, _, name = ADAPTERS[integration.role, integration.kind].partition(":")
        adapter = getattr(import_module(module), name)(integration, self._http)
        if integration.version:
            self._built[integration.id] = (integration, adapter)
        return adapter
