"""The installation's two credentials: made at first run, kept encrypted, compared in constant time.

With the operator's token every browser's session ends, and so does every link that one of them or the token began.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from earshelf.domain.access import Credential, matches, spell_credential
from earshelf.domain.accounts import SignInOwner, SignInPurpose, SignInState
from earshelf.domain.errors import Conflict, SecretUnreadable
from earshelf.domain.usecases.deciding import unless_stale
from earshelf.ports.storage import Storage, UnitOfWork
from earshelf.ports.system import Clock, Entropy

_ENTROPY_BYTES = 32
# how long a key that another process replaced may still open the door
_TRUST = timedelta(seconds=5)
_OR_ANEW = (
    "or make new credentials with 'earshelf api-key --regenerate' and 'earshelf token --regenerate' and type the "
    "neighbours' secrets in again"
)


class Authenticating:
    """Knows the API key and the operator token.

    ``fixed`` holds those that the environment sets: they win, and are never stored.
    """

    def __init__(self, *, storage: Storage, clock: Clock, entropy: Entropy, fixed: Mapping[Credential, str]) -> None:
        self._storage = storage
        self._clock = clock
        self._entropy = entropy
        self._fixed = fixed
        self._known: dict[Credential, tuple[str, datetime]] = {}

    def is_fixed(self, credential: Credential) -> bool:
        """Whether the environment sets it."""
        return credential in self._fixed

    async def is_made(self, credential: Credential) -> bool:
        """Whether it is there already, be it that it opens or not."""
        if credential in self._fixed:
            return True
        try:
            async with self._storage.unit() as unit:
                return await unit.credentials.get(credential) is not None
        except SecretUnreadable:
            return True

    async def current(self, credential: Credential) -> str:
        """Returns the credential, making it at first use.

        :raises SecretUnreadable: it does not open with the installation's key; the message says the remedy.
        """
        if credential in self._fixed:
            return self._fixed[credential]
        try:
            async with self._storage.unit() as unit:
                stored = await unit.credentials.get(credential)
        except SecretUnreadable as problem:
            raise SecretUnreadable(f"{problem.message}, {_OR_ANEW}") from problem
        return stored if stored is not None else await self._renew(credential, only_if_absent=True)

    async def unreadable(self) -> dict[Credential, str]:
        """Returns what is wrong with the stored credentials that do not open, in words with the remedy."""
        problems = {}
        for credential in Credential:
            if credential not in self._fixed:
                try:
                    async with self._storage.unit() as unit:
                        await unit.credentials.get(credential)
                except SecretUnreadable as problem:
                    problems[credential] = f"{problem.message}, {_OR_ANEW}"
        return problems

    async def regenerate(self, credential: Credential) -> str:
        """Replaces the credential; the old one opens nothing any more.

        :raises Conflict: the environment sets it, so it can only be changed there.
        """
        if credential in self._fixed:
            raise Conflict("This credential is set by an environment variable; change it there")
        return await self._renew(credential, only_if_absent=False)

    async def accepts(self, credential: Credential, presented: str) -> bool:
        """Whether what a caller presents is the credential."""
        if credential in self._fixed:
            return matches(presented, self._fixed[credential])
        return matches(presented, await self.in_force(credential)) or matches(
            presented, await self._refreshed(credential)
        )

    async def in_force(self, credential: Credential) -> str:
        """Returns the credential as the door knows it: one that another process replaced stays for up to 5 seconds.

        :raises SecretUnreadable: as :meth:`current`.
        """
        if credential in self._fixed:
            return self._fixed[credential]
        value, known_at = self._known.get(credential, ("", None))
        if known_at is not None and timedelta() <= self._clock.now() - known_at <= _TRUST:
            return value
        return await self._refreshed(credential)

    async def _refreshed(self, credential: Credential) -> str:
        value = await self.current(credential)
        self._known[credential] = (value, self._clock.now())
        return value

    async def _renew(self, credential: Credential, *, only_if_absent: bool) -> str:
        async def decide(unit: UnitOfWork) -> str:
            # one that is to be replaced is not even looked at: it may not open any more
            if only_if_absent and (stored := await unit.credentials.get(credential)) is not None:
                return stored
            value = spell_credential(self._entropy.secret_bytes(_ENTROPY_BYTES))
            await unit.credentials.put(credential, value)
            if credential is Credential.OPERATOR_TOKEN:
                await unit.browser_sessions.clear()
                await withdraw_links(unit)
            return value

        value = await unless_stale(self._storage, self._clock, decide)
        self._known.pop(credential, None)
        return value


async def withdraw_links(unit: UnitOfWork, owner: SignInOwner | None = None) -> None:
    """Ends the links to an account that a session or token began, of which nothing came yet; without an owner all.

    Else who has nothing to say here any more could still approve them. :raises StaleWrite: one is being asked after.
    """
    for sign_in in await unit.sign_ins.pending():
        if sign_in.purpose is SignInPurpose.LINK and owner in (None, sign_in.owner):
            sign_in.settle(SignInState.EXPIRED)
            await unit.sign_ins.save(sign_in)
