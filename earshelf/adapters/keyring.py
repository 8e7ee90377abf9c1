"""Where the installation's key is kept: in the environment, else in a file that only its owner may read.

While the key is being changed a second one lies beside it. Whichever of the two the database's secrets name is the key,
so that a stop at any moment leaves everything readable.
"""

import asyncio
import os
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from earshelf.adapters.crypto import KEY_BYTES, KEY_FILE, KEY_VARIABLE, AesGcmCipher
from earshelf.domain.errors import ConfigurationError, SecretUnreadable
from earshelf.ports.archive import StorageArchive

NEXT_VARIABLE = "EARSHELF_SECRET_KEY_NEXT"

_NEXT = ".next"
_REPLACED = ".before-restore"


class FileKeyring:
    """Keeps the key in ``secret.key``; ``fixed`` and ``fixed_next`` are what the environment says, which wins."""

    def __init__(self, config_dir: Path, fixed: str | None = None, fixed_next: str | None = None) -> None:
        self._config_dir = config_dir
        self._path = config_dir / KEY_FILE
        self._next_path = config_dir / f"{KEY_FILE}{_NEXT}"
        self._fixed = fixed if fixed and fixed.strip() else None
        self._fixed_next = fixed_next if fixed_next and fixed_next.strip() else None

    @property
    def is_fixed(self) -> bool:
        return self._fixed is not None

    def key(self) -> bytes:
        """Returns the key, making one at first use."""
        return load_or_create_key(self._config_dir, self._fixed)

    async def current(self) -> bytes:
        return await asyncio.to_thread(self.key)

    def cipher(self, key: bytes) -> AesGcmCipher:
        return AesGcmCipher(key)

    async def propose(self, key: bytes | None = None) -> bytes:
        return await asyncio.to_thread(self._propose, key)

    async def adopt(self, *, keep_old: bool = False) -> None:
        await asyncio.to_thread(self._adopt, keep_old=keep_old)

    async def settle(self, used: Collection[str]) -> None:
        await asyncio.to_thread(self._settle, used)

    async def require(self, used: Collection[str]) -> None:
        await asyncio.to_thread(self._require, used)

    def _propose(self, key: bytes | None) -> bytes:
        if self._fixed is not None:
            if self._fixed_next is None:
                raise ConfigurationError(
                    f"{KEY_VARIABLE} fixes the key; set {NEXT_VARIABLE} to the new one beside it, and afterwards move "
                    f"its value to {KEY_VARIABLE}"
                )
            return _parsed(self._fixed_next, NEXT_VARIABLE)
        proposed = key or secrets.token_bytes(KEY_BYTES)
        with _named(self._next_path):
            _write(self._next_path, proposed)
        return proposed

    def _adopt(self, *, keep_old: bool) -> None:
        if self._fixed is not None:
            self._fixed = self._fixed_next or self._fixed
            return
        with _named(self._path):
            if keep_old and self._path.exists():
                _write(self._path.with_name(f"{KEY_FILE}{_REPLACED}"), self.key())
            # a start of the program in between may have done it already
            with suppress(FileNotFoundError):
                self._next_path.replace(self._path)
            _sync_folder(self._path.parent)

    def _settle(self, used: Collection[str]) -> None:
        if not used or AesGcmCipher(self.key()).key_id in used:
            return
        proposed = self._proposed()
        if proposed is not None and AesGcmCipher(proposed).key_id in used:
            self._adopt(keep_old=False)

    def _require(self, used: Collection[str]) -> None:
        here = AesGcmCipher(self.key()).key_id if used else ""
        # where some secrets name another key, the owner has given those up
        if not used or here in used:
            return
        where = KEY_VARIABLE if self.is_fixed else f"'{self._path}'"
        raise SecretUnreadable(
            f"The database's secrets need the key with id {', '.join(sorted(used))}, and {where} holds the one with id "
            f"{here}; put the right key back there, restore a backup, or give the secrets up with 'earshelf api-key "
            "--regenerate' and 'earshelf token --regenerate' and type the neighbours' in again"
        )

    def _proposed(self) -> bytes | None:
        if self._fixed is not None:
            return _parsed(self._fixed_next, NEXT_VARIABLE) if self._fixed_next else None
        with _named(self._next_path):
            return _parsed(_read(self._next_path), str(self._next_path)) if self._next_path.exists() else None


class SettledKey:
    """Completes, when entered, a change of key that was cut short; the database must be open."""

    def __init__(self, keyring: FileKeyring, archive: StorageArchive) -> None:
        self._keyring = keyring
        self._archive = archive

    async def __aenter__(self) -> Self:
        await self._keyring.settle(await self._archive.key_ids())
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """There is nothing to close."""


def load_or_create_key(config_dir: Path, env: str | None) -> bytes:
    """Returns the installation's key: from the environment's value, else from its file, else a new one in that file.

    A file that others may read is closed to them.

    :raises ConfigurationError: the value is not 64 hex digits, or the file cannot be read or made.
    """
    if env is not None and env.strip():
        return _parsed(env, KEY_VARIABLE)
    path = config_dir / KEY_FILE
    with _named(path):
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, secrets.token_bytes(KEY_BYTES), replacing=False)
        return _parsed(_read(path), str(path))


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


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"The key file '{path}' cannot be used: {error.strerror}; check its folder") from error


def _read(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        path.chmod(0o600)
    return path.read_text(encoding="ascii", errors="replace")


def _write(path: Path, key: bytes, *, replacing: bool = True) -> None:
    """Writes a key beside its place and moves it in, so that nobody ever reads half a key."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        if replacing:
            draft.replace(path)
        else:
            _link(draft, path)
        _sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def _link(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first; its key is the key
    except OSError:
        draft.replace(path)  # some network and USB disks know no hard links


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
