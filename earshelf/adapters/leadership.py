"""Leadership where nobody else can want it: one process, one database."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext


class SoleLeadership:
    """Leads at once and always."""

    @property
    def is_shared(self) -> bool:
        return False

    def presence(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def alone(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        await term()
