"""A publisher that remembers what it was told."""

from collections.abc import Sequence

from earshelf.domain.events import Event
from earshelf.ports.events import LoggedEvent


class RecordingPublisher:
    """Collects everything that was published, in order."""

    def __init__(self) -> None:
        self.published: list[LoggedEvent] = []

    def publish(self, events: Sequence[LoggedEvent]) -> None:
        self.published += events

    @property
    def events(self) -> list[Event]:
        """The bare facts, without number and time."""
        return [logged.event for logged in self.published]
