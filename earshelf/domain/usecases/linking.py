"""Signing in at the provider of accounts: PINs made, asked after from here, and turned into a linked account."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from earshelf.domain.accounts import (
    Account,
    AccountProvider,
    Holder,
    Pin,
    SignIn,
    SignInOwner,
    SignInPurpose,
    SignInState,
    TokenState,
)
from earshelf.domain.errors import (
    CredentialsRejected,
    EarshelfError,
    IntegrationError,
    NotFound,
    StaleWrite,
)
from earshelf.domain.usecases.connecting import Connecting
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.domain.usecases.installation import Installation
from earshelf.ports.accounts import AccountService
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock

_log = logging.getLogger(__name__)
_PLEX = AccountProvider.PLEX
_BREATH_SECONDS = 1.0
_DAILY = timedelta(days=1)
_AGAIN = timedelta(minutes=15)


class Linking:
    """Links, re-links and unlinks the account; its token never leaves the house."""

    def __init__(
        self,
        *,
        storage: Storage,
        accounts: AccountService,
        installation: Installation,
        connecting: Connecting,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._accounts = accounts
        self._installation = installation
        self._connecting = connecting
        self._clock = clock
        self._news = asyncio.Event()

    async def begin(self, purpose: SignInPurpose, owner: SignInOwner) -> Pin:
        """Makes a PIN that belongs to its owner alone, and begins to ask after it.

        :raises IntegrationError: the provider did not make one.
        """
        pin = await self._accounts.begin(await self._installation.client_id())
        now = self._clock.now()
        async with self._storage.unit() as unit:
            await unit.sign_ins.forget(SignIn.forgettable_before(now))
            await unit.sign_ins.add(SignIn(pin.id, owner, purpose, pin.expires_at))
            await unit.commit(now)
        self._news.set()
        return pin

    async def look(self, sign_in_id: str, owners: Mapping[SignInPurpose, SignInOwner]) -> SignIn:
        """Returns how a sign-in stands, asking the provider where it is time to.

        :raises NotFound: there is none, or another session or token made it.
        """
        async with self._storage.unit() as unit:
            sign_in = await unit.sign_ins.get(sign_in_id)
        sign_in.require_owner(owners)
        return await self._advance(sign_in)

    async def poll(self) -> int:
        """Asks after every PIN whose time it is, and returns how many still wait for their owner."""
        async with self._storage.unit() as unit:
            pending = await unit.sign_ins.pending()
        states = [(await self._advance(sign_in)).state for sign_in in pending]
        return states.count(SignInState.PENDING)

    async def watch(self) -> None:
        """Asks after PINs while there are any, until cancelled; those of before a restart too."""
        while True:
            self._news.clear()
            try:
                waiting = await self.poll()
            except EarshelfError as problem:
                _log.warning("PINs could not be asked after: %s", problem)
                waiting = 1
            if not waiting:
                await self._news.wait()
            await self._clock.sleep(_BREATH_SECONDS)

    async def account(self) -> Account | None:
        """Returns the linked account with its token looked at just now, None where nobody signed in."""
        account = await self._installation.account(_PLEX)
        if not account.is_linked:
            return None
        state = await self._state_of(account)

        async def decide(unit: UnitOfWork) -> Account | None:
            stored = await unit.accounts.of(_PLEX)
            # what was seen belongs to the token that was shown
            if stored is not None and stored.token == account.token and stored.is_linked:
                stored.see(state, self._clock.now())
                await unit.accounts.save(stored)
            return stored

        return await unless_stale(self._storage, self._clock, decide)

    async def unlink(self) -> bool:
        """Forgets the account, and tells the provider so if it can be reached; the servers stay.

        Returns whether there was one.
        """
        account = await self._installation.account(_PLEX)
        if not account.is_linked:
            return False

        async def decide(unit: UnitOfWork) -> None:
            stored = await unit.accounts.of(_PLEX)
            if stored is not None:
                await _end_sessions(unit, stored)
                stored.unlink()
                await unit.accounts.save(stored)

        await unless_stale(self._storage, self._clock, decide)
        with suppress(IntegrationError):
            await self._accounts.sign_out(account.usable_token(), account.client_id)
        return True

    async def look_after_tokens(self) -> None:
        """Looks at the tokens of account and servers once a day, at those out of reach every quarter of an hour."""
        account = await self._installation.account(_PLEX)
        if account.is_linked and self._is_due(account.token_state, account.checked_at):
            await self.account()
        for server in await self._connecting.all():
            if server.enabled and self._is_due(server.token_state, server.checked_at):
                with suppress(NotFound):
                    await self._connecting.look_after(server.id)

    def _is_due(self, state: TokenState, checked_at: datetime | None) -> bool:
        pause = _AGAIN if state is TokenState.UNREACHABLE else _DAILY
        return checked_at is None or not checked_at <= self._clock.now() < checked_at + pause

    async def _advance(self, sign_in: SignIn) -> SignIn:
        now = self._clock.now()
        if not sign_in.is_due(now) and not sign_in.expire(now):
            return sign_in
        if sign_in.state is SignInState.PENDING:
            sign_in.ask(now)
        try:
            await self._save(sign_in)
        except (StaleWrite, NotFound):
            # somebody else is asking at this very moment
            return sign_in
        return await self._asked(sign_in) if sign_in.state is SignInState.PENDING else sign_in

    async def _asked(self, sign_in: SignIn) -> SignIn:
        try:
            client_id = await self._installation.client_id()
            token = await self._accounts.token_for(sign_in.id, client_id)
            if token is None:
                return sign_in
            holder = await self._accounts.holder(token, client_id)
        except NotFound:
            sign_in.settle(SignInState.EXPIRED)
            with suppress(StaleWrite, NotFound):
                await self._save(sign_in)
            return sign_in
        except IntegrationError as problem:
            _log.info("PIN %s is asked after again later: %s", sign_in.id, problem)
            return sign_in
        return await self._approved(sign_in.id, holder, token)

    async def _approved(self, sign_in_id: str, holder: Holder, token: str) -> SignIn:
        await self._installation.account(_PLEX)

        async def decide(unit: UnitOfWork) -> SignIn:
            sign_in = await unit.sign_ins.get(sign_in_id)
            account = await unit.accounts.of(_PLEX)
            if sign_in.state is not SignInState.PENDING or account is None:
                return sign_in
            if _may_use(sign_in, account, holder):
                await _end_sessions(unit, account, stays=holder)
                account.link(holder, token, self._clock.now())
                await unit.accounts.save(account)
                sign_in.approve(holder)
            else:
                sign_in.settle(SignInState.REFUSED)
            await unit.sign_ins.save(sign_in)
            return sign_in

        sign_in = await unless_stale(self._storage, self._clock, decide)
        if sign_in.state is SignInState.APPROVED:
            await self._connecting.renew_tokens()
        elif sign_in.state is SignInState.REFUSED:
            await self._give_back(token)
        return sign_in

    async def _give_back(self, token: str) -> None:
        """Lets go of a token that nobody here may use."""
        with suppress(IntegrationError):
            await self._accounts.sign_out(token, await self._installation.client_id())

    async def _save(self, sign_in: SignIn) -> None:
        async with self._storage.unit() as unit:
            await unit.sign_ins.save(sign_in)
            await unit.commit(self._clock.now())

    async def _state_of(self, account: Account) -> TokenState:
        try:
            await self._accounts.holder(account.usable_token(), account.client_id)
        except CredentialsRejected:
            return TokenState.REVOKED
        except IntegrationError:
            return TokenState.UNREACHABLE
        return TokenState.VALID


async def _end_sessions(unit: UnitOfWork, account: Account, stays: Holder | None = None) -> None:
    """Ends the sessions that came in with the account's holder, unless the same one stays."""
    former = account.holder
    if former is not None and (stays is None or stays.account_id != former.account_id):
        await unit.browser_sessions.remove_of(former.account_id)


def _may_use(sign_in: SignIn, account: Account, holder: Holder) -> bool:
    """Whether an approved PIN links: the operator links whom he likes, the door opens for the linked account only."""
    if sign_in.purpose is SignInPurpose.LINK:
        return True
    return account.holder is not None and account.holder.account_id == holder.account_id
