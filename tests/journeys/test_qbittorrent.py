"""A real qBittorrent downloads from a real peer."""

from earshelf.adapters.qbittorrent import QBittorrent
from tests.journeys.clients import TorrentClientJourney
from tests.journeys.daemons import qbittorrent


class TestQBittorrent(TorrentClientJourney):
    """The journey with qBittorrent."""

    kind = "qbittorrent"
    daemon = qbittorrent
    adapter = QBittorrent
