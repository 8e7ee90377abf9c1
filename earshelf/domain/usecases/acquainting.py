"""Finding out who could watch, so that somebody can be excluded by an id that stays."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from earshelf.domain.accounts import Account, AccountProvider
from earshelf.domain.errors import EarshelfError
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.polling import Polling
from earshelf.domain.viewers import Acquaintance, KnownViewer, everybody
from earshelf.ports.accounts import AccountService
from earshelf.ports.storage import Storage
from earshelf.ports.streams import StreamAbility

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Silent:
    """An account service or a server that did not tell whom it knows, and why."""

    name: str
    message: str
    code: str


@dataclass(frozen=True, slots=True)
class Company:
    """Everybody by name, and who did not tell."""

    viewers: tuple[KnownViewer, ...]
    silent: tuple[Silent, ...]


class Acquainting:
    """Asks the linked account, every enabled server, and who is watching just now."""

    def __init__(self, *, storage: Storage, accounts: AccountService, polling: Polling) -> None:
        self._storage = storage
        self._accounts = accounts
        self._polling = polling

    async def everybody(self) -> Company:
        """Returns everybody that anybody knows; who does not answer takes nothing away from the others."""
        async with self._storage.unit() as unit:
            account = await unit.accounts.of(AccountProvider.PLEX)
        servers = await self._polling.servers()
        asked = [_asked(server.name, self._of_server(server)) for server in servers]
        if account is not None and account.is_linked:
            asked.append(_asked("plex.tv", self._of_account(account)))
        answers = await asyncio.gather(*asked)
        found = [viewer for answer in answers if not isinstance(answer, Silent) for viewer in answer]
        return Company(tuple(everybody(found)), tuple(answer for answer in answers if isinstance(answer, Silent)))

    async def _of_account(self, account: Account) -> Sequence[KnownViewer]:
        return await self._accounts.viewers(account.usable_token(), account.client_id)

    async def _of_server(self, server: MediaServer) -> Sequence[KnownViewer]:
        source = await self._polling.source(server)
        streams = await source.streams()
        playing = [
            KnownViewer(one.viewer.name, one.viewer.id, one.viewer.is_owner, "", (Acquaintance.STREAM,))
            for one in streams
        ]
        known = await source.viewers() if StreamAbility.KNOWS_VIEWERS in source.abilities else []
        return [*known, *playing]


async def _asked(name: str, asking: Awaitable[Sequence[KnownViewer]]) -> Sequence[KnownViewer] | Silent:
    try:
        return await asking
    except EarshelfError as problem:
        _log.info("%s does not tell who could watch: %s", name, problem)
        return Silent(name, problem.message, problem.code)
