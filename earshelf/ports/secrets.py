"""Encryption of what must not be read from a stolen database."""

from collections.abc import Collection
from typing import Protocol


class Cipher(Protocol):
    """Encrypts short texts with the installation's key.

    ``context`` names the place of the value (table, column, row). A value decrypts at its own place only.
    """

    @property
    def key_id(self) -> str:
        """Names the key without giving it away; it stands in every value."""
        ...

    def encrypt(self, plaintext: str, *, context: str) -> str:
        """Returns ``enc:1:<key id>:<base64>``; the same text never encrypts to the same value twice."""
        ...

    def decrypt(self, value: str, *, context: str) -> str:
        """Returns the plain text.

        :raises SecretUnreadable: another key made it, it belongs to another place, or it was altered.
        """
        ...


class Keyring(Protocol):
    """Where the installation's key is kept, and the one that shall follow it."""

    async def current(self) -> bytes:
        """Returns the key, making one at first use.

        :raises ConfigurationError: what is kept is no key.
        """
        ...

    def cipher(self, key: bytes) -> Cipher:
        """Returns what encrypts with this key.

        :raises ConfigurationError: it is no key.
        """
        ...

    async def propose(self, key: bytes | None = None) -> bytes:
        """Writes down the key that shall follow, a new one unless it is given, and returns it.

        From then on a start of the program takes whichever of the two the database was encrypted with.

        :raises ConfigurationError: the environment fixes the key and does not name the next one.
        """
        ...

    async def adopt(self, *, keep_old: bool = False) -> None:
        """Makes the proposed key the current one; the old one is kept beside it where that is wished."""
        ...

    async def settle(self, used: Collection[str]) -> None:
        """Adopts the proposed key where the database's secrets name it: somebody was stopped before they could.

        Secrets that name a key which is not here change nothing: see :meth:`require`.
        """
        ...

    async def require(self, used: Collection[str]) -> None:
        """Sees to it that the key is among those that the database's secrets name, if they name any.

        :raises SecretUnreadable: it is not; the message gives the id of the one that is needed, and the remedy.
        """
        ...

    @property
    def is_fixed(self) -> bool:
        """Whether the environment sets the key, so that nothing here can change it."""
        ...
