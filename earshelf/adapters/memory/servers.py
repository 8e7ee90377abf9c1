"""Media servers, accounts and sign-ins, in memory."""

from dataclasses import replace
from datetime import datetime

from earshelf.adapters.memory.tables import Session
from earshelf.domain.accounts import Account, AccountProvider, SignIn, SignInState
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer, ServerKind

_SERVER, _ACCOUNT, _PIN = "media server", "account", "PIN"


class MemoryServers:
    """Keeps the media servers of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, server: MediaServer) -> None:
        tables = await self._session.tables()
        if server.id in tables.servers:
            raise AlreadyExists(_SERVER, server.id)
        await self._refuse_twin(server)
        server.version = 1
        tables.servers[server.id] = replace(server)

    async def get(self, server_id: ServerId) -> MediaServer:
        return replace(await self._stored(server_id))

    async def all(self) -> list[MediaServer]:
        return [replace(server) for server in (await self._session.tables()).servers.values()]

    async def with_machine(self, kind: ServerKind, machine_id: str) -> MediaServer | None:
        found = (row for row in await self.all() if (row.kind, row.machine_id) == (kind, machine_id))
        return next(found, None)

    async def save(self, server: MediaServer) -> None:
        stored = await self._stored(server.id)
        self._session.check_version(_SERVER, server.id, stored=stored.version, read=server.version)
        await self._refuse_twin(server)
        server.version += 1
        (await self._session.tables()).servers[server.id] = replace(server)

    async def remove(self, server_id: ServerId) -> None:
        await self._stored(server_id)
        del (await self._session.tables()).servers[server_id]

    async def _stored(self, server_id: ServerId) -> MediaServer:
        row = (await self._session.tables()).servers.get(server_id)
        if row is None:
            raise NotFound(_SERVER, server_id)
        return row

    async def _refuse_twin(self, server: MediaServer) -> None:
        if server.machine_id is not None:
            twin = await self.with_machine(server.kind, server.machine_id)
            if twin is not None and twin.id != server.id:
                raise AlreadyExists(_SERVER, server.machine_id)


class MemoryAccounts:
    """Keeps the accounts of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def of(self, provider: AccountProvider) -> Account | None:
        row = (await self._session.tables()).accounts.get(provider)
        return replace(row) if row else None

    async def add(self, account: Account) -> None:
        tables = await self._session.tables()
        if account.provider in tables.accounts:
            raise AlreadyExists(_ACCOUNT, account.provider)
        account.version = 1
        tables.accounts[account.provider] = replace(account)

    async def save(self, account: Account) -> None:
        tables = await self._session.tables()
        stored = tables.accounts.get(account.provider)
        if stored is None:
            raise NotFound(_ACCOUNT, account.provider)
        self._session.check_version(_ACCOUNT, account.provider, stored=stored.version, read=account.version)
        account.version += 1
        tables.accounts[account.provider] = replace(account)


class MemorySignIns:
    """Keeps the sign-ins of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, sign_in: SignIn) -> None:
        tables = await self._session.tables()
        if sign_in.id in tables.sign_ins:
            raise AlreadyExists(_PIN, sign_in.id)
        sign_in.version = 1
        tables.sign_ins[sign_in.id] = replace(sign_in)

    async def get(self, sign_in_id: str) -> SignIn:
        return replace(await self._stored(sign_in_id))

    async def pending(self) -> list[SignIn]:
        rows = (await self._session.tables()).sign_ins.values()
        open_ones = [replace(row) for row in rows if row.state is SignInState.PENDING]
        return sorted(open_ones, key=lambda row: (row.expires_at, row.id))

    async def save(self, sign_in: SignIn) -> None:
        stored = await self._stored(sign_in.id)
        self._session.check_version(_PIN, sign_in.id, stored=stored.version, read=sign_in.version)
        sign_in.version += 1
        (await self._session.tables()).sign_ins[sign_in.id] = replace(sign_in)

    async def forget(self, before: datetime) -> None:
        rows = (await self._session.tables()).sign_ins
        for row in [row for row in rows.values() if row.expires_at < before]:
            del rows[row.id]

    async def _stored(self, sign_in_id: str) -> SignIn:
        row = (await self._session.tables()).sign_ins.get(sign_in_id)
        if row is None:
            raise NotFound(_PIN, sign_in_id)
        return row
