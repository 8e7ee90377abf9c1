"""Releases of the public API: search the indexers for a book, grab what was found."""

from typing import Any

from aiohttp import web

from earshelf.domain.ids import BookId
from earshelf.domain.releases import Protocol
from earshelf.domain.usecases.grabbing import Grabbing
from earshelf.domain.usecases.searching import Searching, SignedCandidate
from earshelf.entrypoints.answers import answer, listed, plain
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.entrypoints.v1.downloads import DOWNLOAD_EXAMPLE, download_dto
from earshelf.entrypoints.v1.errors import refusal
from earshelf.entrypoints.v1.schemas import DownloadDto, GrabOrder, ReleaseDto, list_of

_RELEASE_EXAMPLE = {
    "releaseId": "eyJkb3dubG9hZFVybCI6Imh0dHA6Ly90In0.4vY1o0Y2pX9sQ7bXw2aT6n8mR3kLd5cFh0gJzUeIqVA",
    "title": "Project Hail Mary",
    "author": "Andy Weir",
    "narrator": "Ray Porter",
    "protocol": "torrent",
    "size": 491520000,
    "seeders": 42,
    "indexer": "My indexer",
    "isFreeleech": False,
    "matchScore": 0.98,
}
_ACTIVE = "Book already has an active download"

ROUTES = (
    Route(
        "POST",
        "/books/{book_id}/search",
        "search",
        "Search indexers for releases of a book",
        "releases",
        {
            200: Answer(
                "Candidates, best first; possibly none",
                list_of(ReleaseDto),
                {"data": [_RELEASE_EXAMPLE], "total": 1},
            ),
            400: refusal(
                "BAD_REQUEST",
                "Search query is empty after normalization",
                "Nothing searchable is left of title and author, or the request names something unknown",
            ),
            409: refusal(
                "SEARCH_IN_PROGRESS",
                "A search for this book is already in progress",
                "`SEARCH_IN_PROGRESS`: another search for this book has not come back yet, be it from here, from a "
                "schedule, or from the owner",
            ),
            504: refusal(
                "SEARCH_TIMEOUT", "Search exceeded its time budget", "The indexers together took longer than 25 minutes"
            ),
        },
        description="Takes no body. An indexer in trouble is left out; the others' results are answered.",
    ),
    Route(
        "POST",
        "/books/{book_id}/grab",
        "grab",
        "Grab a release",
        "releases",
        {
            200: Answer("The book has a download of this release already", DownloadDto, DOWNLOAD_EXAMPLE),
            201: Answer(
                "The download client took the release",
                DownloadDto,
                DOWNLOAD_EXAMPLE
                | {
                    "status": "downloading",
                    "clientStatus": "downloading",
                    "pipelineStage": "idle",
                    "progress": 0,
                    "completedAt": None,
                },
            ),
            400: refusal("BAD_REQUEST", "Invalid releaseId", "The releaseId was not signed by this server"),
            401: refusal(
                "DOWNLOAD_CLIENT_AUTH_FAILED",
                "Download client authentication failed",
                "`INVALID_API_KEY`, or `DOWNLOAD_CLIENT_AUTH_FAILED`: the download client refused its password",
            ),
            409: refusal(
                "ACTIVE_DOWNLOAD_EXISTS",
                _ACTIVE,
                "`ACTIVE_DOWNLOAD_EXISTS`: a client is downloading another release of the book; `PIPELINE_ACTIVE`: "
                "another release is on its way into the library; `CONFLICT`: the book was changed meanwhile",
            ),
            502: refusal(
                "DOWNLOAD_CLIENT_ERROR",
                "Download client: no enabled client takes usenet releases; add one under download clients",
                "No client takes the release, the client is away, or the tracker does not give the file",
            ),
            504: refusal(
                "DOWNLOAD_CLIENT_TIMEOUT", "Download client request timed out", "The download client did not answer"
            ),
        },
        description="Idempotent per book and release: a retry returns the download that is there.",
        body=GrabOrder(),
        body_example={"releaseId": _RELEASE_EXAMPLE["releaseId"]},
    ),
)


class Releases:
    """Answers the routes of releases."""

    def __init__(self, *, searching: Searching, grabbing: Grabbing) -> None:
        self._searching = searching
        self._grabbing = grabbing

    async def search(self, call: Call) -> web.Response:
        """Searches for releases of a book."""
        found = await self._searching.candidates(BookId(call.ids["book_id"]))
        return listed([_release_dto(one) for one in found], len(found))

    async def grab(self, call: Call) -> web.Response:
        """Grabs a release."""
        grab = await self._grabbing.grab(call.body["releaseId"], book_id=BookId(call.ids["book_id"]))
        return answer(download_dto(grab.download), 201 if grab.created else 200)


def _release_dto(signed: SignedCandidate) -> dict[str, Any]:
    candidate, release = signed.candidate, signed.candidate.release
    score = candidate.score.value if candidate.score else None
    return {
        "releaseId": signed.token,
        "title": candidate.title,
        "author": candidate.author,
        "narrator": candidate.narrator,
        "protocol": release.protocol.value,
        "size": release.size,
        "seeders": release.seeders if release.protocol is Protocol.TORRENT else None,
        "indexer": candidate.indexer,
        "isFreeleech": release.is_freeleech,
        "matchScore": None if score is None else plain(round(score, 4)),
    }
