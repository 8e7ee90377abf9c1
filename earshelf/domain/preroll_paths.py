"""How the paths of prerolls are spelled on a server that sees its disks otherwise than their owner does."""

from dataclasses import dataclass, replace

from earshelf.domain.errors import Invalid
from earshelf.domain.ids import ServerId
from earshelf.domain.paths import PathMapping, deciding_row, map_path
from earshelf.domain.prerolls import Prerolls

_SEPARATORS = ",;"


@dataclass(frozen=True, slots=True)
class PrerollMappings:
    """The path mappings of one server: sources as presets and schedules spell them, targets as the server does.

    A row with a blank target says that the server has nothing of what lies there; one with a backslash in its target is
    for Windows, and what it leads to is spelled with backslashes.

    :raises Invalid: a source is blank, or a target holds what separates paths or a control character.
    """

    server_id: ServerId
    rows: tuple[PathMapping, ...] = ()

    def __post_init__(self) -> None:
        problems: dict[str, str] = {}
        for number, row in enumerate(self.rows):
            if not row.source.strip():
                problems[f"rows.{number}.source"] = "is required"
            if any(letter in _SEPARATORS or ord(letter) < 32 for letter in row.target):
                problems[f"rows.{number}.target"] = "holds ',' or ';', which separate paths, or a control character"
        if problems:
            raise Invalid("These path mappings cannot be used", problems)

    def on_server(self, prerolls: Prerolls) -> Prerolls:
        """Spells prerolls as the server does; those that it does not have are left out."""
        found = (self._spelled(path) for path in prerolls.paths)
        return replace(prerolls, paths=tuple(path for path in found if path is not None))

    def _spelled(self, path: str) -> str | None:
        mapped, row = map_path(path, self.rows), deciding_row(path, self.rows)
        if mapped is None:
            return None
        return mapped.path.replace("/", "\\") if row and "\\" in row.target else mapped.path
