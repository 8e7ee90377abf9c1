"""What every client of a media server must do.

Fixtures: ``clients``; ``access`` leads to a server that is well and calls itself ``machine-1``, with the right token.
"""

from dataclasses import replace

import pytest

from earshelf.domain.errors import CredentialsRejected
from earshelf.ports.servers import ServerAbility, ServerAccess, ServerClients


class ServerClientSuite:
    """A server says who it is to anybody, and what it is to whoever has its token."""

    async def test_who_it_is_takes_no_token(self, clients: ServerClients, access: ServerAccess) -> None:
        client = clients.at(replace(access, token="wrong"))
        assert ServerAbility.TELLS_IDENTITY in client.abilities
        assert (await client.identity()).machine_id == "machine-1"

    async def test_what_it_is_agrees_with_who_it_is(self, clients: ServerClients, access: ServerAccess) -> None:
        client = clients.at(access)
        identity, description = await client.identity(), await client.describe()
        assert description.machine_id == identity.machine_id
        assert description.version == identity.version
        assert description.name
        assert description.platform

    async def test_a_wrong_token_is_rejected(self, clients: ServerClients, access: ServerAccess) -> None:
        with pytest.raises(CredentialsRejected):
            await clients.at(replace(access, token="wrong")).describe()
