"""What happens because something happened: the whole table."""

from earshelf.adapters.outbox import Reactions
from earshelf.config.container import Container
from earshelf.domain.events import BookAdded, BookFilesChanged, DownloadCompleted, Event


def reactions(container: Container) -> Reactions:
    """Event to handlers; every handler starts one method of a use case."""
    importing = container.importing()

    async def nudge_import(_: Event) -> None:
        importing.nudge()

    return {
        BookAdded: [container.searching().greet],
        DownloadCompleted: [nudge_import],
        BookFilesChanged: [container.refreshing().note],
    }
