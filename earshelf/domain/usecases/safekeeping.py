"""Keeping the library safe: backups, moving to another database, and a new key."""

from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from typing import Any

from earshelf.domain.backups import FORMAT, PROGRAM, Manifest, manifest_from
from earshelf.domain.errors import ConfigurationError, Conflict, Invalid, SecretUnreadable
from earshelf.domain.records import Ledger, Record, RecordKind, Tally, differences, kind_of, record_from, spelled
from earshelf.domain.settings import Settings
from earshelf.ports.archive import Backup, BackupDraft, BackupFiles, StorageArchive, Succession
from earshelf.ports.leadership import Leadership
from earshelf.ports.secrets import Cipher, Keyring
from earshelf.ports.settings import SettingsStore
from earshelf.ports.system import Clock

_LINES_AT_ONCE = 500
_SEALED_AS = "backup.records:"


class Safekeeping:
    """Writes backups, puts them back, copies to other databases and changes the key."""

    def __init__(
        self,
        *,
        archive: StorageArchive,
        succession: Succession,
        leadership: Leadership,
        keyring: Keyring,
        settings: SettingsStore,
        backups: BackupFiles,
        clock: Clock,
        version: str,
    ) -> None:
        self._archive = archive
        self._succession = succession
        self._leadership = leadership
        self._keyring = keyring
        self._settings = settings
        self._backups = backups
        self._clock = clock
        self._version = version

    async def require_key(self) -> None:
        """Sees to it that the installation's key is the one that the library's secrets need.

        :raises SecretUnreadable: it is not; the message names the key that is, and the remedies.
        """
        await self._keyring.require(await self._archive.key_ids())

    async def back_up(self, path: str) -> Manifest:
        """Writes everything of one moment, settings and key into one file; the server may go on meanwhile.

        :raises FilesUnavailable: the disk refuses; what had the name before is still there.
        """
        await self.require_key()
        key = await self._keyring.current()
        cipher = self._keyring.cipher(key)
        async with self._backups.created(path) as draft:
            tallies = await self._write(draft, cipher)
            created_at = self._clock.now()
            manifest = Manifest(PROGRAM, FORMAT, self._version, created_at, cipher.key_id, tallies)
            settings = await self._settings.load()
            await draft.finish(manifest.as_mapping(), settings.as_mapping(), key.hex() + "\n")
        return manifest

    async def examine(self, path: str) -> Manifest:
        """Reads a backup from end to end and returns what it says of itself, having changed nothing.

        :raises Invalid: it is damaged, was tampered with, or its key does not open its secrets.
        :raises FilesUnavailable: it is not there.
        """
        async with self._backups.opened(path) as backup:
            return await self._examined(backup)

    async def restore(self, path: str) -> tuple[Manifest, str | None]:
        """Puts a backup in the place of the library, once all of it was read and found sound.

        The settings follow with :meth:`restore_settings`, when the database is open. Returns the manifest, and in words
        where the replaced library is kept.

        :raises ConfigurationError: a server is running; nothing was changed.
        :raises Invalid: as :meth:`examine`; nothing was changed.
        """
        async with self._leadership.alone(), self._backups.opened(path) as backup:
            manifest = await self._examined(backup)
            key = _key_of(backup)
            own = await self._keyring.current() if self._keyring.is_fixed else key
            async with self._succession.prepared() as successor:
                cipher = self._keyring.cipher(own)
                async with aclosing(_records(backup, self._keyring.cipher(key))) as records:
                    await successor.archive.load(records, cipher)
                _demand_alike(manifest.tallies, await _tallied(successor.archive, cipher))
                if not self._keyring.is_fixed:
                    await self._keyring.propose(key)
                kept = await successor.take_over()
            if not self._keyring.is_fixed:
                await self._keyring.adopt(keep_old=True)
        return manifest, kept

    async def restore_settings(self, path: str) -> None:
        """Puts a backup's settings in the place of the owner's."""
        async with self._backups.opened(path) as backup:
            await self._settings.save(_settings_of(backup))

    async def copy_to(self, other: StorageArchive) -> Mapping[str, Tally]:
        """Copies everything of one moment into an empty database, reads it back, and returns how much there is.

        :raises Conflict: the other one is not empty, or does not hold the same afterwards.
        """
        await self.require_key()
        cipher = self._keyring.cipher(await self._keyring.current())
        ledger = Ledger()
        async with aclosing(self._archive.dump(cipher)) as records, aclosing(_entered(records, ledger)) as entered:
            await other.load(entered, cipher)
        _demand_alike(ledger.tallies, await _tallied(other, cipher))
        return ledger.tallies

    async def rotate_key(self) -> tuple[str, int]:
        """Makes a new key and encrypts every secret with it; returns its id and how many secrets there were.

        Stopped at any moment, all secrets are readable at the next start. Release tokens signed before are void.

        :raises ConfigurationError: a server is running, or the environment fixes the key.
        """
        async with self._leadership.alone():
            await self.require_key()
            old = self._keyring.cipher(await self._keyring.current())
            new = self._keyring.cipher(await self._keyring.propose())
            if new.key_id == old.key_id:
                raise ConfigurationError("The new key is the one that is in use; choose another")
            count = await self._archive.reseal(old=old, new=new)
            await self._keyring.adopt()
        return new.key_id, count

    async def _write(self, draft: BackupDraft, cipher: Cipher) -> Mapping[str, Tally]:
        ledger = Ledger()
        lines: list[str] = []
        async with aclosing(self._archive.dump(cipher)) as records:
            async for record in records:
                kind, text = kind_of(record), spelled(record)
                ledger.enter(kind, text)
                lines.append(_line(kind, text, cipher))
                if len(lines) == _LINES_AT_ONCE:
                    await draft.write(lines)
                    lines = []
        await draft.write(lines)
        return ledger.tallies

    async def _examined(self, backup: Backup) -> Manifest:
        manifest = manifest_from(backup.manifest)
        _settings_of(backup)
        cipher = self._keyring.cipher(_key_of(backup))
        if cipher.key_id != manifest.key_id:
            raise Invalid("its key is not the one that it was written with")
        ledger = Ledger()
        async with aclosing(_records(backup, cipher)) as records:
            async for record in records:
                ledger.enter(kind_of(record), spelled(record))
                if ledger.count(kind_of(record)) > manifest.tallies[kind_of(record)].count:
                    raise Invalid(f"it holds more of {kind_of(record)} than it says")
        if found := differences(manifest.tallies, ledger.tallies):
            raise Invalid(f"its records are not those that it was written with ({found[0]})")
        return manifest


def _line(kind: RecordKind, text: str, cipher: Cipher) -> str:
    if kind.holds_secrets:
        return f"{kind}! {cipher.encrypt(text, context=_SEALED_AS + kind)}"
    return f"{kind} {text}"


async def _records(backup: Backup, cipher: Cipher) -> AsyncGenerator[Record, None]:
    async with aclosing(backup.lines()) as lines:
        async for line in lines:
            yield _record(line, cipher)


def _record(line: str, cipher: Cipher) -> Record:
    word, _, text = line.partition(" ")
    try:
        kind = RecordKind(word.removesuffix("!"))
    except ValueError:
        raise Invalid("it holds a kind of record that this version does not know") from None
    if kind.holds_secrets:
        try:
            text = cipher.decrypt(text, context=_SEALED_AS + kind)
        except SecretUnreadable:
            raise Invalid("a secret in it does not open with its key") from None
    return record_from(kind, text)


async def _entered(records: AsyncIterable[Record], ledger: Ledger) -> AsyncGenerator[Record, None]:
    async for record in records:
        ledger.enter(kind_of(record), spelled(record))
        yield record


async def _tallied(archive: StorageArchive, cipher: Cipher) -> Mapping[str, Tally]:
    ledger = Ledger()
    async with aclosing(archive.dump(cipher)) as records:
        async for record in records:
            ledger.enter(kind_of(record), spelled(record))
    return ledger.tallies


def _demand_alike(wished: Mapping[str, Tally], found: Mapping[str, Tally]) -> None:
    if different := differences(wished, found):
        raise Conflict(f"The copy is not equal to its original: {'; '.join(different)}")


def _settings_of(backup: Backup) -> Settings:
    given: Any = backup.settings
    if not isinstance(given, dict):
        raise Invalid("its settings are no JSON object")
    try:
        return Settings().changed(given)
    except Invalid as problem:
        raise Invalid(f"its settings cannot be used: {'; '.join(problem.fields) or problem.message}") from None


def _key_of(backup: Backup) -> bytes:
    try:
        return bytes.fromhex(backup.key)
    except ValueError:
        raise Invalid("its key is no key") from None
