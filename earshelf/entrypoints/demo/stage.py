"""The demo's world: simulators on loopback, a server beside them, and everything in one temporary folder."""

import secrets
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from earshelf.config.container import Container
from earshelf.config.demo import RELEASE, DemoAudio, demo_audio
from earshelf.config.process import ProcessSettings
from earshelf.entrypoints.demo.audiobookshelf import AudiobookshelfSimulator
from earshelf.entrypoints.demo.indexer import DemoRelease, IndexerSimulator
from earshelf.entrypoints.demo.plex import PlexSimulator
from earshelf.entrypoints.demo.providers import AudibleSimulator, AudnexusSimulator, DemoBook
from earshelf.entrypoints.demo.transmission import TransmissionSimulator
from earshelf.entrypoints.server import running

_PLEX_SIDE = "/data/audiobooks"
_USER, _PASSWORD = "demo", "demo-password"


class StepFailed(Exception):
    """A step of the demo did not do what it promises; the message says what happened instead."""


@dataclass(slots=True)
class Stage:
    """The simulators and the running server, and what the steps learn on the way."""

    folder: Path
    audio: DemoAudio
    audible: AudibleSimulator
    audnexus: AudnexusSimulator
    indexer: IndexerSimulator
    transmission: TransmissionSimulator
    audiobookshelf: AudiobookshelfSimulator
    plex: PlexSimulator
    session: aiohttp.ClientSession
    api_key: str = field(repr=False)
    token: str = field(repr=False)
    url: str = ""
    found: dict[str, Any] = field(default_factory=dict)

    @property
    def library(self) -> Path:
        """Where books are imported to."""
        return self.folder / "library"

    async def v1(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """Asks the public API; another status than the expected one fails the step."""
        return await self._call(method, f"/api/v1{path}", {"X-Api-Key": self.api_key}, status, options)

    async def operator(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """Asks as the operator; another status than the expected one fails the step."""
        return await self._call(method, f"/api{path}", {"X-Auth-Token": self.token}, status, options)

    async def _call(self, method: str, path: str, headers: dict[str, str], status: int, options: dict[str, Any]) -> Any:
        async with self.session.request(method, self.url + path, headers=headers, **options) as response:
            body = await response.json()
            if response.status != status:
                raise StepFailed(f"{method} {path} answered {response.status}: {body}")
            return body


async def set_up(stack: AsyncExitStack, port: int) -> Stage:
    """Opens everything on the stack, which closes it again."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="earshelf-demo-")))
    audio, book = demo_audio(), DemoBook()
    stage = Stage(
        folder=folder,
        audio=audio,
        audible=await stack.enter_async_context(AudibleSimulator([book])),
        audnexus=await stack.enter_async_context(AudnexusSimulator([book])),
        indexer=await stack.enter_async_context(IndexerSimulator([_release(audio)])),
        transmission=await stack.enter_async_context(_transmission(folder, audio)),
        audiobookshelf=await stack.enter_async_context(AudiobookshelfSimulator()),
        plex=await stack.enter_async_context(PlexSimulator()),
        session=await stack.enter_async_context(aiohttp.ClientSession()),
        api_key=secrets.token_hex(16),
        token=secrets.token_hex(16),
    )
    stage.library.mkdir()
    stage.url = await stack.enter_async_context(running(Container(settings=_process_settings(stage, port))))
    return stage


async def configure(stage: Stage) -> str:
    """Does as an operator what a newcomer would do first, over HTTP."""
    settings = {
        "library": {"path": str(stage.library)},
        # the demo's book is small, and a demo should not depend on how full the disk is
        "quality": {"min_size_mb": 0},
        "imports": {"min_free_space_gb": 0},
    }
    await stage.operator("POST", "/settings", json=settings)
    for resource, draft in (
        ("indexers", _indexer(stage)),
        ("download-clients", _client(stage)),
        ("connectors", _shelf(stage)),
        ("connectors", _plex(stage)),
    ):
        trial = await stage.operator("POST", f"/{resource}/test", json=draft)
        if not trial["success"]:
            raise StepFailed(f"{draft['name']}: {trial['message']}")
        await stage.operator("POST", f"/{resource}", status=201, json=draft)
    return "library folder, Torznab indexer, Transmission, Audiobookshelf and Plex, each tested"


def _process_settings(stage: Stage, port: int) -> ProcessSettings:
    return ProcessSettings(
        config_dir=stage.folder / "config",
        port=port,
        audible_url=stage.audible.url,
        audnexus_url=stage.audnexus.url,
        api_key=stage.api_key,
        operator_token=stage.token,
        monitor_seconds=0.5,
    )


def _release(audio: DemoAudio) -> DemoRelease:
    return DemoRelease(RELEASE, audio.torrent.data, audio.torrent.size, audio.torrent.info_hash)


def _transmission(folder: Path, audio: DemoAudio) -> TransmissionSimulator:
    downloads = folder / "downloads"
    downloads.mkdir()
    return TransmissionSimulator(downloads, {RELEASE: audio.files}, username=_USER, password=_PASSWORD, seconds=2.0)


def _indexer(stage: Stage) -> dict[str, Any]:
    settings = {"url": stage.indexer.url, "api_key": stage.indexer.credential}
    return {"name": "Demo indexer", "type": "torznab", "settings": settings}


def _client(stage: Stage) -> dict[str, Any]:
    settings = {
        "url": stage.transmission.url,
        "username": _USER,
        "password": _PASSWORD,
        "category": "audiobooks",
    }
    return {"name": "Demo client", "type": "transmission", "settings": settings}


def _shelf(stage: Stage) -> dict[str, Any]:
    settings = {
        "server_url": stage.audiobookshelf.url,
        "api_key": stage.audiobookshelf.credential,
        "library_id": next(iter(stage.audiobookshelf.libraries)),
    }
    return {"name": "Demo shelf", "type": "audiobookshelf", "settings": settings}


def _plex(stage: Stage) -> dict[str, Any]:
    settings = {
        "server_url": stage.plex.url,
        "token": stage.plex.credential,
        "section_id": list(stage.plex.sections)[-1],
        "path_mappings": [{"local_path": str(stage.library), "server_path": _PLEX_SIDE}],
    }
    return {"name": "Demo Plex", "type": "plex", "settings": settings}
