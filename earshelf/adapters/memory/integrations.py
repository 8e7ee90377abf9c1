"""Neighbours, keys and the event log, in memory."""

from collections.abc import Sequence
from dataclasses import replace

from earshelf.adapters.memory.tables import Session
from earshelf.domain.access import Credential
from earshelf.domain.errors import AlreadyExists, NotFound
from earshelf.domain.events import Event
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.ports.events import LoggedEvent


class MemoryIntegrations:
    """Keeps the neighbours of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def add(self, integration: Integration) -> None:
        tables = await self._session.tables()
        if integration.id in tables.integrations:
            raise AlreadyExists(_word(integration.role), integration.id)
        integration.version = 1
        tables.integrations[integration.id] = copied(integration)

    async def get(self, integration_id: IntegrationId, role: IntegrationRole) -> Integration:
        return copied(await self._stored(integration_id, role))

    async def of_role(self, role: IntegrationRole, *, enabled_only: bool = False) -> list[Integration]:
        tables = await self._session.tables()
        rows = [
            copied(row)
            for row in tables.integrations.values()
            if row.role is role and (row.enabled or not enabled_only)
        ]
        return sorted(rows, key=lambda row: row.priority)

    async def save(self, integration: Integration) -> None:
        stored = await self._stored(integration.id, integration.role)
        self._session.check_version(
            _word(integration.role), integration.id, stored=stored.version, read=integration.version
        )
        integration.version += 1
        (await self._session.tables()).integrations[integration.id] = copied(integration)

    async def remove(self, integration_id: IntegrationId, role: IntegrationRole) -> None:
        await self._stored(integration_id, role)
        del (await self._session.tables()).integrations[integration_id]

    async def _stored(self, integration_id: IntegrationId, role: IntegrationRole) -> Integration:
        row = (await self._session.tables()).integrations.get(integration_id)
        if row is None or row.role is not role:
            raise NotFound(_word(role), integration_id)
        return row


def _word(role: IntegrationRole) -> str:
    return role.value.replace("_", " ")


def copied(row: Integration) -> Integration:
    """Returns a copy that nobody else holds."""
    return replace(row, settings=dict(row.settings), secrets=dict(row.secrets))


class MemoryCredentials:
    """Keeps the installation's keys of one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, credential: Credential) -> str | None:
        return (await self._session.tables()).credentials.get(credential)

    async def put(self, credential: Credential, value: str) -> None:
        (await self._session.tables()).credentials[credential] = value


class MemoryEventLog:
    """Reads the log of one unit of work, and adds to it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def append(self, event: Event) -> None:
        self._session.note_fact(event)

    async def undispatched(self, limit: int) -> list[LoggedEvent]:
        tables = await self._session.tables()
        return [logged for logged in tables.log if logged.number not in tables.dispatched][:limit]

    async def mark_dispatched(self, numbers: Sequence[int]) -> None:
        (await self._session.tables()).dispatched.update(numbers)
