"""What is played before a film: presets, how several paths are spelled, and which schedule applies."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import PrerollPresetId, PrerollScheduleId
from earshelf.domain.preroll_errors import MixedSeparators, PresetInUse, ScheduleConflict
from earshelf.domain.schedules import ScheduleType, Span, Window, first_overlap, type_of, window_at, windows

LONGEST_VALUE = 6000
_SPECIFICITY = tuple(ScheduleType)


class PrerollMode(StrEnum):
    """How several prerolls are played: all in order, or one of them, drawn for each film."""

    SEQUENTIAL = "sequential"
    RANDOM = "random"


_SEPARATORS = {PrerollMode.SEQUENTIAL: ",", PrerollMode.RANDOM: ";"}


@dataclass(frozen=True, slots=True)
class Prerolls:
    """Paths as the server's machine spells them, without blanks around, and how they are played.

    :raises Invalid: a path is blank or has a separator in it, which no server could tell from two paths.
    """

    paths: tuple[str, ...] = ()
    mode: PrerollMode = PrerollMode.SEQUENTIAL

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", tuple(path.strip() for path in self.paths))
        problems = {f"paths.{number}": why for number, path in enumerate(self.paths) if (why := _wrong(path))}
        if problems:
            raise Invalid("These prerolls cannot be used", problems)

    @property
    def value(self) -> str:
        """The one text that a server keeps; empty for no preroll."""
        return _SEPARATORS[self.mode].join(self.paths)

    @property
    def warning(self) -> str | None:
        """Says that the text may be too long for a server, and the remedy."""
        if len(self.value) <= LONGEST_VALUE:
            return None
        return f"{len(self.value)} characters may be more than the server takes; use fewer or shorter paths"


def _wrong(path: str) -> str | None:
    if not path:
        return "is empty"
    if "," in path or ";" in path:
        return "holds ',' or ';', which separate paths; rename the file"
    return "holds a control character" if any(ord(letter) < 32 for letter in path) else None


def read_prerolls(value: str, *, field: str = "path") -> Prerolls:
    """Reads the text that a server keeps; empty parts are dropped. ``field`` is what the text is called.

    :raises MixedSeparators: it holds both separators.
    :raises Invalid: a path cannot be used.
    """
    if "," in value and ";" in value:
        raise MixedSeparators(field)
    mode = PrerollMode.RANDOM if ";" in value else PrerollMode.SEQUENTIAL
    parts = (part.strip() for part in value.split(_SEPARATORS[mode]))
    return Prerolls(tuple(part for part in parts if part), mode)


@dataclass(frozen=True, slots=True)
class PresetEntry:
    """One named preroll of a preset."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class PrerollPreset:
    """Prerolls kept under a name. The moments are aware UTC.

    :raises Invalid: no name, no entry, an entry without a name, or a path that cannot be used.
    """

    id: PrerollPresetId
    name: str
    entries: tuple[PresetEntry, ...]
    mode: PrerollMode = PrerollMode.SEQUENTIAL
    created_at: datetime = field(kw_only=True)
    updated_at: datetime = field(kw_only=True)

    def __post_init__(self) -> None:
        problems = {} if self.name.strip() else {"name": "is required"}
        if not self.entries:
            problems["entries"] = "needs at least one preroll"
        for number, entry in enumerate(self.entries):
            if not entry.name.strip():
                problems[f"entries.{number}.name"] = "is required"
            if why := _wrong(entry.path.strip()):
                problems[f"entries.{number}.path"] = why
        if problems:
            raise Invalid("The preset cannot be used", problems)

    @property
    def prerolls(self) -> Prerolls:
        """What a server is given."""
        return Prerolls(tuple(entry.path for entry in self.entries), self.mode)


@dataclass(frozen=True, slots=True)
class PrerollSchedule:
    """Prerolls for a time; the highest ``priority`` wins.

    The paths are a copy: ``preset_id`` only says where they came from. ``updated_at`` is aware UTC.

    :raises Invalid: no name or no path.
    """

    id: PrerollScheduleId
    name: str
    prerolls: Prerolls
    span: Span
    updated_at: datetime
    priority: int = 0
    enabled: bool = True
    preset_id: PrerollPresetId | None = None

    def __post_init__(self) -> None:
        problems = {} if self.name.strip() else {"name": "is required"}
        if not self.prerolls.paths:
            problems["paths"] = "needs at least one preroll"
        if problems:
            raise Invalid("The schedule cannot be used", problems)


def refuse_deletion(preset_id: PrerollPresetId, schedules: Iterable[PrerollSchedule]) -> None:
    """Guards a preset that schedules were made from.

    :raises PresetInUse: there are such schedules.
    """
    users = [schedule.name for schedule in schedules if schedule.preset_id == preset_id]
    if users:
        raise PresetInUse(users)


def winner(schedules: Iterable[PrerollSchedule], now: datetime, zone: tzinfo) -> PrerollSchedule | None:
    """Finds the schedule that applies: highest priority, then the most particular kind, shortest window, newest."""
    active = [
        (schedule, window)
        for schedule in schedules
        if schedule.enabled and (window := window_at(schedule.span, now, zone))
    ]
    return min(active, key=_rank)[0] if active else None


def _rank(active: tuple[PrerollSchedule, Window]) -> tuple[int, int, timedelta, float, str]:
    schedule, window = active
    return (
        -schedule.priority,
        _SPECIFICITY.index(type_of(schedule.span)),
        window.end - window.start,
        -schedule.updated_at.timestamp(),
        schedule.id,
    )


@dataclass(frozen=True, slots=True)
class PrerollChange:
    """A moment from which another schedule applies; None for no schedule."""

    at: datetime
    schedule: PrerollSchedule | None


def timeline(
    schedules: Iterable[PrerollSchedule], *, now: datetime, horizon: timedelta, zone: tzinfo
) -> Iterator[PrerollChange]:
    """Yields the changes of the applying schedule after now and within the horizon, by time."""
    until = now + horizon
    coming = sorted(_spans(schedules, now, until, zone), key=lambda one: one[1].start, reverse=True)
    edges = {edge for _, window in coming for edge in (window.start, window.end) if now < edge < until}
    active: list[tuple[PrerollSchedule, Window]] = []
    applied: PrerollSchedule | None = None
    for at in (now, *sorted(edges)):
        while coming and coming[-1][1].start <= at:
            active.append(coming.pop())
        active = [one for one in active if one[1].end > at]
        applies = min(active, key=_rank)[0] if active else None
        if at > now and applies != applied:
            yield PrerollChange(at, applies)
        applied = applies


def _spans(
    schedules: Iterable[PrerollSchedule], now: datetime, until: datetime, zone: tzinfo
) -> Iterator[tuple[PrerollSchedule, Window]]:
    for schedule in schedules:
        if schedule.enabled:
            yield from ((schedule, window) for window in windows(schedule.span, since=now, until=until, zone=zone))


def overlaps(
    schedule: PrerollSchedule, others: Iterable[PrerollSchedule], *, now: datetime, zone: tzinfo
) -> list[tuple[PrerollSchedule, datetime]]:
    """Lists the enabled schedules of the same priority that overlap within a year, and the first moment, by time."""
    if not schedule.enabled:
        return []
    rivals = (one for one in others if one.enabled and one.id != schedule.id and one.priority == schedule.priority)
    found = [(one, first_overlap(schedule.span, one.span, now=now, zone=zone)) for one in rivals]
    return sorted(((one, at) for one, at in found if at), key=_when)


def _when(overlap: tuple[PrerollSchedule, datetime]) -> tuple[datetime, str]:
    return overlap[1], overlap[0].id


def refuse_overlap(found: Sequence[tuple[PrerollSchedule, datetime]]) -> None:
    """Guards a schedule against others of its priority.

    :raises ScheduleConflict: there are some.
    """
    if found:
        raise ScheduleConflict([(one.name, at) for one, at in found])
