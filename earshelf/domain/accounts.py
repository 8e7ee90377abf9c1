"""The owner's account at a media server's maker: signing in with a PIN, and the token that comes of it.

A PIN belongs to whoever made it, and the token never leaves the house: the maker is asked from here.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

from earshelf.domain.errors import CredentialsRejected, IntegrationKind, NotFound

SECRET_LOST = "its stored token does not open with this installation's key; sign in again"  # noqa: S105 - words
# between two questions after a PIN: quick at first, slower later, and never slower than a person waits
_PACES: tuple[tuple[int, timedelta], ...] = (
    (15, timedelta(seconds=2)),
    (30, timedelta(seconds=3)),
    (60, timedelta(seconds=4)),
)
_SLOWEST = timedelta(seconds=5)
_REMEMBERED = timedelta(hours=1)


class AccountProvider(StrEnum):
    """Who keeps accounts."""

    PLEX = "plex"

    @property
    def words(self) -> str:
        """What people call it."""
        return "Plex"


class TokenState(StrEnum):
    """What is known of a token. ``UNREACHABLE`` says nothing against it: nobody could be asked."""

    VALID = "valid"
    REVOKED = "revoked"
    UNREACHABLE = "unreachable"

    def after(self, seen: "TokenState") -> "TokenState":
        """Returns what is known after another look; that nobody answered brings no revoked token back to life."""
        return self if self is TokenState.REVOKED and seen is TokenState.UNREACHABLE else seen


class SignInPurpose(StrEnum):
    """What an approved PIN is good for: linking takes the operator's token, opening the door only a linked account."""

    LINK = "link"
    ENTER = "enter"


class SignInState(StrEnum):
    """Where a sign-in stands; only ``PENDING`` ones are asked after. ``ENTERED`` ones opened the door: once."""

    PENDING = "pending"
    APPROVED = "approved"
    ENTERED = "entered"
    REFUSED = "refused"
    EXPIRED = "expired"


SignInOwner: TypeAlias = str


def owner_of(purpose: SignInPurpose, secret: str) -> SignInOwner:
    """Names the session or token that makes a PIN, without giving it away."""
    return sha256(f"{purpose}\0{secret}".encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Pin:
    """A PIN as its maker handed it out. ``page`` is where the owner approves it."""

    id: str
    code: str = field(repr=False)
    page: str = field(repr=False)
    expires_at: datetime


@dataclass(slots=True)
class SignIn:
    """A PIN on its way from being made to being approved or forgotten. ``version`` belongs to storage.

    ``asked_at`` is when the maker was last asked after it, ``asks`` how often that was. ``account_id`` is whose account
    approved it.
    """

    id: str
    owner: SignInOwner = field(repr=False)
    purpose: SignInPurpose
    expires_at: datetime
    state: SignInState = SignInState.PENDING
    asked_at: datetime | None = None
    asks: int = 0
    account_id: str | None = None
    version: int = 0

    def require_owner(self, owners: Mapping[SignInPurpose, SignInOwner]) -> None:
        """Keeps a PIN from everybody but its maker; ``owners`` is who asks, by purpose.

        :raises NotFound: somebody else made it; others do not even learn that there is one.
        """
        presented = owners.get(self.purpose, "")
        if not hmac.compare_digest(presented.encode(), self.owner.encode()):
            raise NotFound("PIN", self.id)

    def is_due(self, now: datetime) -> bool:
        """Whether it is time to ask the maker (again); a clock that was put back holds nobody up."""
        return self.is_open(now) and (self.asked_at is None or not self.asked_at <= now < self.asked_at + self.pace)

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be approved."""
        return self.state is SignInState.PENDING and now < self.expires_at

    @property
    def pace(self) -> timedelta:
        """How long to wait between two questions: from 2 to 5 seconds, longer the more often was asked."""
        return next((pace for asks, pace in _PACES if self.asks < asks), _SLOWEST)

    def ask(self, now: datetime) -> None:
        """Takes down that the maker is asked."""
        self.asked_at, self.asks = now, self.asks + 1

    def settle(self, state: SignInState) -> None:
        """Ends it; what has ended stays as it ended."""
        if self.state is SignInState.PENDING:
            self.state = state

    def approve(self, holder: "Holder") -> None:
        """Ends it well, with whoever approved it."""
        self.settle(SignInState.APPROVED)
        self.account_id = holder.account_id

    def enter(self, linked: "Holder | None") -> bool:
        """Lets the browser that made it in, and returns whether it may come: once, and only with the linked account.

        One that was approved with an account which is not linked any more is refused from now on.
        """
        if self.purpose is not SignInPurpose.ENTER or self.state is not SignInState.APPROVED:
            return False
        is_linked = linked is not None and linked.account_id == self.account_id
        self.state = SignInState.ENTERED if is_linked else SignInState.REFUSED
        return is_linked

    def expire(self, now: datetime) -> bool:
        """Ends it once its time is over, and returns whether that changed something."""
        if self.state is not SignInState.PENDING or now < self.expires_at:
            return False
        self.state = SignInState.EXPIRED
        return True

    @staticmethod
    def forgettable_before(now: datetime) -> datetime:
        """Returns the moment before which a sign-in must have expired to be forgotten."""
        return now - _REMEMBERED


@dataclass(frozen=True, slots=True)
class Holder:
    """Who an account belongs to; ``email`` is empty where it is not told."""

    account_id: str
    username: str
    email: str = ""


@dataclass(slots=True)
class Account:
    """This installation at one provider: known there by ``client_id`` for its whole life, perhaps linked to a holder.

    ``version`` belongs to storage. ``secrets_lost`` says that storage holds a token which does not open with the
    installation's key; it stays there until another one takes its place.
    """

    provider: AccountProvider
    client_id: str
    holder: Holder | None = None
    token: str = field(default="", repr=False)
    token_state: TokenState = TokenState.VALID
    checked_at: datetime | None = None
    version: int = 0
    secrets_lost: bool = False

    @property
    def is_linked(self) -> bool:
        """Whether somebody signed in, be it that the token still works or not."""
        return self.holder is not None

    def link(self, holder: Holder, token: str, now: datetime) -> None:
        """Takes a fresh token, of the same holder or of another one."""
        self.holder, self.token, self.secrets_lost = holder, token, False
        self.token_state, self.checked_at = TokenState.VALID, now

    def unlink(self) -> None:
        """Forgets holder and token; the installation keeps its name."""
        self.holder, self.token, self.secrets_lost = None, "", False
        self.token_state, self.checked_at = TokenState.VALID, None

    def see(self, state: TokenState, now: datetime) -> None:
        """Takes down what a look at the token showed."""
        self.token_state, self.checked_at = self.token_state.after(state), now

    def usable_token(self) -> str:
        """Returns the token.

        :raises CredentialsRejected: it is lost.
        """
        if self.secrets_lost:
            raise CredentialsRejected(IntegrationKind.SERVER, f"{self.provider.words} account", SECRET_LOST)
        return self.token


def spell_client_id(entropy: bytes) -> str:
    """Spells 16 random bytes as the name that an installation goes by at its account's provider."""
    return str(UUID(bytes=entropy, version=4))
