"""Media servers that the owner configures, told apart by their machines, wherever they move."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from earshelf.domain.accounts import SECRET_LOST, TokenState
from earshelf.domain.errors import Conflict, CredentialsRejected, IntegrationKind
from earshelf.domain.ids import ServerId
from earshelf.domain.sync_schedules import SyncSchedule


class ServerKind(StrEnum):
    """Whose software a server runs."""

    PLEX = "plex"


class AuthMethod(StrEnum):
    """Where a server's credential comes from: typed in, or handed out by the linked account."""

    TOKEN = "token"  # noqa: S105 - a way to sign in, not a token
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class ServerRules:
    """All that is particular to one kind.

    ``token_parameter`` is how addresses copied from a browser carry the token, ``own_paths`` the first segments of
    the kind's own paths, which are no prefix of a reverse proxy.
    """

    words: str
    methods: frozenset[AuthMethod]
    token_parameter: str
    own_paths: frozenset[str]


KINDS: Mapping[ServerKind, ServerRules] = {
    ServerKind.PLEX: ServerRules(
        words="Plex",
        methods=frozenset(AuthMethod),
        token_parameter="X-Plex-Token",  # noqa: S106 - the name of a parameter
        own_paths=frozenset({"library", "identity", "status", "web", "playlists", "hubs", "photo", "video", ":"}),
    ),
}


@dataclass(slots=True)
class MediaServer:
    """One configured media server. ``version`` belongs to storage.

    ``machine_id`` is what the server calls itself wherever it moves, None until it was met; no two rows of one kind
    share it. ``software`` and ``platform`` are what it said when it was last met.
    ``secrets_lost`` says that storage holds a token which does not open with the installation's key; it stays there
    until another one is typed in. ``notice`` is what became of it by itself since its owner changed it, or what speaks
    against its address, if anything.
    ``schedule`` says when its libraries are read by themselves; where it is ``preferred`` its copies stand for others.
    """

    id: ServerId
    kind: ServerKind
    name: str
    url: str
    method: AuthMethod
    token: str = field(default="", repr=False)
    enabled: bool = True
    verify_ssl: bool = True
    machine_id: str | None = None
    software: str = ""
    platform: str = ""
    token_state: TokenState = TokenState.VALID
    checked_at: datetime | None = None
    version: int = 0
    secrets_lost: bool = False
    notice: str = ""
    schedule: SyncSchedule = SyncSchedule()
    preferred: bool = False

    def meet(self, description: "ServerDescription", now: datetime) -> None:
        """Takes down what the server said of itself; its token is fine."""
        self.machine_id, self.software, self.platform = (
            description.machine_id,
            description.version,
            description.platform,
        )
        self.token_state, self.checked_at = TokenState.VALID, now

    def see(self, state: TokenState, now: datetime) -> None:
        """Takes down what a look at the token showed."""
        self.token_state, self.checked_at = self.token_state.after(state), now

    def doubt(self) -> None:
        """Has the next look at tokens take in this one: it was refused."""
        self.checked_at = None

    def renew(self, token: str) -> None:
        """Takes a fresh token in place of the old one."""
        self.token, self.secrets_lost = token, False

    def follow(self, there: "MediaServer", notice: str) -> None:
        """Goes on at another address, with the token that was taken there; ``notice`` tells its owner."""
        self.url, self.notice = there.url, notice
        if there.token != self.token:
            self.renew(there.token)

    def usable_token(self) -> str:
        """Returns the token.

        :raises CredentialsRejected: it is lost.
        """
        if self.secrets_lost:
            raise CredentialsRejected(IntegrationKind.SERVER, self.name, SECRET_LOST)
        return self.token


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """What a server tells anybody."""

    machine_id: str
    version: str = ""
    is_claimed: bool = True


@dataclass(frozen=True, slots=True)
class ServerDescription:
    """What a server tells whoever shows its token. ``is_premium``: its owner pays for what only subscribers get."""

    machine_id: str
    name: str
    version: str = ""
    platform: str = ""
    is_premium: bool = False
    owner: str = ""


def identity_problem(server: MediaServer, machine_id: str) -> str | None:
    """Says why a server that answers is not the one that is meant, in words with the remedy; None where it is.

    Whoever answers as another machine must not be shown the token.
    """
    if server.machine_id is None or server.machine_id == machine_id:
        return None
    return (
        "another server answers at this address: it calls itself "
        f"{shortened(machine_id)}, and this one was {shortened(server.machine_id)}. If its software was set up "
        "anew there, type the token in again; if it moved, give its new address"
    )


def shortened(machine_id: str) -> str:
    """Spells a machine's identifier so that people can compare it."""
    return f"'{machine_id[:12]}…'" if len(machine_id) > 13 else f"'{machine_id}'"


def move_notice(before: MediaServer, after: MediaServer) -> str | None:
    """Says what was found out about a server that is known already; None where nothing is different."""
    if before.machine_id not in (None, after.machine_id):
        return f"'{after.name}' was set up anew: it is another machine than before, and goes on under the same id"
    if before.url != after.url:
        return f"'{after.name}' is known already: its address was changed from {before.url} to {after.url}"
    return None


def require_free_address(server: MediaServer, stored: Iterable[MediaServer]) -> None:
    """Keeps a new server from being stored beside another one at the same address.

    :raises Conflict: one is there; the message names it, and says what to do.
    """
    there = next((each for each in stored if (each.kind, each.url) == (server.kind, server.url)), None)
    if there is None:
        return
    if there.machine_id and server.machine_id:
        raise Conflict(
            f"'{there.name}' is configured at this address, and {identity_problem(there, server.machine_id)}"
        )
    raise Conflict(f"'{there.name}' is configured at this address already; change that one, or remove it")


def follow_notice(before: MediaServer, after: MediaServer, warning: str | None) -> str:
    """Says that a server was found elsewhere; ``warning`` is what speaks against its new address."""
    told = f"'{before.name}' did not answer at {before.url} any more; it was found at {after.url}, and goes on there"
    return f"{told}. But {warning}" if warning else told
