"""Leadership where nobody else can want it: one process, one database."""

from collections.abc import Awaitable, Callable


class SoleLeadership:
    """Leads at once and always."""

    @property
    def is_shared(self) -> bool:
        return False

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        await term()
