"""Finding out whether a media server is there, is the one that is meant, and takes its token; in this order."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.connections import (
    Connection,
    DiscoveredServer,
    Probe,
    nothing_answers,
    relay_warning,
    worth_a_token,
)
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationError,
    IntegrationKind,
    Obstacle,
    Unreachable,
)
from earshelf.domain.servers import MediaServer, ServerDescription, identity_problem
from earshelf.domain.usecases.installation import Installation
from earshelf.ports.servers import MediaServerClient, ServerAbility, ServerAccess, ServerClients
from earshelf.ports.system import Clock

_AT_ONCE = 8


class Probing:
    """Asks servers who they are; shows tokens to nobody else than their owner."""

    def __init__(self, *, clients: ServerClients, installation: Installation, clock: Clock) -> None:
        self._clients = clients
        self._installation = installation
        self._clock = clock

    async def meet(
        self, server: MediaServer, *, may_be_another: bool = False, insists: bool = False
    ) -> ServerDescription:
        """Asks a server about itself; ``may_be_another`` where whoever typed the token in just now means this address.

        ``insists`` as in :class:`ServerAccess`.

        :raises OtherMachine: another one answers. :raises IntegrationError: it does not answer, or not to this token.
        """
        client = await self.client(server, insists=insists)
        meant = server
        if ServerAbility.TELLS_IDENTITY in client.abilities:
            found = await client.identity()
            if not may_be_another:
                _require_same(server, found.machine_id)
            meant = replace(server, machine_id=found.machine_id)
        description = await client.describe()
        # an address may change hands, or lead to one of several, between two questions
        _require_same(meant, description.machine_id)
        return description

    async def client(self, server: MediaServer, *, insists: bool = False) -> MediaServerClient:
        """Returns the client of a server.

        :raises CredentialsRejected: its token is lost.
        """
        return self._clients.at(
            ServerAccess(
                kind=server.kind,
                name=server.name,
                url=server.url,
                client_id=await self._installation.client_id(),
                token=server.usable_token(),
                verify_ssl=server.verify_ssl,
                insists=insists,
            )
        )

    async def survey(self, server: MediaServer, candidates: Sequence[Connection]) -> list[Probe]:
        """Asks at every address who is there, several at a time, without showing a token."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def ask(candidate: Connection) -> Probe:
            async with slots:
                return await self._probe(server, candidate)

        return list(await asyncio.gather(*(ask(candidate) for candidate in candidates)))

    async def choose(self, server: MediaServer, found: DiscoveredServer) -> str | None:
        """Gives a server the best of its addresses, and returns what there is to say about it.

        :raises CredentialsRejected: it takes its token at none. :raises Unreachable: no address can be used.
        """
        probes = await self.survey(server, found.candidates)
        rejected: CredentialsRejected | None = None
        for probe in worth_a_token(probes, found.machine_id):
            server.url = probe.connection.url
            try:
                await self.meet(server, insists=True)
            except CredentialsRejected as problem:
                # a copy of the server goes by its name, too
                rejected = rejected or problem
            except EarshelfError:
                continue
            else:
                return relay_warning(probe.connection)
        if rejected is not None:
            raise rejected
        why = nothing_answers(probes, found.machine_id)
        raise Unreachable(IntegrationKind.SERVER, server.name, why, Obstacle.OTHER)

    async def _probe(self, server: MediaServer, candidate: Connection) -> Probe:
        client = await self.client(replace(server, url=candidate.url), insists=True)
        begun = self._clock.now()
        try:
            identity = await client.identity()
        except IntegrationError as problem:
            return Probe(candidate, None, problem=problem.reason)
        return Probe(candidate, identity.machine_id, (self._clock.now() - begun).total_seconds() * 1000)


def _require_same(server: MediaServer, machine_id: str) -> None:
    problem = identity_problem(server, machine_id)
    if problem is not None:
        raise OtherMachine(f"{server.name}: {problem}", {"url": problem})
