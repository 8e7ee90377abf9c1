"""The HTTP server below the application: what never becomes a request of ours is answered in our words too."""

import logging
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from earshelf.entrypoints.answers import answer
from earshelf.entrypoints.app import secure
from earshelf.entrypoints.errors import folding
from earshelf.entrypoints.operator.surface import OPERATOR
from earshelf.entrypoints.v1.surface import V1

_log = logging.getLogger(__name__)
_UNREADABLE = {"error": {"code": "BAD_REQUEST", "message": "The request is not valid HTTP"}}
_BROKEN = {"error": {"code": "INTERNAL_ERROR", "message": "Internal server error"}}
_SERVER_ERROR = 500


class Conversation(web.RequestHandler):
    """One connection. What cannot be read may hold a key: it is repeated neither to the caller nor to the log."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = _SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the parser's, which quotes what it could not read
    ) -> web.StreamResponse:
        """Answers what the parser refused with 400, and whatever went wrong outside of the application with 500."""
        why = type(exc).__name__ if exc else "no reason given"
        if status < _SERVER_ERROR:
            _log.info("A request from %s could not be read: %s", request.remote, why)
        else:
            _log.error("A request from %s failed: %s", request.remote, why)
        if request.writer.output_size > 0:
            raise ConnectionError("an answer is under way already")
        response = answer(_UNREADABLE, status) if status < _SERVER_ERROR else answer(_BROKEN, status)
        secure(response)
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Logs a defect with its trace, and a body that broke off or does not unpack as what it is: the caller's."""
        problem = kw.get("exc_info")
        if isinstance(problem, web.RequestPayloadError | ConnectionError):
            _log.debug("The rest of a request could not be read: %s", type(problem).__name__)
        else:
            super().log_exception(*args, **kw)


class Listener(web.Server):
    """A server whose connections are :class:`Conversation`."""

    def __call__(self) -> web.RequestHandler:
        """Returns what talks on a new connection."""
        return Conversation(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Runs an application behind a :class:`Listener`; takes what ``web.AppRunner`` takes."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        return Listener(_folded(server.request_handler), request_factory=server.request_factory, **self._kwargs)


def _folded(handler: Any) -> Any:
    """Folds what is raised before a request reaches its surface, such as an expectation that nobody can meet."""
    v1, operator = folding(V1.errors), folding(OPERATOR.errors)

    async def handle(request: web.Request) -> web.StreamResponse:
        handle_inside: Handler = handler
        return await (v1 if f"{V1.prefix}/" in request.path else operator)(request, handle_inside)

    return handle
