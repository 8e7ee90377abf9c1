"""Which streams are ended now: the timers of all rules, weighed against each other.

Everything here is plain data that storage keeps, so that a restart gives nobody a second grace. A server that gives no
answer keeps its timers, and nothing is ended on it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from earshelf.domain.ids import ServerId
from earshelf.domain.known_streams import KnownStream, known_now, running_at_start
from earshelf.domain.schedules import Window
from earshelf.domain.stop_rules import ALWAYS, StopRule
from earshelf.domain.streams import Poll, Sighting, Stream, sighted

FIRST_RETRY = timedelta(seconds=30)
LATER_RETRIES = timedelta(seconds=60)
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Opening:
    """A rule's time in force on one server, and, where that matters, which streams it met there at the start."""

    rule: str
    server_id: ServerId
    window: Window
    known: tuple[KnownStream, ...] = ()

    def goes_on(self, window: Window) -> bool:
        """Whether a window is this one, or follows it without a gap."""
        return window.start in (self.window.start, self.window.end)


@dataclass(frozen=True, slots=True)
class Timer:
    """Since when a rule is about a session; ``known`` says that the session ran before the rule set in."""

    rule: str
    server_id: ServerId
    session: str
    since: datetime
    known: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """How often, and when last, a server was asked to end a session."""

    server_id: ServerId
    session: str
    count: int
    first_at: datetime
    last_at: datetime

    @property
    def again_at(self) -> datetime | None:
        """When to ask again if the session still runs: after 30 s, then every 60 s; None after five times."""
        if self.count >= MOST_ATTEMPTS:
            return None
        return self.last_at + (FIRST_RETRY if self.count <= 1 else LATER_RETRIES)

    def is_ignored(self, now: datetime) -> bool:
        """Whether the player had its time to stop and did not."""
        return self.count >= 1 and now - self.first_at >= FIRST_RETRY


@dataclass(frozen=True, slots=True)
class Vigil:
    """All that enforcement remembers between two looks at the servers."""

    sightings: tuple[Sighting, ...] = ()
    openings: tuple[Opening, ...] = ()
    timers: tuple[Timer, ...] = ()
    attempts: tuple[Attempt, ...] = ()

    def attempted(self, stop: "Stop", now: datetime, *, was_heard: bool = True) -> "Vigil":
        """Returns it after a server was asked; one that did not answer (``was_heard`` false) is asked again later."""
        server_id, session = stop.stream.server_id, stop.stream.handle
        held = self.attempt_on(server_id, session) or Attempt(server_id, session, 0, now, now)
        made = replace(held, count=held.count + was_heard, last_at=now, first_at=held.first_at if held.count else now)
        return replace(self, attempts=(*(one for one in self.attempts if one != held), made))

    def attempt_on(self, server_id: ServerId, session: str) -> Attempt | None:
        """Finds what was tried on a session."""
        found = (one for one in self.attempts if (one.server_id, one.session) == (server_id, session))
        return next(found, None)

    def without_server(self, server_id: ServerId) -> "Vigil":
        """Forgets a server that was removed."""
        return Vigil(
            tuple(one for one in self.sightings if one.server_id != server_id),
            tuple(one for one in self.openings if one.server_id != server_id),
            tuple(one for one in self.timers if one.server_id != server_id),
            tuple(one for one in self.attempts if one.server_id != server_id),
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """A stream that a rule ends at ``deadline``; ``notice`` still has its placeholders.

    ``ends_at`` is when the rule itself ends, None where nobody knows.
    """

    stream: Stream
    rule: str
    notice: str
    deadline: datetime
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from one look: whom to stop now, who has time left, and who is past it but cannot be stopped.

    ``stops`` holds first and repeated attempts. ``look_again_at`` is the next deadline or retry, None if there is none.
    """

    vigil: Vigil
    stops: tuple[Stop, ...] = ()
    waiting: tuple[Stop, ...] = ()
    unstoppable: tuple[Stop, ...] = ()
    look_again_at: datetime | None = None


def judged(vigil: Vigil, rules: Sequence[StopRule], polls: Sequence[Poll], *, now: datetime, zone: tzinfo) -> Verdict:
    """Decides about every stream in the polls; of several rules the earliest deadline counts, then the earlier rule.

    ``polls`` holds the servers that answered.
    """
    in_force = [(rule, window) for rule in rules if (window := rule.window(now, zone)) is not None]
    sightings = sighted(vigil.sightings, polls, now)
    openings = _openings(vigil.openings, in_force, polls, sightings, now)
    going_on = _going_on(vigil.timers, vigil.openings, openings, now)
    timers = _timers(going_on, in_force, openings, polls, now)
    stops = _earliest(in_force, timers, polls)
    due = [stop for stop in stops if stop.deadline <= now]
    watched = Vigil(sightings, tuple(openings.values()), timers, _attempts(vigil.attempts, due, polls, now))
    return _verdict(watched, stops, now)


_Place = tuple[str, ServerId]
_InForce = Sequence[tuple[StopRule, Window]]


def _openings(
    before: Iterable[Opening], in_force: _InForce, polls: Iterable[Poll], sightings: Sequence[Sighting], now: datetime
) -> dict[_Place, Opening]:
    held = {(one.rule, one.server_id): one for one in before}
    answers = {poll.server_id: poll for poll in polls}
    servers = dict.fromkeys([*answers, *(one.server_id for one in held.values())])
    found: dict[_Place, Opening] = {}
    for rule, window in in_force:
        for server_id in servers:
            opening = _opening(held.get((rule.key, server_id)), rule, window, answers.get(server_id), sightings, now)
            if opening:
                found[rule.key, server_id] = opening
    return found


def _opening(
    held: Opening | None,
    rule: StopRule,
    window: Window,
    poll: Poll | None,
    sightings: Sequence[Sighting],
    now: datetime,
) -> Opening | None:
    if held and held.goes_on(window):
        known = known_now(held.known, poll, rule.succession, now) if poll and rule.succession else held.known
        return replace(held, window=window, known=known)
    if poll is None:
        return None
    known = running_at_start(poll, window, sightings, now) if rule.succession else ()
    return Opening(rule.key, poll.server_id, window, known)


def _timers(
    before: Iterable[Timer],
    in_force: _InForce,
    openings: Mapping[_Place, Opening],
    polls: Iterable[Poll],
    now: datetime,
) -> tuple[Timer, ...]:
    held = {(one.rule, one.server_id, one.session): one for one in before}
    answers = {poll.server_id: poll for poll in polls}
    silent = [one for one in held.values() if one.server_id not in answers]
    running: list[Timer] = []
    for rule, _ in in_force:
        for server_id, poll in answers.items():
            met = _met(rule, openings[rule.key, server_id], poll, now)
            running += [held.get((one.rule, one.server_id, one.session), one) for one in met]
    return tuple(dict.fromkeys(silent + running))


def _met(rule: StopRule, opening: Opening, poll: Poll, now: datetime) -> Iterator[Timer]:
    known = {one.session for one in opening.known}
    for stream in poll.streams:
        is_known = stream.handle in known
        if rule.covers(stream) and rule.grace(known=is_known) is not None:
            yield Timer(rule.key, poll.server_id, stream.handle, now, is_known)


def _going_on(
    before: Iterable[Timer], were_open: Iterable[Opening], openings: Mapping[_Place, Opening], now: datetime
) -> list[Timer]:
    windows = {(one.rule, one.server_id): one for one in were_open}
    going_on = {place for place, one in openings.items() if place in windows and windows[place].goes_on(one.window)}
    # a first sight in the future means that the clock was put back
    return [replace(one, since=min(one.since, now)) for one in before if (one.rule, one.server_id) in going_on]


def _earliest(in_force: _InForce, timers: Iterable[Timer], polls: Iterable[Poll]) -> list[Stop]:
    since = {(one.rule, one.server_id, one.session): one for one in timers}
    stops: list[Stop] = []
    for stream in (stream for poll in polls for stream in poll.streams):
        claims = [
            _stop(stream, rule, window, timer)
            for rule, window in in_force
            if (timer := since.get((rule.key, stream.server_id, stream.handle)))
        ]
        if claims:
            stops.append(min(claims, key=lambda stop: stop.deadline))
    return stops


def _stop(stream: Stream, rule: StopRule, window: Window, timer: Timer) -> Stop:
    grace = rule.grace(known=timer.known) or timedelta()
    ends_at = None if window.end == ALWAYS.end else window.end
    return Stop(stream, rule.key, rule.notice, timer.since + grace, ends_at)


def _attempts(
    before: Iterable[Attempt], due: Iterable[Stop], polls: Iterable[Poll], now: datetime
) -> tuple[Attempt, ...]:
    answered = {poll.server_id for poll in polls}
    wanted = {(stop.stream.server_id, stop.stream.handle) for stop in due}
    kept = (one for one in before if one.server_id not in answered or (one.server_id, one.session) in wanted)
    # an attempt in the future means that the clock was put back
    return tuple(replace(one, first_at=min(one.first_at, now), last_at=min(one.last_at, now)) for one in kept)


def _verdict(vigil: Vigil, stops: Iterable[Stop], now: datetime) -> Verdict:
    now_due: list[Stop] = []
    waiting: list[Stop] = []
    unstoppable: list[Stop] = []
    moments: list[datetime] = []
    for stop in stops:
        attempt = vigil.attempt_on(stop.stream.server_id, stop.stream.handle)
        if stop.deadline > now:
            waiting.append(stop)
            moments.append(stop.deadline)
        elif not stop.stream.can_be_stopped:
            unstoppable.append(stop)
        elif attempt is None or (attempt.again_at and attempt.again_at <= now):
            now_due.append(stop)
        elif attempt.again_at:
            moments.append(attempt.again_at)
    return Verdict(vigil, tuple(now_due), tuple(waiting), tuple(unstoppable), min(moments, default=None))
