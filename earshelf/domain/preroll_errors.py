"""Why a preroll, or a schedule of prerolls, cannot be used."""

from collections.abc import Sequence
from datetime import datetime

from earshelf.domain.errors import Conflict, Invalid


class MixedSeparators(Invalid):
    """Commas and semicolons in one value: a server plays paths in order or one of them, not both."""

    code = "mixed_separators"

    def __init__(self, field: str = "path") -> None:
        why = "separates with ',' (in order) and ';' (one at random); use one of them"
        super().__init__("Prerolls cannot be in order and random at once", {field: why})


class ScheduleConflict(Conflict):
    """Schedules of the same priority are active at the same time; ``overlaps`` names each and the first moment."""

    code = "schedule_conflict"

    def __init__(self, overlaps: Sequence[tuple[str, datetime]]) -> None:
        named = ", ".join(f"'{name}' from {at:%Y-%m-%d %H:%M} UTC" for name, at in overlaps)
        super().__init__(
            f"Another schedule of the same priority is active at the same time: {named}; change a priority"
        )
        self.overlaps = tuple(overlaps)


class PresetInUse(Conflict):
    """Schedules were made from the preset."""

    code = "preset_in_use"

    def __init__(self, schedules: Sequence[str]) -> None:
        named = ", ".join(f"'{name}'" for name in schedules)
        super().__init__(f"The preset is used by {named}; delete it with force to keep the schedules as they are")
        self.schedules = tuple(schedules)
