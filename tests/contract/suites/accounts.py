"""What every account service must do.

Fixtures: ``service``, and ``desk`` at which a test plays the owner.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from earshelf.domain.accounts import Holder
from earshelf.domain.errors import CredentialsRejected, NotFound
from earshelf.ports.accounts import AccountService

CLIENT = "5f0c4f1e-77aa-4f0e-9b0e-1d6b2c9a0001"


class Desk(Protocol):
    """Where a test decides what the provider's side does."""

    def approve(self, pin_id: str, token: str, holder: Holder) -> None:
        """Approves a PIN."""
        ...

    def expire(self, pin_id: str) -> None:
        """Ends a PIN before its time."""
        ...

    def revoke(self, token: str) -> None:
        """Signs a token out."""
        ...

    def own(self, token: str, machine_id: str) -> None:
        """Lets a token open a server."""
        ...

    def befriend(self, token: str, number: str, name: str) -> None:
        """Lets a token's account share something with somebody."""
        ...


MARTA = Holder("40217731", "marta_k", "marta_k@example.net")


class AccountServiceSuite:
    """A PIN becomes a token once, and only the provider itself calls a token invalid."""

    async def test_a_pin_has_a_page_and_its_own_time(self, service: AccountService) -> None:
        first, second = await service.begin(CLIENT), await service.begin(CLIENT)
        assert first.id != second.id
        assert first.code in first.page
        assert first.expires_at > datetime.now(UTC) - timedelta(days=365)
        assert first.expires_at.tzinfo is not None

    async def test_a_pin_has_no_token_until_it_is_approved(self, service: AccountService, desk: Desk) -> None:
        pin = await service.begin(CLIENT)
        assert await service.token_for(pin.id, CLIENT) is None
        desk.approve(pin.id, "tok-user", MARTA)
        assert await service.token_for(pin.id, CLIENT) == "tok-user"
        assert await service.holder("tok-user", CLIENT) == MARTA

    async def test_a_pin_that_is_gone_is_not_found(self, service: AccountService, desk: Desk) -> None:
        pin = await service.begin(CLIENT)
        desk.expire(pin.id)
        for pin_id in (pin.id, "999"):
            with pytest.raises(NotFound):
                await service.token_for(pin_id, CLIENT)

    async def test_a_revoked_token_is_rejected_everywhere(self, service: AccountService, desk: Desk) -> None:
        pin = await service.begin(CLIENT)
        desk.approve(pin.id, "tok-user", MARTA)
        desk.revoke("tok-user")
        with pytest.raises(CredentialsRejected):
            await service.holder("tok-user", CLIENT)
        with pytest.raises(CredentialsRejected):
            await service.servers("tok-user", CLIENT)

    async def test_servers_come_with_a_token_of_their_own(self, service: AccountService, desk: Desk) -> None:
        pin = await service.begin(CLIENT)
        desk.approve(pin.id, "tok-user", MARTA)
        assert await service.servers("tok-user", CLIENT) == []
        desk.own("tok-user", "machine-1")
        (server,) = await service.servers("tok-user", CLIENT)
        assert server.machine_id == "machine-1"
        assert server.token
        assert server.candidates

    async def test_friends_are_told_with_the_ids_that_stay(self, service: AccountService, desk: Desk) -> None:
        pin = await service.begin(CLIENT)
        desk.approve(pin.id, "tok-user", MARTA)
        assert await service.viewers("tok-user", CLIENT) == []
        desk.befriend("tok-user", "31337", "żaneta")
        (friend,) = await service.viewers("tok-user", CLIENT)
        assert (friend.id, friend.name, friend.is_owner) == ("31337", "żaneta", False)
        desk.revoke("tok-user")
        with pytest.raises(CredentialsRejected):
            await service.viewers("tok-user", CLIENT)

    async def test_signing_out_revokes_and_may_be_repeated(self, service: AccountService, desk: Desk) -> None:
        pin = await service.begin(CLIENT)
        desk.approve(pin.id, "tok-user", MARTA)
        for _ in range(2):
            await service.sign_out("tok-user", CLIENT)
        with pytest.raises(CredentialsRejected):
            await service.holder("tok-user", CLIENT)
