"""qBittorrent through its Web API, from 4.1 to 5.x."""

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final, assert_never

from earshelf.adapters.http import DEFAULT_TIMEOUT, Answer, HttpClient
from earshelf.domain.downloads import ClientStatus
from earshelf.domain.errors import IntegrationKind, TargetMissing
from earshelf.domain.integrations import Integration
from earshelf.domain.torrents import Magnet, TorrentFile
from earshelf.ports.downloads import DownloadItem
from earshelf.ports.indexers import Artifact, UsenetLink

_NO_SESSION: Final = frozenset({401, 403})
# a torrent that is being taken in is refused a second time already, and not listed yet
_PAUSES: Final = (0.0, 0.2, 0.8)
_DOWNLOADED: Final = frozenset({"uploading", "stalledUP", "forcedUP", "pausedUP", "stoppedUP", "queuedUP"})
_PAUSED: Final = frozenset({"pausedDL", "stoppedDL"})
_BROKEN: Final[Mapping[str, str]] = {
    "error": "qBittorrent reports an error; look at the torrent there",
    "missingFiles": "qBittorrent misses the torrent's files; check its disk",
    "unknown": "qBittorrent does not know the torrent's state; look at it there",
}
_Torrent = Mapping[str, Any]


class QBittorrent:
    """One qBittorrent; the configured category is made where it is missing."""

    def __init__(self, integration: Integration, http: HttpClient, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._user: str = integration.settings.get("username", "")
        self._password = integration.secrets.get("password", "")
        self._category: str = integration.settings.get("category", "")
        self._cookie = ""
        self._sign_in_turn = asyncio.Lock()
        self._neighbour = http.neighbour(
            kind=IntegrationKind.DOWNLOAD_CLIENT,
            name=integration.name,
            base_url=api_url(integration.settings["url"]),
            timeout=timeout,
            secrets=(self._password,),
        )

    async def add(self, artifact: Artifact) -> str:
        """Hands a torrent file or a magnet link over; the answer names no hash, so the artifact's own is returned."""
        if isinstance(artifact, UsenetLink):
            raise self._neighbour.refused("takes torrents only; add a client that takes usenet")
        await self._ensure_category()
        body, content_type = _upload(artifact, self._category)
        answer = await self._call(
            "POST", "/torrents/add", data=body, headers={"Content-Type": content_type}, passing={409, 415}
        )
        if answer.status != 415 and (_was_added(answer) or await self._is_there(artifact.info_hash)):
            return artifact.info_hash
        raise self._neighbour.refused("takes the release for no sound torrent; grab another", answer.status)

    async def items(self, references: Sequence[str]) -> Mapping[str, DownloadItem]:
        """Asks for the wished torrents, and for all of them where one is not found by the hash it was added with."""
        found = await self._find(references)
        try:
            return {reference: _item(torrent) for reference, torrent in found.items()}
        except (KeyError, TypeError, ValueError, OverflowError):
            trouble = self._neighbour.unexpected("describes a torrent without what was asked for")
        raise trouble

    async def remove(self, reference: str, *, delete_data: bool) -> None:
        """Removes one torrent by the hash that qBittorrent has for it now."""
        found = await self._find([reference])
        for torrent in found.values():
            wish = {"hashes": torrent["hash"], "deleteFiles": "true" if delete_data else "false"}
            await self._call("POST", "/torrents/delete", data=wish)

    async def check(self) -> str:
        """Signs in anew and asks for the version."""
        async with self._sign_in_turn:
            self._cookie = await self._sign_in()
        version = (await self._call("GET", "/app/version")).text().strip().removeprefix("v")
        if not version[:1].isdigit() or len(version) > 40:
            raise self._neighbour.unexpected("does not say its version; check its address")
        return version

    async def _is_there(self, info_hash: str) -> bool:
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            if await self._find([info_hash]):
                return True
        return False

    async def _ensure_category(self) -> None:
        if not self._category or self._category in await self._categories():
            return
        form = {"category": self._category, "savePath": ""}
        answer = await self._call("POST", "/torrents/createCategory", data=form, passing={409})
        # 409 also means that somebody was faster
        if answer.status == 409 and self._category not in await self._categories():
            reason = f"does not take the category '{self._category}'; choose another name"
            raise TargetMissing(self._neighbour.kind, self._neighbour.name, reason, answer.status)

    async def _categories(self) -> Collection[str]:
        return (await self._call("GET", "/torrents/categories")).mapping().keys()

    async def _find(self, references: Sequence[str]) -> dict[str, _Torrent]:
        """The torrents that are there, by the reference asked for."""
        asked = {reference: reference.strip().lower() for reference in references}
        # no hash, or the word for all, would address every torrent there is
        asked = {reference: spelled for reference, spelled in asked.items() if spelled.isalnum() and spelled != "all"}
        if not asked:
            return {}
        known = _by_hash(await self._torrents({"hashes": "|".join(sorted(set(asked.values())))}))
        if not known.keys() >= set(asked.values()):
            known |= _by_hash(await self._torrents({}))
        return {reference: known[spelled] for reference, spelled in asked.items() if spelled in known}

    async def _torrents(self, params: Mapping[str, str]) -> list[_Torrent]:
        torrents = (await self._call("GET", "/torrents/info", params=params)).json()
        is_list = isinstance(torrents, list) and all(isinstance(torrent, dict) for torrent in torrents)
        if not is_list or not all(isinstance(torrent.get("hash"), str) for torrent in torrents):
            raise self._neighbour.unexpected("lists no torrents")
        return list(torrents)

    async def _call(self, method: str, path: str, *, passing: Collection[int] = (), **options: Any) -> Answer:
        cookie = self._cookie or await self._renewed("")
        answer = await self._request(method, path, cookie, options, {*passing, *_NO_SESSION})
        if answer.status in _NO_SESSION:
            # a session ends by itself after an hour, and when qBittorrent starts anew
            answer = await self._request(method, path, await self._renewed(cookie), options, passing)
        return answer

    async def _request(
        self, method: str, path: str, cookie: str, options: Mapping[str, Any], passing: Collection[int]
    ) -> Answer:
        headers = {**options.get("headers", {}), "Cookie": cookie}
        return await self._neighbour.request(method, path, passing=passing, **{**options, "headers": headers})

    async def _renewed(self, stale: str) -> str:
        """A session other than the stale one; of many that wait for it only the first signs in."""
        async with self._sign_in_turn:
            if self._cookie == stale:
                self._cookie = await self._sign_in()
            return self._cookie

    async def _sign_in(self) -> str:
        form = {"username": self._user, "password": self._password}
        answer = await self._neighbour.request(
            "POST", "/auth/login", data=form, headers={"Referer": self._neighbour.base_url}, passing=_NO_SESSION
        )
        if answer.status == 403:
            raise self._neighbour.rejected("lets nobody in after too many wrong passwords; correct it and wait an hour")
        said, cookies = answer.text().strip(), answer.headers.getall("Set-Cookie", [])
        if answer.status == 401 or said == "Fails.":
            raise self._neighbour.rejected("user name or password is wrong, or its host header validation is on")
        if said == "Ok." and not cookies:
            raise self._neighbour.rejected("gave no session; check user name, password and what stands between us")
        # newer ones say nothing more than the cookie
        if said not in {"Ok.", ""} or not cookies:
            raise self._neighbour.unexpected("did not answer as qBittorrent does; check its address")
        # 5.x names the cookie after its port
        return "; ".join(cookie.partition(";")[0].strip() for cookie in cookies)


def api_url(url: str) -> str:
    """Completes a base address to the address of the Web API."""
    base = url.rstrip("/")
    return base if base.endswith("/api/v2") else f"{base}/api/v2"


def _upload(artifact: TorrentFile | Magnet, category: str) -> tuple[bytes, str]:
    """A form with the artifact and what shall become of it, and its content type."""
    # the user's own layout may throw the files of all torrents together in one folder
    fields = {"paused": "false", "stopped": "false", "contentLayout": "Original"}
    if category:
        fields["category"] = category
    parts = [_part(f'name="{name}"', value.encode()) for name, value in fields.items()]
    match artifact:
        case TorrentFile():
            parts.append(_part('name="torrents"; filename="release.torrent"', artifact.data))
        case Magnet():
            # every further line would be one more address to download
            parts.append(_part('name="urls"', " ".join(artifact.uri.splitlines()).encode()))
        case _:
            assert_never(artifact)
    # no content can hold its own hash, so nothing in it ends the form early
    boundary = f"earshelf-{artifact.info_hash}"
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return body + b"--%s--\r\n" % boundary.encode(), f"multipart/form-data; boundary={boundary}"


def _part(disposition: str, content: bytes) -> bytes:
    return b"Content-Disposition: form-data; %s\r\n\r\n%s" % (disposition.encode(), content)


def _was_added(answer: Answer) -> bool:
    """Whether the torrent is new; no also stands for one that is there already, and for one that is no good."""
    text = answer.text().strip()
    if answer.status == 409 or text in {"Ok.", "Fails."}:
        return text == "Ok."
    # from 5.2 on it counts
    counts = answer.mapping()
    numbers = [counts.get(name) for name in ("success_count", "pending_count")]
    if not any(isinstance(number, int) for number in numbers):
        raise answer.neighbour.unexpected("does not say whether it took the torrent")
    return any(numbers)


def _by_hash(torrents: Sequence[_Torrent]) -> dict[str, _Torrent]:
    """Torrents by all the hashes that name them; a hybrid's own is not the one it was added with."""
    found: dict[str, _Torrent] = {}
    for torrent in torrents:
        second = str(torrent.get("infohash_v2", ""))
        aliases = (str(torrent.get("infohash_v1", "")), second, second[:40])
        found |= {alias.lower(): torrent for alias in aliases if alias}
    return found | {torrent["hash"].lower(): torrent for torrent in torrents}


def _item(torrent: _Torrent) -> DownloadItem:
    status, path = _status(torrent), _output_path(torrent)
    ratio = float(torrent.get("ratio", 0))
    return DownloadItem(
        reference=torrent["hash"].lower(),
        name=str(torrent.get("name", "")),
        status=status,
        progress=1.0 if status is ClientStatus.COMPLETED else min(1.0, max(0.0, float(torrent["progress"]))),
        output_path=path,
        error=_error(torrent, status, path),
        seconds_seeded=max(0, int(torrent.get("seeding_time", 0))),
        # -1 stands for more than it counts
        ratio=math.inf if ratio < 0 else ratio,
    )


def _status(torrent: _Torrent) -> ClientStatus:
    match torrent["state"]:
        case state if state in _DOWNLOADED:
            # between two folders the files are whole, and not yet where they will be
            return ClientStatus.DOWNLOADING if _is_elsewhere(torrent) else ClientStatus.COMPLETED
        case state if state in _PAUSED:
            return ClientStatus.PAUSED
        case state if state in _BROKEN:
            return ClientStatus.FAILED
        case "queuedDL":
            return ClientStatus.QUEUED
        case _:
            return ClientStatus.DOWNLOADING


def _error(torrent: _Torrent, status: ClientStatus, path: str | None) -> str | None:
    if status is ClientStatus.COMPLETED and path is None:
        return "its files lie among others in the save folder; give the torrent a folder of its own"
    return _BROKEN.get(torrent["state"])


def _is_elsewhere(torrent: _Torrent) -> bool:
    content, folder = _content_path(torrent), _text(torrent, "save_path")
    return bool(content and folder) and not _path(content).is_relative_to(_path(folder))


def _output_path(torrent: _Torrent) -> str | None:
    """Where the files lie, None where that is not final or where others lie too."""
    content, folder = _content_path(torrent), _path(_text(torrent, "save_path"))
    is_within = folder in _path(content).parents and ".." not in _path(content).parts
    return content if content and is_within else None


def _content_path(torrent: _Torrent) -> str:
    content = _text(torrent, "content_path").rstrip("/\\")
    # before its metadata is there a torrent is called by its hash; old versions know no content path at all
    has_metadata = torrent.get("total_size", 0) > 0
    if content or not has_metadata:
        return content
    return f"{_text(torrent, 'save_path').rstrip('/')}/{_text(torrent, 'name')}"


def _path(text: str) -> PurePosixPath:
    return PurePosixPath(text.replace("\\", "/"))


def _text(torrent: _Torrent, field: str) -> str:
    value = torrent.get(field, "")
    if not isinstance(value, str):
        raise TypeError(field)
    return value
