"""Steps of a schema, as they are shipped and as a database remembers them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from earshelf.domain.errors import StorageCorrupt


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; the checksum is that of its text."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What a changed file gives away."""
        return sha256(self.sql.encode()).hexdigest()


def shipped_with(package: str) -> list[Migration]:
    """Returns the steps in a package's folder ``migrations``, in their order."""
    folder = files(package) / "migrations"
    named = sorted((each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name)
    return [
        Migration(int(each.name[:4]), each.name.removesuffix(".sql"), each.read_text(encoding="utf-8"))
        for each in named
    ]


def refuse_strangers(done: Mapping[int, str], known: Sequence[Migration]) -> None:
    """Checks the steps that a database went through, by number and checksum, against those that are known.

    :raises StorageCorrupt: the database is newer than this version, or a step was changed after it was applied.
    """
    checksums = {migration.number: migration.checksum for migration in known}
    for number, checksum in done.items():
        if number not in checksums:
            raise StorageCorrupt(
                f"The database has schema {number} and this version knows up to {max(checksums)}; update Earshelf"
            )
        if checksums[number] != checksum:
            raise StorageCorrupt(
                f"Schema step {number} is not the one that this database was made with; reinstall this version"
            )
