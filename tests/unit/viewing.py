"""Streams, servers that answer or do not, and a clock, for tests of the rules that stop streams."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from earshelf.domain.ids import ServerId
from earshelf.domain.stop_rules import StopRule
from earshelf.domain.stops import Stop, Verdict, Vigil, judged
from earshelf.domain.streams import Player, Poll, Stream, StreamKind, Viewer

HOME, CABIN = ServerId("sv_home"), ServerId("sv_cabin")
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
TICK = timedelta(seconds=30)


def stream(
    key: str,
    server_id: ServerId = HOME,
    *,
    viewer: Viewer | None = None,
    player: Player | None = None,
    item: str = "70021",
    kind: StreamKind = StreamKind.MOVIE,
    series: str | None = None,
    position: timedelta = timedelta(),
) -> Stream:
    """A session whose id for stopping it is its key."""
    return Stream(
        server_id=server_id,
        key=key,
        session_id=key,
        title="Harbour Lights",
        viewer=viewer or Viewer("tom", "31337"),
        player=player or Player(id=f"device of {key}"),
        kind=kind,
        item_id=item,
        series_id=series,
        position_ms=position // timedelta(milliseconds=1),
    )


def poll(*streams: Stream, server_id: ServerId = HOME) -> Poll:
    """What a server answers."""
    return Poll(server_id, streams)


@dataclass
class Enforcement:
    """Looks at the servers as the loop does; every stop that is due is asked for, and obeyed unless ``obeys`` is off.

    Between two looks nothing is kept but the vigil, as after a restart.
    """

    rules: Sequence[StopRule]
    now: datetime = START
    zone: tzinfo = UTC
    obeys: bool = True
    playing: dict[ServerId, list[Stream]] = field(default_factory=lambda: {HOME: [], CABIN: []})
    away: set[ServerId] = field(default_factory=set)
    vigil: Vigil = field(default_factory=Vigil)
    stopped: list[tuple[datetime, str]] = field(default_factory=list)

    def play(self, *streams: Stream) -> None:
        """Starts sessions."""
        for one in streams:
            self.playing[one.server_id].append(one)

    def end(self, key: str) -> None:
        """Ends a session as its viewer would."""
        for sessions in self.playing.values():
            sessions[:] = [one for one in sessions if one.key != key]

    def look(self) -> Verdict:
        """Looks once."""
        polls = [poll(*there, server_id=one) for one, there in self.playing.items() if one not in self.away]
        verdict = judged(self.vigil, self.rules, polls, now=self.now, zone=self.zone)
        self.vigil = verdict.vigil
        for stop in verdict.stops:
            self._ask(stop)
        return verdict

    def _ask(self, stop: Stop) -> None:
        self.stopped.append((self.now, stop.stream.key))
        self.vigil = self.vigil.attempted(stop, self.now)
        if self.obeys:
            self.end(stop.stream.key)

    def run(
        self, length: timedelta, *, every: timedelta = TICK, meanwhile: Callable[[datetime], None] | None = None
    ) -> None:
        """Looks until so much time is over, the end included."""
        until = self.now + length
        while self.now <= until:
            if meanwhile:
                meanwhile(self.now)
            self.look()
            self.now += every
        self.now = until

    def after(self, seconds: float) -> Verdict:
        """Looks once, so much later."""
        self.now += timedelta(seconds=seconds)
        return self.look()

    @property
    def left(self) -> list[str]:
        """The sessions that still run."""
        return [one.key for there in self.playing.values() for one in there]


def keys(stops: Sequence[Stop]) -> list[str]:
    """The sessions that are meant."""
    return [stop.stream.key for stop in stops]
