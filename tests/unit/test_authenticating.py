"""The two credentials: made once, replaced on request, compared and never told."""

import pytest

from earshelf.domain.access import Credential
from earshelf.domain.errors import Conflict
from earshelf.domain.usecases.authenticating import Authenticating
from tests.unit.house import House

BOTH = list(Credential)
TRUST_SECONDS = 5


def fixed(house: House, credential: Credential) -> Authenticating:
    """Another process, whose environment sets one credential."""
    return Authenticating(
        storage=house.storage, clock=house.clock, entropy=house.entropy, fixed={credential: "from-the-environment"}
    )


def another_process(house: House) -> Authenticating:
    return House(before=house).authenticating


@pytest.mark.parametrize("credential", BOTH)
async def test_a_credential_is_made_at_first_use_and_stays(credential: Credential) -> None:
    house = House()
    made = await house.authenticating.current(credential)
    assert len(made) >= 32
    assert await house.authenticating.current(credential) == made
    assert await another_process(house).current(credential) == made


async def test_the_two_credentials_differ_and_do_not_open_each_others_door() -> None:
    house = House()
    key = await house.authenticating.current(Credential.API_KEY)
    token = await house.authenticating.current(Credential.OPERATOR_TOKEN)
    assert await house.authenticating.accepts(Credential.API_KEY, key)
    assert not await house.authenticating.accepts(Credential.API_KEY, token)
    assert not await house.authenticating.accepts(Credential.OPERATOR_TOKEN, key)


@pytest.mark.parametrize("presented", ["", "wrong", "\udcff", "0" * 10_000])
@pytest.mark.parametrize("credential", BOTH)
async def test_anything_else_is_refused(credential: Credential, presented: str) -> None:
    house = House()
    assert not await house.authenticating.accepts(credential, presented)
    assert not await fixed(house, credential).accepts(credential, presented)


async def test_a_prefix_or_a_padded_key_is_refused() -> None:
    house = House()
    key = await house.authenticating.current(Credential.API_KEY)
    for presented in (key[:-1], key + "0", f" {key}", key.swapcase()):
        assert not await house.authenticating.accepts(Credential.API_KEY, presented)


@pytest.mark.parametrize("credential", BOTH)
async def test_a_replaced_credential_opens_nothing_any_more_where_it_was_replaced(credential: Credential) -> None:
    house = House()
    old = await house.authenticating.current(credential)
    assert await house.authenticating.accepts(credential, old)
    new = await house.authenticating.regenerate(credential)
    assert new != old
    assert not await house.authenticating.accepts(credential, old)
    assert await house.authenticating.accepts(credential, new)


async def test_a_credential_that_another_process_replaced_is_taken_at_once() -> None:
    house = House()
    await house.authenticating.accepts(Credential.API_KEY, "anything")
    new = await another_process(house).regenerate(Credential.API_KEY)
    assert await house.authenticating.accepts(Credential.API_KEY, new)


async def test_the_old_credential_of_another_process_is_trusted_a_few_seconds_at_most() -> None:
    house = House()
    old = await house.authenticating.current(Credential.API_KEY)
    assert await house.authenticating.accepts(Credential.API_KEY, old)
    await another_process(house).regenerate(Credential.API_KEY)
    house.clock.advance(TRUST_SECONDS + 0.1)
    assert not await house.authenticating.accepts(Credential.API_KEY, old)


async def test_replacing_one_credential_leaves_the_other() -> None:
    house = House()
    token = await house.authenticating.current(Credential.OPERATOR_TOKEN)
    await house.authenticating.regenerate(Credential.API_KEY)
    assert await house.authenticating.current(Credential.OPERATOR_TOKEN) == token


@pytest.mark.parametrize("credential", BOTH)
async def test_a_credential_of_the_environment_wins_and_is_never_stored(credential: Credential) -> None:
    house = House()
    stored = await house.authenticating.current(credential)
    authenticating = fixed(house, credential)
    assert authenticating.is_fixed(credential)
    assert await authenticating.current(credential) == "from-the-environment"
    assert await authenticating.accepts(credential, "from-the-environment")
    assert not await authenticating.accepts(credential, stored)
    assert house.database.tables.committed.credentials == {credential: stored}


@pytest.mark.parametrize("credential", BOTH)
async def test_a_credential_of_the_environment_is_not_replaced_here(credential: Credential) -> None:
    house = House()
    with pytest.raises(Conflict, match="environment variable"):
        await fixed(house, credential).regenerate(credential)
    assert house.database.tables.committed.credentials == {}


async def test_fixing_one_credential_leaves_the_other_to_be_made() -> None:
    house = House()
    authenticating = fixed(house, Credential.API_KEY)
    assert not authenticating.is_fixed(Credential.OPERATOR_TOKEN)
    assert await authenticating.current(Credential.OPERATOR_TOKEN) != "from-the-environment"
