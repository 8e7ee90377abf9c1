"""Processes that are killed at a chosen step: before or after any call through a port."""

import inspect
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from earshelf.domain.integrations import Integration
from earshelf.ports.connectors import Connector
from earshelf.ports.downloads import DownloadClient
from earshelf.ports.events import LoggedEvent
from earshelf.ports.indexers import Indexer
from earshelf.ports.integrations import Neighbours
from earshelf.ports.storage import Storage, UnitOfWork

PortT = TypeVar("PortT")


class Killed(BaseException):
    """The process is gone; no handler of errors sees it."""


class Fuse:
    """Burns down step by step; from its end on nothing works any more."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def burn(self) -> None:
        self._left -= 1
        if self._left <= 0:
            raise Killed


class Fused:
    """Stands before a port and burns the fuse before and after every call of it."""

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    @classmethod
    def around(cls, inner: PortT, fuse: Fuse) -> PortT:
        return cast(PortT, cls(inner, fuse))

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def step(*arguments: Any, **named: Any) -> Any:
            self._fuse.burn()
            result = await found(*arguments, **named)
            self._fuse.burn()
            return result

        return step


class FusedUnit:
    """A unit of work that may not live to begin, to commit, or to tell of its commit."""

    def __init__(self, inner: UnitOfWork, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def __aenter__(self) -> Self:
        self._fuse.burn()
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._inner.__aexit__(exc_type, exc, traceback)

    async def commit(self, at: datetime) -> Sequence[LoggedEvent]:
        self._fuse.burn()
        logged = await self._inner.commit(at)
        self._fuse.burn()
        return logged


class FusedStorage:
    """Hands out fused units."""

    def __init__(self, inner: Storage, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def unit(self) -> UnitOfWork:
        return cast(UnitOfWork, FusedUnit(self._inner.unit(), self._fuse))


class FusedNeighbours:
    """Hands out fused neighbours."""

    def __init__(self, inner: Neighbours, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def indexer(self, integration: Integration) -> Indexer:
        return Fused.around(self._inner.indexer(integration), self._fuse)

    def download_client(self, integration: Integration) -> DownloadClient:
        return Fused.around(self._inner.download_client(integration), self._fuse)

    def connector(self, integration: Integration) -> Connector:
        return Fused.around(self._inner.connector(integration), self._fuse)
