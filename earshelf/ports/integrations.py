"""From a configured row to somebody to talk to."""

from typing import Protocol

from earshelf.domain.integrations import Integration
from earshelf.ports.connectors import Connector
from earshelf.ports.downloads import DownloadClient
from earshelf.ports.indexers import Indexer


class Neighbours(Protocol):
    """Builds the adapter that a row's kind asks for; building costs nothing and contacts nobody.

    Every method raises ``MissingExtra`` where the kind needs something that is not installed, and
    ``CredentialsRejected`` where the row's secrets are lost.
    """

    def indexer(self, integration: Integration) -> Indexer:
        """Returns the indexer."""
        ...

    def download_client(self, integration: Integration) -> DownloadClient:
        """Returns the download client."""
        ...

    def connector(self, integration: Integration) -> Connector:
        """Returns the connector."""
        ...
