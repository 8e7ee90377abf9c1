"""Asking media servers for their prerolls: the servers that are meant, and no others at their addresses."""

from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.servers import MediaServer, identity_problem
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.probing import Probing
from earshelf.ports.prerolls import PrerollKeeper, PrerollKeepers
from earshelf.ports.servers import ServerAbility, ServerAccess


class Reaching:
    """Reads and writes what servers play before films."""

    def __init__(self, *, keepers: PrerollKeepers, installation: Installation, probing: Probing) -> None:
        self._keepers = keepers
        self._installation = installation
        self._probing = probing

    async def read(self, server: MediaServer) -> str:
        """Asks a server, once it is sure that it is the one that is meant.

        :raises OtherMachine: another one answers; it was not shown the token.
        :raises IntegrationError: it does not answer, or not to this token.
        """
        client = await self._probing.client(server)
        if ServerAbility.TELLS_IDENTITY in client.abilities:
            problem = identity_problem(server, (await client.identity()).machine_id)
            if problem is not None:
                raise OtherMachine(f"{server.name}: {problem}", {"url": problem})
        return await (await self._keeper(server)).read()

    async def write(self, server: MediaServer, value: str) -> None:
        """Changes what a server plays; it was read just before, so that it is the one that is meant.

        :raises IntegrationError: it does not answer, or does not take it.
        """
        await (await self._keeper(server)).write(value)

    async def _keeper(self, server: MediaServer) -> PrerollKeeper:
        return self._keepers.at(
            ServerAccess(
                kind=server.kind,
                name=server.name,
                url=server.url,
                client_id=await self._installation.client_id(),
                token=server.usable_token(),
                verify_ssl=server.verify_ssl,
            )
        )
