"""Blackouts: scheduled times in which streams are ended, warned off, or not allowed to begin."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import BlackoutId
from earshelf.domain.schedules import OneTime, Recurring, ScheduleType, Window, window_at
from earshelf.domain.stop_rules import Audience, Succession, checked_delay
from earshelf.domain.streams import Stream

BLACKOUT_NOTICE = "Streaming is paused until {until}."
BLACKOUT_TYPES = (ScheduleType.ONE_TIME, ScheduleType.RECURRING)


class BlackoutAction(StrEnum):
    """What a blackout does to streams."""

    TERMINATE_IMMEDIATE = "terminate_immediate"
    WARN_THEN_TERMINATE = "warn_then_terminate"
    BLOCK_NEW_ONLY = "block_new_only"


@dataclass(frozen=True, slots=True)
class Blackout:
    """One blackout schedule.

    ``delay`` in seconds counts for warn_then_terminate. With block_new_only, streams that run when a window begins go
    on, and so does what the player plays next by itself, unless ``allow_autoplay`` is off. ``enabled_since`` is when it
    was created or switched on: a window in which that happened begins then.

    :raises Invalid: no name, or the delay is not between 0 and 3600 seconds.
    """

    id: BlackoutId
    name: str
    span: OneTime | Recurring
    action: BlackoutAction
    enabled: bool = True
    message: str = ""
    delay: int = 30
    audience: Audience = Audience()
    allow_autoplay: bool = True
    enabled_since: datetime | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise Invalid("A blackout needs a name", {"name": "is required"})
        checked_delay(self.delay, "delay")

    def switched(self, *, on: bool, now: datetime) -> "Blackout":
        """Returns it switched on or off; everything else stays."""
        return self if on == self.enabled else replace(self, enabled=on, enabled_since=now if on else None)

    @property
    def key(self) -> str:
        """The rule's name for timers."""
        return self.id

    @property
    def notice(self) -> str:
        """What viewers read."""
        return self.message.strip() or BLACKOUT_NOTICE

    @property
    def succession(self) -> Succession | None:
        """Only where new streams are blocked does it matter which ones are."""
        if self.action is not BlackoutAction.BLOCK_NEW_ONLY:
            return None
        return Succession.NEXT_ITEM if self.allow_autoplay else Succession.SAME_ITEM

    def window(self, now: datetime, zone: tzinfo) -> Window | None:
        """The scheduled window that holds now, from when the blackout was on."""
        window = window_at(self.span, now, zone) if self.enabled else None
        if window is None or self.enabled_since is None or not window.holds(self.enabled_since):
            return window
        return Window(self.enabled_since, window.end)

    def covers(self, stream: Stream) -> bool:
        """Everybody's streams except those of excluded viewers."""
        return self.audience.includes(stream)

    def grace(self, *, known: bool) -> timedelta | None:
        """Nothing, the delay, or everything for what was running before."""
        match self.action:
            case BlackoutAction.TERMINATE_IMMEDIATE:
                return timedelta()
            case BlackoutAction.WARN_THEN_TERMINATE:
                return timedelta(seconds=self.delay)
            case BlackoutAction.BLOCK_NEW_ONLY:
                return None if known else timedelta()
