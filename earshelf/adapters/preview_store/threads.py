"""Work on the disk that nobody leaves half way: who is cancelled goes on only once the thread is done."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import anyio
from anyio import to_thread

T = TypeVar("T")


async def to_the_end(work: Callable[[], T], undo: Callable[[T], None] | None = None) -> T:
    """Works on a thread and returns what comes of it; ``undo`` takes that back where nobody waits for it any more."""
    task = asyncio.ensure_future(to_thread.run_sync(work))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with anyio.CancelScope(shield=True):
            while not task.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait([task])
        if not task.cancelled() and task.exception() is None and undo is not None:
            undo(task.result())
        raise
