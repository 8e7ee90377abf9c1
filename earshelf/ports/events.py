"""Telling the rest of the house what a transaction made true."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from earshelf.domain.events import Event


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the log; numbers grow with time and are never reused."""

    number: int
    at: datetime
    event: Event


class EventPublisher(Protocol):
    """Hands committed events to whoever reacts to them, without waiting for the reactions."""

    def publish(self, events: Sequence[LoggedEvent]) -> None:
        """Takes events in the order of their numbers; never raises, never blocks."""
        ...
