"""Saying what is wrong with an installation, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

from earshelf.domain.accounts import SECRET_LOST, Account, AccountProvider, TokenState
from earshelf.domain.errors import EarshelfError
from earshelf.domain.import_errors import LibraryEmpty
from earshelf.domain.integrations import SECRETS_LOST, Integration, IntegrationRole
from earshelf.domain.paths import PathMapping, deciding_row, map_path
from earshelf.domain.servers import MediaServer
from earshelf.domain.usecases.authenticating import Authenticating
from earshelf.domain.usecases.monitoring import Monitoring
from earshelf.domain.usecases.refreshing import Refreshing
from earshelf.domain.usecases.searching import Searching
from earshelf.domain.usecases.shelving import count_lost
from earshelf.ports.files import LibraryFiles
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage


class Severity(StrEnum):
    """Whether something works, works badly, or not at all."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``subject`` names it, ``message`` says how it is and the remedy."""

    severity: Severity
    subject: str
    message: str


@dataclass(frozen=True, slots=True)
class PathReading:
    """What one neighbour's path mappings make of a path.

    ``row`` is the mapping that decides, None where the path is taken as it came; ``path`` is what it becomes, None
    where the row leads nowhere. ``exists_here`` speaks of the path that should lie on this machine: for a client what
    its path becomes, for a connector the path that was asked for.
    """

    integration: Integration
    row: PathMapping | None
    path: str | None
    exists_here: bool


class Diagnosing:
    """Looks at settings, disks and the last dealings with neighbours, without contacting anybody."""

    def __init__(
        self,
        *,
        storage: Storage,
        settings: SettingsStore,
        files: LibraryFiles,
        searching: Searching,
        monitoring: Monitoring,
        refreshing: Refreshing,
        authenticating: Authenticating,
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._files = files
        self._searching = searching
        self._monitoring = monitoring
        self._refreshing = refreshing
        self._authenticating = authenticating

    async def findings(self) -> list[Finding]:
        """Returns one finding per thing looked at, good ones included."""
        try:
            async with self._storage.unit() as unit:
                rows = {role: await unit.integrations.of_role(role) for role in IntegrationRole}
                servers = [server for server in await unit.servers.all() if server.enabled]
                accounts = [await unit.accounts.of(provider) for provider in AccountProvider]
            unreadable = await self._authenticating.unreadable()
        except EarshelfError as problem:
            return [Finding(Severity.ERROR, "storage", problem.message)]
        present = [finding for role, members in rows.items() for finding in _presence(role, members)]
        return [
            Finding(Severity.OK, "storage", "answers"),
            *(Finding(Severity.ERROR, credential.words, why) for credential, why in unreadable.items()),
            await self._library(),
            *present,
            *(self._member(row) for members in rows.values() for row in members if row.enabled or row.secrets_lost),
            *(_tokens(f"{each.provider.words} account", each) for each in accounts if each and each.is_linked),
            *(_tokens(f"media server '{server.name}'", server) for server in servers),
        ]

    async def explain(self, path: str) -> list[PathReading]:
        """Returns how every download client and every connector reads the path, enabled or not.

        :raises FilesUnavailable: the disk refused to look.
        """
        async with self._storage.unit() as unit:
            clients = await unit.integrations.of_role(IntegrationRole.DOWNLOAD_CLIENT)
            connectors = await unit.integrations.of_role(IntegrationRole.CONNECTOR)
        return [await self._reading(row, path) for row in (*clients, *connectors)]

    async def _reading(self, integration: Integration, path: str) -> PathReading:
        mapped = map_path(path, integration.path_mappings)
        becomes = mapped.path if mapped else None
        here = becomes if integration.role is IntegrationRole.DOWNLOAD_CLIENT else path
        exists = here is not None and PurePath(here).is_absolute() and await self._files.exists(here)
        return PathReading(integration, deciding_row(path, integration.path_mappings), becomes, exists)

    async def _library(self) -> Finding:
        try:
            path = (await self._settings.load()).library.path
        except EarshelfError as problem:
            return Finding(Severity.ERROR, "settings", problem.message)
        if not path:
            return Finding(Severity.WARNING, "library", "no folder is set; set library.path in the settings")
        try:
            is_there = await self._files.is_folder(path)
            lost = await count_lost(path, files=self._files, storage=self._storage)
        except EarshelfError as problem:
            return Finding(Severity.ERROR, "library", problem.message)
        if not is_there:
            return Finding(Severity.ERROR, "library", f"'{path}' does not exist; create or mount it")
        if lost:
            return Finding(Severity.ERROR, "library", LibraryEmpty(path, lost).message)
        return Finding(Severity.OK, "library", f"'{path}' is there")

    def _member(self, row: Integration) -> Finding:
        trouble = self._trouble(row)
        subject = f"{_WORDS[row.role]} '{row.name}'"
        if row.secrets_lost:
            return Finding(Severity.ERROR, subject, SECRETS_LOST)
        if trouble:
            return Finding(Severity.WARNING, subject, trouble)
        return Finding(Severity.OK, subject, "no trouble seen")

    def _trouble(self, row: Integration) -> str | None:
        match row.role:
            case IntegrationRole.INDEXER:
                return self._searching.troubles.get(row.id)
            case IntegrationRole.DOWNLOAD_CLIENT:
                return self._monitoring.troubles.get(row.id)
            case IntegrationRole.CONNECTOR:
                outcome = self._refreshing.outcomes.get(row.id)
                return outcome.trouble if outcome else None


_WORDS = {
    IntegrationRole.INDEXER: "indexer",
    IntegrationRole.DOWNLOAD_CLIENT: "download client",
    IntegrationRole.CONNECTOR: "connector",
}


_TOKENS = {
    TokenState.VALID: (Severity.OK, "no trouble seen"),
    TokenState.REVOKED: (Severity.ERROR, "its token was refused; sign in with Plex again or type in another one"),
    TokenState.UNREACHABLE: (
        Severity.WARNING,
        "it did not answer when it was last looked at; check that it is running",
    ),
}


def _tokens(subject: str, holder: Account | MediaServer) -> Finding:
    if holder.secrets_lost:
        return Finding(Severity.ERROR, subject, SECRET_LOST)
    return Finding(_TOKENS[holder.token_state][0], subject, _TOKENS[holder.token_state][1])


def _presence(role: IntegrationRole, members: list[Integration]) -> list[Finding]:
    if any(member.enabled for member in members) or role is IntegrationRole.CONNECTOR:
        return []
    return [Finding(Severity.WARNING, f"{_WORDS[role]}s", "none is enabled; add one")]
