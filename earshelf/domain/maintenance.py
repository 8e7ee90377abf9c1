"""Maintenance, which ends every stream after a grace time, and the rule against transcoding."""

from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta, tzinfo

from earshelf.domain.errors import Invalid
from earshelf.domain.schedules import Window
from earshelf.domain.stop_rules import ALWAYS, Audience, Succession, checked_delay
from earshelf.domain.streams import Stream

MAINTENANCE_NOTICE = "Server is in maintenance mode."
TRANSCODE_NOTICE = "This server does not convert streams; please choose the original quality."


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The maintenance mode.

    ``grace_seconds`` is for streams that were running when it began, ``grace_for_new`` for those started later, who
    never get more than the others. ``enabled_since`` is when it was switched on; ``until`` ends it by itself.

    :raises Invalid: a grace is not between 0 and 3600 seconds.
    """

    enabled: bool = False
    message: str = ""
    grace_seconds: int = 30
    grace_for_new: int = 5
    audience: Audience = field(default_factory=lambda: Audience(exclude_owner=True))
    enabled_since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        checked_delay(self.grace_seconds, "grace_seconds")
        checked_delay(self.grace_for_new, "grace_for_new")

    def switched(self, *, on: bool, now: datetime) -> "Maintenance":
        """Returns it switched on or off; what is on already keeps its beginning, and an old end does not count."""
        if on == self.enabled:
            return self
        return replace(self, enabled=on, enabled_since=now if on else None, until=None)

    def at(self, now: datetime) -> "Maintenance":
        """Returns it as it is at a moment: an end that has come has switched it off."""
        return self.switched(on=False, now=now) if self.until is not None and self.until <= now else self

    @property
    def key(self) -> str:
        """The rule's name for timers."""
        return "maintenance"

    @property
    def notice(self) -> str:
        """What viewers read."""
        return self.message.strip() or MAINTENANCE_NOTICE

    @property
    def succession(self) -> Succession | None:
        """A session that comes back under another id is a new one."""
        return Succession.NONE

    def window(self, now: datetime, zone: tzinfo) -> Window | None:  # noqa: ARG002 - maintenance knows no wall clock
        """From switching on until it is switched off or its end comes."""
        # a beginning in the future means that the clock was put back since; it is on all the same
        window = Window(self.enabled_since or ALWAYS.start, self.until or ALWAYS.end)
        return window if self.enabled and now < window.end else None

    def covers(self, stream: Stream) -> bool:
        """Everybody's streams, paused ones too, except those of excluded viewers."""
        return self.audience.includes(stream)

    def grace(self, *, known: bool) -> timedelta | None:
        """The grace of running or of new streams."""
        seconds = self.grace_seconds if known else min(self.grace_seconds, self.grace_for_new)
        return timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class TranscodeCriteria:
    """Which conversions are not wanted; any that is set and fits is enough."""

    any_transcoding: bool = False
    video_transcoding: bool = False
    audio_transcoding: bool = False
    four_k_transcoding: bool = False
    remote_transcoding: bool = False

    @property
    def is_any_set(self) -> bool:
        """Whether there is any that could fit."""
        return any(getattr(self, one.name) for one in fields(self))

    def match(self, stream: Stream) -> bool:
        """Whether the stream is converted in one of the ways; repacking without converting never is."""
        converted = stream.conversion.converted if stream.conversion else ()
        if not converted:
            return False
        return (
            self.any_transcoding
            or (self.video_transcoding and "video" in converted)
            or (self.audio_transcoding and "audio" in converted)
            or (self.four_k_transcoding and stream.is_4k)
            or (self.remote_transcoding and not stream.player.is_local)
        )


@dataclass(frozen=True, slots=True)
class TranscodeRule:
    """Ends streams that are converted in an unwanted way, ``delay`` seconds after that began.

    :raises Invalid: the delay is not between 0 and 3600 seconds.
    """

    enabled: bool = False
    criteria: TranscodeCriteria = TranscodeCriteria()
    message: str = ""
    delay: int = 30
    audience: Audience = Audience()

    def __post_init__(self) -> None:
        checked_delay(self.delay, "delay")

    def require_criterion(self) -> None:
        """Keeps the rule from being on without ending anything.

        :raises Invalid: it is enabled and has no criterion.
        """
        if self.enabled and not self.criteria.is_any_set:
            raise Invalid("The rule would end nothing", {"criteria": "choose at least one"})

    @property
    def key(self) -> str:
        """The rule's name for timers."""
        return "transcoding"

    @property
    def notice(self) -> str:
        """What viewers read."""
        return self.message.strip() or TRANSCODE_NOTICE

    @property
    def succession(self) -> Succession | None:
        """Running and new streams are alike."""
        return None

    def window(self, now: datetime, zone: tzinfo) -> Window | None:  # noqa: ARG002 - in force at any time
        """Always, while enabled."""
        return ALWAYS if self.enabled else None

    def covers(self, stream: Stream) -> bool:
        """Whether the stream is converted in an unwanted way just now."""
        return self.audience.includes(stream) and self.criteria.match(stream)

    def grace(self, *, known: bool) -> timedelta | None:  # noqa: ARG002 - running and new streams are alike
        """The delay, from when the stream was first seen converted."""
        return timedelta(seconds=self.delay)
