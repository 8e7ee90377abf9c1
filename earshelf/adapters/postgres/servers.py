"""Media servers, accounts and sign-ins, in PostgreSQL."""

from datetime import datetime

from earshelf.adapters.postgres.queries import numbered
from earshelf.adapters.postgres.session import PostgresSession, Step
from earshelf.adapters.rows import servers as rows
from earshelf.domain.accounts import Account, AccountProvider, SignIn
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer, ServerKind


class PostgresServers:
    """Keeps the media servers of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, server: MediaServer) -> None:
        row = rows.server_row(server, 1, self._session.cipher)
        async with self._session.step() as step:
            await _refuse_twin(step, server)
            (youngest,) = await step.rows(rows.NEXT_AGE)
            await step.insert("servers", {**row, "age": youngest["age"]}, kind=rows.SERVER)
        server.version = 1

    async def get(self, server_id: ServerId) -> MediaServer:
        found = await self._session.rows(numbered(rows.ONE_SERVER), server_id)
        if not found:
            raise NotFound(rows.SERVER, server_id)
        return rows.readable_server(found[0], self._session.cipher)

    async def all(self) -> list[MediaServer]:
        return [rows.readable_server(row, self._session.cipher) for row in await self._session.rows(rows.ALL_SERVERS)]

    async def with_machine(self, kind: ServerKind, machine_id: str) -> MediaServer | None:
        found = await self._session.rows(numbered(rows.OF_MACHINE), kind.value, machine_id)
        return rows.readable_server(found[0], self._session.cipher) if found else None

    async def save(self, server: MediaServer) -> None:
        row = rows.server_row(server, server.version + 1, self._session.cipher)
        async with self._session.step() as step:
            await step.check_version("servers", server.id, server.version, kind=rows.SERVER)
            await _refuse_twin(step, server)
            await step.replace("servers", row, kind=rows.SERVER)
        server.version += 1

    async def remove(self, server_id: ServerId) -> None:
        await self.get(server_id)
        async with self._session.step() as step:
            await step.rows("DELETE FROM servers WHERE id = $1", server_id)


async def _refuse_twin(step: Step, server: MediaServer) -> None:
    found = await step.rows(numbered(rows.OF_MACHINE), server.kind.value, server.machine_id)
    if found and found[0]["id"] != server.id:
        raise AlreadyExists(rows.SERVER, rows.machine_words(server))


class PostgresAccounts:
    """Keeps the accounts of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def of(self, provider: AccountProvider) -> Account | None:
        found = await self._session.rows(numbered(rows.ONE_ACCOUNT), provider.value)
        return rows.readable_account(found[0], self._session.cipher) if found else None

    async def add(self, account: Account) -> None:
        row = rows.account_row(account, 1, self._session.cipher)
        async with self._session.step() as step:
            await step.insert("accounts", row, kind=rows.ACCOUNT)
        account.version = 1

    async def save(self, account: Account) -> None:
        row = rows.account_row(account, account.version + 1, self._session.cipher)
        async with self._session.step() as step:
            await step.replace("accounts", row, kind=rows.ACCOUNT)
        account.version += 1


class PostgresSignIns:
    """Keeps the sign-ins of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, sign_in: SignIn) -> None:
        async with self._session.step() as step:
            await step.insert("sign_ins", rows.sign_in_row(sign_in, 1), kind=rows.SIGN_IN)
        sign_in.version = 1

    async def get(self, sign_in_id: str) -> SignIn:
        found = await self._session.rows(numbered(rows.ONE_SIGN_IN), sign_in_id)
        if not found:
            raise NotFound(rows.SIGN_IN, sign_in_id)
        return rows.sign_in_from(found[0])

    async def pending(self) -> list[SignIn]:
        return [rows.sign_in_from(row) for row in await self._session.rows(rows.PENDING)]

    async def save(self, sign_in: SignIn) -> None:
        async with self._session.step() as step:
            await step.replace("sign_ins", rows.sign_in_row(sign_in, sign_in.version + 1), kind=rows.SIGN_IN)
        sign_in.version += 1

    async def forget(self, before: datetime) -> None:
        async with self._session.step() as step:
            await step.rows(numbered(rows.FORGET), before)
