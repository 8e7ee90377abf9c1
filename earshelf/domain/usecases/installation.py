"""What this installation calls itself, at providers of accounts and servers: made once, kept for its whole life."""

from earshelf.domain.accounts import Account, AccountProvider, spell_client_id
from earshelf.domain.ids import ENTROPY_BYTES
from earshelf.ports.storage import Storage
from earshelf.ports.system import Clock, Entropy

# the name stands in the row of the first provider there was
_KEEPER = AccountProvider.PLEX


class Installation:
    """Knows the accounts' rows, and makes each at first use."""

    def __init__(self, *, storage: Storage, clock: Clock, entropy: Entropy) -> None:
        self._storage = storage
        self._clock = clock
        self._entropy = entropy

    async def account(self, provider: AccountProvider) -> Account:
        """Returns the account of a provider, linked or not."""
        async with self._storage.unit() as unit:
            known = await unit.accounts.of(provider)
            if known is not None:
                return known
            account = Account(provider, spell_client_id(self._entropy.secret_bytes(ENTROPY_BYTES)))
            await unit.accounts.add(account)
            await unit.commit(self._clock.now())
            return account

    async def client_id(self) -> str:
        """Returns what this installation is called everywhere, also by servers that no provider knows."""
        return (await self.account(_KEEPER)).client_id
