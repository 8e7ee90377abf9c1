"""Following media servers to other addresses: the very machine, asked who it is before it sees its token."""

import asyncio
import logging
from dataclasses import dataclass, replace

from earshelf.domain.accounts import TokenState
from earshelf.domain.connections import DiscoveredServer, without_risk
from earshelf.domain.errors import (
    AccountNotLinked,
    Conflict,
    CredentialsRejected,
    EarshelfError,
    IntegrationError,
)
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import AuthMethod, MediaServer, follow_notice, shortened
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.discovering import Discovering
from earshelf.domain.usecases.probing import Probing
from earshelf.ports.servers import ServerAbility
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Move:
    """A server where it was found; ``notice`` says what is different, None where nothing is."""

    server: MediaServer
    notice: str | None


class Moving:
    """Keeps the addresses of stored servers true; whatever is known of a server goes along."""

    def __init__(self, *, storage: Storage, discovering: Discovering, probing: Probing, clock: Clock) -> None:
        self._storage = storage
        self._discovering = discovering
        self._probing = probing
        self._clock = clock
        self._missed: dict[ServerId, str] = {}

    async def look(self) -> None:
        """Asks every enabled server who it is, and follows those that were away at the look before, too.

        It goes to no relay, and from an encrypted address to no plain one. Without an account nobody is followed.
        """
        async with self._storage.unit() as unit:
            servers = [server for server in await unit.servers.all() if server.enabled and server.machine_id]
        answers = await asyncio.gather(*(self._is_there(server) for server in servers))
        away = [server for server, is_there in zip(servers, answers, strict=True) if not is_there]
        lost = [server for server in away if self._missed.get(server.id) == server.url]
        self._missed = {server.id: server.url for server in away}
        if lost:
            await self._follow_all(lost)

    async def reconnect(self, server_id: ServerId) -> Move:
        """Gives a server the best address that the account knows of and at which it answers, be it a relay's.

        :raises NotFound: no server has this id. :raises AccountNotLinked: nobody signed in.
        :raises Conflict: the account does not know this machine.
        :raises CredentialsRejected: it does not take its token. :raises Unreachable: no address can be used.
        """
        async with self._storage.unit() as unit:
            server = await unit.servers.get(server_id)
        found = await self._discovering.server(server.machine_id)
        if server.machine_id is None or found is None:
            named = shortened(server.machine_id or "")
            raise Conflict(f"No server of the linked account is {named}; give '{server.name}' its address by hand")
        return await self._moved(server, found)

    async def _is_there(self, server: MediaServer) -> bool:
        try:
            client = await self._probing.client(server, insists=True)
        except CredentialsRejected:
            # its token is lost, and nothing can be shown to anybody
            return True
        if ServerAbility.TELLS_IDENTITY not in client.abilities:
            return True
        try:
            return (await client.identity()).machine_id == server.machine_id
        except IntegrationError:
            return False

    async def _follow_all(self, lost: list[MediaServer]) -> None:
        try:
            known = {each.machine_id: each for each in await self._discovering.servers()}
        except (AccountNotLinked, IntegrationError) as problem:
            _log.debug("Nobody is followed: %s", problem)
            return
        for server in lost:
            found = known.get(server.machine_id or "")
            if found is not None:
                await self._follow(server, without_risk(found, server.url))

    async def _follow(self, server: MediaServer, found: DiscoveredServer) -> None:
        try:
            move = await self._moved(server, found)
        except EarshelfError as problem:
            _log.info("'%s' is not found elsewhere: %s", server.name, problem)
            return
        if move.notice:
            _log.warning("%s", move.notice)

    async def _moved(self, server: MediaServer, found: DiscoveredServer) -> Move:
        there = replace(server)
        if server.method is AuthMethod.ACCOUNT and found.token:
            there.renew(found.token)
        warning = await self._probing.choose(there, found)
        if there.url == server.url:
            return Move(server, warning)
        notice = follow_notice(server, there, warning)

        async def decide(unit: UnitOfWork) -> MediaServer:
            stored = await unit.servers.get(server.id)
            if (stored.url, stored.token) != (server.url, server.token):
                raise Conflict(f"'{server.name}' was changed meanwhile; look again")
            stored.follow(there, notice)
            stored.see(TokenState.VALID, self._clock.now())
            await unit.servers.save(stored)
            return stored

        return Move(await unless_stale(self._storage, self._clock, decide), notice)
