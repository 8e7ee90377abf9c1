"""Encryption of what must not be read from a stolen database."""

from typing import Protocol


class Cipher(Protocol):
    """Encrypts short texts with the installation's key.

    ``context`` names the place of the value (table, column, row). A value decrypts at its own place only.
    """

    def encrypt(self, plaintext: str, *, context: str) -> str:
        """Returns ``enc:1:<key id>:<base64>``; the same text never encrypts to the same value twice."""
        ...

    def decrypt(self, value: str, *, context: str) -> str:
        """Returns the plain text.

        :raises SecretUnreadable: another key made it, it belongs to another place, or it was altered.
        """
        ...
