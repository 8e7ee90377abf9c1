"""The contract of :class:`~earshelf.ports.connectors.Connector`.

Provide the fixtures ``connector``, ``target`` (the one that it is configured for), ``wrongly_keyed`` and
``pointing_nowhere`` (the same server, with a wrong credential and with a target that it does not have) and
``refreshed`` (counts what the server was made to refresh so far).
"""

from collections.abc import Callable

import pytest

from earshelf.domain.errors import CredentialsRejected, TargetMissing
from earshelf.domain.events import ChangeReason
from earshelf.domain.ids import BookId
from earshelf.domain.refreshes import LibraryChange
from earshelf.ports.connectors import Connector, Target


def changed(path: str, *, book: str = "bk_one") -> LibraryChange:
    """A book that was just imported into a folder."""
    return LibraryChange(book_id=BookId(book), title="The Lantern Keeper", path=path, reason=ChangeReason.IMPORT)


class ConnectorSuite:
    """What every connector promises."""

    async def test_the_targets_have_ids_and_names(self, connector: Connector, target: Target) -> None:
        targets = await connector.targets()
        assert target in targets
        assert all(each.id and each.name for each in targets)

    async def test_a_sound_configuration_passes_the_check(
        self, connector: Connector, refreshed: Callable[[], int]
    ) -> None:
        await connector.check()
        assert refreshed() == 0

    async def test_a_target_that_is_not_there_fails_the_check_and_names_those_that_are(
        self, pointing_nowhere: Connector, target: Target
    ) -> None:
        with pytest.raises(TargetMissing) as caught:
            await pointing_nowhere.check()
        assert target.name in caught.value.message

    async def test_a_target_that_is_gone_cannot_be_refreshed(
        self, pointing_nowhere: Connector, refreshed: Callable[[], int]
    ) -> None:
        with pytest.raises(TargetMissing):
            await pointing_nowhere.refresh([changed("/library/A/B")])
        assert refreshed() == 0

    async def test_targets_can_be_fetched_before_one_is_chosen(
        self, pointing_nowhere: Connector, target: Target
    ) -> None:
        assert target in await pointing_nowhere.targets()

    async def test_a_wrong_credential_is_told_as_one(self, wrongly_keyed: Connector) -> None:
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.targets()
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.check()
        with pytest.raises(CredentialsRejected):
            await wrongly_keyed.refresh([changed("/library/A/B")])

    async def test_a_change_makes_the_server_look(self, connector: Connector, refreshed: Callable[[], int]) -> None:
        await connector.refresh([changed("/library/A/B")])
        assert refreshed() == 1

    async def test_two_books_in_one_folder_are_one_look(
        self, connector: Connector, refreshed: Callable[[], int]
    ) -> None:
        await connector.refresh([changed("/library/A/B"), changed("/library/A/B", book="bk_two")])
        assert refreshed() == 1

    async def test_a_batch_may_be_sent_again(self, connector: Connector, refreshed: Callable[[], int]) -> None:
        first = await connector.refresh([changed("/library/A/B")])
        assert await connector.refresh([changed("/library/A/B")]) == first
        assert refreshed() == 2

    async def test_an_empty_batch_asks_for_nothing(self, connector: Connector, refreshed: Callable[[], int]) -> None:
        await connector.refresh([])
        assert refreshed() == 0
