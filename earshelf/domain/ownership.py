"""Which media servers have a file, by their libraries' folders and path rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from earshelf.domain.path_rules import PathRow, apply_path_mappings, inwards
from earshelf.domain.paths import PathMapping, candidates, is_below


@dataclass(frozen=True, slots=True)
class LibraryRoots:
    """One library of a server: its folders, as the server calls them."""

    key: str
    roots: tuple[str, ...]
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class ServerPaths:
    """What of a server decides which files are its own."""

    server_id: str
    libraries: tuple[LibraryRoots, ...]
    rows: tuple[PathRow, ...] = ()
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Ownership:
    """A server has a file, in this library."""

    server_id: str
    library_key: str


def owners(path: str, servers: Iterable[ServerPaths]) -> list[Ownership]:
    """Lists the servers that have the file at a local path, in their order, each with the first library that holds it.

    Disabled servers and libraries own nothing. What ends in a slash, or is a library's folder itself, is no file.
    """
    if path.endswith(("/", "\\")):
        return []
    found = ((server.server_id, _library_of(path, server)) for server in servers if server.enabled)
    return [Ownership(server_id, key) for server_id, key in found if key is not None]


def owned_candidates(path: str, servers: Sequence[ServerPaths]) -> list[str]:
    """Lists the local paths that a webhook's path may mean and that some server owns, the path itself first.

    The file is the first of them that exists, else the first.
    """
    if not path.strip():
        return []
    led = (candidates(path, inwards(server.rows)) for server in servers if server.enabled)
    unique = dict.fromkeys([path, *(each.path for found in led for each in found)])
    return [each for each in unique if owners(each, servers)]


def _library_of(path: str, server: ServerPaths) -> str | None:
    outwards = [PathMapping(row.local_prefix, row.remote_prefix) for row in server.rows]
    called = [each.path for each in candidates(path, outwards)]
    for library in server.libraries:
        if library.enabled and any(_holds(root, path, called, server.rows) for root in library.roots):
            return library.key
    return None


def _holds(root: str, path: str, called: Sequence[str], rows: Iterable[PathRow]) -> bool:
    """Whether a file lies in a root, by the root's local names or by the names that the server has for the file.

    The second way finds files of a row whose prefix is longer than the root.
    """
    return any(is_below(path, here) for here in apply_path_mappings(root, rows)) or any(
        is_below(name, root) for name in called
    )
