"""A Transmission that downloads from nowhere: it has the bytes already, and takes its time to hand them out."""

import asyncio
import base64
import binascii
import hmac
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from earshelf.domain.errors import TorrentInvalid
from earshelf.domain.paths import safe_relative
from earshelf.domain.torrents import Magnet, TorrentFile, read_magnet, read_torrent
from earshelf.entrypoints.demo.loopback import Loopback

_SESSION_HEADER = "X-Transmission-Session-Id"
_SESSION = "demo-session"
_CORRUPT = "invalid or corrupt torrent file"
_STOPPED, _DOWNLOADING, _SEEDING = 0, 4, 6


@dataclass(slots=True)
class _Torrent:
    number: int
    info_hash: str
    name: str
    files: Mapping[str, bytes] | None
    size: int
    added_at: float
    looks: int = 0
    share: float = 0.0
    labels: list[str] = field(default_factory=list)
    is_stopped: bool = False


class TransmissionSimulator(Loopback):
    """Speaks the RPC of Transmission 3.00 on a port of loopback, as far as a library manager needs it.

    ``payloads`` holds files by their path as the torrent spells it, under the torrent's info hash or name; a torrent
    without any stays at nothing. A download grows with every look at it and is whole after ``looks`` of them, or, where
    ``seconds`` is given, after that time. Only then are its files written to ``download_dir``.
    """

    def __init__(
        self,
        download_dir: Path,
        payloads: Mapping[str, Mapping[str, bytes]],
        *,
        username: str = "",
        password: str = "",
        looks: int = 3,
        seconds: float | None = None,
        port: int = 0,
    ) -> None:
        super().__init__([web.post("/transmission/rpc", self._rpc)], port=port)
        self._download_dir = download_dir
        self._payloads = payloads
        self._credentials = base64.b64encode(f"{username}:{password}".encode()) if username or password else b""
        self._looks = looks
        self._seconds = seconds
        self._torrents: dict[str, _Torrent] = {}
        self._methods = {
            "session-get": self._session_get,
            "torrent-add": self._torrent_add,
            "torrent-get": self._torrent_get,
            "torrent-set": self._torrent_set,
            "torrent-start": self._torrent_start,
            "torrent-stop": self._torrent_stop,
            "torrent-remove": self._torrent_remove,
        }

    def labels(self, info_hash: str) -> list[str]:
        """The labels of a torrent, empty for one that is not there."""
        torrent = self._torrents.get(info_hash)
        return list(torrent.labels) if torrent else []

    async def _rpc(self, request: web.Request) -> web.Response:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if self._credentials and not (scheme == "Basic" and hmac.compare_digest(given.encode(), self._credentials)):
            return web.Response(status=401, text="Unauthorized User", headers={"WWW-Authenticate": "Basic"})
        if request.headers.get(_SESSION_HEADER) != _SESSION:
            return web.Response(status=409, text="invalid session-id", headers={_SESSION_HEADER: _SESSION})
        # torrents of large books are larger than what the framework takes by itself
        message = json.loads(await request.content.read())
        method = self._methods.get(message.get("method"))
        if method is None:
            return web.json_response({"result": "method name not recognized", "arguments": {}})
        result, answer = await method(message.get("arguments") or {})
        return web.json_response({"result": result, "arguments": answer})

    async def _session_get(self, _: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        session = {"version": "3.00 (simulated)", "rpc-version": 16, "download-dir": str(self._download_dir)}
        return "success", session

    async def _torrent_add(self, wish: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        artifact = _read(wish)
        if artifact is None:
            return _CORRUPT, {}
        held = self._torrents.get(artifact.info_hash)
        torrent = held or self._new(artifact)
        self._torrents[torrent.info_hash] = torrent
        torrent.is_stopped = torrent.is_stopped or (held is None and wish.get("paused") is True)
        told = {"id": torrent.number, "name": torrent.name, "hashString": torrent.info_hash}
        return "success", {"torrent-duplicate" if held else "torrent-added": told}

    def _new(self, artifact: TorrentFile | Magnet) -> _Torrent:
        name = artifact.name or artifact.info_hash
        files = self._payloads.get(artifact.info_hash) or self._payloads.get(name)
        number = max((torrent.number for torrent in self._torrents.values()), default=0) + 1
        # a magnet link brings no metadata: its size shows with the first look at it
        size = artifact.size if isinstance(artifact, TorrentFile) else 0
        return _Torrent(number, artifact.info_hash, name, files, size, asyncio.get_running_loop().time())

    async def _torrent_get(self, wish: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        torrents = []
        for torrent in self._wished(wish):
            described = self._described(torrent)
            torrents.append({name: described[name] for name in wish.get("fields", ()) if name in described})
            await self._advance(torrent)
        return "success", {"torrents": torrents}

    async def _torrent_set(self, wish: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        for torrent in self._wished(wish):
            torrent.labels = list(wish.get("labels", torrent.labels))
        return "success", {}

    async def _torrent_start(self, wish: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        for torrent in self._wished(wish):
            torrent.is_stopped = False
        return "success", {}

    async def _torrent_stop(self, wish: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        for torrent in self._wished(wish):
            torrent.is_stopped = True
        return "success", {}

    async def _torrent_remove(self, wish: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        for torrent in self._wished(wish):
            del self._torrents[torrent.info_hash]
            if wish.get("delete-local-data"):
                await asyncio.to_thread(_delete, self._download_dir, torrent.files or {})
        return "success", {}

    def _wished(self, wish: Mapping[str, Any]) -> list[_Torrent]:
        # as the real one does: no identifiers at all are everything
        ids, torrents = set(wish.get("ids", ())), list(self._torrents.values())
        return (
            torrents if not ids else [torrent for torrent in torrents if {torrent.number, torrent.info_hash} & {*ids}]
        )

    def _described(self, torrent: _Torrent) -> dict[str, Any]:
        left = torrent.size - int(torrent.size * torrent.share)
        is_whole = torrent.share >= 1
        return {
            "id": torrent.number,
            "hashString": torrent.info_hash,
            "name": torrent.name,
            "status": _STOPPED if torrent.is_stopped else _SEEDING if is_whole else _DOWNLOADING,
            "percentDone": round(torrent.share, 4),
            "leftUntilDone": left,
            "totalSize": torrent.size,
            "sizeWhenDone": torrent.size,
            "metadataPercentComplete": 1 if torrent.size else 0,
            "error": 0,
            "errorString": "",
            "downloadDir": str(self._download_dir),
            "secondsSeeding": int(asyncio.get_running_loop().time() - torrent.added_at) if is_whole else 0,
            "uploadRatio": 0 if is_whole else -1,
            "labels": torrent.labels,
        }

    async def _advance(self, torrent: _Torrent) -> None:
        if torrent.is_stopped or torrent.files is None or torrent.share >= 1:
            return
        torrent.looks += 1
        torrent.size = torrent.size or sum(map(len, torrent.files.values()))
        torrent.name = next(iter(torrent.files)).partition("/")[0]
        passed = asyncio.get_running_loop().time() - torrent.added_at
        share = torrent.looks / self._looks if self._seconds is None else passed / self._seconds
        if share >= 1:
            await asyncio.to_thread(_write, self._download_dir, torrent.files)
        torrent.share = min(1.0, share)


def _read(wish: Mapping[str, Any]) -> TorrentFile | Magnet | None:
    try:
        if "metainfo" in wish:
            return read_torrent(base64.b64decode(wish["metainfo"], validate=True))
        return read_magnet(str(wish.get("filename", "")))
    except (TorrentInvalid, binascii.Error):
        return None


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, content in files.items():
        target = folder / safe_relative(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _delete(folder: Path, files: Mapping[str, bytes]) -> None:
    for name in {safe_relative(path).parts[0] for path in files}:
        target = folder / name
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
