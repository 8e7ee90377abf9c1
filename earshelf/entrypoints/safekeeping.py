"""What the commands that keep a library safe do and print."""

from dataclasses import replace

from earshelf.config.container import Container
from earshelf.config.process import ProcessSettings
from earshelf.config.storage import database_kind, sqlite_path
from earshelf.domain.errors import ConfigurationError
from earshelf.domain.records import summary
from earshelf.entrypoints.output import say


async def back_up(container: Container, file: str) -> None:
    """Writes a backup."""
    _refuse_memory(container.settings())
    async with container.opened():
        manifest = await container.safekeeping().back_up(file)
    say(
        f"'{file}' holds {summary(manifest.tallies)}, the settings and the key {manifest.key_id}; "
        "whoever has it can read every secret"
    )


async def restore(container: Container, file: str, *, dry_run: bool) -> None:
    """Puts a backup in the place of the library, or only tells what it holds."""
    _refuse_memory(container.settings())
    safekeeping = container.safekeeping()
    if dry_run:
        manifest = await safekeeping.examine(file)
        moment = f"{manifest.created_at:%Y-%m-%d %H:%M} UTC"
        say(f"'{file}' is sound: {summary(manifest.tallies)}, of {moment}; nothing was changed")
        return
    manifest, kept = await safekeeping.restore(file)
    # opened as the server will open it
    async with container.opened():
        await safekeeping.restore_settings(file)
    say(f"Restored {summary(manifest.tallies)}" + (f"; the library before it is kept in {kept}" if kept else ""))


async def rotate_key(container: Container) -> None:
    """Makes a new key."""
    _refuse_memory(container.settings())
    async with container.opened():
        key_id, count = await container.safekeeping().rotate_key()
    say(f"The key is {key_id} now; secrets encrypted with it: {count}. Release ids handed out before are void")
    if container.keyring().is_fixed:
        say("Now move the value of EARSHELF_SECRET_KEY_NEXT to EARSHELF_SECRET_KEY")


async def copy_database(settings: ProcessSettings, from_url: str, to_url: str) -> None:
    """Copies one database into another, empty one."""
    source, target = (_at(settings, *named) for named in (("FROM_URL", from_url), ("TO_URL", to_url)))
    _refuse_missing(source)
    one, other = Container(settings=source), Container(settings=target)
    async with one.opened(), other.opened():
        tallies = await one.safekeeping().copy_to(other.archive())
        if database_kind(target) != "sqlite" or database_kind(source) != "sqlite":
            await other.settings_store().save(await one.settings_store().load())
    say(f"Copied, read back and found equal: {summary(tallies)}")


def _at(settings: ProcessSettings, name: str, url: str) -> ProcessSettings:
    if not url.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise ConfigurationError(f"{name} must start with sqlite:/// or postgresql://")
    return replace(settings, database_url=url)


def _refuse_memory(settings: ProcessSettings) -> None:
    if database_kind(settings) == "memory":
        raise ConfigurationError("A library in memory ends with its process; set EARSHELF_DATABASE_URL to a database")


def _refuse_missing(settings: ProcessSettings) -> None:
    if database_kind(settings) == "sqlite" and not sqlite_path(settings).is_file():
        raise ConfigurationError(f"There is no database '{sqlite_path(settings)}' to copy")
