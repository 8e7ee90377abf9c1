"""Sessions of browsers: logging in with the operator's token, logging out, and who is in."""

import logging
from datetime import timedelta

from aiohttp import web
from marshmallow import Schema, validate

from earshelf.domain.attempts import Attempts, Standing
from earshelf.domain.browser_sessions import Way
from earshelf.domain.errors import Forbidden, Unauthenticated
from earshelf.domain.usecases.admitting import Admitting
from earshelf.entrypoints.answers import answer, spelled_date
from earshelf.entrypoints.auth import FOREIGN, OperatorDoor
from earshelf.entrypoints.callers import SESSION_COOKIE, Caller
from earshelf.entrypoints.cookies import Cookies
from earshelf.entrypoints.operator.errors import refusal
from earshelf.entrypoints.operator.schemas import Flag, date, nullable_text, text
from earshelf.entrypoints.routing import Answer, Call, Route
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
_MOST_ATTEMPTS, _WINDOW = 10, timedelta(minutes=1)
_LONGEST_TOKEN = 1000
_QUOTA = {
    "X-RateLimit-Limit": "Attempts within a minute",
    "X-RateLimit-Remaining": "Attempts that are left",
    "X-RateLimit-Reset": "When the next one comes back, in seconds since 1970",
}


class Login(Schema):
    """What a browser logs in with."""

    token = text(
        validate=validate.Length(1, _LONGEST_TOKEN),
        metadata={"description": "The operator token; `earshelf token` prints it"},
    )


class LoggedIn(Schema):
    """A session began; the answer's cookie holds its secret."""

    success = Flag(required=True)
    expires_at = date(metadata={"description": "When it ends if the browser does not come back"})


class LoggedOut(Schema):
    """There is no session any more."""

    success = Flag(required=True)


class AuthStatus(Schema):
    """Who asks."""

    authenticated = Flag(required=True)
    method = nullable_text(
        validate=validate.OneOf(["header", *Way]),
        metadata={"description": "`header` where a token is shown; else what the session began with"},
    )
    expires_at = date(
        allow_none=True, metadata={"description": "When the session ends if the browser does not come back"}
    )


_MOMENT = "2026-06-29T14:30:00.000Z"
_TOO_MANY = Answer(
    "Somebody at this address tried too often",
    refusal("RATE_LIMITED", "Too many attempts; try again in 48 s").shape,
    {"error": "Too many attempts; try again in 48 s", "code": "RATE_LIMITED"},
    headers={"Retry-After": "Seconds to wait", **_QUOTA},
)
_WRONG = "This is not the operator token; `earshelf token` prints it"

ROUTES = (
    Route(
        "POST",
        "/auth/login",
        "login",
        "Log in with the operator token",
        "auth",
        {
            200: Answer("The session began", LoggedIn, {"success": True, "expires_at": _MOMENT}, headers=_QUOTA),
            401: refusal("UNAUTHORIZED", _WRONG, "The token is wrong"),
            429: _TOO_MANY,
        },
        description=f"Sets the cookie `{SESSION_COOKIE}`, which stands for the token on every route of this API. "
        "A session that the browser has already ends.",
        body=Login(),
        body_example={"token": "kVbGQ0yW3n4Y0cT1mZ8s2fR7uHqLxJ5aD9eB6iPoKtE"},
        is_open=True,
    ),
    Route(
        "POST",
        "/auth/logout",
        "logout",
        "Log out",
        "auth",
        {
            200: Answer("There is no session any more", LoggedOut, {"success": True}),
            403: refusal("FORBIDDEN", FOREIGN, "A page of another origin sent it"),
        },
        description="Ends the session on the server, and the cookie. Without a session there is nothing to do.",
        is_open=True,
    ),
    Route(
        "GET",
        "/auth/status",
        "status",
        "See whether one is logged in",
        "auth",
        {
            200: Answer(
                "Who asks", AuthStatus, {"authenticated": True, "method": "token", "expires_at": _MOMENT}
            ),
            401: refusal("UNAUTHORIZED", "Authentication required", "A token is shown, and it is wrong"),
            429: _TOO_MANY,
        },
        is_open=True,
    ),
)  # fmt: skip


class Sessions:
    """Answers the routes of sessions."""

    def __init__(self, *, admitting: Admitting, door: OperatorDoor, cookies: Cookies, clock: Clock) -> None:
        self._admitting = admitting
        self._door = door
        self._cookies = cookies
        self._clock = clock
        self._attempts = Attempts(most=_MOST_ATTEMPTS, window=_WINDOW)

    async def login(self, call: Call) -> web.Response:
        """Begins a session for whoever knows the token; every attempt counts, so that nobody learns from the last."""
        caller = call.caller
        self._count(caller)
        try:
            admission = await self._admitting.with_token(call.body["token"].strip(), former=caller.session)
        except Unauthenticated:
            _log.warning("Somebody at %s tried to log in with a wrong token", caller.address)
            raise
        _log.info("Somebody at %s logged in with the operator token", caller.address)
        reply = answer({"success": True, "expires_at": spelled_date(admission.session.ends_at)})
        self._cookies.begin(reply, caller, admission)
        return reply

    async def logout(self, call: Call) -> web.Response:
        """Ends the browser's session."""
        if secret := call.caller.session:
            if call.caller.is_foreign:
                raise Forbidden(FOREIGN)
            await self._admitting.leave(secret)
        reply = answer({"success": True})
        self._cookies.drop(reply, call.caller, SESSION_COOKIE)
        return reply

    async def status(self, call: Call) -> web.Response:
        """Tells who asks; a wrong token counts as an attempt to log in."""
        if call.caller.token:
            if not await self._door.has_token(call.caller):
                self._count(call.caller)
                raise Unauthenticated
            return answer({"authenticated": True, "method": "header", "expires_at": None})
        session = await self._door.session(call.caller)
        if session is None:
            return answer({"authenticated": False, "method": None, "expires_at": None})
        return answer({"authenticated": True, "method": session.way, "expires_at": spelled_date(session.ends_at)})

    def _count(self, caller: Caller) -> None:
        now = self._clock.now()
        try:
            self._attempts.count(caller.address, now)
        finally:
            caller.tell(_spelled(self._attempts.standing(caller.address, now)))


def _spelled(standing: Standing) -> dict[str, str]:
    values = (standing.most, standing.left, int(standing.renewed_at.timestamp()) + 1)
    return dict(zip(_QUOTA, map(str, values), strict=True))
