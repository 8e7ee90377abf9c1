"""What every keeper of a media server's prerolls must do.

Fixtures: ``keepers``; ``access`` leads to a server that is well and plays ``/own/trailer.mp4``, with the right token.
"""

from dataclasses import replace

import pytest

from earshelf.domain.errors import CredentialsRejected
from earshelf.domain.prerolls import PrerollMode, Prerolls
from earshelf.ports.prerolls import PrerollKeepers
from earshelf.ports.servers import ServerAccess

HARD_NAMES = (
    "/films/Ünïcode жук 日本 🎬.mp4",
    "/films/100% & more + a=b?#x.mp4",
    r"D:\Prerolls\Winter's \"best\".mkv",
    r"\\nas\share\a b.mp4",
    "/films/e\u0301.mp4",
    "/films/é.mp4",
)


class PrerollKeeperSuite:
    """What is written is what is read."""

    async def test_the_owners_value_is_read_and_left(self, keepers: PrerollKeepers, access: ServerAccess) -> None:
        keeper = keepers.at(access)
        assert await keeper.read() == "/own/trailer.mp4"
        assert await keeper.read() == "/own/trailer.mp4"

    async def test_what_was_written_is_read_by_whoever_asks_next(
        self, keepers: PrerollKeepers, access: ServerAccess
    ) -> None:
        await keepers.at(access).write("/a.mp4")
        assert await keepers.at(access).read() == "/a.mp4"

    @pytest.mark.parametrize("mode", list(PrerollMode))
    async def test_several_paths_arrive_in_order_however_they_are_spelled(
        self, keepers: PrerollKeepers, access: ServerAccess, mode: PrerollMode
    ) -> None:
        keeper = keepers.at(access)
        assert mode in keeper.modes
        value = Prerolls(HARD_NAMES, mode).value
        await keeper.write(value)
        assert await keeper.read() == value

    async def test_nothing_takes_the_preroll_away_and_again_changes_nothing(
        self, keepers: PrerollKeepers, access: ServerAccess
    ) -> None:
        keeper = keepers.at(access)
        for _ in range(2):
            await keeper.write("")
            assert await keeper.read() == ""

    async def test_a_wrong_token_is_rejected_and_changes_nothing(
        self, keepers: PrerollKeepers, access: ServerAccess
    ) -> None:
        stranger = keepers.at(replace(access, token="wrong"))
        with pytest.raises(CredentialsRejected):
            await stranger.read()
        with pytest.raises(CredentialsRejected):
            await stranger.write("/a.mp4")
        assert await keepers.at(access).read() == "/own/trailer.mp4"
