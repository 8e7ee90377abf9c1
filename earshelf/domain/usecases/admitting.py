"""Letting browsers in: a cookie stands for the operator's token until its time is over, or the token is another one."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from earshelf.domain.access import Credential, spell_credential
from earshelf.domain.accounts import AccountProvider, SignIn, SignInPurpose, SignInState, owner_of
from earshelf.domain.browser_sessions import IDLE, LIFETIME, BrowserSession, SessionSeal
from earshelf.domain.errors import Forbidden, Unauthenticated
from earshelf.domain.usecases.authenticating import Authenticating, withdraw_links
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

ANOTHER_ACCOUNT = "This Plex account is not the linked one; the operator can link it with the operator token"
_ENTROPY_BYTES = 32
_SECRET_LENGTH = 43
# how long a session that another process ended may still open the door
_TRUST = timedelta(seconds=5)
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class Admission:
    """A session that just began, with the one copy of its secret."""

    session: BrowserSession
    secret: str = field(repr=False)

    def of(self, account_id: str | None) -> "Admission":
        """Returns the admission of an account's holder."""
        return replace(self, session=replace(self.session, account_id=account_id))


class Admitting:
    """Begins, recognises and ends the sessions of browsers."""

    def __init__(
        self, *, storage: Storage, authenticating: Authenticating, seal: SessionSeal, clock: Clock, entropy: Entropy
    ) -> None:
        self._storage = storage
        self._authenticating = authenticating
        self._seal = seal
        self._clock = clock
        self._entropy = entropy
        self._known: dict[str, tuple[BrowserSession, datetime]] = {}

    async def with_token(self, presented: str, *, former: str | None = None) -> Admission:
        """Begins a session for whoever shows the operator's token; a ``former`` one of the same browser ends.

        :raises Unauthenticated: it is not the token.
        """
        if not await self._authenticating.accepts(Credential.OPERATOR_TOKEN, presented):
            raise Unauthenticated("This is not the operator token; `earshelf token` prints it")
        admission = self._admission(presented)
        await unless_stale(self._storage, self._clock, lambda unit: self._begin(unit, admission, former))
        return admission

    async def with_sign_in(self, sign_in_id: str, *, former: str | None = None) -> Admission | None:
        """Begins a session for the browser whose PIN was approved; None where it is not, or let its browser in before.

        :raises NotFound: there is no such PIN. :raises Forbidden: its account is not the linked one any more.
        """
        admission = self._admission(await self._authenticating.in_force(Credential.OPERATOR_TOKEN))

        async def decide(unit: UnitOfWork) -> tuple[SignIn, Admission | None]:
            sign_in = await unit.sign_ins.get(sign_in_id)
            account = await unit.accounts.of(AccountProvider.PLEX)
            came, is_let_in = sign_in.state, sign_in.enter(account.holder if account else None)
            if sign_in.state is not came:
                await unit.sign_ins.save(sign_in)
            if not is_let_in:
                return sign_in, None
            of_account = admission.of(sign_in.account_id)
            await self._begin(unit, of_account, former)
            return sign_in, of_account

        sign_in, admitted = await unless_stale(self._storage, self._clock, decide)
        if sign_in.state is SignInState.REFUSED:
            raise Forbidden(ANOTHER_ACCOUNT)
        return admitted

    async def recognise(self, secret: str) -> BrowserSession | None:
        """Returns the session of a secret; None where there is none, its time is over, or the token is another one."""
        if len(secret) != _SECRET_LENGTH or not secret.isascii():
            return None
        session = await self._session(self._seal.name(secret))
        if session is None or not session.is_alive(self._clock.now()):
            return None
        token = await self._authenticating.in_force(Credential.OPERATOR_TOKEN)
        return session if session.is_bound_by(self._seal.bond(secret, token)) else None

    async def leave(self, secret: str) -> None:
        """Ends the session of a secret, if there is one, and the links to an account that it began."""
        await unless_stale(self._storage, self._clock, lambda unit: self._end(unit, secret))

    def _admission(self, token: str) -> Admission:
        secret = spell_credential(self._entropy.secret_bytes(_ENTROPY_BYTES))
        now = self._clock.now()
        return Admission(BrowserSession(self._seal.name(secret), self._seal.bond(secret, token), now, now), secret)

    async def _begin(self, unit: UnitOfWork, admission: Admission, former: str | None) -> None:
        now = self._clock.now()
        await unit.browser_sessions.forget(begun_before=now - LIFETIME, seen_before=now - IDLE)
        if former:
            await self._end(unit, former)
        await unit.browser_sessions.add(admission.session)

    async def _end(self, unit: UnitOfWork, secret: str) -> None:
        name = self._seal.name(secret)
        await unit.browser_sessions.remove(name)
        await withdraw_links(unit, owner_of(SignInPurpose.LINK, secret))
        self._known.pop(name, None)

    async def _session(self, name: str) -> BrowserSession | None:
        now = self._clock.now()
        session, known_at = self._known.get(name, (None, now))
        if session is not None and timedelta() <= now - known_at < _TRUST:
            return session
        session = await self._noted(name, now)
        self._known.pop(name, None)
        if session is not None:
            self._known[name] = (session, now)
        while len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return session

    async def _noted(self, name: str, now: datetime) -> BrowserSession | None:
        """Reads a session, and writes down that its browser came back."""
        async with self._storage.unit() as unit:
            session = await unit.browser_sessions.get(name)
            if session is None or not session.is_alive(now) or not session.is_worth_noting(now):
                return session
            await unit.browser_sessions.touch(name, now)
            await unit.commit(now)
        return replace(session, seen_at=now)
