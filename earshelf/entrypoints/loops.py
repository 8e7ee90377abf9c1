"""Everything that happens by itself, a line each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from earshelf.config.container import Container
from earshelf.config.reactions import reactions
from earshelf.domain.errors import EarshelfError

_log = logging.getLogger(__name__)
_IMPORT_SECONDS = 30.0
_SEARCH_AGAIN_SECONDS = 60.0
_TERM_SECONDS = 5.0
# longer than tracker and client together may take
_GRAB_GRACE = timedelta(minutes=2)
_SETTLE_SECONDS = 30.0
_AIRING_SECONDS = 30.0
_HAND_ON_SECONDS = 5.0
# those that are due are few: it depends on when each was looked at
_TOKEN_SECONDS = 300.0
# who was away at two looks is followed
_MOVES_SECONDS = 300.0
_SCHEDULE_SECONDS = 60.0
_WEEDING_SECONDS = 3600.0


def loops(container: Container, *, since: datetime) -> list[Coroutine[Any, Any, None]]:
    """Every loop of the program, not yet started; each runs until cancelled. ``since`` is when the program began."""
    monitor_seconds = container.settings().monitor_seconds
    return [
        container.dispatcher().run(reactions(container)),
        container.refreshing().run(),
        every(monitor_seconds, container.monitoring().look),
        imports(container),
        searches(container),
        reservations(container, since=since),
        airing(container),
        container.linking().watch(),
        container.syncing().run(),
        every(_SCHEDULE_SECONDS, container.scheduling().look),
        every(_WEEDING_SECONDS, container.weeding().weed),
        enforcement(container),
        container.attending().listen(),
        every(_HAND_ON_SECONDS, container.attending().hand_on),
        every(_TOKEN_SECONDS, container.linking().look_after_tokens),
        every(_MOVES_SECONDS, container.moving().look),
    ]


class Charge:
    """What one process at a time does by itself: settles what a stop cut short, then turns the loops."""

    def __init__(self, container: Container, *, pause: float = _TERM_SECONDS) -> None:
        self._container = container
        self._pause = pause
        self._recovered = asyncio.Event()
        self._since = container.clock().now()

    async def take(self) -> None:
        """Takes charge whenever this process leads, until cancelled; a loop that breaks starts them all anew."""
        while True:
            try:
                await self._container.leadership().lead(self._term)
            except Exception:  # noqa: BLE001 - a defect in one loop must not end the others for good
                _log.exception("The loops broke; they start again in %g s", self._pause)
            await asyncio.sleep(self._pause)

    async def until_safe(self) -> None:
        """Returns once requests may be answered: where nobody else is about, they wait for the recovery."""
        if not self._container.leadership().is_shared:
            await self._recovered.wait()

    async def _term(self) -> None:
        await recover(self._container)
        self._recovered.set()
        async with asyncio.TaskGroup() as tasks:
            for loop in loops(self._container, since=self._since):
                tasks.create_task(loop)


async def recover(container: Container) -> None:
    """Settles what the last stop cut short in records and on disk; asks no neighbour, so that it is over soon."""
    for activity in (container.searching().recover, container.importing().recover, container.syncing().recover):
        await shielded(activity)


async def reservations(container: Container, *, since: datetime) -> None:
    """Settles grabs that nobody finished: of a process that died, or of a client that was away then.

    Where nobody else is about, whatever was reserved before ``since`` has no owner any more and is settled at once.
    """
    is_shared = container.leadership().is_shared

    async def settle() -> None:
        grace = _GRAB_GRACE if is_shared else min(_GRAB_GRACE, container.clock().now() - since)
        await container.grabbing().recover(grace)

    while True:
        await shielded(settle)
        await asyncio.sleep(_SETTLE_SECONDS)


async def every(seconds: float, activity: Callable[[], Awaitable[None]]) -> None:
    """Does something now and then again after each pause."""
    while True:
        await shielded(activity)
        await asyncio.sleep(seconds)


async def imports(container: Container) -> None:
    """Reviews and imports whenever there is news, and at least every half minute."""
    importing, reviewing = container.importing(), container.reviewing()
    pause = min(_IMPORT_SECONDS, container.settings().monitor_seconds)
    while True:
        await shielded(reviewing.review)
        await shielded(importing.work)
        await importing.wait_for_news(pause)


async def airing(container: Container) -> None:
    """Looks after every server's preroll when the programme changes, and at least every half minute."""
    activity = container.airing()
    while True:
        await shielded(activity.keep)
        await activity.wait_for_news(_AIRING_SECONDS)


async def enforcement(container: Container) -> None:
    """Ends streams that no rule allows: looks every half minute, when a grace ends, and soon after any change."""
    watching = container.watching()
    try:
        while True:
            await shielded(watching.enforce)
            await watching.rest()
    finally:
        await watching.leave()


async def searches(container: Container) -> None:
    """Searches for wanted books, the first time one interval after the start."""
    while True:
        try:
            settings = await container.settings_store().load()
        except EarshelfError as problem:
            _log.warning("Scheduled searches wait: %s", problem)
            await asyncio.sleep(_SEARCH_AGAIN_SECONDS)
            continue
        await asyncio.sleep(settings.search.interval_minutes * 60)
        await shielded(container.searching().grab_wanted)


async def shielded(activity: Callable[[], Awaitable[None]]) -> None:
    """Runs one round; trouble is logged, and the next round tries again."""
    try:
        await activity()
    except EarshelfError as problem:
        _log.warning("%s: %s", activity.__qualname__, problem)
    except Exception:  # noqa: BLE001 - a loop outlives the defects of a round
        _log.exception("%s failed", activity.__qualname__)
