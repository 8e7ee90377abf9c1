"""Transmission through its RPC, in the spelling that every daemon before 5.0 understands."""

import logging
import math
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final, assert_never
from urllib.parse import urlsplit

from earshelf.adapters.http import DEFAULT_TIMEOUT, Answer, HttpClient, Neighbour, redact
from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import IntegrationError, IntegrationKind
from earshelf.domain.integrations import Integration
from earshelf.domain.torrents import Magnet, TorrentFile
from earshelf.ports.downloads import DownloadItem
from earshelf.ports.indexers import Artifact, UsenetLink

_SESSION: Final = "X-Transmission-Session-Id"
_FIRST_RPC_WITH_LABELS: Final = 16
_TRACKER_TROUBLE: Final = frozenset({1, 2})
_FIELDS: Final = (
    "hashString",
    "name",
    "status",
    "percentDone",
    "leftUntilDone",
    "totalSize",
    "metadataPercentComplete",
    "error",
    "errorString",
    "downloadDir",
    "secondsSeeding",
    "uploadRatio",
)
_ADDRESS: Final = re.compile(r"\b[a-z]+://\S+", re.IGNORECASE)
_log = logging.getLogger(__name__)


class Transmission:
    """One Transmission daemon; the configured category becomes a label where the daemon has labels."""

    def __init__(self, integration: Integration, http: HttpClient, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        user, password = integration.settings.get("username", ""), integration.secrets.get("password", "")
        self._category: str = integration.settings.get("category", "")
        self._auth = (user, password) if user or password else None
        self._session = ""
        self._neighbour = http.neighbour(
            kind=IntegrationKind.DOWNLOAD_CLIENT,
            name=integration.name,
            base_url=rpc_url(integration.settings["url"]),
            timeout=timeout,
            secrets=(password, b64encode(f"{user}:{password}".encode()).decode() if password else ""),
        )

    async def add(self, artifact: Artifact) -> str:
        """Hands a torrent file or a magnet link over; only what is new gets the label."""
        match artifact:
            case TorrentFile():
                source = {"metainfo": b64encode(artifact.data).decode()}
            case Magnet():
                source = {"filename": artifact.uri}
            case UsenetLink():
                raise self._neighbour.refused("takes torrents only; add a client that takes usenet")
            case _:
                assert_never(artifact)
        answer = await self._call("torrent-add", source)
        added = answer.get("torrent-added")
        reference = self._hash(added or answer.get("torrent-duplicate"))
        if added and self._category:
            await self._label(reference)
        return reference

    async def items(self, references: Sequence[str]) -> Mapping[str, DownloadItem]:
        """Asks for the wished torrents in one request."""
        asked = {reference: reference.strip().lower() for reference in references if reference.strip()}
        if not asked:
            return {}
        answer = await self._call("torrent-get", {"ids": sorted(set(asked.values())), "fields": list(_FIELDS)})
        found = {item.reference: item for item in parse_items(answer, self._neighbour)}
        return {reference: found[spelled] for reference, spelled in asked.items() if spelled in found}

    async def remove(self, reference: str, *, delete_data: bool) -> None:
        """Removes one torrent; the daemon itself stays calm about an unknown one."""
        spelled = reference.strip().lower()
        # a request that names no torrent means all of them
        if spelled:
            await self._call("torrent-remove", {"ids": [spelled], "delete-local-data": delete_data})

    async def check(self) -> str:
        """Asks for the session, which takes the password."""
        version = (await self._call("session-get", {})).get("version")
        if not isinstance(version, str) or not version.strip():
            raise self._neighbour.unexpected("does not say its version; check its address")
        return version.split()[0]

    async def _label(self, reference: str) -> None:
        try:
            version = (await self._call("session-get", {})).get("rpc-version")
            if isinstance(version, int) and version >= _FIRST_RPC_WITH_LABELS:
                await self._call("torrent-set", {"ids": [reference], "labels": [self._category]})
        except IntegrationError as trouble:
            # the torrent is in, and downloads without its label just as well
            _log.warning("%s: the label was not set: %s", self._neighbour.name, trouble.reason)

    async def _call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        message = {"method": method, "arguments": dict(arguments)}
        answer = await self._send(message)
        if answer.status == 409:
            self._session = answer.headers.get(_SESSION, "")
            answer = await self._send(message)
        if answer.status == 409:
            raise self._neighbour.refused("does not know the session that it gave; check what stands between us", 409)
        return self._arguments(answer)

    async def _send(self, message: Mapping[str, Any]) -> Answer:
        headers = {_SESSION: self._session} if self._session else {}
        answer = await self._neighbour.request(
            "POST", "", json=message, headers=headers, auth=self._auth, passing={403, 409, 421}
        )
        if answer.status in (403, 421):
            raise self._neighbour.rejected(
                f"does not let this machine in (HTTP {answer.status}); check its RPC whitelists, user name and password"
            )
        return answer

    def _arguments(self, answer: Answer) -> dict[str, Any]:
        body = answer.mapping()
        result, arguments = body.get("result"), body.get("arguments", {})
        if not isinstance(result, str) or not isinstance(arguments, dict):
            raise self._neighbour.unexpected("did not answer as Transmission does; check its address")
        if result != "success":
            raise self._neighbour.refused(f"said '{redact(result, (self._session,))}'")
        return arguments

    def _hash(self, torrent: Any) -> str:
        reference = torrent.get("hashString") if isinstance(torrent, dict) else None
        if not isinstance(reference, str) or not reference.strip():
            raise self._neighbour.unexpected("took the torrent without saying its hash")
        return reference.strip().lower()


def rpc_url(url: str) -> str:
    """Completes what an owner types, a base address or the web page's, to the address of the RPC."""
    base = url.rstrip("/").removesuffix("/web")
    path = urlsplit(base).path
    if path.endswith("/rpc"):
        return base
    return base + ("/rpc" if path.endswith("/transmission") else "/transmission/rpc")


def parse_items(arguments: Mapping[str, Any], neighbour: Neighbour) -> list[DownloadItem]:
    """Reads an answer to ``torrent-get``.

    :raises UnexpectedPayload: it lists no torrents, or they lack what was asked for.
    """
    torrents = arguments.get("torrents")
    if not isinstance(torrents, list):
        raise neighbour.unexpected("lists no torrents")
    try:
        return [_item(torrent) for torrent in torrents]
    except (AttributeError, TypeError, ValueError, OverflowError):
        trouble = neighbour.unexpected("describes a torrent without what was asked for")
    raise trouble


def _item(torrent: Mapping[str, Any]) -> DownloadItem:
    status = _status(torrent)
    return DownloadItem(
        reference=_text(torrent, "hashString").lower(),
        name=_text(torrent, "name"),
        status=status,
        progress=1.0 if status is ClientStatus.COMPLETED else _progress(torrent),
        output_path=_output_path(torrent),
        error=_error(torrent) or None,
        seconds_seeded=max(0, int(_number(torrent, "secondsSeeding", otherwise=0))),
        ratio=_ratio(torrent),
    )


def _error(torrent: Mapping[str, Any]) -> str:
    # trackers like to repeat their address, with the passkey in it
    return _ADDRESS.sub("…", _text(torrent, "errorString", otherwise="")).strip()


def _ratio(torrent: Mapping[str, Any]) -> float:
    ratio = _number(torrent, "uploadRatio", otherwise=-1)
    # -1 stands for nothing to compare yet, -2 for much given and nothing taken
    return math.inf if ratio == -2 else max(0.0, ratio)


def _status(torrent: Mapping[str, Any]) -> ClientStatus:
    """Judges by the bytes that are left: ``isFinished`` only says that a seeding goal was reached."""
    # a tracker that fails today may answer tomorrow, and peers go on without it
    if _error(torrent) and torrent.get("error") not in _TRACKER_TROUBLE:
        return ClientStatus.FAILED
    is_whole = _has_metadata(torrent) and _number(torrent, "leftUntilDone") == 0
    match _number(torrent, "status"):
        case 0 | 5 | 6 if is_whole:
            return ClientStatus.COMPLETED
        case 0:
            return ClientStatus.PAUSED
        case 1 | 3:
            return ClientStatus.QUEUED
        case _:
            return ClientStatus.DOWNLOADING


def _has_metadata(torrent: Mapping[str, Any]) -> bool:
    # a magnet link that has not met a peer has no bytes left, and none at all
    return _number(torrent, "totalSize") > 0 and _number(torrent, "metadataPercentComplete", otherwise=1) >= 1


def _progress(torrent: Mapping[str, Any]) -> float:
    return min(1.0, max(0.0, _number(torrent, "percentDone"))) if _has_metadata(torrent) else 0.0


def _output_path(torrent: Mapping[str, Any]) -> str | None:
    folder, name = _text(torrent, "downloadDir"), _text(torrent, "name")
    # a name from a hostile torrent must not lead elsewhere
    is_plain = name.strip() and name not in {".", ".."} and "/" not in name
    return f"{folder.rstrip('/')}/{name}" if is_plain and folder and _has_metadata(torrent) else None


def _text(torrent: Mapping[str, Any], field: str, *, otherwise: str | None = None) -> str:
    value = torrent.get(field, otherwise)
    if not isinstance(value, str):
        raise TypeError(field)
    return value


def _number(torrent: Mapping[str, Any], field: str, *, otherwise: float | None = None) -> float:
    value = torrent.get(field, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(field)
    return value
