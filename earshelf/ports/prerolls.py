"""The prerolls that a media server plays by itself before a film: one text that the server keeps."""

from collections.abc import Set as AbstractSet
from typing import Protocol

from earshelf.domain.prerolls import PrerollMode
from earshelf.ports.servers import ServerAccess


class PrerollKeeper(Protocol):
    """The prerolls of one media server. Every method raises errors of kind ``server`` under the access's name.

    What is written is what is read afterwards, character for character, unless somebody changes it on the server.
    """

    @property
    def modes(self) -> AbstractSet[PrerollMode]:
        """How this make of server can play several prerolls; empty for one that knows no prerolls at all."""
        ...

    async def read(self) -> str:
        """Returns the text that the server keeps, as :attr:`Prerolls.value` spells it; empty for no preroll.

        Whoever set it on the server may have spelled it as no :class:`Prerolls` would.

        :raises CredentialsRejected: the server does not know the token.
        :raises Refused: it wants its owner's token (status 403), or knows no prerolls.
        """
        ...

    async def write(self, value: str) -> None:
        """Replaces the text; an empty one takes the prerolls away. Writing the same again changes nothing.

        That the server accepts it does not prove that it kept it. :raises: like :meth:`read`; also where the server
        refuses this text (:class:`Refused`).
        """
        ...


class PrerollKeepers(Protocol):
    """Builds them; building costs nothing and contacts nobody."""

    def at(self, access: ServerAccess) -> PrerollKeeper:
        """Returns the keeper of a server."""
        ...
