"""Media servers: found through the linked account or typed in, tried before they are trusted, known by machine."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from earshelf.domain.accounts import TokenState
from earshelf.domain.companion_errors import OtherMachine
from earshelf.domain.connection_faults import OTHER_MACHINE, blamed_field, fault_code
from earshelf.domain.connections import DiscoveredServer
from earshelf.domain.errors import (
    AccountNotLinked,
    AlreadyExists,
    Conflict,
    IntegrationError,
    Invalid,
    NotFound,
    StaleWrite,
)
from earshelf.domain.ids import IdPrefix, ServerId
from earshelf.domain.server_drafts import DrawnUp, ServerDraft, draw_up, keep_wishes
from earshelf.domain.server_trials import ServerTrial
from earshelf.domain.servers import (
    AuthMethod,
    MediaServer,
    ServerDescription,
    ServerKind,
    move_notice,
    require_free_address,
    shortened,
)
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.discovering import Discovering
from earshelf.domain.usecases.probing import Probing
from earshelf.ports.media import MediaStore
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_log = logging.getLogger(__name__)
# servers refuse every token for a while when they start
_SECOND_LOOK_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Settled:
    """A server as it was stored; ``notice`` is what its owner should know, ``is_new`` whether the row is."""

    server: MediaServer
    is_new: bool
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """A server that the account may use; ``configured`` is the row that it has here, if any."""

    found: DiscoveredServer
    configured: ServerId | None


class Connecting:
    """Adds, changes, tries and removes media servers, and keeps their tokens fresh."""

    def __init__(
        self,
        *,
        storage: Storage,
        discovering: Discovering,
        probing: Probing,
        media: MediaStore,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self._storage = storage
        self._media = media
        self._discovering = discovering
        self._probing = probing
        self._clock = clock
        self._entropy = entropy

    async def all(self) -> list[MediaServer]:
        """Returns every configured server, oldest first."""
        async with self._storage.unit() as unit:
            return await unit.servers.all()

    async def get(self, server_id: ServerId) -> MediaServer:
        """Returns one server.

        :raises NotFound: no server has this id.
        """
        async with self._storage.unit() as unit:
            return await unit.servers.get(server_id)

    async def discover(self) -> list[Discovery]:
        """Returns what the linked account may use, the owner's own servers first; their tokens stay in the house.

        :raises AccountNotLinked: nobody signed in. :raises IntegrationError: the account's provider did not tell.
        """
        found = await self._discovering.servers()
        async with self._storage.unit() as unit:
            known = {server.machine_id: server.id for server in await unit.servers.all()}
        return [Discovery(each, known.get(each.machine_id)) for each in found]

    async def add(self, draft: ServerDraft) -> Settled:
        """Tries a new server and stores it; one whose machine is known already is changed instead of doubled.

        A disabled one is stored untried.

        :raises Invalid: the draft breaks a rule, or the server cannot be used as it is described; nothing is stored.
        :raises AccountNotLinked: its credential shall come from the account, and there is none.
        :raises Conflict: another machine, or nobody knows which, is configured at this address.
        """
        drawn = draw_up(draft, identifier=ServerId(self._entropy.new_id(IdPrefix.SERVER)))
        server, notice = drawn.server, None
        if server.enabled or not server.url:
            notice = await self._prove(drawn)
        async with self._storage.unit() as unit:
            twin = await unit.servers.with_machine(server.kind, server.machine_id) if server.machine_id else None
            if twin is not None:
                server.id, server.version = twin.id, twin.version
                keep_wishes(server, twin, draft)
                notice = notice or move_notice(twin, server) or f"'{server.name}' was configured already"
                await unit.servers.save(server)
            else:
                require_free_address(server, await unit.servers.all())
                await unit.servers.add(server)
            await unit.commit(self._clock.now())
        return Settled(server, is_new=twin is None, notice=notice)

    async def change(self, server_id: ServerId, merge: Callable[[MediaServer], ServerDraft]) -> Settled:
        """Replaces a server's configuration by what ``merge`` makes of it; it is tried unless it is switched off.

        :raises NotFound: no server has this id. :raises Invalid: as :meth:`add`.
        :raises Conflict: the address is another configured server's, or somebody else was faster.
        """
        stored = await self.get(server_id)
        drawn = draw_up(merge(stored), identifier=server_id, stored=stored)
        notice = None
        if drawn.server.enabled and _must_prove(stored, drawn):
            notice = await self._prove(drawn) or move_notice(stored, drawn.server)
        async with self._storage.unit() as unit:
            await self._refuse_anothers(unit, drawn.server)
            await unit.servers.save(drawn.server)
            await unit.commit(self._clock.now())
        return Settled(drawn.server, is_new=False, notice=notice)

    async def remove(self, server_id: ServerId) -> None:
        """Forgets a server, and what is known of its libraries.

        :raises NotFound: no server has this id.
        """
        async with self._storage.unit() as unit:
            await unit.servers.remove(server_id)
            await unit.commit(self._clock.now())
        await self._media.items.remove_server(server_id)

    async def test(self, draft: ServerDraft, *, stored_id: ServerId | None = None) -> ServerTrial:
        """Tries a draft that is not stored; ``stored_id`` says whose token a mask stands for."""
        try:
            stored = await self.get(stored_id) if stored_id else None
        except NotFound:
            stored = None
        identifier = stored_id or ServerId("")
        try:
            drawn = draw_up(draft, identifier=identifier, stored=stored)
            await self._place(drawn.server)
        except (Invalid, AccountNotLinked) as problem:
            fields = problem.fields if isinstance(problem, Invalid) else {}
            return ServerTrial(ok=False, message=problem.message, fields=fields)
        except IntegrationError as problem:
            return ServerTrial(ok=False, message=problem.message, code=fault_code(problem, ServerKind(draft.kind)))
        return await self._try(drawn.server, may_be_another=drawn.is_retyped)

    async def test_stored(self, server_id: ServerId) -> ServerTrial:
        """Tries a stored server, enabled or not, and takes down what that showed of its token.

        :raises NotFound: no server has this id.
        """
        server = await self.get(server_id)
        trial = await self._try(server)
        await self._note(server_id, trial.token_state, trial.description)
        return trial

    async def look_after(self, server_id: ServerId) -> TokenState:
        """Looks at a server's token, twice where it is refused, and takes a fresh one from the account where it can.

        :raises NotFound: no server has this id.
        """
        trial = await self._try(await self.get(server_id))
        if trial.token_state is TokenState.REVOKED:
            await self._clock.sleep(_SECOND_LOOK_SECONDS)
            trial = await self._try(await self.get(server_id))
        if trial.token_state is TokenState.REVOKED and await self._renewed(server_id):
            trial = await self._try(await self.get(server_id))
        state = trial.token_state
        await self._note(server_id, state, trial.description)
        return state

    async def renew_tokens(self) -> None:
        """After somebody signed in: gives servers whose token does not work any more a fresh one of the account's."""
        await asyncio.gather(*(self._renew(server) for server in await self.all() if server.enabled))

    async def _renew(self, server: MediaServer) -> None:
        try:
            trial = await self._try(server)
            if trial.token_state is TokenState.REVOKED and await self._renewed(server.id):
                trial = await self._try(await self.get(server.id))
        except NotFound:
            _log.debug("The token of '%s' was not looked at: it was removed meanwhile", server.name)
        except IntegrationError as problem:
            _log.warning("The token of '%s' was not looked at: %s", server.name, problem)
        else:
            await self._note(server.id, trial.token_state, trial.description)

    async def _renewed(self, server_id: ServerId) -> bool:
        """Takes the account's own token for a server, if it has another one than is stored."""
        server = await self.get(server_id)
        try:
            found = await self._discovering.server(server.machine_id)
        except (AccountNotLinked, IntegrationError):
            return False
        fresh = found.token if found else ""
        if not fresh or (fresh == server.token and not server.secrets_lost):
            return False

        async def decide(unit: UnitOfWork) -> None:
            stored = await unit.servers.get(server_id)
            stored.renew(fresh)
            await unit.servers.save(stored)

        await unless_stale(self._storage, self._clock, decide)
        _log.info("'%s' got a fresh token from the account", server.name)
        return True

    async def _prove(self, drawn: DrawnUp) -> str | None:
        """Places a server and meets it; what the server itself gets wrong is told by the draft's field."""
        server = drawn.server
        notice = await self._place(server)
        try:
            server.meet(
                await self._probing.meet(server, may_be_another=drawn.is_retyped, insists=True), self._clock.now()
            )
        except IntegrationError as problem:
            field_name = blamed_field(problem, server.kind) or "url"
            raise Invalid(f"Failed to connect to server: {problem.message}", {field_name: problem.reason}) from problem
        return notice

    async def _place(self, server: MediaServer) -> str | None:
        """Gives a server of the account its token, and an address where it has none; returns what to say about it."""
        if server.method is not AuthMethod.ACCOUNT:
            return None
        found = await self._discovering.servers()
        if server.machine_id is None:
            server.machine_id = (await (await self._probing.client(server, insists=True)).identity()).machine_id
        mine = next((each for each in found if each.machine_id == server.machine_id), None)
        if mine is None:
            why = f"no server of the linked account is {shortened(server.machine_id)}"
            raise Invalid(f"machine_id: {why}", {"machine_id": why})
        server.renew(mine.token)
        warning = None if server.url else await self._probing.choose(server, mine)
        server.notice = warning or ""
        return warning

    async def _try(self, server: MediaServer, *, may_be_another: bool = False) -> ServerTrial:
        begun = self._clock.now()
        try:
            met = await self._probing.meet(server, may_be_another=may_be_another, insists=True)
        except OtherMachine as problem:
            return ServerTrial(ok=False, message=problem.message, code=OTHER_MACHINE, fields=problem.fields)
        except IntegrationError as problem:
            blamed = blamed_field(problem, server.kind)
            fields = {blamed: problem.reason} if blamed else {}
            return ServerTrial(ok=False, message=problem.message, code=fault_code(problem, server.kind), fields=fields)
        latency = (self._clock.now() - begun).total_seconds() * 1000
        return ServerTrial(ok=True, message=f"Connected to {met.name}", description=met, latency_ms=latency)

    async def _note(self, server_id: ServerId, state: TokenState, met: ServerDescription | None) -> None:
        async def decide(unit: UnitOfWork) -> None:
            stored = await unit.servers.get(server_id)
            if met is not None and stored.machine_id in (None, met.machine_id):
                stored.meet(met, self._clock.now())
            else:
                stored.see(state, self._clock.now())
            await unit.servers.save(stored)

        try:
            await unless_stale(self._storage, self._clock, decide)
        except (NotFound, AlreadyExists, StaleWrite):
            _log.debug("What was seen of server %s is not noted: it changed meanwhile", server_id)

    async def _refuse_anothers(self, unit: UnitOfWork, server: MediaServer) -> None:
        twin = await unit.servers.with_machine(server.kind, server.machine_id) if server.machine_id else None
        if twin is not None and twin.id != server.id:
            raise Conflict(
                f"At this address answers '{twin.name}', which is configured already; change that one, or remove it"
            )


def _must_prove(stored: MediaServer, drawn: DrawnUp) -> bool:
    made = drawn.server
    moved = (made.url, made.method, made.verify_ssl) != (stored.url, stored.method, stored.verify_ssl)
    return drawn.is_retyped or moved or not stored.enabled or stored.machine_id is None
