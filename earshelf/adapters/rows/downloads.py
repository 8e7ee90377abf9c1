"""Downloads and imports as rows.

Where a release lies may hold a passkey or an API key, and so may its guid: both are encrypted, and the identity that
the database compares is a digest.
"""

import json
from hashlib import sha256
from typing import Any

from earshelf.adapters.rows.values import Row, dumped, moment, moment_or_none, place
from earshelf.domain.books import BookStatus
from earshelf.domain.downloads import ClientStatus, Download, PipelineStage
from earshelf.domain.errors import SecretUnreadable
from earshelf.domain.imports import ImportJob, ImportMode, ImportState
from earshelf.domain.releases import Protocol, Release
from earshelf.ports.secrets import Cipher


def release_key(release: Release) -> str:
    """Spells a release's identity so that it can be compared and not be read."""
    return sha256(release.identity.encode("utf-8", "surrogatepass")).hexdigest()


def _origin_place(download_id: str) -> str:
    return place("downloads", "origin", download_id)


def download_row(download: Download, version: int, cipher: Cipher) -> dict[str, Any]:
    """Spells a download as a row of ``downloads``."""
    release = download.release
    origin = json.dumps([release.download_url, release.guid])
    return {
        "id": download.id,
        "book_id": download.book_id,
        "title": release.title,
        "protocol": release.protocol.value,
        "origin": cipher.encrypt(origin, context=_origin_place(download.id)),
        "release_key": release_key(release),
        "release_hash": release.info_hash,
        "indexer_id": release.indexer_id,
        "size": release.size,
        "seeders": release.seeders,
        "is_freeleech": release.is_freeleech,
        "added_at": download.added_at,
        "book_status_at_grab": download.book_status_at_grab.value,
        "client_id": download.client_id,
        "info_hash": download.info_hash,
        "reference": download.reference,
        "client_status": download.client_status.value,
        "stage": download.stage.value,
        "progress": download.progress,
        "output_path": download.output_path,
        "error_message": download.error_message,
        "completed_at": download.completed_at,
        "progressed_at": download.progressed_at,
        "version": version,
    }


def changed_row(download: Download, cipher: Cipher) -> dict[str, Any]:
    """Spells a download that is stored already; an origin that nobody can read stays as it is stored."""
    row = download_row(download, download.version + 1, cipher)
    kept = () if download.release.download_url else ("origin", "release_key")
    return {name: value for name, value in row.items() if name not in kept}


def readable_download(row: Row, cipher: Cipher) -> Download:
    """Reads a download; where its origin does not open, its release has neither address nor guid."""
    try:
        return download_from(row, cipher)
    except SecretUnreadable:
        return _download(row, "", None)


def download_from(row: Row, cipher: Cipher) -> Download:
    """Reads a download.

    :raises SecretUnreadable: its origin does not open.
    """
    download_url, guid = json.loads(cipher.decrypt(row["origin"], context=_origin_place(row["id"])))
    return _download(row, download_url, guid)


def _download(row: Row, download_url: str, guid: str | None) -> Download:
    return Download(
        id=row["id"],
        book_id=row["book_id"],
        release=_release(row, download_url, guid),
        added_at=moment(row["added_at"]),
        book_status_at_grab=BookStatus(row["book_status_at_grab"]),
        client_id=row["client_id"],
        info_hash=row["info_hash"],
        reference=row["reference"],
        client_status=ClientStatus(row["client_status"]),
        stage=PipelineStage(row["stage"]),
        progress=row["progress"],
        output_path=row["output_path"],
        error_message=row["error_message"],
        completed_at=moment_or_none(row["completed_at"]),
        progressed_at=moment_or_none(row["progressed_at"]),
        version=row["version"],
    )


def _release(row: Row, download_url: str, guid: str | None) -> Release:
    return Release(
        download_url=download_url,
        title=row["title"],
        protocol=Protocol(row["protocol"]),
        guid=guid,
        info_hash=row["release_hash"],
        indexer_id=row["indexer_id"],
        size=row["size"],
        seeders=row["seeders"],
        is_freeleech=bool(row["is_freeleech"]),
    )


def import_row(job: ImportJob, version: int) -> dict[str, Any]:
    """Spells an import as a row of ``imports``."""
    return {
        "id": job.id,
        "book_id": job.book_id,
        "source": job.source,
        "mode": job.mode.value,
        "created_at": job.created_at,
        "download_id": job.download_id,
        "state": job.state.value,
        "target": job.target,
        "replaced": dumped(job.replaced),
        "error_message": job.error_message,
        "finished_at": job.finished_at,
        "version": version,
    }


def import_from(row: Row) -> ImportJob:
    """Reads an import."""
    return ImportJob(
        id=row["id"],
        book_id=row["book_id"],
        source=row["source"],
        mode=ImportMode(row["mode"]),
        created_at=moment(row["created_at"]),
        download_id=row["download_id"],
        state=ImportState(row["state"]),
        target=row["target"],
        replaced=tuple(json.loads(row["replaced"])),
        error_message=row["error_message"],
        finished_at=moment_or_none(row["finished_at"]),
        version=row["version"],
    )
