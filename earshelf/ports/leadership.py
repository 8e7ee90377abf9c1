"""Which of several processes on one database does what must be done once."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class Leadership(Protocol):
    """Given to one process at a time; every process may ask for it."""

    @property
    def is_shared(self) -> bool:
        """Whether other processes may work on the same records, as leaders before us or as followers beside us."""
        ...

    def presence(self) -> AbstractAsyncContextManager[None]:
        """Returns what a process holds for as long as it serves.

        :raises ConfigurationError: upon entering, where somebody is alone with these records, or where they can be
            served by one process only and another one does.
        """
        ...

    def alone(self) -> AbstractAsyncContextManager[None]:
        """Returns what keeps everybody from serving these records, for work that no server may see half done.

        :raises ConfigurationError: upon entering, where a process serves them.
        """
        ...

    async def lead(self, term: Callable[[], Awaitable[None]]) -> None:
        """Waits until this process leads, runs ``term``, and returns when it returns.

        A term whose leadership is lost is cancelled and waited for; then the process waits to lead again, with a new
        term. When this process ends, however that comes about, another one leads within seconds. Two terms may overlap
        for some seconds where the loser's connection broke without a sound. Errors of a term travel on; leadership is
        given up with the end of the term.
        """
        ...
