"""Media servers, accounts and sign-ins, in SQLite."""

from datetime import datetime
from functools import partial
from typing import Any

from earshelf.adapters.rows import servers as rows
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import SqliteSession, as_text, check_version, insert, replace_row
from earshelf.domain.accounts import Account, AccountProvider, SignIn
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer, ServerKind


class SqliteServers:
    """Keeps the media servers of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, server: MediaServer) -> None:
        row = rows.server_row(server, 1, self._session.cipher)
        await self._session.run(partial(_add_server, server=server, row=row))
        server.version = 1

    async def get(self, server_id: ServerId) -> MediaServer:
        found = await self._session.run(partial(_one, sql=rows.ONE_SERVER, row_id=server_id))
        if found is None:
            raise NotFound(rows.SERVER, server_id)
        return rows.readable_server(found, self._session.cipher)

    async def all(self) -> list[MediaServer]:
        found = await self._session.run(lambda database: database.execute(rows.ALL_SERVERS).fetchall())
        return [rows.readable_server(row, self._session.cipher) for row in found]

    async def with_machine(self, kind: ServerKind, machine_id: str) -> MediaServer | None:
        values = (kind.value, machine_id)
        found = await self._session.run(lambda database: database.execute(rows.OF_MACHINE, values).fetchone())
        return rows.readable_server(found, self._session.cipher) if found else None

    async def save(self, server: MediaServer) -> None:
        row = rows.server_row(server, server.version + 1, self._session.cipher)
        await self._session.run(partial(_save_server, server=server, row=row))
        server.version += 1

    async def remove(self, server_id: ServerId) -> None:
        await self.get(server_id)
        await self._session.run(lambda database: database.table("servers").delete(server_id))


def _one(database: Database, sql: str, row_id: str) -> Row | None:
    row: Row | None = database.execute(sql, (row_id,)).fetchone()
    return row


def _add_server(database: Database, server: MediaServer, row: dict[str, Any]) -> None:
    _refuse_twin(database, server)
    (age,) = database.execute(rows.NEXT_AGE).fetchone()
    insert(database, "servers", {**row, "age": age}, kind=rows.SERVER)


def _save_server(database: Database, server: MediaServer, row: dict[str, Any]) -> None:
    check_version(database, "servers", server.id, server.version, kind=rows.SERVER)
    _refuse_twin(database, server)
    replace_row(database, "servers", row)


def _refuse_twin(database: Database, server: MediaServer) -> None:
    twin = database.execute(rows.OF_MACHINE, (server.kind.value, server.machine_id)).fetchone()
    if twin is not None and twin["id"] != server.id:
        raise AlreadyExists(rows.SERVER, rows.machine_words(server))


class SqliteAccounts:
    """Keeps the accounts of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def of(self, provider: AccountProvider) -> Account | None:
        found = await self._session.run(partial(_one, sql=rows.ONE_ACCOUNT, row_id=provider.value))
        return rows.readable_account(found, self._session.cipher) if found else None

    async def add(self, account: Account) -> None:
        row = rows.account_row(account, 1, self._session.cipher)
        await self._session.run(lambda database: insert(database, "accounts", row, kind=rows.ACCOUNT))
        account.version = 1

    async def save(self, account: Account) -> None:
        row = rows.account_row(account, account.version + 1, self._session.cipher)
        await self._session.run(partial(_save, table="accounts", row=row, version=account.version, kind=rows.ACCOUNT))
        account.version += 1


class SqliteSignIns:
    """Keeps the sign-ins of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, sign_in: SignIn) -> None:
        row = rows.sign_in_row(sign_in, 1)
        await self._session.run(lambda database: insert(database, "sign_ins", row, kind=rows.SIGN_IN))
        sign_in.version = 1

    async def get(self, sign_in_id: str) -> SignIn:
        found = await self._session.run(partial(_one, sql=rows.ONE_SIGN_IN, row_id=sign_in_id))
        if found is None:
            raise NotFound(rows.SIGN_IN, sign_in_id)
        return rows.sign_in_from(found)

    async def pending(self) -> list[SignIn]:
        found = await self._session.run(lambda database: database.execute(rows.PENDING).fetchall())
        return [rows.sign_in_from(row) for row in found]

    async def save(self, sign_in: SignIn) -> None:
        row = rows.sign_in_row(sign_in, sign_in.version + 1)
        await self._session.run(partial(_save, table="sign_ins", row=row, version=sign_in.version, kind=rows.SIGN_IN))
        sign_in.version += 1

    async def forget(self, before: datetime) -> None:
        await self._session.run(lambda database: database.execute(rows.FORGET, (as_text(before),)))


def _save(database: Database, table: str, row: dict[str, Any], version: int, kind: str) -> None:
    check_version(database, table, row["id"], version, kind=kind)
    replace_row(database, table, row)
