"""Neighbours, keys and the event log, in PostgreSQL."""

from collections.abc import Sequence

from earshelf.adapters.postgres.session import PostgresSession
from earshelf.adapters.rows.events import logged_from
from earshelf.adapters.rows.integrations import (
    credential_from,
    credential_row,
    integration_row,
    readable_integration,
    role_word,
)
from earshelf.adapters.rows.values import Row
from earshelf.domain.access import Credential
from earshelf.domain.errors import NotFound
from earshelf.domain.events import Event
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.ports.events import LoggedEvent

_OF_ROLE = "SELECT * FROM integrations WHERE role = $1 AND enabled >= $2 ORDER BY priority, age, id"
_ONE = "SELECT * FROM integrations WHERE id = $1 AND role = $2"
_NEXT_AGE = "SELECT coalesce(max(age), 0) + 1 AS age FROM integrations"
_PUT = "INSERT INTO credentials VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_UNDISPATCHED = "SELECT * FROM event_log WHERE NOT dispatched ORDER BY number LIMIT $1"
_MARK = "UPDATE event_log SET dispatched = TRUE WHERE number = ANY($1::bigint[])"


class PostgresIntegrations:
    """Keeps the neighbours of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def add(self, integration: Integration) -> None:
        row = integration_row(integration, 1, self._session.cipher)
        async with self._session.step() as step:
            (youngest,) = await step.rows(_NEXT_AGE)
            await step.insert("integrations", {**row, "age": youngest["age"]}, kind=role_word(integration.role))
        integration.version = 1

    async def get(self, integration_id: IntegrationId, role: IntegrationRole) -> Integration:
        return readable_integration(await self._stored(integration_id, role), self._session.cipher)

    async def of_role(self, role: IntegrationRole, *, enabled_only: bool = False) -> list[Integration]:
        rows = await self._session.rows(_OF_ROLE, role.value, enabled_only)
        return [readable_integration(row, self._session.cipher) for row in rows]

    async def save(self, integration: Integration) -> None:
        await self._stored(integration.id, integration.role)
        row = integration_row(integration, integration.version + 1, self._session.cipher)
        async with self._session.step() as step:
            await step.replace("integrations", row, kind=role_word(integration.role))
        integration.version += 1

    async def remove(self, integration_id: IntegrationId, role: IntegrationRole) -> None:
        await self._stored(integration_id, role)
        async with self._session.step() as step:
            await step.rows("DELETE FROM integrations WHERE id = $1", integration_id)

    async def _stored(self, integration_id: IntegrationId, role: IntegrationRole) -> Row:
        rows = await self._session.rows(_ONE, integration_id, role.value)
        if not rows:
            raise NotFound(role_word(role), integration_id)
        return rows[0]


class PostgresCredentials:
    """Keeps the installation's keys of one unit of work."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def get(self, credential: Credential) -> str | None:
        rows = await self._session.rows("SELECT * FROM credentials WHERE name = $1", credential.value)
        return credential_from(rows[0], credential, self._session.cipher) if rows else None

    async def put(self, credential: Credential, value: str) -> None:
        row = credential_row(credential, value, self._session.cipher)
        async with self._session.step() as step:
            await step.rows(_PUT, row["name"], row["value"])


class PostgresEventLog:
    """Reads the log of one unit of work, and adds to it."""

    def __init__(self, session: PostgresSession) -> None:
        self._session = session

    async def append(self, event: Event) -> None:
        self._session.note_fact(event)

    async def undispatched(self, limit: int) -> list[LoggedEvent]:
        return [logged_from(row) for row in await self._session.rows(_UNDISPATCHED, limit)]

    async def mark_dispatched(self, numbers: Sequence[int]) -> None:
        async with self._session.step() as step:
            await step.rows(_MARK, list(numbers))
