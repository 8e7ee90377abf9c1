"""A server that plays prerolls, and the loop that keeps them, in half minutes that take no time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from earshelf.domain.ids import PrerollScheduleId
from earshelf.domain.preroll_upkeep import OnDrift, ServerPreroll, StepKind, SyncState, next_step
from earshelf.domain.prerolls import Prerolls, PrerollSchedule, winner
from earshelf.domain.schedules import OneTime
from tests.unit.viewing import HOME

START = datetime(2026, 12, 1, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(seconds=30)
OWN = "/own/trailer.mp4"


def schedule(name: str, begins: float, ends: float) -> PrerollSchedule:
    """A schedule that applies between two hours after the start."""
    span = OneTime(START + begins * HOUR, START + ends * HOUR)
    return PrerollSchedule(PrerollScheduleId(f"ps_{name}"), name, Prerolls((f"/{name}.mp4",)), span, START)


A, B = schedule("a", 1, 3), schedule("b", 3, 5)
ALWAYS = schedule("a", -9, 999)


@dataclass
class Upkeep:
    """A server, and the loop that keeps its preroll; nothing but ``server`` lives from one tick to the next."""

    schedules: Sequence[PrerollSchedule] = (A,)
    default: str | None = None
    on_drift: OnDrift = OnDrift.RESPECT
    value: str = OWN
    now: datetime = START
    is_away: bool = False
    drops_answers: bool = False
    deaf: bool = False
    shouts: bool = False
    dies: bool = False
    server: ServerPreroll = field(default_factory=lambda: ServerPreroll(HOME))
    writes: list[tuple[float, str]] = field(default_factory=list)
    asked: int = 0

    def tick(self) -> None:
        """Does what is to be done now."""
        applying = winner(self.schedules, self.now, UTC)
        self.server = self.server.lapsed(applying, self.now)
        for _ in range(8):
            wanted = self.server.wanted(applying, self.default)
            step = next_step(self.server, wanted, on_drift=self.on_drift, now=self.now)
            self.server = step.server
            if step.kind is StepKind.REST:
                return
            self.asked += 1
            answered = self._answered(step.kind, step.value)
            if self.dies and step.kind is StepKind.WRITE:
                return
            self.server = answered
        raise AssertionError("the loop does not come to rest")

    def _answered(self, kind: StepKind, value: str) -> ServerPreroll:
        if self.is_away:
            return self.server.failed("unreachable", self.now)
        if kind is StepKind.READ:
            return self.server.read(self.value, self.now)
        self.writes.append(((self.now - START) / HOUR, value))
        if not self.deaf:
            self.value = value.upper() if self.shouts else value
        return self.server.failed("timed_out", self.now) if self.drops_answers else self.server.sent(self.now)

    def until(self, hour: float) -> None:
        """Ticks until so many hours after the start, that moment included."""
        while self.now < START + hour * HOUR:
            self.tick()
            self.now += TICK
        self.tick()

    @property
    def state(self) -> SyncState:
        """How the server stands."""
        applying = winner(self.schedules, self.now, UTC)
        return self.server.state(self.server.wanted(applying, self.default))
