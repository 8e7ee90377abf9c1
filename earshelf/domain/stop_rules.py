"""What a rule that stops streams must say, whom it spares, and what the viewer reads."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.schedules import Window
from earshelf.domain.streams import Stream, Viewer

LONGEST_DELAY = 3600
LONGEST_NOTICE = 250
ALWAYS = Window(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_PLACEHOLDER = re.compile(r"\{(user|title|server|minutes|until)\}")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


class Succession(StrEnum):
    """Which later sessions count as the one that was running before."""

    NONE = "none"
    SAME_ITEM = "same_item"
    NEXT_ITEM = "next_item"


@dataclass(frozen=True, slots=True)
class ExcludedViewer:
    """Somebody whom a rule leaves alone: by the server's id, or by name where either side knows no id.

    A name alone may also be an id that was typed in.
    """

    name: str
    id: str | None = None

    def is_viewer(self, viewer: Viewer) -> bool:
        """Whether this is who plays."""
        if self.id and viewer.id:
            return self.id == viewer.id
        if not self.name:
            return False
        return self.name == viewer.id or self.name.casefold() == viewer.name.casefold()


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose streams a rule is about; ``servers`` None means all of them."""

    excluded: tuple[ExcludedViewer, ...] = ()
    exclude_owner: bool = False
    servers: tuple[ServerId, ...] | None = None

    def includes(self, stream: Stream) -> bool:
        """Whether the stream's viewer and server are within."""
        if self.servers is not None and stream.server_id not in self.servers:
            return False
        if self.exclude_owner and stream.viewer.is_owner:
            return False
        return not any(one.is_viewer(stream.viewer) for one in self.excluded)


def excluded_viewers(names: Iterable[str]) -> tuple[ExcludedViewer, ...]:
    """Reads typed names or ids; blank and repeated ones are dropped."""
    return tuple(ExcludedViewer(name) for name in dict.fromkeys(name.strip() for name in names) if name)


class StopRule(Protocol):
    """Something that may end streams: maintenance, a ban on transcoding, a blackout.

    ``key`` tells it from all other rules and stays. ``notice`` is what viewers read, with placeholders. ``succession``
    is None for a rule that treats running and new streams alike.
    """

    @property
    def key(self) -> str:
        """The rule's name for timers."""
        ...

    @property
    def notice(self) -> str:
        """What viewers read, before placeholders are filled; never blank."""
        ...

    @property
    def succession(self) -> Succession | None:
        """Which sessions inherit being known from one that was running when the rule set in."""
        ...

    def window(self, now: datetime, zone: tzinfo) -> Window | None:
        """The time in force that holds now; None while the rule is off."""
        ...

    def covers(self, stream: Stream) -> bool:
        """Whether the stream is one of those that the rule ends."""
        ...

    def grace(self, *, known: bool) -> timedelta | None:
        """How long a stream may go on from when the rule first met it; None means that it is spared.

        ``known`` streams were running when the rule set in.
        """
        ...


def checked_delay(seconds: int, name: str) -> timedelta:
    """Reads a delay in seconds.

    :raises Invalid: not between 0 and an hour; ``name`` is the field.
    """
    if not 0 <= seconds <= LONGEST_DELAY:
        raise Invalid("The delay is out of bounds", {name: f"must be between 0 and {LONGEST_DELAY} seconds"})
    return timedelta(seconds=seconds)


def placeholders(
    stream: Stream, *, server_name: str, ends_at: datetime | None, now: datetime, zone: tzinfo
) -> dict[str, str]:
    """Gathers what a notice may name; without a known end it is "a few" minutes and "further notice"."""
    minutes = math.ceil((ends_at - now).total_seconds() / 60) if ends_at else None
    return {
        "user": stream.viewer.name,
        "title": stream.title,
        "server": server_name,
        "minutes": "a few" if minutes is None else str(max(minutes, 0)),
        "until": f"{ends_at.astimezone(zone):%H:%M}" if ends_at else "further notice",
    }


def written_notice(text: str, values: Mapping[str, str]) -> str:
    """Fills a notice's placeholders and makes it one line of at most 250 characters.

    Braces that are no placeholder stay; what is filled in is not looked at again.
    """
    filled = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
    line = _BLANKS.sub(" ", filled).strip()
    return line if len(line) <= LONGEST_NOTICE else f"{line[: LONGEST_NOTICE - 1].rstrip()}…"
