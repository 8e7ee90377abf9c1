"""The owner's configuration: neighbours and settings, tried before they are trusted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationError,
    Invalid,
    MissingExtra,
    NotFound,
    TargetMissing,
    TimedOut,
    Unreachable,
)
from earshelf.domain.exclusions import pattern_problems
from earshelf.domain.ids import IntegrationId
from earshelf.domain.integrations import Integration, IntegrationDraft, IntegrationRole, configure
from earshelf.domain.setting_forms import SettingForm
from earshelf.domain.settings import Settings
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.ports.connectors import Target
from earshelf.ports.files import LibraryFiles
from earshelf.ports.integrations import Neighbours
from earshelf.ports.patterns import PatternMatcher
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_ADDRESSES = {SettingForm.URL, SettingForm.FEED_URL}


@dataclass(frozen=True, slots=True)
class Trial:
    """How a test of a configuration went; ``fields`` says which field is wrong and why, by dotted path."""

    success: bool
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)


class Configuring:
    """Adds, changes, tries and removes neighbours, and keeps the settings."""

    def __init__(
        self,
        *,
        storage: Storage,
        neighbours: Neighbours,
        settings: SettingsStore,
        files: LibraryFiles,
        patterns: PatternMatcher,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._storage = storage
        self._neighbours = neighbours
        self._settings = settings
        self._files = files
        self._patterns = patterns
        self._clock = clock
        self._entropy = entropy

    async def all(self, role: IntegrationRole) -> list[Integration]:
        """Returns the neighbours of a role by priority, then by age."""
        async with self._storage.unit() as unit:
            return await unit.integrations.of_role(role)

    async def get(self, integration_id: IntegrationId, role: IntegrationRole) -> Integration:
        """Returns one neighbour.

        :raises NotFound: nothing in this role has the id.
        """
        async with self._storage.unit() as unit:
            return await unit.integrations.get(integration_id, role)

    async def add(self, draft: IntegrationDraft, *, role: IntegrationRole) -> Integration:
        """Stores a new neighbour without contacting it.

        :raises Invalid: the draft breaks a rule of its kind; ``fields`` says which.
        """
        integration = configure(draft, identifier=self._new_id(role), role=role)
        async with self._storage.unit() as unit:
            await unit.integrations.add(integration)
            await unit.commit(self._clock.now())
        return integration

    async def replace(
        self, integration_id: IntegrationId, draft: IntegrationDraft, *, role: IntegrationRole
    ) -> Integration:
        """Replaces a neighbour's configuration; masked secrets stay what they are.

        :raises NotFound: nothing in this role has the id. :raises Invalid: the draft breaks a rule of its kind.
        """
        return await self.change(integration_id, lambda _: draft, role=role)

    async def change(
        self, integration_id: IntegrationId, merge: Callable[[Integration], IntegrationDraft], *, role: IntegrationRole
    ) -> Integration:
        """Replaces a neighbour's configuration by what ``merge`` makes of it; of changes to other values none is lost.

        Raises like :meth:`replace`, and whatever ``merge`` raises.
        """

        async def decide(unit: UnitOfWork) -> Integration:
            stored = await unit.integrations.get(integration_id, role)
            changed = configure(merge(stored), identifier=integration_id, role=role, stored=stored)
            await unit.integrations.save(changed)
            return changed

        return await unless_stale(self._storage, self._clock, decide)

    async def remove(self, integration_id: IntegrationId, *, role: IntegrationRole) -> None:
        """Forgets a neighbour; what came through it stays.

        :raises NotFound: nothing in this role has the id.
        """
        async with self._storage.unit() as unit:
            await unit.integrations.remove(integration_id, role)
            await unit.commit(self._clock.now())

    async def test(
        self, draft: IntegrationDraft, *, role: IntegrationRole, stored_id: IntegrationId | None = None
    ) -> Trial:
        """Tries a draft that is not stored; ``stored_id`` says whose secrets its masks stand for."""
        try:
            integration = await self._sketch(draft, role, stored_id, without_target=False)
        except Invalid as problem:
            return Trial(success=False, message=problem.message, fields=problem.fields)
        return await self._try(integration)

    async def test_stored(self, integration_id: IntegrationId, *, role: IntegrationRole) -> Trial:
        """Tries a stored neighbour, disabled or not.

        :raises NotFound: nothing in this role has the id.
        """
        return await self._try(await self.get(integration_id, role))

    async def targets(self, draft: IntegrationDraft, *, stored_id: IntegrationId | None = None) -> list[Target]:
        """Asks a media server for its libraries or sections; the draft's own target may be missing.

        :raises Invalid: the draft breaks a rule of its kind. :raises IntegrationError: the server did not tell.
        """
        role = IntegrationRole.CONNECTOR
        integration = await self._sketch(draft, role, stored_id, without_target=True)
        return await self._neighbours.connector(integration).targets()

    async def settings(self) -> Settings:
        """Returns all settings."""
        return await self._settings.load()

    async def change_settings(self, changes: Mapping[str, Any]) -> Settings:
        """Changes the named settings, all of them or none.

        :raises Invalid: an unknown name, a value out of bounds, a library folder that does not exist, a pattern that
            cannot be used.
        """
        wished = (await self._settings.load()).changed(changes).library.path
        problems = self._bad_patterns(changes)
        if wished and "path" in changes.get("library", {}) and not await self._files.is_folder(wished):
            problems["library.path"] = f"'{wished}' is no folder here; create or mount it first"
        if problems:
            raise Invalid("Some settings cannot be taken", problems)
        return await self._settings.change(lambda stored: stored.changed(changes))

    def _bad_patterns(self, changes: Mapping[str, Any]) -> dict[str, str]:
        found = pattern_problems(changes.get("exclude_paths", ()), self._patterns.compiled)
        return {f"exclude_paths.{part}": why for part, why in found.items()}

    async def _sketch(
        self,
        draft: IntegrationDraft,
        role: IntegrationRole,
        stored_id: IntegrationId | None,
        *,
        without_target: bool,
    ) -> Integration:
        stored = await self._found(stored_id, role)
        identifier = stored_id or self._new_id(role)
        return configure(draft, identifier=identifier, role=role, stored=stored, without_target=without_target)

    async def _found(self, stored_id: IntegrationId | None, role: IntegrationRole) -> Integration | None:
        try:
            return await self.get(stored_id, role) if stored_id else None
        except NotFound:
            return None

    async def _try(self, integration: Integration) -> Trial:
        try:
            return Trial(success=True, message=await self._check(integration))
        except IntegrationError as problem:
            return Trial(success=False, message=problem.message, fields=blame(integration, problem))
        except MissingExtra as problem:
            return Trial(success=False, message=problem.message)

    async def _check(self, integration: Integration) -> str:
        match integration.role:
            case IntegrationRole.INDEXER:
                return f"Connected to {await self._neighbours.indexer(integration).check()}"
            case IntegrationRole.DOWNLOAD_CLIENT:
                version = await self._neighbours.download_client(integration).check()
                return f"Connected to {integration.kind} {version}"
            case IntegrationRole.CONNECTOR:
                await self._neighbours.connector(integration).check()
                return "Connected"

    def _new_id(self, role: IntegrationRole) -> IntegrationId:
        return IntegrationId(self._entropy.new_id(role.id_prefix))


def blame(integration: Integration, problem: IntegrationError) -> dict[str, str]:
    """Finds the field that an integration error speaks of, with a sentence about it; none for trouble of its own."""
    rules = integration.rules
    secret = next(iter(sorted(rules.secret_names)), None)
    address = next((rule.name for rule in rules.settings if rule.form in _ADDRESSES), None)
    match problem:
        case CredentialsRejected() if secret:
            return {f"settings.{secret}": _REJECTED[secret]}
        case Unreachable() | TimedOut() if address:
            return {f"settings.{address}": "Could not connect to server"}
        case TargetMissing() if rules.target:
            return {f"settings.{rules.target}": problem.reason}
        case _:
            return {}


_REJECTED = {
    "api_key": "Invalid API key",
    "token": "Invalid Plex token",
    "password": "Invalid user name or password",
}
