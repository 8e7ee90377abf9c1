"""What the linked account tells of the servers that it may use; their tokens stay in the house."""

from earshelf.domain.accounts import AccountProvider
from earshelf.domain.connections import DiscoveredServer
from earshelf.domain.errors import AccountNotLinked
from earshelf.domain.usecases.installation import Installation
from earshelf.ports.accounts import AccountService


class Discovering:
    """Asks the account's provider."""

    def __init__(self, *, accounts: AccountService, installation: Installation) -> None:
        self._accounts = accounts
        self._installation = installation

    async def servers(self) -> list[DiscoveredServer]:
        """Returns every server that the account may use, the owner's own first, each machine once.

        A server that somebody shares must not pass for one of the owner's.

        :raises AccountNotLinked: nobody signed in. :raises IntegrationError: the provider did not tell.
        """
        account = await self._installation.account(AccountProvider.PLEX)
        if not account.is_linked:
            raise AccountNotLinked(account.provider.words)
        found = await self._accounts.servers(account.usable_token(), account.client_id)
        first: dict[str, DiscoveredServer] = {}
        for each in sorted(found, key=lambda each: not each.is_owned):
            first.setdefault(each.machine_id, each)
        return list(first.values())

    async def server(self, machine_id: str | None) -> DiscoveredServer | None:
        """Returns one of them, None where the account knows no such machine; raises as :meth:`servers`."""
        return next((each for each in await self.servers() if each.machine_id == machine_id), None)
