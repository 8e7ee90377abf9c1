"""The machine's own clock and chance."""

import asyncio
import secrets
from datetime import UTC, datetime

from earshelf.domain.ids import ENTROPY_BYTES, IdPrefix, opaque_id


class SystemClock:
    """Tells the time of this machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SystemEntropy:
    """Draws from the operating system."""

    def new_id(self, prefix: IdPrefix) -> str:
        return opaque_id(prefix, secrets.token_bytes(ENTROPY_BYTES))

    def secret_bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)
