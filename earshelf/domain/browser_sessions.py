"""Sessions of browsers: who came in by which way, and for how long a cookie stands for the operator's token.

A browser holds a random secret. Kept here are digests of it, of which none opens the door by itself.
"""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

LIFETIME = timedelta(days=30)
IDLE = timedelta(days=7)
# writing down every request would cost more than it tells
_TOUCHED_EVERY = timedelta(hours=1)
# a clock that was set right in between begins no session in the future
_SKEW = timedelta(hours=1)


class Way(StrEnum):
    """How a browser came in: with the operator's token, or with the linked account."""

    TOKEN = "token"  # noqa: S105 - the name of a way, not a secret
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class SessionSeal:
    """Makes of a browser's secret what may be stored; ``key`` is the owner's session key, empty where none is set."""

    key: bytes = field(default=b"", repr=False)

    def name(self, secret: str) -> str:
        """Returns the id under which the session of a secret is stored, in hexadecimal digits."""
        return _digest(self.key, f"session\0{secret}")

    def bond(self, secret: str, token: str) -> str:
        """Returns what ties a session to the operator's token of its time, and tells nothing of either."""
        return _digest(secret.encode(), f"token\0{token}")


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """One browser that was let in. ``account_id`` is whose account it came in with, None for the operator's token."""

    id: str = field(repr=False)
    bond: str = field(repr=False)
    begun_at: datetime
    seen_at: datetime
    account_id: str | None = None

    @property
    def way(self) -> Way:
        """How it came in."""
        return Way.TOKEN if self.account_id is None else Way.ACCOUNT

    @property
    def ends_at(self) -> datetime:
        """When it ends if the browser does not come back."""
        return min(self.begun_at + LIFETIME, self.seen_at + IDLE)

    def is_alive(self, now: datetime) -> bool:
        """Whether its time is not over."""
        return self.begun_at - _SKEW <= now < self.ends_at

    def is_bound_by(self, bond: str) -> bool:
        """Whether the operator's token is still the one that it began under."""
        return hmac.compare_digest(self.bond, bond)

    def is_worth_noting(self, now: datetime) -> bool:
        """Whether so much time went by that its browser's coming back should be written down."""
        return now >= self.seen_at + _TOUCHED_EVERY


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode(errors="surrogatepass"), sha256).hex()
