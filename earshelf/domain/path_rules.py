"""The rows by which a media server's paths, the paths of its webhooks and the paths of this machine are one another.

The canonical path of a file is its path on this machine. All matching is that of :mod:`earshelf.domain.paths`: the
longest prefix wins, whatever the order of the rows, and of equally long ones the first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

from earshelf.domain.paths import PathMapping, depth, is_absolute, is_at_or_below, map_path, same_place
from earshelf.domain.paths import candidates as every_match


@dataclass(frozen=True, slots=True)
class PathRow:
    """One row: what the server calls ``remote_prefix`` lies here under ``local_prefix``.

    ``webhook_prefixes`` are what other programs call it in their webhooks, where that differs.
    """

    remote_prefix: str
    local_prefix: str
    webhook_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shadowing:
    """A row whose ``prefix`` an earlier row has too and leads elsewhere, so that the later is only the second choice.

    Both rows are numbered from 0.
    """

    prefix: str
    row: int
    by: int


@dataclass(frozen=True, slots=True)
class MissingMapping:
    """A row that is probably missing: a webhook calls ``webhook_prefix`` what the server calls ``remote_prefix``."""

    remote_prefix: str
    webhook_prefix: str


def path_rows(value: Any, *, legacy_remote: str = "", legacy_local: str = "") -> tuple[PathRow, ...]:
    """Reads a list of rows as it may come from a file; what is no row, or lacks a prefix, is left out.

    ``plex_prefix`` is an older name of ``remote_prefix``. The legacy texts hold several folders each, parted by
    semicolons, and count only where no row is left.
    """
    rows = value if isinstance(value, list | tuple) else ()
    read = (_row(row) for row in rows if isinstance(row, Mapping))
    return tuple(row for row in read if row is not None) or _legacy_rows(legacy_remote, legacy_local)


def row_problems(value: Any) -> dict[str, str]:
    """Says what is wrong with rows that are to be saved, by dotted path within the list; rows that are all blank pass.

    Whether the local folder exists is not looked at.
    """
    if not isinstance(value, list | tuple):
        return {"": "must be a list of rows"}
    found: dict[str, str] = {}
    for number, row in enumerate(value):
        problems = _problems_of(row) if isinstance(row, Mapping) else {"": "must be an object"}
        found |= {f"{number}.{name}".rstrip("."): why for name, why in problems.items()}
    return found


def inwards(rows: Iterable[PathRow]) -> Iterator[PathMapping]:
    """Lists the rows' ways onto this machine, in their order, within a row from the server first."""
    for row in rows:
        for prefix in (row.remote_prefix, *row.webhook_prefixes):
            yield PathMapping(prefix, row.local_prefix)


def to_canonical(path: str, rows: Iterable[PathRow]) -> str | None:
    """Returns what a server's or a webhook's path is on this machine; unchanged where no row matches.

    Of equally long prefixes the earlier row's wins, within a row the server's. None for a blank path.
    """
    mapped = map_path(path, inwards(rows))
    return mapped.path if mapped else None


def apply_path_mappings(remote: str, rows: Iterable[PathRow]) -> list[str]:
    """Lists every local path that a server's path may be, longest prefix first; the path itself where none matches."""
    return _led(remote, [PathMapping(row.remote_prefix, row.local_prefix) for row in rows])


def apply_webhook_prefixes(path: str, rows: Iterable[PathRow]) -> list[str]:
    """Lists every local path that a webhook's path may be by the rows' webhook prefixes alone, longest first.

    The path itself where no row matches.
    """
    return _led(path, [PathMapping(hook, row.local_prefix) for row in rows for hook in row.webhook_prefixes])


def candidates(path: str, rows: Iterable[PathRow]) -> list[str]:
    """Lists the path and what it may be called by any of the three, each once, longest prefix first.

    Empty for a blank path.
    """
    if not path.strip():
        return []
    found = every_match(path, [mapping for row in rows for mapping in _both_ways(row)])
    return list(dict.fromkeys([path, *(each.path for each in found)]))


def siblings(path: str, rows: Iterable[PathRow]) -> list[str]:
    """Lists where else a file may lie that is not at its local path: below the other local prefixes, longest first.

    Several disks often stand behind one folder of the server. Empty where no local prefix holds the path.
    """
    given = dict.fromkeys(row.local_prefix for row in rows if row.local_prefix.strip())
    prefixes = sorted(given, key=depth, reverse=True)
    home = next((prefix for prefix in prefixes if is_at_or_below(path, prefix)), None)
    if home is None:
        return []
    others = [PathMapping(home, prefix) for prefix in prefixes if not same_place(prefix, home)]
    return [each.path for each in every_match(path, others)]


def shadowings(rows: Sequence[PathRow]) -> list[Shadowing]:
    """Finds prefixes that two rows lead to different places, in the order of the rows."""
    steps = [(number, mapping) for number, row in enumerate(rows) for mapping in inwards([row])]
    found: dict[tuple[str, int], Shadowing] = {}
    for place, (number, later) in enumerate(steps):
        for by, earlier in steps[:place]:
            if same_place(earlier.source, later.source) and not same_place(earlier.target, later.target):
                found.setdefault((later.source, number), Shadowing(later.source, row=number, by=by))
    return list(found.values())


def missing_mapping(path: str, roots: Iterable[str]) -> MissingMapping | None:
    """Looks for a server's folder in the middle of a webhook's path: ``/data/tv`` in ``/mnt/user/data/tv/a.mkv``.

    Case does not matter here, whole names do; of several folders the longest is told. None where there is none.
    """
    names = _names(path)
    lead = "/" * (len(path) - len(path.lstrip("/\\")))
    for root in sorted(roots, key=depth, reverse=True):
        wanted = _names(root)
        for start in range(1, len(names) - len(wanted) + 1):
            end = start + len(wanted)
            if wanted and _folded(names[start:end]) == _folded(wanted):
                return MissingMapping(remote_prefix=root, webhook_prefix=lead + "/".join(names[:end]))
    return None


def _row(row: Mapping[Any, Any]) -> PathRow | None:
    remote = _text(row.get("remote_prefix")) or _text(row.get("plex_prefix"))
    local = _text(row.get("local_prefix"))
    hooks = row.get("webhook_prefixes")
    trimmed = map(_text, hooks) if isinstance(hooks, list | tuple) else ()
    return PathRow(remote, local, tuple(hook for hook in trimmed if hook)) if remote and local else None


def _legacy_rows(remote: str, local: str) -> tuple[PathRow, ...]:
    theirs, ours = _parts(remote), _parts(local)
    if not theirs or not ours:
        return ()
    if len(ours) == 1:
        return tuple(PathRow(each, ours[0]) for each in theirs)
    if len(theirs) != len(ours):
        return (PathRow(theirs[0], ours[0]),)
    return tuple(PathRow(there, here) for there, here in zip(theirs, ours, strict=True))


def _problems_of(row: Mapping[Any, Any]) -> dict[str, str]:
    remote = _text(row.get("remote_prefix")) or _text(row.get("plex_prefix"))
    local, hooks = _text(row.get("local_prefix")), row.get("webhook_prefixes") or []
    if not remote and not local and not hooks:
        return {}
    problems = {}
    if not remote or "\0" in remote:
        problems["remote_prefix"] = "must be a folder as the server calls it"
    if not is_absolute(local) or "\0" in local:
        problems["local_prefix"] = "must be the absolute path of a folder here"
    if not isinstance(hooks, list | tuple) or not all(isinstance(hook, str) and "\0" not in hook for hook in hooks):
        problems["webhook_prefixes"] = "must be a list of folders"
    return problems


def _both_ways(row: PathRow) -> Iterator[PathMapping]:
    remote, local = row.remote_prefix, row.local_prefix
    yield PathMapping(remote, local)
    yield PathMapping(local, remote)
    for hook in row.webhook_prefixes:
        yield from (PathMapping(hook, local), PathMapping(hook, remote))
        yield from (PathMapping(local, hook), PathMapping(remote, hook))


def _led(path: str, mappings: Iterable[PathMapping]) -> list[str]:
    found = [each.path for each in every_match(path, mappings)]
    return found or ([path] if path.strip() else [])


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _names(path: str) -> list[str]:
    return [name for name in path.replace("\\", "/").split("/") if name]


def _folded(names: Sequence[str]) -> list[str]:
    return [normalize("NFC", name).casefold() for name in names]
