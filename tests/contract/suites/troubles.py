"""How every adapter tells the troubles of the system it talks to.

Provide the fixtures ``ask`` (makes one typical call against a system in the given trouble) and ``secret`` (the
credential that went along, or a text that occurs nowhere).
"""

import logging
import traceback
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import ClassVar
from urllib.parse import quote, quote_plus

import pytest

from earshelf.domain.errors import (
    CredentialsRejected,
    IntegrationError,
    IntegrationKind,
    RateLimited,
    Refused,
    TimedOut,
    UnexpectedPayload,
    Unreachable,
)


class Trouble(StrEnum):
    """What a neighbour can be up to. All but the last five are about how it answers, not what."""

    CLOSED_PORT = "nobody listens"
    SILENCE = "it takes the request and says nothing"
    DROPPED = "it hangs up in the middle of the body"
    NO_HTTP = "it speaks something else"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    LIMITED_SECONDS = "429 with Retry-After: 30"
    LIMITED_DATE = "429 with Retry-After: a date two minutes from now"
    LIMITED_GARBLED = "429 with Retry-After: soon"
    SERVER_ERROR = "500"
    REDIRECT = "302 to another host"
    PAGE = "200 with a browser's page that repeats the request"
    CUT_SHORT = "200 with half a document"
    EMPTY = "200 with nothing"
    WRONG_SHAPE = "200 with a sound document of another kind"
    HUGE = "200 with a body without end"


Ask = Callable[[Trouble], Awaitable[object]]


class TroublesSuite:
    """Subclass per adapter; ``kind`` is the kind of its errors.

    An adapter that sends no credential cannot have it rejected, and says with ``refusal`` what it tells instead; so
    does one to which 401 and 403 say different things.
    """

    kind: ClassVar[IntegrationKind]
    refusal: ClassVar[type[IntegrationError] | tuple[type[IntegrationError], ...]] = CredentialsRejected

    @pytest.mark.parametrize(
        ("trouble", "error"),
        [
            (Trouble.CLOSED_PORT, Unreachable),
            (Trouble.SILENCE, TimedOut),
            (Trouble.DROPPED, Unreachable),
            (Trouble.NO_HTTP, UnexpectedPayload),
            (Trouble.SERVER_ERROR, Refused),
            (Trouble.REDIRECT, Refused),
            (Trouble.PAGE, UnexpectedPayload),
            (Trouble.CUT_SHORT, UnexpectedPayload),
            (Trouble.EMPTY, UnexpectedPayload),
            (Trouble.WRONG_SHAPE, UnexpectedPayload),
            (Trouble.HUGE, UnexpectedPayload),
        ],
    )
    async def test_trouble_is_told_for_what_it_is(
        self, ask: Ask, trouble: Trouble, error: type[IntegrationError]
    ) -> None:
        with pytest.raises(IntegrationError) as caught:
            await ask(trouble)
        assert type(caught.value) is error
        assert caught.value.kind is self.kind

    @pytest.mark.parametrize("trouble", [Trouble.UNAUTHORIZED, Trouble.FORBIDDEN])
    async def test_a_refused_credential_is_never_told_as_an_outage(self, ask: Ask, trouble: Trouble) -> None:
        with pytest.raises(self.refusal) as caught:
            await ask(trouble)
        assert caught.value.kind is self.kind

    @pytest.mark.parametrize(
        ("trouble", "shortest", "longest"),
        [
            (Trouble.LIMITED_SECONDS, 30, 30),
            (Trouble.LIMITED_DATE, 60, 121),
            (Trouble.LIMITED_GARBLED, 60, 60),
        ],
    )
    async def test_a_rate_limit_says_how_long(self, ask: Ask, trouble: Trouble, shortest: int, longest: int) -> None:
        with pytest.raises(RateLimited) as caught:
            await ask(trouble)
        assert shortest <= caught.value.retry_after <= longest

    @pytest.mark.parametrize("trouble", list(Trouble))
    async def test_no_secret_gets_into_an_error_or_a_log(
        self, ask: Ask, secret: str, trouble: Trouble, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        with pytest.raises(IntegrationError) as caught:
            await ask(trouble)
        told = "".join(traceback.format_exception(caught.value))
        for spelling in (secret, quote(secret, safe=""), quote_plus(secret)):
            assert spelling not in told
            assert spelling not in caught.value.message
            assert spelling not in caplog.text
