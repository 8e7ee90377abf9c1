"""Asking every indexer for a book, and choosing among what they offer."""

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from earshelf.domain.books import Book, BookStatus
from earshelf.domain.errors import (
    ActiveDownloadExists,
    EarshelfError,
    EmptyQuery,
    IntegrationError,
    MissingExtra,
    PipelineActive,
    SearchInProgress,
    SearchTimedOut,
)
from earshelf.domain.events import BookAdded
from earshelf.domain.ids import BookId, IntegrationId
from earshelf.domain.integrations import Integration, IntegrationRole
from earshelf.domain.matching import BookFacts, Candidate, ReleaseRules, match_score, rank
from earshelf.domain.release_names import parse_release_name
from earshelf.domain.releases import Protocol, ReleaseSigner
from earshelf.domain.search_terms import Rung, keeps_both_ends, rungs, search_query
from earshelf.domain.settings import ProtocolPreference, SearchPriority, Settings
from earshelf.domain.sifting import sift
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.grabbing import Grab, Grabbing
from earshelf.domain.veiling import veiled
from earshelf.ports.indexers import Offer
from earshelf.ports.integrations import Neighbours
from earshelf.ports.settings import SettingsStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
BUDGET_SECONDS = 1500.0
_MIB = 2**20
_GIB = 2**30
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class SignedCandidate:
    """A candidate with the token that grabs it."""

    token: str
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class _Found:
    candidates: Sequence[Candidate]
    rung: Rung


class Searching:
    """Searches for one book at a time per book; an indexer in trouble is told of and does not stop the others."""

    def __init__(
        self,
        *,
        storage: Storage,
        neighbours: Neighbours,
        settings: SettingsStore,
        grabbing: Grabbing,
        signer: ReleaseSigner,
        clock: Clock,
        budget_seconds: float = BUDGET_SECONDS,
    ) -> None:
        self._storage = storage
        self._neighbours = neighbours
        self._settings = settings
        self._grabbing = grabbing
        self._signer = signer
        self._clock = clock
        self._budget = budget_seconds
        self._running: set[BookId] = set()
        self._troubles: dict[IntegrationId, str] = {}

    @property
    def troubles(self) -> Mapping[IntegrationId, str]:
        """What went wrong with each indexer the last time it was asked; one that answered is not in here."""
        return dict(self._troubles)

    async def candidates(self, book_id: BookId) -> list[SignedCandidate]:
        """Returns what the indexers have for the book, best first, without what the owner does not want.

        :raises NotFound: no book has this id. :raises EmptyQuery: nothing searchable is left of title and author.
        :raises SearchInProgress: another search for this book is under way.
        :raises SearchTimedOut: the whole search took longer than its budget.
        """
        async with self._storage.unit() as unit:
            book = await unit.books.get(book_id)
        with self._single_flight(book_id):
            found = await self._found(book, prefer_narrator=False)
        return [SignedCandidate(self._signer.sign(one.release), one) for one in found.candidates]

    async def grab_best(self, book_id: BookId) -> Grab | None:
        """Searches as the house itself and grabs the best release; None where nothing safe was found.

        :raises EarshelfError: as :meth:`candidates` and :meth:`Grabbing.grab` do.
        """
        with self._single_flight(book_id):
            book = await self._mark_searching(book_id)
            try:
                best = await self._best(book)
                return await self._grabbing.grab_release(best.release, book_id=book_id) if best else None
            finally:
                await self._unmark_searching(book_id)

    async def grab_wanted(self) -> None:
        """Searches for every wanted book, one after the other, while the owner has scheduled searches switched on."""
        if not (await self._settings.load()).search.enabled:
            return
        async with self._storage.unit() as unit:
            wanted = await unit.books.with_status(BookStatus.WANTED, _BATCH)
        for book in wanted:
            await self._grab_quietly(book.id)

    async def greet(self, event: BookAdded) -> None:
        """Searches for a book that was just added, if the owner wants that at once."""
        if event.book_id is None or not (await self._settings.load()).quality.search_immediately:
            return
        async with self._storage.unit() as unit:
            book = await unit.books.get(event.book_id)
        if book.status is BookStatus.WANTED:
            await self._grab_quietly(book.id)

    async def recover(self) -> None:
        """Returns books to the wanted list whose search a stop of the program cut short."""
        while await self._return_some():
            pass

    async def _return_some(self) -> bool:
        async with self._storage.unit() as unit:
            interrupted = await unit.books.with_status(BookStatus.SEARCHING, _BATCH)
            for book in interrupted:
                book.end_search(self._clock.now())
                await unit.books.save(book)
            await unit.commit(self._clock.now())
        return len(interrupted) == _BATCH

    async def _grab_quietly(self, book_id: BookId) -> None:
        try:
            await self.grab_best(book_id)
        except (ActiveDownloadExists, PipelineActive, SearchInProgress):
            return
        except EarshelfError as problem:
            _log.warning("Search for %s came to nothing: %s", book_id, problem)

    async def _mark_searching(self, book_id: BookId) -> Book:
        async def decide(unit: UnitOfWork) -> Book:
            book = await unit.books.get(book_id)
            if book.status is BookStatus.WANTED:
                book.begin_search(self._clock.now())
                await unit.books.save(book)
            return book

        return await unless_stale(self._storage, self._clock, decide)

    async def _unmark_searching(self, book_id: BookId) -> None:
        async def decide(unit: UnitOfWork) -> None:
            book = await unit.books.get(book_id)
            if book.status is BookStatus.SEARCHING:
                book.end_search(self._clock.now())
                await unit.books.save(book)

        await unless_stale(self._storage, self._clock, decide)

    async def _best(self, book: Book) -> Candidate | None:
        settings = await self._settings.load()
        found = await self._found(book, prefer_narrator=settings.search.priority is SearchPriority.ACCURACY)
        return next((one for one in found.candidates if _is_safe(one, book, found.rung)), None)

    async def _found(self, book: Book, *, prefer_narrator: bool) -> _Found:
        author = book.authors[0].name if book.authors else None
        if not search_query(book.title, author):
            raise EmptyQuery
        try:
            async with asyncio.timeout(self._budget):
                return await self._climb(book, author, prefer_narrator=prefer_narrator)
        except TimeoutError as problem:
            raise SearchTimedOut from problem

    @contextmanager
    def _single_flight(self, book_id: BookId) -> Iterator[None]:
        if book_id in self._running:
            raise SearchInProgress
        self._running.add(book_id)
        try:
            yield
        finally:
            self._running.discard(book_id)

    async def _climb(self, book: Book, author: str | None, *, prefer_narrator: bool) -> _Found:
        """Goes from the exact query to looser ones; only an answered nothing leads to the next."""
        settings = await self._settings.load()
        async with self._storage.unit() as unit:
            indexers = await unit.integrations.of_role(IntegrationRole.INDEXER, enabled_only=True)
        ladder = rungs(book.title, author)
        for rung in ladder:
            offers, indexers = await self._ask(indexers, rung.query)
            if offers or not indexers:
                kept = _choose(offers, book, settings, prefer_narrator=prefer_narrator)
                return _Found(kept, rung)
        return _Found((), ladder[0])

    async def _ask(
        self, indexers: Sequence[Integration], query: str
    ) -> tuple[list[tuple[Integration, Offer]], list[Integration]]:
        """Asks all indexers side by side; returns the offers and the indexers that answered.

        No offer holds a secret of its indexer: what is made of it leaves the house.
        """
        answers = await asyncio.gather(*(self._ask_one(indexer, query) for indexer in indexers))
        answered = [(indexer, offers) for indexer, offers in zip(indexers, answers, strict=True) if offers is not None]
        pairs = [(indexer, offer) for indexer, offers in answered for offer in offers]
        return pairs, [indexer for indexer, _ in answered]

    async def _ask_one(self, indexer: Integration, query: str) -> list[Offer] | None:
        try:
            offers = await self._neighbours.indexer(indexer).search(query)
        except (IntegrationError, MissingExtra) as problem:
            self._troubles[indexer.id] = problem.message
            _log.warning("Search on %s failed: %s", indexer.name, problem)
            return None
        self._troubles.pop(indexer.id, None)
        return [replace(offer, release=veiled(offer.release, indexer)) for offer in offers]


def _choose(
    offers: Sequence[tuple[Integration, Offer]], book: Book, settings: Settings, *, prefer_narrator: bool
) -> list[Candidate]:
    facts = BookFacts(
        title=book.title,
        authors=tuple(author.name for author in book.authors),
        narrators=tuple(narrator.name for narrator in book.narrators),
        seconds=int(book.seconds) if book.seconds else None,
    )
    rules = _rules(settings)
    sifted = sift([_candidate(indexer, offer, facts) for indexer, offer in offers], rules, facts)
    if sifted.drops:
        counts = ", ".join(f"{count} {reason}" for reason, count in sorted(sifted.counts.items()))
        _log.info("Releases left out for '%s': %s", book.title, counts)
    distinct = {one.release.identity: one for one in reversed(sifted.kept)}
    return rank(distinct.values(), rules, facts, prefer_narrator=prefer_narrator)


def _candidate(indexer: Integration, offer: Offer, facts: BookFacts) -> Candidate:
    name = parse_release_name(offer.release.title)
    candidate = Candidate(
        release=offer.release,
        title=offer.release.title if offer.author else name.title,
        author=offer.author or name.author,
        narrator=offer.narrator or name.narrator,
        indexer=indexer.name,
        indexer_priority=indexer.priority,
        grabs=offer.grabs,
        language=offer.language,
    )
    return _better_reading(candidate, facts, may_swap=offer.author is None and name.author is not None)


def _better_reading(candidate: Candidate, facts: BookFacts, *, may_swap: bool) -> Candidate:
    """Scores a release; ``A - B`` may mean author and title or title and author, and the likelier one counts."""
    score = match_score(title=candidate.title, author=candidate.author, book=facts)
    straight = replace(candidate, score=score)
    if not may_swap or candidate.author is None:
        return straight
    swapped = match_score(title=candidate.author, author=candidate.title, book=facts)
    if (swapped.value or 0.0) <= (score.value or 0.0):
        return straight
    return replace(candidate, title=candidate.author, author=candidate.title, score=swapped)


def _rules(settings: Settings) -> ReleaseRules:
    quality = settings.quality
    preference = quality.protocol_preference
    return ReleaseRules(
        reject_words=quality.reject_words,
        required_words=quality.required_words,
        min_seeders=quality.min_seeders,
        min_size_bytes=int(quality.min_size_mb * _MIB),
        max_size_bytes=int(quality.max_size_gb * _GIB),
        min_mb_per_hour=quality.min_mb_per_hour,
        languages=quality.languages,
        protocol_preference=None if preference is ProtocolPreference.NONE else Protocol(preference.value),
    )


def _is_safe(candidate: Candidate, book: Book, rung: Rung) -> bool:
    """What a shortened query found may be a sibling: without asking, only a name with both ends of the title goes."""
    return not rung.cut or keeps_both_ends(book.title, candidate.title)
