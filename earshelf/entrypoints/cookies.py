"""Cookies as the house sets them: for its own paths, out of the reach of scripts, and not sent along by other sites."""

from aiohttp import web

from earshelf.domain.browser_sessions import LIFETIME
from earshelf.domain.usecases.admitting import Admission
from earshelf.entrypoints.callers import SESSION_COOKIE, Caller


class Cookies:
    """Sets and drops them; with ``https`` they are for encrypted connections only, whatever this one looks like."""

    def __init__(self, *, url_base: str, https: bool) -> None:
        self._path = url_base or "/"
        self._https = https

    def begin(self, reply: web.Response, caller: Caller, admission: Admission) -> None:
        """Hands a session's secret to its browser."""
        self.set(reply, caller, SESSION_COOKIE, admission.secret, seconds=int(LIFETIME.total_seconds()))

    def set(self, reply: web.Response, caller: Caller, name: str, value: str, *, seconds: int) -> None:
        """Hands a value to the browser, for so long."""
        reply.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._path,
            secure=self._https or caller.is_encrypted,
            httponly=True,
            samesite="Lax",
        )

    def drop(self, reply: web.Response, caller: Caller, name: str) -> None:
        """Makes the browser forget."""
        self.set(reply, caller, name, "", seconds=0)
