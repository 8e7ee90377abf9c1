"""The services at which owners of media servers keep their accounts."""

from typing import Protocol

from earshelf.domain.accounts import Holder, Pin
from earshelf.domain.connections import DiscoveredServer
from earshelf.domain.viewers import KnownViewer


class AccountService(Protocol):
    """One provider of accounts. ``client_id`` is what this installation goes by there.

    Every method may take seconds and raises errors of kind ``server``; ``CredentialsRejected`` means that the provider
    itself called the token invalid, and nothing else does.
    """

    async def begin(self, client_id: str) -> Pin:
        """Makes a PIN that its owner can approve on the provider's page until it expires."""
        ...

    async def token_for(self, pin_id: str, client_id: str) -> str | None:
        """Returns the token of an approved PIN, None while it is not approved.

        :raises NotFound: the PIN has expired, or never was.
        """
        ...

    async def holder(self, token: str, client_id: str) -> Holder:
        """Returns whose token it is."""
        ...

    async def servers(self, token: str, client_id: str) -> list[DiscoveredServer]:
        """Returns every server that the account may use, in the provider's order, whether it seems present or not."""
        ...

    async def viewers(self, token: str, client_id: str) -> list[KnownViewer]:
        """Returns everybody whom the account shares something with, or has in its home; ids as servers tell them.

        Whoever is both may come twice.
        """
        ...

    async def sign_out(self, token: str, client_id: str) -> None:
        """Revokes the token; one that is revoked already is no error."""
        ...
