"""Plex as a connector: one refresh for every folder that changed."""

from collections.abc import Sequence
from urllib.parse import quote

from earshelf.adapters.http import HttpClient
from earshelf.adapters.plex.client import PlexClient
from earshelf.adapters.plex.parsing import parse_sections
from earshelf.domain.errors import IntegrationKind, TargetMissing
from earshelf.domain.integrations import Integration
from earshelf.domain.refreshes import LibraryChange, resolve_paths
from earshelf.ports.connectors import RefreshReport, Target

_TIMEOUT = 15.0


class PlexConnector:
    """A section of a Plex server as the owner configured it."""

    def __init__(self, integration: Integration, http: HttpClient, *, timeout: float = _TIMEOUT) -> None:
        self._name = integration.name
        self._section_id = str(integration.settings.get("section_id", ""))
        self._mappings = integration.path_mappings
        self._falls_back = bool(integration.settings.get("fallback_to_full_refresh", False))
        self._client = PlexClient(
            http,
            kind=IntegrationKind.CONNECTOR,
            name=integration.name,
            base_url=integration.settings["server_url"],
            token=integration.secrets.get("token", ""),
            timeout=timeout,
        )

    async def targets(self) -> list[Target]:
        """Lists the library sections."""
        sections = parse_sections(await self._client.container("/library/sections"))
        if sections is None:
            raise self._client.unexpected("answered without a list of sections; check its address")
        return sections

    async def check(self) -> None:
        """Asks who the server is, lists its sections and looks for the configured one."""
        await self._client.container("/identity")
        sections = await self.targets()
        if all(section.id != self._section_id for section in sections):
            there = ", ".join(f"{section.name} ({section.id})" for section in sections) or "none"
            raise self._missing(f"the configured section was not found on the server; it has: {there}")

    async def refresh(self, changes: Sequence[LibraryChange]) -> RefreshReport:
        """Refreshes every changed folder once, one after the other.

        Changes without a usable path are left out, or refresh the whole section once where the owner wants that.
        """
        resolved = resolve_paths(changes, self._mappings)
        for path in resolved.paths:
            await self._refresh(path)
        falls_back = self._falls_back and resolved.skipped > 0
        if falls_back:
            await self._refresh(None)
        return RefreshReport(
            paths=resolved.paths,
            passthrough=resolved.passthrough,
            skipped=0 if falls_back else resolved.skipped,
            whole_library=falls_back,
        )

    async def _refresh(self, folder: str | None) -> None:
        path = f"/library/sections/{quote(self._section_id, safe='')}/refresh"
        answer = await self._client.send(path, params={"path": folder} if folder else None, passing={404})
        if answer.status == 404:
            raise self._missing("the library section was not found; choose another one in the connector's settings")

    def _missing(self, reason: str) -> TargetMissing:
        return TargetMissing(IntegrationKind.CONNECTOR, self._name, reason, 404)
