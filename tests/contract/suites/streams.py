"""What every source of live sessions must do.

Fixtures: ``source`` of a server that is well, and its ``theatre``, where a test plays the viewers.
"""

from contextlib import aclosing
from typing import Protocol

from earshelf.domain.stop_rules import written_notice
from earshelf.ports.streams import Listening, Notification, StreamAbility, StreamsChanged, StreamSource


class Theatre(Protocol):
    """Where a test decides who watches."""

    def play(self, key: str, *, viewer: str, has_id: bool = True) -> None:
        """Starts a session; ``has_id`` is off for a player that gives no id. The session id is ``id-of-<key>``."""
        ...

    def know(self, number: str, name: str) -> None:
        """Lets the server know somebody."""
        ...

    async def tell(self) -> None:
        """Lets the server notify its listeners that a session changed."""
        ...

    @property
    def endings(self) -> list[tuple[str, str]]:
        """The sessions that were asked to end, with the reasons that their players showed."""
        ...


class StreamSourceSuite:
    """A server lists who watches, ends what it is asked to end, and tells of changes."""

    async def test_nobody_watches(self, source: StreamSource) -> None:
        assert await source.streams() == []

    async def test_sessions_are_listed_in_order(self, source: StreamSource, theatre: Theatre) -> None:
        theatre.play("48", viewer="tom")
        theatre.play("7", viewer="żaneta")
        told = [(one.key, one.session_id, one.viewer.name) for one in await source.streams()]
        assert told == [("48", "id-of-48", "tom"), ("7", "id-of-7", "żaneta")]

    async def test_a_session_without_id_is_listed_as_one_that_cannot_be_stopped(
        self, source: StreamSource, theatre: Theatre
    ) -> None:
        theatre.play("48", viewer="tom", has_id=False)
        (stream,) = await source.streams()
        assert (stream.key, stream.session_id, stream.can_be_stopped) == ("48", None, False)

    async def test_an_ended_session_is_gone_and_its_player_shows_why(
        self, source: StreamSource, theatre: Theatre
    ) -> None:
        assert StreamAbility.TERMINATES in source.abilities
        theatre.play("48", viewer="tom")
        theatre.play("49", viewer="ada")
        reason = written_notice("Wartung & Pflege; до 12 ч? 100 %", {})
        assert await source.terminate("id-of-48", reason) is True
        assert theatre.endings == [("id-of-48", reason)]
        assert [one.key for one in await source.streams()] == ["49"]

    async def test_whom_the_server_knows_is_told_by_id(self, source: StreamSource, theatre: Theatre) -> None:
        assert StreamAbility.KNOWS_VIEWERS in source.abilities
        assert await source.viewers() == []
        theatre.know("31337", "żaneta")
        (known,) = await source.viewers()
        assert (known.id, known.name, known.is_owner) == ("31337", "żaneta", False)

    async def test_ending_what_has_ended_is_no_error(self, source: StreamSource) -> None:
        assert await source.terminate("id-of-48", "enough") is False

    async def test_changes_are_told_after_the_connection_stands(self, source: StreamSource, theatre: Theatre) -> None:
        assert StreamAbility.NOTIFIES in source.abilities
        heard: list[Notification] = []
        async with aclosing(source.notifications()) as told:
            async for one in told:
                heard.append(one)
                if isinstance(one, StreamsChanged):
                    break
                await theatre.tell()
        assert heard == [Listening(), StreamsChanged()]
