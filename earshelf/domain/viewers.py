"""Everybody who could watch: who is known from where, put together so that everybody is there once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Acquaintance(StrEnum):
    """From where somebody is known; of several names for one person the first in this order counts."""

    ACCOUNT = "account"
    SERVER = "server"
    STREAM = "stream"


@dataclass(frozen=True, slots=True)
class KnownViewer:
    """Somebody who could watch.

    ``id`` is as in :class:`~earshelf.domain.streams.Viewer` and stays when the name changes; None where nobody tells
    one. ``thumb`` is the address of a picture that may be shown to anybody, "" without.
    """

    name: str
    id: str | None = None
    is_owner: bool = False
    thumb: str = ""
    known_from: tuple[Acquaintance, ...] = ()


def everybody(viewers: Iterable[KnownViewer]) -> list[KnownViewer]:
    """Returns everybody once, by name: those with one id are one, and so is a name without id and the same with one."""
    order = list(Acquaintance)
    by_id: dict[str, KnownViewer] = {}
    without: list[KnownViewer] = []
    for viewer in sorted(viewers, key=lambda one: min(map(order.index, one.known_from), default=len(order))):
        if viewer.id:
            by_id[viewer.id] = _joined(by_id[viewer.id], viewer) if viewer.id in by_id else viewer
        else:
            without.append(viewer)
    by_name = {viewer.name.casefold(): viewer for viewer in by_id.values()}
    for viewer in without:
        known = by_name.get(viewer.name.casefold())
        joined = _joined(known, viewer) if known else viewer
        by_name[viewer.name.casefold()] = joined
        if joined.id:
            by_id[joined.id] = joined
    without_id = [viewer for viewer in by_name.values() if not viewer.id]
    return sorted((*by_id.values(), *without_id), key=lambda one: (one.name.casefold(), one.name, one.id or ""))


def _joined(first: KnownViewer, other: KnownViewer) -> KnownViewer:
    return replace(
        first,
        name=first.name or other.name,
        is_owner=first.is_owner or other.is_owner,
        thumb=first.thumb or other.thumb,
        known_from=tuple(dict.fromkeys((*first.known_from, *other.known_from))),
    )
