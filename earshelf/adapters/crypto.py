"""Encryption at rest: AES-256-GCM under the installation's one key, and where that key is kept."""

import os
import secrets
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from hashlib import sha256
from pathlib import Path

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


def load_or_create_key(config_dir: Path, env: str | None) -> bytes:
    """Returns the installation's key: from the environment's value, else from its file, else a new one in that file.

    A file that others may read is closed to them.

    :raises ConfigurationError: the value is not 64 hex digits, or the file cannot be read or made.
    """
    if env is not None and env.strip():
        return _parsed(env, KEY_VARIABLE)
    path = config_dir / KEY_FILE
    try:
        return _parsed(_read_or_create(path), str(path))
    except OSError as error:
        raise ConfigurationError(f"The key file '{path}' cannot be used: {error.strerror}; check its folder") from error


def _parsed(text: str, source: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or len(text.strip()) != 2 * KEY_BYTES:
        raise ConfigurationError(
            f"{source} must hold {2 * KEY_BYTES} hex digits; restore it from a backup, or remove it to start with a "
            "new key and type all secrets in again"
        )
    return key


def _read_or_create(path: Path) -> str:
    if not path.exists():
        _create(path)
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return path.read_text(encoding="ascii", errors="replace")


def _create(path: Path) -> None:
    """Writes a new key beside its place and links it in, so that nobody ever reads half a key or replaces one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_bytes(KEY_BYTES).hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        _put_in_place(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _put_in_place(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key is the key
    except OSError:
        draft.replace(path)  # some network and USB disks know no hard links
