"""One log line per request, without the query string: it may hold the API key."""

import logging

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger


class AccessLogger(AbstractAccessLogger):
    """Writes method, path, status and milliseconds."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Writes one line."""
        self.logger.info("%s %s %d %.1f ms", request.method, request.rel_url.raw_path, response.status, time * 1000)

    @property
    def enabled(self) -> bool:
        """Whether anybody would see the line."""
        return self.logger.isEnabledFor(logging.INFO)
