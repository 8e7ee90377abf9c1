"""A download seen from two sides: what its client says, and where it stands in our pipeline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from earshelf.domain.books import BookStatus
from earshelf.domain.errors import ActiveDownloadExists, InvalidTransition, PipelineActive
from earshelf.domain.events import DownloadCompleted, DownloadFailed, DownloadHeld, Event, ReleaseGrabbed
from earshelf.domain.ids import BookId, DownloadId, IntegrationId
from earshelf.domain.releases import Protocol, Release
from earshelf.domain.veiling import VeilTorn, unveiled


class ClientStatus(StrEnum):
    """What the download client says."""

    QUEUED = "queued"
    DOWNLOADING = "downloading"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"


class PipelineStage(StrEnum):
    """What we do with the finished files."""

    IDLE = "idle"
    CHECKING = "checking"
    PENDING_REVIEW = "pending_review"
    IMPORTING = "importing"
    IMPORTED = "imported"


class DownloadStatus(StrEnum):
    """Both sides folded into one word for display."""

    QUEUED = "queued"
    DOWNLOADING = "downloading"
    PAUSED = "paused"
    COMPLETED = "completed"
    CHECKING = "checking"
    PENDING_REVIEW = "pending_review"
    IMPORTING = "importing"
    IMPORTED = "imported"
    FAILED = "failed"


def derive_status(client_status: ClientStatus, stage: PipelineStage) -> DownloadStatus:
    """Folds both sides: while the pipeline is idle the client speaks, afterwards the pipeline does."""
    spoken = client_status if stage is PipelineStage.IDLE else stage
    return DownloadStatus(spoken.value)


TERMINAL = frozenset({DownloadStatus.IMPORTED, DownloadStatus.FAILED})
_IN_PIPELINE = frozenset({DownloadStatus.CHECKING, DownloadStatus.PENDING_REVIEW, DownloadStatus.IMPORTING})
_AT_CLIENT = frozenset({DownloadStatus.QUEUED, DownloadStatus.DOWNLOADING, DownloadStatus.PAUSED})
_STAGES: dict[PipelineStage, frozenset[PipelineStage]] = {
    PipelineStage.IDLE: frozenset({PipelineStage.CHECKING}),
    PipelineStage.CHECKING: frozenset(
        {PipelineStage.IMPORTING, PipelineStage.PENDING_REVIEW, PipelineStage.IDLE},
    ),
    PipelineStage.PENDING_REVIEW: frozenset({PipelineStage.IMPORTING, PipelineStage.CHECKING}),
    PipelineStage.IMPORTING: frozenset({PipelineStage.IMPORTED, PipelineStage.PENDING_REVIEW}),
    PipelineStage.IMPORTED: frozenset(),
}


@dataclass(slots=True)
class Download:
    """One grab of one release for one book.

    ``progress`` runs from 0 to 1. ``reference`` is the client's own name for the job; None means that the grab is
    reserved, but the client has not taken it yet. ``info_hash`` is read from the torrent itself, unlike the release's,
    which is the indexer's word. ``output_path`` is where the client put the files, in *its* spelling.
    ``version`` counts the stored writes and belongs to storage. Times are aware UTC.
    """

    id: DownloadId
    book_id: BookId | None
    release: Release
    added_at: datetime
    book_status_at_grab: BookStatus
    client_id: IntegrationId | None = None
    info_hash: str | None = None
    reference: str | None = None
    client_status: ClientStatus = ClientStatus.QUEUED
    stage: PipelineStage = PipelineStage.IDLE
    progress: float = 0.0
    output_path: str | None = None
    error_message: str | None = None
    completed_at: datetime | None = None
    progressed_at: datetime | None = None
    version: int = 0
    _events: list[Event] = field(default_factory=list, repr=False, compare=False)

    @property
    def title(self) -> str:
        """The release's title."""
        return self.release.title

    @property
    def protocol(self) -> Protocol:
        """How the release travels."""
        return self.release.protocol

    @property
    def status(self) -> DownloadStatus:
        """Both sides in one word."""
        return derive_status(self.client_status, self.stage)

    @property
    def is_polled(self) -> bool:
        """Whether the monitor still asks the client about it."""
        return self.reference is not None and self.status in _AT_CLIENT

    @property
    def is_ready_for_check(self) -> bool:
        """Whether the client is done and nobody has looked at the files yet."""
        return self.reference is not None and self.status is DownloadStatus.COMPLETED

    def expect_at(self, client_id: IntegrationId, info_hash: str | None) -> None:
        """Notes, before a client is asked, where to look for the job if the answer gets lost."""
        self.client_id = client_id
        self.info_hash = info_hash

    def record_reference(self, reference: str) -> None:
        """Records that the client took the release, and under which name.

        :raises InvalidTransition: the grab was given up meanwhile.
        """
        if self.status not in _AT_CLIENT:
            raise InvalidTransition(self.id, self.status, ClientStatus.DOWNLOADING)
        self.reference = reference
        self.client_status = ClientStatus.DOWNLOADING
        self._events.append(ReleaseGrabbed(self.book_id, self.id))

    def report(self, status: ClientStatus, progress: float, output_path: str | None, now: datetime) -> None:
        """Takes in what the client says; a finished or failed download no longer listens.

        Completion is believed only from ``status``, never from a full progress bar.
        """
        if self.status not in _AT_CLIENT:
            return
        if progress != self.progress:
            self.progress = progress
            self.progressed_at = now
        self.output_path = output_path or self.output_path
        self.client_status = status
        if status is ClientStatus.COMPLETED:
            self.progress = 1.0
            self.completed_at = now
            self._events.append(DownloadCompleted(self.book_id, self.id))

    def begin_check(self) -> None:
        """Claims the finished files for the quality gate."""
        if not self.is_ready_for_check:
            raise InvalidTransition(self.id, self.status, PipelineStage.CHECKING)
        self._enter(PipelineStage.CHECKING)
        self.error_message = None

    def explain_wait(self, why: str) -> None:
        """Says why the finished files are not looked at, or not imported yet, and the remedy."""
        self.error_message = why

    def end_wait(self) -> None:
        """Notes that what the files waited for is there."""
        self.error_message = None

    def hold(self, reason: str) -> None:
        """Asks a person to decide; ``reason`` says what is wrong."""
        self._enter(PipelineStage.PENDING_REVIEW)
        self.error_message = reason
        self._events.append(DownloadHeld(self.book_id, self.id, reason))

    def begin_import(self) -> None:
        """Lets the files into the library, from the gate or by a person's approval."""
        self._enter(PipelineStage.IMPORTING)
        self.error_message = None

    def mark_imported(self) -> None:
        """Records that the files lie in the library."""
        self._enter(PipelineStage.IMPORTED)
        self.error_message = None

    def fail(self, reason: str) -> None:
        """Ends the download without a book, wherever it stands.

        :raises InvalidTransition: it is imported already.
        """
        if self.stage is PipelineStage.IMPORTED:
            raise InvalidTransition(self.id, self.status, ClientStatus.FAILED)
        self.client_status = ClientStatus.FAILED
        self.stage = PipelineStage.IDLE
        self.error_message = reason
        self._events.append(DownloadFailed(self.book_id, self.id, reason))

    def recover(self) -> None:
        """Takes back a check that a stop of the program cut short."""
        if self.stage is PipelineStage.CHECKING:
            self.stage = PipelineStage.IDLE

    def _enter(self, stage: PipelineStage) -> None:
        if stage not in _STAGES[self.stage]:
            raise InvalidTransition(self.id, self.status, stage)
        self.stage = stage

    def drain_events(self) -> list[Event]:
        """Hands over what happened since the last time, oldest first."""
        events, self._events = self._events, []
        return events


def refuse_second_grab(downloads: Iterable[Download]) -> None:
    """Guards a book against two downloads at once.

    :raises PipelineActive: a finished download is on its way into the library; outranks the other.
    :raises ActiveDownloadExists: a client still works on one.
    """
    statuses = {download.status for download in downloads}
    if statuses & (_IN_PIPELINE | {DownloadStatus.COMPLETED}):
        raise PipelineActive
    if statuses & _AT_CLIENT:
        raise ActiveDownloadExists


def same_release(
    downloads: Iterable[Download],
    release: Release,
    secrets: Mapping[IntegrationId, Mapping[str, str]] = MappingProxyType({}),
) -> Download | None:
    """Finds the download of this very release that has not failed: by guid, then info hash, then URL.

    ``secrets`` are those of the indexers: releases are compared as they were offered, veiled or not.
    """
    asked = _as_offered(release, secrets)
    living = [(one, _as_offered(one.release, secrets)) for one in downloads if one.status is not DownloadStatus.FAILED]
    for matches in (_same_guid, _same_hash, _same_url):
        for download, held in living:
            if matches(held, asked):
                return download
    return None


def _as_offered(release: Release, secrets: Mapping[IntegrationId, Mapping[str, str]]) -> Release:
    try:
        return unveiled(release, secrets.get(release.indexer_id, {}) if release.indexer_id else {})
    except VeilTorn:
        return release


def _same_guid(held: Release, asked: Release) -> bool:
    same_indexer = asked.indexer_id is None or held.indexer_id == asked.indexer_id
    return bool(asked.guid) and held.guid == asked.guid and same_indexer


def _same_hash(held: Release, asked: Release) -> bool:
    return (
        bool(asked.info_hash and held.info_hash) and (held.info_hash or "").lower() == (asked.info_hash or "").lower()
    )


def _same_url(held: Release, asked: Release) -> bool:
    return not asked.guid and not asked.info_hash and held.download_url == asked.download_url
