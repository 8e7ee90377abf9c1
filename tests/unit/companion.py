"""A house with an account service and media servers that live in this process."""

from typing import Any

from earshelf.adapters.memory.media import MemoryMediaStore
from earshelf.adapters.memory.media_servers import MemoryAccountService, MemoryServerClients
from earshelf.domain.accounts import Account, AccountProvider, Holder, SignInOwner, SignInPurpose, owner_of
from earshelf.domain.connections import Connection, DiscoveredServer, Reach
from earshelf.domain.server_drafts import ServerDraft
from earshelf.domain.usecases.connecting import Connecting
from earshelf.domain.usecases.discovering import Discovering
from earshelf.domain.usecases.installation import Installation
from earshelf.domain.usecases.linking import Linking
from earshelf.domain.usecases.moving import Moving
from earshelf.domain.usecases.probing import Probing
from tests.unit.house import House

LINK, ENTER = SignInPurpose.LINK, SignInPurpose.ENTER
MARTA, TOM = Holder("40217731", "marta_k", "marta@example.net"), Holder("998877", "tom")
URL = "http://192.168.10.4:32400"


class Companion:
    """What the house needs to know of media servers; another one over the same ``before`` is it after a restart."""

    def __init__(self, before: "Companion | None" = None, *, clients: MemoryServerClients | None = None) -> None:
        self.house: House = House(before=before.house if before else None)
        self.clock, self.storage = self.house.clock, self.house.storage
        self.accounts: MemoryAccountService = before.accounts if before else MemoryAccountService(self.clock)
        self.clients: MemoryServerClients = before.clients if before else clients or MemoryServerClients()
        entropy = self.house.entropy
        self.installation = Installation(storage=self.storage, clock=self.clock, entropy=entropy)
        self.probing = Probing(clients=self.clients, installation=self.installation, clock=self.clock)
        self.discovering = Discovering(accounts=self.accounts, installation=self.installation)
        self.moving = Moving(storage=self.storage, discovering=self.discovering, probing=self.probing, clock=self.clock)
        self.connecting = Connecting(
            storage=self.storage,
            discovering=self.discovering,
            probing=self.probing,
            media=MemoryMediaStore(),
            clock=self.clock,
            entropy=entropy,
        )
        self.linking = Linking(
            storage=self.storage,
            accounts=self.accounts,
            installation=self.installation,
            connecting=self.connecting,
            clock=self.clock,
        )

    async def account(self) -> Account:
        """Reads the account's row back."""
        async with self.storage.unit() as unit:
            account = await unit.accounts.of(AccountProvider.PLEX)
            assert account is not None
            return account

    async def sign_in(self, holder: Holder = MARTA, token: str = "tok-user", secret: str = "mine") -> None:
        """Links a holder's account, as the operator does."""
        owners = who(secret)
        pin = await self.linking.begin(LINK, owners[LINK])
        self.accounts.approve(pin.id, token, holder)
        await self.linking.look(pin.id, owners)


def who(secret: str, purpose: SignInPurpose = LINK) -> dict[SignInPurpose, SignInOwner]:
    """Spells who asks."""
    return {purpose: owner_of(purpose, secret)}


def draft(**values: Any) -> ServerDraft:
    """Returns what a person fills in for a server in the LAN."""
    return ServerDraft(**{"kind": "plex", "name": "Attic", "url": URL, "token": "tok-srv", **values})


def way(url: str, reach: Reach = Reach.LOCAL) -> Connection:
    """Spells an address of a server."""
    address, port = url.rpartition("/")[2].rsplit(":", 1)
    return Connection(url, address, int(port), reach, url.startswith("https"))


def listed(*ways: Connection, machine_id: str = "machine-1", token: str = "tok-srv", **values: Any) -> DiscoveredServer:
    """Spells a server as the account lists it."""
    return DiscoveredServer(machine_id, "Attic", token, connections=ways, **values)
