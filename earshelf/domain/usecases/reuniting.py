"""Telling items that went from items that only got another key."""

from collections.abc import Collection

from earshelf.domain.ids import ServerId
from earshelf.domain.reunions import reunions
from earshelf.ports.removed_media import RemovedItems


async def reunited(removed: RemovedItems, server_id: ServerId, missing: Collection[str]) -> frozenset[str]:
    """Puts what came under another key in the place of what is missing, or was removed before.

    Returns the keys of the missing whose place was taken: they are not missing any more.
    """
    lost = await removed.lost(server_id, missing)
    if not lost:
        return frozenset()
    pairs = reunions(lost, await removed.newcomers(server_id))
    if pairs:
        await removed.reunite({lost_id: found.id for lost_id, found in pairs.items()})
    return frozenset(trace.key for trace in lost if trace.id in pairs)
