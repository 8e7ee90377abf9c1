"""Opening adapters together."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any


@asynccontextmanager
async def open_all(*adapters: AbstractAsyncContextManager[Any]) -> AsyncIterator[None]:
    """Opens adapters in order and closes them in reverse, also when a later one fails to open."""
    async with AsyncExitStack() as stack:
        for adapter in adapters:
            await stack.enter_async_context(adapter)
        yield
