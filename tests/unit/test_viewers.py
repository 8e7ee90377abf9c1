"""Everybody who could watch, once, whoever knows them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshelf.adapters.memory.media_servers import MemoryAccountService
from earshelf.domain.accounts import Account, AccountProvider, Holder
from earshelf.domain.errors import CredentialsRejected, IntegrationKind
from earshelf.domain.streams import Viewer
from earshelf.domain.usecases.acquainting import Acquainting
from earshelf.domain.viewers import Acquaintance, KnownViewer, everybody
from tests.contract.suites.makers import NOON
from tests.unit.auditorium import Auditorium
from tests.unit.viewing import CABIN, HOME, stream

ACCOUNT, SERVER, STREAM = Acquaintance


def known(name: str, number: str | None, *sources: Acquaintance, thumb: str = "") -> KnownViewer:
    return KnownViewer(name, number, thumb=thumb, known_from=sources)


def test_one_id_is_one_person_under_the_name_that_the_account_tells() -> None:
    picture = "https://plex.tv/a"
    merged = everybody(
        [known("tom", "7", STREAM), known("old tom", "7", SERVER, thumb=picture), known("Tom", "7", ACCOUNT)]
    )
    assert merged == [known("Tom", "7", ACCOUNT, SERVER, STREAM, thumb=picture)]


def test_a_name_without_an_id_is_whoever_has_that_name() -> None:
    assert everybody([known("TOM", None, STREAM), known("tom", "7", SERVER)]) == [known("tom", "7", SERVER, STREAM)]


def test_two_with_one_name_and_other_ids_are_two() -> None:
    assert [one.id for one in everybody([known("tom", "9", SERVER), known("tom", "7", SERVER)])] == ["7", "9"]


PEOPLE = st.builds(
    KnownViewer,
    st.sampled_from(["tom", "Tom", "ada", "жук"]),
    st.sampled_from([None, "1", "7", "9"]),
    known_from=st.sampled_from([(one,) for one in Acquaintance]),
)


@given(st.lists(PEOPLE))
def test_nobody_is_lost_and_nobody_is_there_twice(people: list[KnownViewer]) -> None:
    merged = everybody(people)
    assert {one.id for one in people if one.id} == {one.id for one in merged if one.id}
    assert {one.name.casefold() for one in people if not one.id} <= {one.name.casefold() for one in merged}
    assert len({one.id or one.name.casefold() for one in merged}) == len(merged)
    assert merged == everybody(reversed(merged))


@pytest.fixture
async def house() -> Auditorium:
    return await Auditorium().furnished()


@pytest.fixture
def service(house: Auditorium) -> MemoryAccountService:
    return MemoryAccountService(house.clock)


@pytest.fixture
def acquainting(house: Auditorium, service: MemoryAccountService) -> Acquainting:
    return Acquainting(storage=house.storage, accounts=service, polling=house.polling)


async def link(house: Auditorium, service: MemoryAccountService) -> None:
    marta = Holder("40217731", "marta_k")
    service.holders["tok-user"] = marta
    service.friends["tok-user"] = [known("zoe", "31337", ACCOUNT)]
    async with house.storage.unit() as unit:
        account = Account(AccountProvider.PLEX, "client")
        account.link(marta, "tok-user", NOON)
        await unit.accounts.add(account)
        await unit.commit(NOON)


async def test_account_servers_and_streams_are_put_together(
    house: Auditorium, service: MemoryAccountService, acquainting: Acquainting
) -> None:
    await link(house, service)
    house.at(CABIN).known = [known("old zoe", "31337", SERVER), known("ada", "7", SERVER)]
    house.play(replace(stream("a"), viewer=Viewer("guest", None)), stream("b", viewer=Viewer("ada", "7")))
    company = await acquainting.everybody()
    assert [(one.name, one.id, one.known_from) for one in company.viewers] == [
        ("ada", "7", (SERVER, STREAM)),
        ("guest", None, (STREAM,)),
        ("zoe", "31337", (ACCOUNT, SERVER)),
    ]
    assert company.silent == ()


async def test_who_does_not_answer_is_named_and_takes_nothing_away(
    house: Auditorium, service: MemoryAccountService, acquainting: Acquainting
) -> None:
    await link(house, service)
    house.at(HOME).known = [known("ada", "7", SERVER)]
    house.leave(CABIN)
    service.trouble = CredentialsRejected(IntegrationKind.SERVER, "plex.tv", "the token was revoked")
    company = await acquainting.everybody()
    assert [one.name for one in company.viewers] == ["ada"]
    assert {one.name for one in company.silent} == {"Cabin", "plex.tv"}


async def test_without_an_account_the_servers_are_asked(house: Auditorium, acquainting: Acquainting) -> None:
    house.at(HOME).known = [known("ada", "7", SERVER)]
    company = await acquainting.everybody()
    assert ([one.id for one in company.viewers], company.silent) == (["7"], ())


async def test_an_id_from_the_list_keeps_somebody_excluded_under_another_name(
    house: Auditorium, acquainting: Acquainting
) -> None:
    house.at(HOME).known = [known("tom", "31337", SERVER)]
    (tom,) = (await acquainting.everybody()).viewers
    await house.curbing.change_maintenance({"enabled": True, "grace_seconds": 0, "excluded_users": [tom.id]})
    house.play(stream("a", viewer=Viewer("thomas", "31337")), stream("b", viewer=Viewer("tom", "5")))
    await house.watching.enforce()
    assert house.ended() == ["b"]
