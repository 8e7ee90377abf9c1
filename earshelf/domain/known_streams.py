"""Which streams were running already when a rule set in, and which later ones count as the same."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from earshelf.domain.schedules import Window
from earshelf.domain.stop_rules import Succession
from earshelf.domain.streams import Poll, Sighting, Stream, StreamKind, Viewer

INHERITANCE = timedelta(seconds=60)
PROMPT_START = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class KnownStream:
    """A session that was running, as far as its successor is told by it; ``gone_at`` is when it was first missed.

    ``viewer`` and ``player`` are ids, or "" where the server tells none.
    """

    session: str
    viewer: str
    player: str
    item: str
    kind: StreamKind
    series: str
    gone_at: datetime | None = None


def running_at_start(
    poll: Poll, window: Window, sightings: Sequence[Sighting], now: datetime
) -> tuple[KnownStream, ...]:
    """Finds the streams that ran when the window began.

    Within a minute of the beginning all of them did. Later the first sight decides; for a session that was never seen
    before, its position: one that has played for longer than the window lasts may have been there.
    """
    if now - window.start <= PROMPT_START:
        return tuple(_known(stream) for stream in poll.streams)
    first = {one.session: one.first_seen_at for one in sightings if one.server_id == poll.server_id}
    return tuple(
        _known(stream) for stream in poll.streams if _began(stream, first.get(stream.handle, now), now) <= window.start
    )


def _began(stream: Stream, first_seen_at: datetime, now: datetime) -> datetime:
    if first_seen_at < now:
        return first_seen_at
    return now - timedelta(milliseconds=stream.position_ms)


def known_now(
    known: Iterable[KnownStream], poll: Poll, succession: Succession, now: datetime
) -> tuple[KnownStream, ...]:
    """Updates the known streams: a successor takes its predecessor's place, who is gone for a minute is forgotten."""
    present = {stream.handle: stream for stream in poll.streams}
    held = {one.session: one for one in known}
    gone = [_missed(one, now) for one in held.values() if one.session not in present]
    kept = [
        _known(stream)
        for handle, stream in present.items()
        if handle in held and _is_same_or_next(held[handle], stream, succession)
    ]
    for stream in (stream for handle, stream in present.items() if handle not in held):
        before = next((one for one in gone if _succeeds(one, stream, succession, now)), None)
        if before:
            gone.remove(before)
            kept.append(_known(stream))
    return (*kept, *(one for one in gone if not _is_long_gone(one, now)))


def _known(stream: Stream) -> KnownStream:
    return KnownStream(
        session=stream.handle,
        viewer=_who(stream.viewer),
        player=stream.player.id or "",
        item=stream.item_id or "",
        kind=stream.kind,
        series=stream.series_id or "",
    )


def _who(viewer: Viewer) -> str:
    return viewer.id or f"name:{viewer.name.casefold()}"


def _missed(one: KnownStream, now: datetime) -> KnownStream:
    # a mark in the future means that the clock was put back
    return replace(one, gone_at=min(one.gone_at or now, now))


def _is_long_gone(one: KnownStream, now: datetime) -> bool:
    return one.gone_at is not None and now - one.gone_at > INHERITANCE


def _succeeds(before: KnownStream, stream: Stream, succession: Succession, now: datetime) -> bool:
    if succession is Succession.NONE or _is_long_gone(before, now) or not before.player:
        return False
    if (before.viewer, before.player) != (_who(stream.viewer), stream.player.id):
        return False
    return bool(before.item) and _is_same_or_next(before, stream, succession)


def _is_same_or_next(before: KnownStream, stream: Stream, succession: Succession) -> bool:
    if before.item == (stream.item_id or "") or succession is Succession.NONE:
        return True
    return succession is Succession.NEXT_ITEM and _plays_by_itself(before, stream)


def _plays_by_itself(before: KnownStream, stream: Stream) -> bool:
    if before.kind is not stream.kind:
        return False
    if stream.kind is StreamKind.EPISODE:
        return bool(before.series) and before.series == stream.series_id
    return stream.kind is StreamKind.TRACK
