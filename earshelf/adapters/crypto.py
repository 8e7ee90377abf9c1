"""Encryption at rest: AES-256-GCM under the installation's one key."""

import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from earshelf.domain.errors import ConfigurationError, SecretUnreadable

KEY_BYTES = 32
KEY_FILE = "secret.key"
KEY_VARIABLE = "EARSHELF_SECRET_KEY"

_NONCE_BYTES = 12
_FORM = "enc:1"
_ALTERED = "A stored secret was altered or moved to another row; restore a backup"


class AesGcmCipher:
    """Encrypts with one key of 32 bytes, whose id stands in every value."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ConfigurationError(f"The secret key must have {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)
        self.key_id = sha256(b"earshelf key id\0" + key).hexdigest()[:8]

    def __repr__(self) -> str:
        return f"AesGcmCipher(key_id={self.key_id!r})"

    def encrypt(self, plaintext: str, *, context: str) -> str:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, plaintext.encode(), context.encode())
        return f"{_FORM}:{self.key_id}:{b64encode(nonce + sealed).decode()}"

    def decrypt(self, value: str, *, context: str) -> str:
        sealed = self._sealed(value)
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise SecretUnreadable(_ALTERED) from None

    def _sealed(self, value: str) -> bytes:
        head, _, body = value.rpartition(":")
        form, _, key_id = head.rpartition(":")
        if form != _FORM:
            raise SecretUnreadable("A stored secret is not encrypted in a form that this version knows")
        if key_id != self.key_id:
            raise SecretUnreadable(
                f"Stored secrets need the key with id {key_id}, and this installation has {self.key_id}; put the old "
                f"key back into {KEY_VARIABLE} or {KEY_FILE}"
            )
        try:
            return b64decode(body, validate=True)
        except Base64Error:
            raise SecretUnreadable(_ALTERED) from None
