"""Time and chance, which the domain never takes by itself."""

from datetime import datetime
from typing import Protocol

from earshelf.domain.ids import IdPrefix


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Returns the present moment, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Returns after that many seconds of this clock."""
        ...


class Entropy(Protocol):
    """Gives what nobody can guess."""

    def new_id(self, prefix: IdPrefix) -> str:
        """Returns an identifier that was never given before."""
        ...

    def secret_bytes(self, count: int) -> bytes:
        """Returns that many bytes fit for keys and tokens."""
        ...
