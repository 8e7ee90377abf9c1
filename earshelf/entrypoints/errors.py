"""Errors, mapped once: a table per surface says with which status and code a class answers."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from earshelf.domain.errors import (
    BookExists,
    EarshelfError,
    IntegrationError,
    IntegrationKind,
    Invalid,
    RateLimited,
    TooManyAttempts,
)
from earshelf.entrypoints.answers import answer

_log = logging.getLogger(__name__)
_SERVER_TROUBLE = 500
# aiohttp sets these for its own plain text
_BODY_HEADERS = frozenset({"content-type", "content-length"})


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a class of errors is answered; without a message of its own the error's is told."""

    status: int
    code: str
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An error as a surface is about to tell it."""

    status: int
    code: str
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)
    existing_id: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Key: TypeAlias = tuple[type[EarshelfError], IntegrationKind | None]


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """One surface's errors.

    ``rulings`` are looked up by class, most special first, and each class by the kind of neighbour and then without
    it. ``transport`` holds what HTTP itself gets wrong, by status, ``unmapped`` whatever nobody thought of.
    """

    rulings: Mapping[Key, Ruling]
    transport: Mapping[int, Ruling]
    unmapped: Ruling
    spell: Callable[[Failure], Mapping[str, Any]]

    def ruling(self, error_class: type[EarshelfError], kind: IntegrationKind | None) -> Ruling | None:
        """Returns the most special ruling on a class of errors, None where there is none."""
        for ancestor in error_class.__mro__:
            if issubclass(ancestor, EarshelfError):
                for key in ((ancestor, kind), (ancestor, None)):
                    if key in self.rulings:
                        return self.rulings[key]
        return None

    def failure(self, problem: Exception) -> Failure:
        """Says how an error is told."""
        if isinstance(problem, EarshelfError):
            kind = problem.kind if isinstance(problem, IntegrationError) else None
            if ruling := self.ruling(type(problem), kind):
                return _ruled(ruling, problem)
        if isinstance(problem, web.HTTPException):
            ruling = self.transport.get(problem.status, self.transport[400])
            headers = {name: value for name, value in problem.headers.items() if name.lower() not in _BODY_HEADERS}
            return Failure(problem.status, ruling.code, ruling.message or problem.reason, headers=headers)
        return Failure(self.unmapped.status, self.unmapped.code, self.unmapped.message or "")

    def answer(self, failure: Failure) -> web.Response:
        """Spells a failure as this surface does."""
        return answer(self.spell(failure), failure.status, failure.headers)


def folding(table: ErrorTable) -> Middleware:
    """Returns the middleware that turns every error below it into an answer of its surface."""

    @web.middleware
    async def fold(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as problem:
            if problem.status < 400:
                raise
            return table.answer(table.failure(problem))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log the trace
            failure = table.failure(problem)
            _note(request, problem, failure)
            return table.answer(failure)

    return fold


def _ruled(ruling: Ruling, problem: EarshelfError) -> Failure:
    return Failure(
        status=ruling.status,
        code=ruling.code,
        message=problem.message if ruling.message is None else ruling.message,
        fields=problem.fields if isinstance(problem, Invalid) else {},
        existing_id=problem.existing_id if isinstance(problem, BookExists) else None,
        headers=_headers(ruling, problem),
    )


def _headers(ruling: Ruling, problem: EarshelfError) -> dict[str, str]:
    is_throttled = ruling.status == web.HTTPTooManyRequests.status_code
    if is_throttled and isinstance(problem, RateLimited | TooManyAttempts):
        return {"Retry-After": str(problem.retry_after)}
    return {}


def _note(request: web.Request, problem: Exception, failure: Failure) -> None:
    """Logs what is the house's or a neighbour's trouble; the query string may hold a key and is left out."""
    if failure.status == _SERVER_TROUBLE:
        _log.error("%s %s failed", request.method, request.rel_url.raw_path, exc_info=problem)
    elif failure.status > _SERVER_TROUBLE:
        _log.warning("%s %s: %s", request.method, request.rel_url.raw_path, problem)
