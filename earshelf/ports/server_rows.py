"""What a unit of work reads and writes of media servers and the accounts behind them."""

from datetime import datetime
from typing import Protocol

from earshelf.domain.accounts import Account, AccountProvider, SignIn
from earshelf.domain.ids import ServerId
from earshelf.domain.servers import MediaServer, ServerKind


class ServerRows(Protocol):
    """Configured media servers, with their tokens in clear on this side of the port only.

    A token that does not open with the installation's key keeps nobody from reading the row: it comes without it, as
    one with ``secrets_lost``, and saving it so leaves the token as it is stored.
    """

    async def add(self, server: MediaServer) -> None:
        """Inserts a new server at version 1.

        :raises AlreadyExists: another row has this id, or is the same machine of the same kind. The unit stays usable.
        """
        ...

    async def get(self, server_id: ServerId) -> MediaServer:
        """Returns the server.

        :raises NotFound: no server has this id.
        """
        ...

    async def all(self) -> list[MediaServer]:
        """Returns every server, oldest first."""
        ...

    async def with_machine(self, kind: ServerKind, machine_id: str) -> MediaServer | None:
        """Returns the server of a kind that is this machine, or None."""
        ...

    async def save(self, server: MediaServer) -> None:
        """Writes the server back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read. :raises NotFound: the row is gone.
        :raises AlreadyExists: another row is the same machine of the same kind. The unit stays usable.
        """
        ...

    async def remove(self, server_id: ServerId) -> None:
        """Deletes the server.

        :raises NotFound: no server has this id.
        """
        ...


class Accounts(Protocol):
    """One account for each provider. Lost tokens are treated as :class:`ServerRows` does."""

    async def of(self, provider: AccountProvider) -> Account | None:
        """Returns the account, None before the first use of the provider."""
        ...

    async def add(self, account: Account) -> None:
        """Inserts the account of a provider at version 1.

        :raises AlreadyExists: there is one. The unit stays usable.
        """
        ...

    async def save(self, account: Account) -> None:
        """Writes the account back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read. :raises NotFound: there is none.
        """
        ...


class SignIns(Protocol):
    """PINs under way. They are no part of a backup: nobody approves a PIN that old."""

    async def add(self, sign_in: SignIn) -> None:
        """Inserts a sign-in at version 1.

        :raises AlreadyExists: another one has this id. The unit stays usable.
        """
        ...

    async def get(self, sign_in_id: str) -> SignIn:
        """Returns the sign-in.

        :raises NotFound: none has this id.
        """
        ...

    async def pending(self) -> list[SignIn]:
        """Returns those that are neither approved, refused nor expired, soonest to expire first, ties by id."""
        ...

    async def save(self, sign_in: SignIn) -> None:
        """Writes the sign-in back and raises its version by one.

        :raises StaleWrite: the stored version is not the one that was read. :raises NotFound: it is gone.
        """
        ...

    async def forget(self, before: datetime) -> None:
        """Deletes those that expired before a moment."""
        ...
