"""Neighbours, keys and the event log, in SQLite."""

from collections.abc import Sequence
from typing import Any

from earshelf.adapters.rows.events import logged_from
from earshelf.adapters.rows.integrations import (
    credential_from,
    credential_row,
    integration_row,
    readable_integration,
    role_word,
)
from earshelf.adapters.rows.values import Row
from earshelf.adapters.sqlite.driver import Database
from earshelf.adapters.sqlite.session import SqliteSession, check_version, insert, replace_row
from earshelf.domain.access import Credential
from earshelf.domain.errors import NotFound
from earshelf.domain.events import Event
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.ports.events import LoggedEvent

_OF_ROLE = "SELECT * FROM integrations WHERE role = ? AND enabled >= ? ORDER BY priority, age, id"
_UNDISPATCHED = "SELECT * FROM event_log WHERE dispatched = 0 ORDER BY number LIMIT ?"


class SqliteIntegrations:
    """Keeps the neighbours of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def add(self, integration: Integration) -> None:
        row = integration_row(integration, 1, self._session.cipher)
        await self._session.run(lambda database: _add(database, row, kind=role_word(integration.role)))
        integration.version = 1

    async def get(self, integration_id: IntegrationId, role: IntegrationRole) -> Integration:
        row = await self._session.run(lambda database: _stored(database, integration_id, role))
        return readable_integration(row, self._session.cipher)

    async def of_role(self, role: IntegrationRole, *, enabled_only: bool = False) -> list[Integration]:
        values = (role.value, enabled_only)
        rows = await self._session.run(lambda database: database.execute(_OF_ROLE, values).fetchall())
        return [readable_integration(row, self._session.cipher) for row in rows]

    async def save(self, integration: Integration) -> None:
        row = integration_row(integration, integration.version + 1, self._session.cipher)
        await self._session.run(lambda database: _save(database, integration, row))
        integration.version += 1

    async def remove(self, integration_id: IntegrationId, role: IntegrationRole) -> None:
        await self._session.run(lambda database: _remove(database, integration_id, role))


def _add(database: Database, row: dict[str, Any], *, kind: str) -> None:
    (age,) = database.execute("SELECT coalesce(max(age), 0) + 1 FROM integrations").fetchone()
    insert(database, "integrations", {**row, "age": age}, kind=kind)


def _stored(database: Database, integration_id: IntegrationId, role: IntegrationRole) -> Row:
    sql = "SELECT * FROM integrations WHERE id = ? AND role = ?"
    row: Row | None = database.execute(sql, (integration_id, role.value)).fetchone()
    if row is None:
        raise NotFound(role_word(role), integration_id)
    return row


def _save(database: Database, integration: Integration, row: dict[str, Any]) -> None:
    _stored(database, integration.id, integration.role)
    kind = role_word(integration.role)
    check_version(database, "integrations", integration.id, integration.version, kind=kind)
    replace_row(database, "integrations", row)


def _remove(database: Database, integration_id: IntegrationId, role: IntegrationRole) -> None:
    _stored(database, integration_id, role)
    database.table("integrations").delete(integration_id)


class SqliteCredentials:
    """Keeps the installation's keys of one unit of work."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def get(self, credential: Credential) -> str | None:
        sql = "SELECT * FROM credentials WHERE name = ?"
        row = await self._session.run(lambda database: database.execute(sql, (credential.value,)).fetchone())
        return credential_from(row, credential, self._session.cipher) if row else None

    async def put(self, credential: Credential, value: str) -> None:
        row = credential_row(credential, value, self._session.cipher)
        await self._session.run(lambda database: database.table("credentials").upsert(row, pk="name"))


class SqliteEventLog:
    """Reads the log of one unit of work, and adds to it."""

    def __init__(self, session: SqliteSession) -> None:
        self._session = session

    async def append(self, event: Event) -> None:
        self._session.note_fact(event)

    async def undispatched(self, limit: int) -> list[LoggedEvent]:
        rows = await self._session.run(lambda database: database.execute(_UNDISPATCHED, (limit,)).fetchall())
        return [logged_from(row) for row in rows]

    async def mark_dispatched(self, numbers: Sequence[int]) -> None:
        sql = "UPDATE event_log SET dispatched = 1 WHERE number = ?"
        marks = [(number,) for number in numbers]
        await self._session.run(lambda database: database.conn.executemany(sql, marks))
