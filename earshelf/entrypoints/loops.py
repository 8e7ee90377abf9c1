"""Everything that happens by itself, a line each."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from earshelf.config.container import Container
from earshelf.config.reactions import reactions
from earshelf.domain.errors import EarshelfError

_log = logging.getLogger(__name__)
_IMPORT_SECONDS = 30.0


def loops(container: Container) -> list[Coroutine[Any, Any, None]]:
    """Every loop of the program, not yet started; each runs until cancelled."""
    monitor_seconds = container.settings().monitor_seconds
    return [
        container.dispatcher().run(reactions(container)),
        container.refreshing().run(),
        every(monitor_seconds, container.monitoring().look),
        imports(container),
        searches(container),
    ]


async def recover(container: Container) -> None:
    """Settles what the last stop cut short, before the loops begin."""
    for activity in (container.grabbing().recover, container.searching().recover, container.importing().recover):
        await shielded(activity)


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


async def searches(container: Container) -> None:
    """Searches for wanted books, the first time one interval after the start."""
    while True:
        settings = await container.settings_store().load()
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
