"""Who calls, and what they show; and whether it is a page of ours that lets a browser call."""

from collections.abc import Mapping

from aiohttp import web

SESSION_COOKIE = "earshelf_session"
TOLD = web.RequestKey("told", dict[str, str])
_BEARER = "bearer "
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_OURS = frozenset({"same-origin", "none"})
# a browser leaves them out of an origin, a proxy may put them into the host
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Caller:
    """One request's caller; nobody shows anything and calls from nowhere."""

    def __init__(self, request: web.Request | None = None) -> None:
        self._request = request

    @property
    def address(self) -> str:
        """The address that the connection comes from."""
        return (self._request.remote if self._request else None) or ""

    @property
    def key(self) -> str | None:
        """The API key that is shown, right or wrong: the header wins, an empty one counts as absent."""
        if not self._request:
            return None
        if header := self._request.headers.get("X-Api-Key"):
            return header
        # a repeated parameter says nothing clear
        given = self._request.query.getall("apikey", []) if self._request.query_string else []
        return given[0] if len(given) == 1 else None

    @property
    def token(self) -> str | None:
        """The operator token that is shown, right or wrong."""
        if header := self._header("X-Auth-Token"):
            return header
        authorization = self._header("Authorization")
        return authorization[len(_BEARER) :].strip() if authorization.lower().startswith(_BEARER) else None

    @property
    def session(self) -> str | None:
        """The secret of a session that is shown, right or wrong."""
        return self.cookie(SESSION_COOKIE)

    @property
    def is_encrypted(self) -> bool:
        """Whether the connection itself is; what lies before a proxy is not seen."""
        return self._request is not None and self._request.secure

    @property
    def is_foreign(self) -> bool:
        """Whether a page of another origin makes a browser change something here.

        Browsers say so: in ``Sec-Fetch-Site`` where they trust the connection, in ``Origin`` with everything that
        changes something. What says neither is no browser.
        """
        if self._request is None or self._request.method in _SAFE:
            return False
        if site := self._header("Sec-Fetch-Site"):
            return site.lower() not in _OF_OURS
        scheme, _, host = self._header("Origin").casefold().partition("://")
        return bool(scheme) and host != self._header("Host").casefold().removesuffix(_DEFAULT_PORTS.get(scheme, ""))

    def cookie(self, name: str) -> str | None:
        """Returns a cookie's value; of several of one name the first, which browsers mean most closely for this path.

        Such are left of another ``URL_BASE``, or belong to what else is served under this host's name.
        """
        # aiohttp would give the last one
        given = (pair.strip().partition("=") for pair in self._header("Cookie").split(";"))
        return next((value for called, _, value in given if called == name), None)

    def tell(self, headers: Mapping[str, str]) -> None:
        """Puts headers on the answer, whatever it will be."""
        if self._request is not None:
            self._request.setdefault(TOLD, {}).update(headers)

    def _header(self, name: str) -> str:
        return self._request.headers.get(name, "") if self._request else ""
