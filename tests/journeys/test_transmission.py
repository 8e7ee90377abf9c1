"""A real Transmission downloads from a real peer."""

from earshelf.adapters.transmission import Transmission
from tests.journeys.clients import TorrentClientJourney
from tests.journeys.daemons import transmission


class TestTransmission(TorrentClientJourney):
    """The journey with Transmission."""

    kind = "transmission"
    daemon = transmission
    adapter = Transmission
